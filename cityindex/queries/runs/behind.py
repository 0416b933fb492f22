"""What the values of a run rest on: the observations as the run knew them, whatever was recorded since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from cityindex.models import IndicatorKey, Observation, Recording, Run, Source
from cityindex.queries.observations.observations import PlaceObservation
from cityindex.queries.runs.scores import NodeResult
from cityindex.scoring import formula
from cityindex.scoring.framework import Framework

CARRIED = ("filled", "pilot")
"""Flags under which a value may be of an earlier period: what a pilot is hides that it was carried forward."""

REGISTERED = ("population", "area", "area_km2")
"""What the register of places says where nobody has reported it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """An observation as a run knew it; `revised` where another one has taken its place since."""

    seen: PlaceObservation
    revised: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """What a value rests on: the period it is of and the figures, the one that it is first.

    `calculated` where it came out of a formula over them. A cell without a value has the figure that says why.
    """

    period: int
    figures: tuple[Figure, ...]
    calculated: bool = False

    @property
    def revised(self) -> bool:
        return any(one.revised for one in self.figures)

    @property
    def sources(self) -> tuple[str, ...]:
        """Each once; the empty one where somebody did not say."""
        return tuple(dict.fromkeys(one.seen.source for one in self.figures))


Known = Mapping[tuple[int, str], Sequence[Figure]]
"""By place and indicator, the newest period first."""


@dataclass(frozen=True, slots=True)
class Told:
    """All figures of some places that a run knew, and those that hold now."""

    known: Known
    now: Mapping[int, Sequence[PlaceObservation]]
    """By place, by indicator and period."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Figures of some places, of some `indicators` (None: all), and those `heirs` may take over of the `provinces`."""

    places: Collection[int]
    provinces: Collection[int] = ()
    heirs: Collection[str] = ()
    indicators: Collection[str] | None = None
    period: int | None = None
    carried: Collection[str] = ()
    """Where only a `period` is asked about: the indicators of which an earlier one may stand for it."""


def heirs_of(framework: Framework) -> list[str]:
    """The indicators for which a province's figure may stand in."""
    return [code for code, one in framework.indicators.items() if one.inherits_from is not None]


def carried_of(framework: Framework, results: Iterable[NodeResult]) -> set[str]:
    """The indicators whose figures of an earlier period some results may rest on."""
    codes = {one.node.code for one in results if one.node.is_indicator and one.cell.flag in CARRIED}
    return {part for code in codes for part in _parts(framework, code)}


def figures_told(session: Session, run_id: int | None, asked: Asked) -> Told:
    """What is said of some places, and what of it, or before it, a run knew; without a run nothing is known."""
    wanted: ColumnElement[bool] = Observation.place_id.in_(asked.places)
    if asked.indicators is not None:
        wanted = and_(wanted, IndicatorKey.code.in_(asked.indicators))
    if asked.provinces and asked.heirs:
        wider = and_(Observation.place_id.in_(asked.provinces), IndicatorKey.code.in_(asked.heirs))
        wanted = or_(wanted, wider)
    if asked.period is not None:
        earlier = and_(IndicatorKey.code.in_(asked.carried), Observation.period < asked.period)
        wanted = and_(wanted, or_(Observation.period == asked.period, earlier))
    cutoff = select(Run.cutoff).where(Run.id == run_id).scalar_subquery()
    query: Select[*tuple[Any, ...]] = (
        select(
            Observation.place_id, Observation.recording_id, Observation.superseded_by, cutoff, IndicatorKey.code,
            Observation.period, Observation.value, Observation.status, Source.text, Recording.recorded_at,
            Recording.demo,
        )
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .join(Source, Source.id == Observation.source_id)
        .join(Recording, Recording.id == Observation.recording_id)
        .where(wanted)
        .where(or_(Observation.superseded_by.is_(None), Observation.superseded_by > cutoff))
        .order_by(IndicatorKey.code, Observation.period.desc())
    )  # fmt: skip
    known: dict[tuple[int, str], list[Figure]] = {}
    now: dict[int, list[PlaceObservation]] = {}
    for place, recording, later, last, *rest in session.execute(query):
        one = PlaceObservation(*rest)
        if later is None:
            now.setdefault(place, []).append(one)
        if last is not None and recording <= last:
            known.setdefault((place, one.indicator), []).append(Figure(one, later is not None))
    return Told(known, now)


def behind(
    framework: Framework, result: NodeResult, where: tuple[int, int | None], known: Known, period: int
) -> Behind | None:
    """What the value of an indicator of a period rests on, for the place and its province `where`; None where nobody
    has said it.

    Estimates from other places rest on nothing of the place.
    """
    code, flag = result.node.code, result.cell.flag
    if result.value is None:
        said = [one for one in known.get((where[0], code), ()) if one.seen.period == period]
        return Behind(period, tuple(said)) if said else None
    if code not in framework.indicators or flag == "imputed":
        return None
    parts = tuple(dict.fromkeys(_parts(framework, code)))
    here = {part: where if _heir(framework, part) or flag == "inherited" else where[:1] for part in parts}
    for year in _years(known, here, parts[0], period) if flag in CARRIED else (period,):
        figures = {part: _at(known, here[part], part, year) for part in parts}
        if all(one is not None or part in REGISTERED for part, one in figures.items()):
            there = tuple(one for one in figures.values() if one is not None)
            return Behind(year, there, framework.indicators[code].formula is not None) if there else None
    return None


def _heir(framework: Framework, code: str) -> bool:
    return code in framework.indicators and framework.indicators[code].inherits_from is not None


def _parts(framework: Framework, code: str) -> Iterator[str]:
    """The codes whose observations a value comes from, through formulas and denominators, in their order."""
    item = framework.indicators.get(code)
    if item is None or item.formula is None:
        yield code
    else:
        for name in formula.names(item.formula):
            yield from _parts(framework, name)
    if item is not None and item.denominator is not None:
        yield from _parts(framework, item.denominator)


def _years(known: Known, here: Mapping[str, Sequence[int | None]], part: str, until: int) -> list[int]:
    """The periods up to one with a figure of a part, the newest first."""
    years = {one.seen.period for place in here[part] if place for one in known.get((place, part), ())}
    return sorted((year for year in years if year <= until), reverse=True)


def _at(known: Known, places: Sequence[int | None], part: str, year: int) -> Figure | None:
    """The figure of a part in a period: that of the place itself, else that of its province."""
    for place in places:
        for one in known.get((place, part), ()) if place else ():
            if one.seen.period == year and one.seen.value is not None:
                return one
    return None
