"""Observations in pages, all as they were known at one moment: a page does not miss what is recorded meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from cityindex.models import IndicatorKey, Observation, Place, Recording, Source

Cell = tuple[int, int, int, int]
"""Where a page begins: after this indicator, period, place and revision (numbers of rows)."""


@dataclass(frozen=True, slots=True)
class ObservationWish:
    """Which observations. `known` is the last recording that counts; `since`: recorded at or after this moment.

    With `history` every revision is a line, and without it the one that was in force.
    """

    known: int
    indicators: tuple[str, ...] | None = None
    periods: tuple[int, ...] | None = None
    place_ids: tuple[int, ...] | None = None
    place_type: str | None = None
    province: int | None = None
    since: datetime | None = None
    history: bool = False


@dataclass(frozen=True, slots=True)
class ObservationLine:
    """One value with where it comes from. `revision` counts from 0; `in_force` says that nothing supersedes it."""

    indicator: str
    period: int
    place: str
    name_th: str
    name_en: str | None
    value: float | None
    status: str
    source: str
    revision: int
    in_force: bool
    recorded_at: datetime
    recording: int
    demo: bool


def last_recording(session: Session) -> int:
    """The newest recording; 0 where there is none."""
    return session.scalar(select(func.max(Recording.id))) or 0


def known_indicators(session: Session) -> frozenset[str]:
    """The indicators that anything was ever recorded of."""
    return frozenset(session.scalars(select(IndicatorKey.code)))


def observation_page(
    session: Session, wish: ObservationWish, after: Cell | None, limit: int
) -> tuple[tuple[ObservationLine, ...], Cell | None]:
    """Lines after a cell, by indicator, period, place and revision; and where the next page begins, if there is one."""
    cells = _filtered(session, wish)
    if after is not None:
        cells = cells.where(tuple_(*_ORDER) > after)
    # The page is cut before anything is joined to it: the primary key gives its order.
    rows = session.execute(_lines(cells.order_by(*_ORDER).limit(limit + 1))).all()
    lines = tuple(_line(row, wish.known) for row in rows[:limit])
    return lines, tuple(rows[limit - 1][:4]) if len(rows) > limit else None


_ORDER = (Observation.indicator_id, Observation.period, Observation.place_id, Observation.revision)


def _lines(cells: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    cell = cells.subquery().c
    return (
        select(
            cell.indicator_id, cell.period, cell.place_id, cell.revision,
            IndicatorKey.code, Place.code.label("place"), Place.name_th, Place.name_en,
            cell.value, cell.status, Source.text, cell.superseded_by,
            Recording.recorded_at, cell.recording_id, Recording.demo,
        )
        .join(IndicatorKey, IndicatorKey.id == cell.indicator_id)
        .join(Place, Place.id == cell.place_id)
        .join(Source, Source.id == cell.source_id)
        .join(Recording, Recording.id == cell.recording_id)
        .order_by(cell.indicator_id, cell.period, cell.place_id, cell.revision)
    )  # fmt: skip


def _filtered(session: Session, wish: ObservationWish) -> Select[*tuple[Any, ...]]:
    columns = (Observation.value, Observation.status, Observation.source_id, Observation.recording_id)
    found: Select[*tuple[Any, ...]] = select(*_ORDER, *columns, Observation.superseded_by)
    query = found.where(Observation.recording_id <= wish.known)
    if not wish.history:
        query = query.where(or_(Observation.superseded_by.is_(None), Observation.superseded_by > wish.known))
    if wish.indicators is not None:
        keys = select(IndicatorKey.id).where(IndicatorKey.code.in_(wish.indicators))
        query = query.where(Observation.indicator_id.in_(session.scalars(keys).all()))
    if wish.periods is not None:
        query = query.where(Observation.period.in_(wish.periods))
    if wish.since is not None:
        recent = select(Recording.id).where(Recording.recorded_at >= wish.since)
        query = query.where(Observation.recording_id.in_(recent))
    return _of_places(query, wish)


def _of_places(query: Select[*tuple[Any, ...]], wish: ObservationWish) -> Select[*tuple[Any, ...]]:
    if wish.place_ids is not None:
        query = query.where(Observation.place_id.in_(wish.place_ids))
    if wish.place_type or wish.province is not None:
        places = select(Place.id)
        if wish.place_type:
            places = places.where(Place.place_type == wish.place_type)
        if wish.province is not None:
            places = places.where(Place.province_id == wish.province)
        query = query.where(Observation.place_id.in_(places))
    return query


def _line(row: Any, known: int) -> ObservationLine:
    return ObservationLine(
        indicator=row.code,
        period=row.period,
        place=row.place,
        name_th=row.name_th,
        name_en=row.name_en,
        value=row.value,
        status=row.status,
        source=row.text,
        revision=row.revision,
        in_force=row.superseded_by is None or row.superseded_by > known,
        recorded_at=row.recorded_at,
        recording=row.recording_id,
        demo=row.demo,
    )
