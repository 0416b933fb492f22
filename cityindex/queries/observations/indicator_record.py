"""What the site holds of an indicator, period by period: how many values, of which kind, and when they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from cityindex.models import IndicatorKey, Observation, Recording
from cityindex.queries.observations.indicator_columns import IndicatorColumns


@dataclass(frozen=True, slots=True)
class Held:
    """Of one period: `marks` counts values by what they are (`Column.marks`).

    `revised` is how many values were corrected after they came, `recorded_at` when the last one came; both are None
    for calculated values, which come with a run.
    """

    period: int
    places: int | None
    values: int
    marks: Mapping[int, int]
    revised: int | None
    recorded_at: datetime | None
    run: int | None


def indicator_record(session: Session, code: str, data: IndicatorColumns) -> tuple[Held, ...]:
    """By period, the newest first; `places` is how many a run asked for the value, None where nobody was asked."""
    came = {} if data.framework else _recordings(session, code)
    found = []
    for period in sorted(data.columns, reverse=True):
        column = data.columns[period]
        marks: dict[int, int] = {}
        for mark in column.marks.tolist():
            marks[mark] = marks.get(mark, 0) + 1
        revised, at = came.get(period, (None, None))
        asked = len(data.scope[period]) if period in data.scope else None
        found.append(Held(period, asked, len(column.values), marks, revised, at, data.runs.get(period)))
    return tuple(found)


def _recordings(session: Session, code: str) -> dict[int, tuple[int, datetime]]:
    """By period: how many values have been corrected, and when the last one came."""
    query = (
        select(
            Observation.period,
            func.sum(case((Observation.superseded_by.is_(None) & (Observation.revision > 0), 1), else_=0)),
            func.max(Observation.recording_id),
        )
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code == code)
        .group_by(Observation.period)
    )
    rows = session.execute(query).all()
    times = select(Recording.id, Recording.recorded_at).where(Recording.id.in_([last for _, _, last in rows]))
    moments = {key: at for key, at in session.execute(times)}
    return {period: (revised, moments[last]) for period, revised, last in rows}
