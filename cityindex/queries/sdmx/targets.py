"""Targets as frames with the columns of their data structure: forecasts that somebody means to make true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Catalogue, Text
from cityindex.formats.sdmx.artefacts import Item
from cityindex.models import Place, Target, TargetRevision
from cityindex.queries.participation.target_values import lasting
from cityindex.queries.participation.targets import SET, TargetRecord, targets
from cityindex.queries.sdmx.wishes import KEY, Wish, trimmed

FORECAST = "F"
OF_NODE = "@"
"""Between a node and its framework, in the codes of what targets are about."""
COLUMNS = {
    "REF_AREA": pl.String, "INDICATOR": pl.String, "TIME_PERIOD": pl.Int32, "OBS_VALUE": pl.Float64,
    "UNIT_MEASURE": pl.String, "OBS_STATUS": pl.String, "OWNER": pl.String, "DEMO": pl.String,
    "VALID_FROM": pl.String, "VALID_TO": pl.String,
}  # fmt: skip


def target_frames(session: Session, catalogue: Catalogue, wish: Wish) -> Iterator[pl.DataFrame]:
    """The targets that somebody has set, one for each place, subject and year: where several have, that of the place
    itself, then of the province, then of the country. What residents propose is none before it is adopted.
    """
    conditions: list[ColumnElement[bool]] = [Target.owner.in_(SET)]
    if wish.areas is not None:
        conditions.append(Place.code.in_(wish.areas))
    if wish.updated_after is not None:
        conditions.append(TargetRevision.at > wish.updated_after)
    held = [one for one in _foremost(targets(session, *conditions)) if _wanted(one, wish)]
    frame = pl.DataFrame([_row(catalogue, one) for one in held], schema=dict(COLUMNS), orient="row")
    told = frame if wish.history else frame.drop("VALID_FROM", "VALID_TO")
    yield trimmed(told.sort([*KEY, "TIME_PERIOD"]), wish)


def subject(one: TargetRecord) -> str:
    """What a target is about, as a code: of an indicator its own, of a node with its framework."""
    return f"{one.code}{OF_NODE}{one.framework}" if one.framework else one.code


def subjects(catalogue: Catalogue) -> tuple[Item, ...]:
    """Everything that a target can be about."""
    found = [Item(code, one.name, one.definition) for code, one in catalogue.indicators.items()]
    for code, entry in catalogue.frameworks.items():
        if lasting(entry.framework):
            found += [
                Item(f"{node}{OF_NODE}{code}", Text(f"{name.th} ({entry.name.th})", f"{name.en} ({entry.name.en})"))
                for node, name in entry.names.items()
            ]
    return tuple(found)


def target_values(session: Session) -> Mapping[str, tuple[str, ...]]:
    """What there is, by dimension; nothing without a target."""
    held = targets(session, Target.owner.in_(SET))
    if not held:
        return {}
    years = [one.period for one in held]
    return {
        "FREQ": ("A",),
        "REF_AREA": tuple(sorted({one.place for one in held})),
        "INDICATOR": tuple(sorted({subject(one) for one in held})),
        "TIME_PERIOD": (str(min(years)), str(max(years))),
    }


def last_revision(session: Session) -> int:
    """Changes whenever a target does."""
    return session.scalar(select(TargetRevision.id).order_by(TargetRevision.id.desc()).limit(1)) or 0


def _foremost(held: Iterable[TargetRecord]) -> list[TargetRecord]:
    """The first of each place, subject and year: they come with the place's own first."""
    found: dict[tuple[str, str, int], TargetRecord] = {}
    for one in held:
        found.setdefault((one.place, subject(one), one.period), one)
    return list(found.values())


def _wanted(one: TargetRecord, wish: Wish) -> bool:
    return one.period in wish.years and (wish.indicators is None or subject(one) in wish.indicators)


def _row(catalogue: Catalogue, one: TargetRecord) -> Sequence[Any]:
    entry = catalogue.indicators.get(one.code) if not one.framework else None
    # Of a count that is divided the value is a rate: its unit is said in the metadata of the indicator.
    unit = entry.unit if entry is not None and entry.indicator.denominator is None else None
    demo = "true" if one.demo else None
    said = (one.place, subject(one), one.period, one.value, unit, FORECAST, one.owner, demo)
    return (*said, one.at.isoformat(), None)
