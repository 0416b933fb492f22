"""One indicator over all places and periods: as it was reported, or, where it is calculated, as editions have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.database import address_of
from cityindex.formats.arrays import unpack_array
from cityindex.memory import Memory
from cityindex.models import IndicatorKey, Observation, RunArray, RunNode, Source
from cityindex.queries.observations.arrays import observation_rows
from cityindex.queries.observations.observations import recording_state
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.scoring.framework import Indicator
from cityindex.scoring.matrix import CellStatus, Floats

OWN = (CellStatus.NORMAL, CellStatus.ESTIMATED)
"""A value of the place and the period themselves; others stand in for one."""
KEPT = 32
"""How many indicators a process remembers."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How the `n` values of a period lie; `standing_in` counts others, from another period or a wider area."""

    period: int
    n: int
    standing_in: int
    low: float
    q1: float
    median: float
    q3: float
    high: float


@dataclass(frozen=True, eq=False)
class Column:
    """Values by place in one period; places without one are left out.

    `marks` are bytes of SDMX letters where the values were reported, and of `CellStatus` where they were calculated.
    """

    place_ids: NDArray[np.int32]
    values: Floats
    marks: NDArray[np.uint8]
    standing_in: NDArray[np.bool_]

    @property
    def own(self) -> Floats:
        return self.values[~self.standing_in]

    def only(self, place_ids: NDArray[np.int32]) -> Column:
        at = np.isin(self.place_ids, place_ids)
        return Column(self.place_ids[at], self.values[at], self.marks[at], self.standing_in[at])

    def spread(self, period: int) -> Spread:
        low, q1, median, q3, high = np.percentile(self.own, (0, 25, 50, 75, 100)).tolist()
        return Spread(period, len(self.own), int(self.standing_in.sum()), low, q1, median, q3, high)


SourceCounts = Mapping[int, Mapping[str, int]]
"""By period: how many reported values come from each source, in the words of those who brought them in."""


@dataclass(frozen=True)
class IndicatorColumns:
    """An indicator's columns by period, the oldest first. `framework` and `runs` say who calculated it, if anyone."""

    columns: Mapping[int, Column]
    framework: str | None
    runs: Mapping[int, int]
    scope: Mapping[int, NDArray[np.int32]]
    """Of calculated values: the places that each run holds, with a value or without."""
    sources: SourceCounts = field(default_factory=dict)

    @property
    def latest(self) -> int | None:
        return max(self.columns, default=None)

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """Of the periods in which at least one place has a value of its own."""
        return tuple(column.spread(period) for period, column in self.columns.items() if len(column.own))

    def only(self, place_ids: NDArray[np.int32]) -> IndicatorColumns:
        """The same of some places."""
        columns = {period: column.only(place_ids) for period, column in self.columns.items()}
        return replace(self, columns={period: column for period, column in columns.items() if len(column.values)})


_kept: Memory[IndicatorColumns] = Memory(KEPT)


def is_calculated(indicator: Indicator) -> bool:
    """Whether its values come out of a run: by a formula, or because what is reported is divided first."""
    return indicator.formula is not None or indicator.denominator is not None


def indicator_columns(session: Session, indicator: Indicator, frameworks: Sequence[str]) -> IndicatorColumns:
    """All that can be shown of an indicator. Calculated values are those of the editions of one of `frameworks`:
    the one with the newest period and, of several, with the most places.
    """
    if is_calculated(indicator):
        return _calculated(session, indicator.code, frameworks)
    key = (address_of(session), indicator.code, *recording_state(session))
    return _kept.get(key, lambda: _reported(session, indicator.code))


def _reported(session: Session, code: str) -> IndicatorColumns:
    key = session.scalar(select(IndicatorKey.id).where(IndicatorKey.code == code))
    if key is None:
        return IndicatorColumns({}, None, {}, {})
    periods = session.scalars(select(Observation.period).where(Observation.indicator_id == key).distinct()).all()
    rows = observation_rows(session, [key], periods)
    rows = rows[~np.isnan(rows["value"])]
    columns = {}
    for period in np.unique(rows["period"]).tolist():
        part = rows[rows["period"] == period]
        marks = part["status"].astype(np.uint8)
        columns[period] = Column(part["place_id"].copy(), part["value"].copy(), marks, np.zeros(len(part), bool))
    return IndicatorColumns(columns, None, {}, {}, source_counts(session, code))


def source_counts(session: Session, code: str) -> SourceCounts:
    """Of the values of an indicator that hold now."""
    query = (
        select(Observation.period, Source.text, func.count())
        .join(Source, Source.id == Observation.source_id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code == code, Observation.superseded_by.is_(None))
        .group_by(Observation.period, Source.text)
    )
    found: dict[int, dict[str, int]] = {}
    for period, source, count in session.execute(query):
        found.setdefault(period, {})[source] = count
    return found


def most_used(counts: SourceCounts, periods: Collection[int], most: int = 6) -> tuple[str, ...]:
    """The sources of some periods, those of the most values first."""
    total: Counter[str] = Counter()
    for period in periods:
        total.update(counts.get(period, {}))
    return tuple(sorted(total, key=lambda source: (-total[source], source))[:most])


def _calculated(session: Session, code: str, frameworks: Sequence[str]) -> IndicatorColumns:
    editions = [one for one in current_editions(session) if one.framework in frameworks]
    if not editions:
        return IndicatorColumns({}, None, {}, {})
    best = max(editions, key=lambda one: (one.period, one.places)).framework
    editions = sorted((one for one in editions if one.framework == best), key=lambda one: one.period)
    key = (address_of(session), code, *((one.run, one.made_at) for one in editions))
    return _kept.get(key, lambda: _of_editions(session, code, editions))


def _of_editions(session: Session, code: str, editions: Sequence[Edition]) -> IndicatorColumns:
    runs = [one.run for one in editions]
    at = _column_numbers(session, code, runs)
    query = select(RunArray.run_id, RunArray.name, RunArray.data).where(
        RunArray.run_id.in_(at), RunArray.name.in_(("place_id", "values", "status"))
    )
    arrays = {(run, name): unpack_array(data) for run, name, data in session.execute(query)}
    columns = {
        one.period: _column(
            arrays[one.run, "place_id"], arrays[one.run, "values"], arrays[one.run, "status"], at[one.run]
        )
        for one in editions
        if one.run in at
    }
    return IndicatorColumns(
        columns={period: column for period, column in columns.items() if len(column.values)},
        framework=editions[0].framework,
        runs={one.period: one.run for one in editions},
        scope={one.period: arrays[one.run, "place_id"] for one in editions if one.run in at},
    )


def _column_numbers(session: Session, code: str, runs: Sequence[int]) -> dict[int, int]:
    """In which column of their values runs keep an indicator; runs without it are left out."""
    query = (
        select(RunNode.run_id, RunNode.code)
        .where(RunNode.run_id.in_(runs), RunNode.is_indicator)
        .order_by(RunNode.run_id, RunNode.position)
    )
    counts: dict[int, int] = {}
    found: dict[int, int] = {}
    for run, indicator in session.execute(query):
        number = counts.get(run, 0)
        counts[run] = number + 1
        if indicator == code:
            found[run] = number
    return found


def _column(place_ids: NDArray[Any], values: NDArray[Any], status: NDArray[Any], number: int) -> Column:
    present = ~np.isnan(values[:, number])
    marks = status[present, number].astype(np.uint8)
    return Column(place_ids[present], values[present, number].copy(), marks, ~np.isin(marks, OWN))
