"""What a run takes in: its places with their attributes, and their observations as they were known at its cut-off."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from cityindex.definitions.catalogue import Catalogue, Codelist
from cityindex.definitions.fingerprint import canonical_json
from cityindex.errors import Invalid
from cityindex.models import IndicatorKey, Observation, Place, PlaceSpell, Recording
from cityindex.queries.observations.observations import observation_cube
from cityindex.scoring import formula
from cityindex.scoring.fits import base_years
from cityindex.scoring.framework import Framework, PeriodKind, Rule
from cityindex.scoring.matrix import Bytes, CellStatus, Floats, Panel

POPULATION, PROVINCE = "population", "province"
Coming = Literal["nothing", "real", "demo"]
"""What is about to be recorded."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run keeps besides the observations, which are read again by their recordings up to `cutoff`.

    `ids`, `places` (codes), `provinces` (ids) and each of `attributes` hold one entry a place.
    """

    cutoff: int
    demo: bool
    periods: tuple[int, ...]
    indicators: tuple[str, ...]
    ids: tuple[int, ...]
    places: tuple[str, ...]
    provinces: tuple[int | None, ...]
    attributes: Mapping[str, tuple[Any, ...]]
    population_from: Mapping[str, int]
    """How many populations, for the bands, came from an observation of the period and how many from the attribute."""

    def to_json(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        attributes = {name: tuple(column) for name, column in data["attributes"].items()}
        return cls(**{**data, **lists, "attributes": attributes})


class _Row(NamedTuple):
    """A place as it was in the period."""

    id: int
    code: str
    place_type: str
    province_id: int | None
    province: str | None
    population: int | None
    area_km2: float | None
    demo: bool


def gather(
    session: Session, framework: Framework, period: int, catalogue: Catalogue, coming: Coming = "nothing"
) -> Inputs:
    """Choose what a run of `framework` for `period` takes in. `Invalid` where there is nothing to score.

    With figures that are `coming`, as it would be once they are recorded.
    """
    cutoff = session.scalar(select(func.max(Recording.id))) or 0
    if not cutoff and coming == "nothing":
        raise Invalid("there are no observations at all: `cityindex import observations FILE --source TEXT` first")
    indicators = needed(framework)
    every = _places(session, framework, period)
    if not every:
        raise Invalid(f"no place of the types that {framework.code} scores was there in {period}: import places first")
    demo, rows = _one_kind(session, every, indicators, coming)
    ids = tuple(row.id for row in rows)
    people = _populations(session, rows, period, cutoff)
    return Inputs(
        cutoff=cutoff,
        demo=demo,
        periods=_periods(session, framework, period),
        indicators=indicators,
        ids=ids,
        places=tuple(row.code for row in rows),
        provinces=tuple(row.province_id for row in rows),
        attributes=_attributes(rows, [number for number, _ in people], catalogue),
        population_from={name: sum(source == name for _, source in people) for name in ("observation", "attribute")},
    )


def panel_of(session: Session, inputs: Inputs, framework: Framework) -> Panel:
    """The engine's panel: values as known at the cut-off, and a province's where an indicator lets it stand in."""
    values, status = observation_cube(session, inputs.ids, inputs.indicators, inputs.periods, inputs.cutoff)
    _inherit(session, inputs, framework, values, status)
    return Panel(inputs.places, inputs.periods, inputs.indicators, values, status, inputs.attributes)


def fingerprint(panel: Panel) -> str:
    """SHA-256 of everything that the engine is given."""
    digest = hashlib.sha256(panel.values.tobytes())
    digest.update(b"" if panel.status is None else panel.status.tobytes())
    digest.update(canonical_json([panel.places, panel.periods, panel.indicators, dict(panel.attributes)]).encode())
    return digest.hexdigest()


def needed(framework: Framework) -> tuple[str, ...]:
    """The measured indicators of a framework, and what its formulas and denominators name, sorted."""
    indicators = framework.indicators
    named = {name for item in indicators.values() if item.formula for name in formula.names(item.formula)}
    named |= {item.denominator for item in indicators.values() if item.denominator}
    derived = {item.code for item in indicators.values() if item.formula}
    return tuple(sorted((named | set(indicators)) - derived))


def reaches_beyond(framework: Framework) -> bool:
    """Whether parameters are fitted on other periods than the one scored, and so must be frozen when published."""
    return any(rule.options.get("over", "period") != "period" for rule in _fitted_rules(framework))


def days(kind: PeriodKind, period: int) -> tuple[date, date]:
    """The first and the last day of a period; the fiscal year 2023 begins in October 2022."""
    if kind == "fiscal-year":
        return date(period - 1, 10, 1), date(period, 9, 30)
    return date(period, 1, 1), date(period, 12, 31)


def _fitted_rules(framework: Framework) -> Iterator[Rule]:
    method = framework.method
    yield from (method.normalise, method.treat)
    for item in framework.indicators.values():
        yield from (rule for rule in (item.normalise, item.treat) if rule)
    yield from (node.rescale for node in framework.nodes if node.rescale)


def _periods(session: Session, framework: Framework, period: int) -> tuple[int, ...]:
    """The period itself, those that fills may look back to, and those that parameters are fitted on."""
    fills = [framework.method.fill, *(item.fill for item in framework.indicators.values() if item.fill)]
    ages = [_age(rule) for rule in fills]
    wanted = set(range(period - max((age for age in ages if age), default=0), period + 1))
    for rule in _fitted_rules(framework):
        wanted.update(base_years(rule.options.get("over")))
    if None in ages or any(rule.options.get("over") == "pooled" for rule in _fitted_rules(framework)):
        wanted.update(session.scalars(select(Observation.period).distinct()))
    return tuple(sorted(wanted))


def _age(rule: Rule) -> int | None:
    """How many years a fill looks back; None: over all there is."""
    if rule.method == "none":
        return 0
    age = rule.options.get("max_age")
    return int(age) if rule.method == "latest" and age is not None else None


def _places(session: Session, framework: Framework, period: int) -> list[_Row]:
    """The places of a framework's types that were there in the period, under the type they had at its end."""
    first, last = days(framework.period, period)
    spells = _spells(session, last)
    province = aliased(Place)
    query = (
        select(Place.id, Place.code, Place.place_type, Place.province_id, province.code, Place.population,
               Place.area_km2, Place.demo)
        .outerjoin(province, province.id == Place.province_id)
        .where(or_(Place.valid_from.is_(None), Place.valid_from <= last, Place.id.in_(spells)))
        .where(or_(Place.valid_to.is_(None), Place.valid_to >= first))
        .order_by(Place.code)
    )  # fmt: skip
    rows = [_Row(*row) for row in session.execute(query)]
    rows = [row._replace(place_type=spells.get(row.id, row.place_type)) for row in rows]
    return [row for row in rows if framework.places is None or row.place_type in framework.places]


