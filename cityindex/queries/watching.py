"""What an operator watches: whether jobs run, what waits, and how old the newest edition is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, literal, select
from sqlalchemy.orm import Session

from cityindex.models import Delivery, Letter, Schedule, ScheduledRun
from cityindex.models.base import NEVER, Moment
from cityindex.models.schedules import DONE, FAILED, INTERRUPTED
from cityindex.queries.exchange.deliveries import OPEN
from cityindex.queries.runs.editions import current_editions

WAITING, GIVEN_UP = "waiting", "given-up"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job and what the ledger says of it.

    `after` is the moment that its last run was for, or since when it is scheduled; `failures` are the runs that failed
    since the last success.
    """

    job: str
    at: str
    zone: str
    enabled: bool
    after: datetime
    succeeded_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class EditionAge:
    """When the newest edition in force of a framework was published."""

    framework: str
    demo: bool
    published_at: datetime


def job_records(session: Session) -> tuple[JobRecord, ...]:
    """Every job, by name. Each part is one look into the index of the ledger."""
    query = select(
        Schedule.job, Schedule.at, Schedule.zone, Schedule.enabled, Schedule.since,
        _newest(ScheduledRun.scheduled_at), _newest(ScheduledRun.ended_at, ScheduledRun.outcome == DONE), _failures(),
    )  # fmt: skip
    return tuple(_job(row) for row in session.execute(query.order_by(Schedule.job)))


def letters_waiting(session: Session) -> tuple[dict[str, int], datetime | None]:
    """Letters by state (`waiting`, `given-up`), and when the oldest that waits was written."""
    waiting = select(func.count(), func.min(Letter.written_at)).where(Letter.next_try_at.is_not(None))
    count, oldest = session.execute(waiting).one()
    lost = and_(Letter.next_try_at.is_(None), Letter.sent_at.is_(None), Letter.handed_by.is_(None))
    return {WAITING: count, GIVEN_UP: session.scalar(select(func.count()).where(lost)) or 0}, oldest


def deliveries_open(session: Session) -> dict[str, int]:
    """Deliveries that no partner has taken, by state (`waiting`, `given-up`)."""
    query = select(Delivery.state, func.count()).where(Delivery.state.in_(OPEN)).group_by(Delivery.state)
    return dict.fromkeys(OPEN, 0) | {state: count for state, count in session.execute(query)}


def edition_ages(session: Session) -> tuple[EditionAge, ...]:
    """One for each framework that has an edition, and whether it is of demo data."""
    newest: dict[tuple[str, bool], datetime] = {}
    for one in current_editions(session):
        key = one.framework, one.demo
        newest[key] = max(newest.get(key, one.published_at), one.published_at)
    return tuple(EditionAge(*key, at) for key, at in sorted(newest.items()))


def _job(row: Sequence[Any]) -> JobRecord:
    job, at, zone, enabled, since, last, succeeded, failures = row
    return JobRecord(job, at, zone, enabled, max(since, last) if last else since, succeeded, failures)


def _newest(column: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[datetime]:
    query = select(column).where(ScheduledRun.job == Schedule.job, *conditions)
    return query.order_by(ScheduledRun.scheduled_at.desc()).limit(1).correlate(Schedule).scalar_subquery()


def _failures() -> ScalarSelect[int]:
    query = select(func.count()).select_from(ScheduledRun).where(ScheduledRun.job == Schedule.job)
    good = _newest(ScheduledRun.scheduled_at, ScheduledRun.outcome == DONE)
    since = func.coalesce(good, literal(NEVER, Moment))
    bad = query.where(ScheduledRun.outcome.in_((FAILED, INTERRUPTED)), ScheduledRun.scheduled_at > since)
    return bad.correlate(Schedule).scalar_subquery()
