"""Observations as pages, exports and the engine read them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.models import IndicatorKey, Observation, Recording, Source
from cityindex.queries.observations.arrays import observation_rows
from cityindex.scoring.matrix import Bytes, CellStatus, Floats

CELL_STATUS = np.zeros(128, np.uint8)
"""By SDMX letter: what the engine makes of it; letters that are not here are normal values."""
for letters, meaning in (
    ("EFP", CellStatus.ESTIMATED),
    ("I", CellStatus.IMPUTED),
    ("M", CellStatus.NOT_APPLICABLE),
    ("HJKLO", CellStatus.NOT_COLLECTED),
    ("Q", CellStatus.SUPPRESSED),
):
    CELL_STATUS[[ord(letter) for letter in letters]] = meaning


@dataclass(frozen=True, eq=False)
class IndicatorValues:
    """One indicator in one period: arrays of equal length, by place."""

    place_ids: NDArray[np.int32]
    values: Floats
    """NaN where the observation says why there is no value."""
    status: Bytes
    """Bytes of the SDMX letters."""


@dataclass(frozen=True, slots=True)
class PlaceObservation:
    """A value of one place, as it is in force."""

    indicator: str
    period: int
    value: float | None
    status: str
    source: str
    recorded_at: datetime
    demo: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """What was known of one cell, from when and, unless it still holds, until when."""

    revision: int
    value: float | None
    status: str
    source: str
    recording_id: int
    recorded_at: datetime
    recorded_by: str
    door: str
    file_name: str | None
    superseded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many places an indicator has an observation of in a period, and how many of them a value."""

    indicator: str
    period: int
    places: int
    values: int


def observation_cube(
    session: Session,
    place_ids: Sequence[int],
    indicators: Sequence[str],
    periods: Sequence[int],
    cutoff: int | None = None,
) -> tuple[Floats, Bytes]:
    """Values (NaN where missing) and statuses (`CellStatus`), each (periods, places, indicators) in the given order.

    With `cutoff`, what was known when that recording was made; an indicator without observations is all missing.
    """
    shape = (len(periods), len(place_ids), len(indicators))
    values, status = np.full(shape, np.nan), np.zeros(shape, np.uint8)
    keys = _keys(session, indicators)
    rows = observation_rows(session, keys.values(), periods, cutoff=cutoff, place_ids=place_ids)
    place = _positions(place_ids, rows["place_id"])
    rows, place = rows[place >= 0], place[place >= 0]
    columns = [(keys[code], column) for column, code in enumerate(indicators) if code in keys]
    column = _positions([key for key, _ in columns], rows["indicator_id"])
    where = (_positions(periods, rows["period"]), place, np.array([c for _, c in columns], int)[column])
    values[where], status[where] = rows["value"], CELL_STATUS[rows["status"]]
    return values, status


def indicator_values(session: Session, indicator: str, period: int, cutoff: int | None = None) -> IndicatorValues:
    """All places that have an observation of one indicator in one period."""
    rows = observation_rows(session, _keys(session, [indicator]).values(), [period], cutoff=cutoff)
    return IndicatorValues(rows["place_id"].copy(), rows["value"].copy(), rows["status"].astype(np.uint8))


def place_observations(session: Session, place_id: int) -> tuple[PlaceObservation, ...]:
    """Everything that is known of one place, by indicator and period."""
    query = (
        select(
            IndicatorKey.code, Observation.period, Observation.value, Observation.status, Source.text,
            Recording.recorded_at, Recording.demo,
        )
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .join(Source, Source.id == Observation.source_id)
        .join(Recording, Recording.id == Observation.recording_id)
        .where(Observation.place_id == place_id, Observation.superseded_by.is_(None))
        .order_by(IndicatorKey.code, Observation.period)
    )  # fmt: skip
    return tuple(PlaceObservation(*row) for row in session.execute(query))


def cell_history(session: Session, place_id: int, indicator: str, period: int) -> tuple[Revision, ...]:
    """Every revision of one cell, the first one first."""
    later = aliased(Recording)
    query: Any = (
        select(
            Observation.revision, Observation.value, Observation.status, Source.text, Recording.id,
            Recording.recorded_at, Recording.recorded_by, Recording.door, Recording.file_name, later.recorded_at,
        )
        .join(IndicatorKey, and_(IndicatorKey.id == Observation.indicator_id, IndicatorKey.code == indicator))
        .join(Source, Source.id == Observation.source_id)
        .join(Recording, Recording.id == Observation.recording_id)
        .outerjoin(later, later.id == Observation.superseded_by)
        .where(Observation.place_id == place_id, Observation.period == period)
        .order_by(Observation.revision)
    )  # fmt: skip
    return tuple(Revision(*row) for row in session.execute(query))


def coverage(session: Session, indicators: Collection[str] | None = None) -> tuple[Coverage, ...]:
    """What there is, by indicator and period; of `indicators` only, where they are given."""
    query = (
        select(IndicatorKey.code, Observation.period, func.count(), func.count(Observation.value))
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(Observation.superseded_by.is_(None))
        .group_by(IndicatorKey.code, Observation.period)
        .order_by(IndicatorKey.code, Observation.period)
    )
    if indicators is not None:
        query = query.where(IndicatorKey.code.in_(indicators))
    return tuple(Coverage(*row) for row in session.execute(query))


def latest_periods(session: Session, indicators: Collection[str] | None = None) -> dict[str, int]:
    """The newest period with an observation, by indicator; indicators without any are left out."""
    newest = (
        select(func.max(Observation.period))
        .where(Observation.indicator_id == IndicatorKey.id)
        .correlate(IndicatorKey)
        .scalar_subquery()
    )
    query: Select[Any] = select(IndicatorKey.code, newest)
    if indicators is not None:
        query = query.where(IndicatorKey.code.in_(indicators))
    return {code: period for code, period in session.execute(query) if period is not None}


def recording_state(session: Session) -> tuple[Any, ...]:
    """Tells whether anything was recorded since; when it was tells a restored backup, whose ids may be given anew."""
    return tuple(session.execute(select(func.max(Recording.id), func.count(), func.max(Recording.recorded_at))).one())


def has_observations(session: Session, *, demo: bool) -> bool:
    """Whether anything of this kind was ever recorded."""
    return session.scalar(select(Recording.id).where(Recording.demo == demo, Recording.rows > 0).limit(1)) is not None


def _keys(session: Session, indicators: Collection[str]) -> dict[str, int]:
    query = select(IndicatorKey.code, IndicatorKey.id).where(IndicatorKey.code.in_(indicators))
    return {code: key for code, key in session.execute(query)}


def _positions(known: Sequence[int], wanted: NDArray[Any]) -> NDArray[np.int64]:
    """Where each wanted number is in `known`; -1 where it is not."""
    if not len(known) or not len(wanted):
        return np.full(len(wanted), -1, np.int64)
    order = np.asarray(known)
    table = np.full(max(int(order.max()), int(wanted.max())) + 1, -1, np.int64)
    table[order] = np.arange(len(order))
    return np.take(table, wanted)
