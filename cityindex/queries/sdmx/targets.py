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
from cityindex.participation.standing import Deed, Stood, stood
from cityindex.queries.participation.target_history import SaidRecord, said
from cityindex.queries.participation.target_values import lasting
from cityindex.queries.participation.targets import SET, TargetRecord, targets
from cityindex.queries.sdmx.wishes import KEY, Wish, trimmed, written

FORECAST = "F"
OF_NODE = "@"
"""Between a node and its framework, in the codes of what targets are about."""
About = tuple[str, str, int]
"""Place, subject and year."""
COLUMNS = {
    "REF_AREA": pl.String, "INDICATOR": pl.String, "TIME_PERIOD": pl.Int32, "OBS_VALUE": pl.Float64,
    "UNIT_MEASURE": pl.String, "OBS_STATUS": pl.String, "OWNER": pl.String, "DEMO": pl.String,
    "VALID_FROM": pl.String, "VALID_TO": pl.String,
}  # fmt: skip


def target_frames(session: Session, catalogue: Catalogue, wish: Wish) -> Iterator[pl.DataFrame]:
    """The targets that somebody has set, one for each place, subject and year: where several have, that of the place
    itself, then of the province, then of the country. What residents propose is none before it is adopted.

    A value is in force from when it stood before the others, until another one did or it was taken back.
    """
    conditions: list[ColumnElement[bool]] = [Target.owner.in_(SET)]
    if wish.areas is not None:
        conditions.append(Place.code.in_(wish.areas))
    about: dict[About, list[SaidRecord]] = {}
    for one in said(session, *conditions):
        if _wanted(one, wish):
            about.setdefault((one.place, subject(one), one.period), []).append(one)
    rows = [_row(catalogue, held[0], one) for held in about.values() for one in _stood(held, wish)]
    frame = pl.DataFrame(rows, schema=dict(COLUMNS), orient="row")
    told = frame if wish.history else frame.drop("VALID_FROM", "VALID_TO")
    yield trimmed(told.sort([*KEY, "TIME_PERIOD"], maintain_order=True), wish)


def subject(one: TargetRecord | SaidRecord) -> str:
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


def _stood(held: Iterable[SaidRecord], wish: Wish) -> Iterator[Stood]:
    """What stood of one place, subject and year, as far as it is wanted."""
    deeds = sorted((Deed(one.owner, one.value, one.at) for one in held), key=lambda one: one.at)
    for one in stood(deeds, SET):
        fresh = wish.updated_after is None or one.since > wish.updated_after
        if fresh and (wish.history or one.until is None):
            yield one


def _wanted(one: SaidRecord, wish: Wish) -> bool:
    return one.period in wish.years and (wish.indicators is None or subject(one) in wish.indicators)


def _row(catalogue: Catalogue, about: SaidRecord, one: Stood) -> Sequence[Any]:
    entry = catalogue.indicators.get(about.code) if not about.framework else None
    # Of a count that is divided the value is a rate: its unit is said in the metadata of the indicator.
    unit = entry.unit if entry is not None and entry.indicator.denominator is None else None
    demo = "true" if about.demo else None
    told = (about.place, subject(about), about.period, one.value, unit, FORECAST, one.owner, demo)
    return (*told, written(one.since), written(one.until))
