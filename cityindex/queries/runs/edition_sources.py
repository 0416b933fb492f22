"""Where the figures of a run come from, in the words of those who brought them in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import IndicatorKey, Observation, Run, RunNode, Source
from cityindex.queries.runs.once_per_run import OncePerRun


def _sources(session: Session, run_id: int) -> tuple[str, ...]:
    run = session.get_one(Run, run_id)
    indicators = select(RunNode.code).where(RunNode.run_id == run_id, RunNode.is_indicator)
    used = (
        select(Observation.source_id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(
            IndicatorKey.code.in_(indicators),
            Observation.period == run.period,
            Observation.recording_id <= run.cutoff,
        )
        .distinct()
    )
    return tuple(session.scalars(select(Source.text).where(Source.id.in_(used)).order_by(Source.text)))


run_sources = OncePerRun(_sources)
"""`run_sources(session, run_id)`: the sources of the observations of the run's period and indicators."""