def _spells(session: Session, day: date) -> dict[int, str]:
    """The types of places that were under another one on a day."""
    query = select(PlaceSpell.place_id, PlaceSpell.place_type).where(
        PlaceSpell.valid_to > day, or_(PlaceSpell.valid_from.is_(None), PlaceSpell.valid_from <= day)
    )
    return {place: place_type for place, place_type in session.execute(query)}


def _one_kind(session: Session, rows: list[_Row], indicators: Sequence[str], coming: Coming) -> tuple[bool, list[_Row]]:
    """Whether the run is demo, and its places: real and generated figures never stand in one ranking.

    Where a real place has a real figure of what is scored, the run is over real places; else over demo places.
    """
    figure = (
        select(Observation.place_id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .join(Recording, Recording.id == Observation.recording_id)
        .join(Place, Place.id == Observation.place_id)
        .where(IndicatorKey.code.in_(indicators), ~Recording.demo, ~Place.demo)
        .limit(1)
    )
    demo = any(row.demo for row in rows) and coming != "real" and session.scalar(figure) is None
    return demo, [row for row in rows if row.demo == demo]


def _populations(session: Session, rows: list[_Row], period: int, cutoff: int) -> list[tuple[float | None, str | None]]:
    """Each place's population and where it is from: the observation of the period first, then the attribute."""
    seen = observation_cube(session, tuple(row.id for row in rows), (POPULATION,), (period,), cutoff)[0][0, :, 0]
    return [
        (float(number), "observation")
        if not np.isnan(number)
        else (row.population, None if row.population is None else "attribute")
        for number, row in zip(seen, rows, strict=True)
    ]


def _attributes(rows: list[_Row], people: Sequence[float | None], catalogue: Catalogue) -> dict[str, tuple[Any, ...]]:
    """What places are grouped by, and the numbers that stand in for an observation of the same name."""
    regions = {code: item.code for item in catalogue.codelist("regions").items.values() for code in item.members}
    bands = catalogue.codelist("population-bands")
    provinces = tuple(row.code if row.place_type == PROVINCE else row.province for row in rows)
    area = tuple(row.area_km2 for row in rows)
    return {
        "place_type": tuple(row.place_type for row in rows),
        PROVINCE: provinces,
        "region": tuple(None if code is None else regions.get(code) for code in provinces),
        "population_band": tuple(band(bands, number) for number in people),
        POPULATION: tuple(row.population for row in rows),
        "area": area,
        "area_km2": area,
    }


def band(bands: Codelist, number: float | None) -> str | None:
    """The band that a number falls in: the last one that starts at or below it."""
    if number is None:
        return None
    return next((item.code for item in reversed([*bands.items.values()]) if (item.start or 0) <= number), None)


def _inherit(session: Session, inputs: Inputs, framework: Framework, values: Floats, status: Bytes) -> None:
    """Put a province's value into the empty cells of indicators that say `inherits_from: province`."""
    heirs = [code for code in inputs.indicators if _heir(framework, code)]
    provinces = sorted({province for province in inputs.provinces if province is not None})
    if not heirs or not provinces:
        return
    wider, _ = observation_cube(session, tuple(provinces), tuple(heirs), inputs.periods, inputs.cutoff)
    row = {province: position for position, province in enumerate(provinces)}
    whole = [place for place, province in enumerate(inputs.provinces) if province is not None]
    above = [row[province] for province in inputs.provinces if province is not None]
    for column, code in enumerate(heirs):
        cells = np.ix_(range(len(inputs.periods)), whole, [inputs.indicators.index(code)])
        standing_in = wider[:, above, column : column + 1]
        empty = np.isnan(values[cells]) & ~np.isnan(standing_in)
        values[cells] = np.where(empty, standing_in, values[cells])
        status[cells] = np.where(empty, CellStatus.INHERITED, status[cells])


def _heir(framework: Framework, code: str) -> bool:
    return code in framework.indicators and framework.indicators[code].inherits_from == PROVINCE
