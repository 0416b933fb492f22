"""Schedules: which run is owed now, and the ledger of all of them. What a job does is not known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from cityindex.database import writing
from cityindex.errors import NotFound
from cityindex.models import AuditEvent, Schedule, ScheduledRun, now
from cityindex.models.schedules import FAILED, INTERRUPTED
from cityindex.services.moments import newest, trigger_of, upcoming

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

MOST_ATTEMPTS = 3
"""A run that was interrupted (its process ended) is begun again; one that ends every process is given up."""
LONGEST_WORDS = 2000
SHOWN_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job for one moment."""

    run: int
    job: str
    scheduled_at: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A row of the ledger; `outcome` is None while it runs."""

    scheduled_at: datetime
    started_at: datetime
    ended_at: datetime | None
    attempt: int
    outcome: str | None
    said: str


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """A schedule with its next moment (None while it is off), its newest run and its newest failures."""

    job: str
    at: str
    zone: str
    enabled: bool
    next: datetime | None
    last: RunRecord | None
    failures: tuple[RunRecord, ...]


class Schedules:
    """Use cases of the scheduler and of who watches it."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def ensure(self, times: Mapping[str, str]) -> None:
        """Make the schedules that are not there yet, at the times given; those that are there stay as they are."""
        with self.sessions() as session:
            known = {row.job: row for row in writing(session).scalars(select(Schedule))}
            for job, at in times.items():
                if job not in known:
                    session.add(Schedule(job=job, at=at, since=self.clock(), changed_by="program"))
            for row in known.values():
                # It was made while the clock was ahead: waiting for that moment would be waiting for nothing.
                row.since = min(row.since, self.clock())
            session.commit()

    def change(self, job: str, by: str, *, at: str | None = None, enabled: bool | None = None) -> None:
        """Give a job another time, or turn it on or off. Moments gone by are not made up for. `NotFound`, `Invalid`."""
        with self.sessions() as session:
            row = writing(session).get(Schedule, job)
            if row is None:
                raise NotFound(f"there is no job {job}")
            row.at = row.at if at is None else at.strip()
            row.enabled = row.enabled if enabled is None else enabled
            trigger_of(row.at, row.zone)
            row.since, row.changed_by = self.clock(), by
            detail = row.at if row.enabled else "off"
            session.add(AuditEvent(actor=by, action="schedule changed", subject=job, detail=detail))
            session.commit()

    def claim(self, job: str, runner: str) -> Claim | None:
        """The run of a job that is owed now, begun in the ledger; None where none is, or somebody else has it.

        Of all moments that were missed only the newest is owed. A run that was interrupted is owed again.
        """
        with self.sessions() as session:
            row = writing(session).get(Schedule, job)
            run = self._owed(session, row) if row is not None and row.enabled else None
            if run is None:
                return None
            run.started_at, run.runner, run.ended_at, run.outcome, run.said = self.clock(), runner, None, None, ""
            session.add(run)
            try:
                session.commit()
            except IntegrityError:  # another process was quicker, or the clock went back over what was done
                return None
            return Claim(run.id, job, run.scheduled_at, run.attempt)

    def finish(self, claim: Claim, outcome: str, said: str) -> None:
        """Write into the ledger how a run ended."""
        with self.sessions() as session:
            run = writing(session).get_one(ScheduledRun, claim.run)
            run.ended_at, run.outcome, run.said = self.clock(), outcome, said[:LONGEST_WORDS]
            session.commit()

    def take_over(self) -> int:
        """Say of the runs that never ended that they were interrupted. Only for whoever is the only one to run jobs."""
        with self.sessions() as session:
            open_ones = update(ScheduledRun).where(ScheduledRun.outcome.is_(None))
            said = "the process that ran it ended before it did"
            closed = writing(session).execute(open_ones.values(outcome=INTERRUPTED, ended_at=self.clock(), said=said))
            session.commit()
            return int(closed.rowcount)  # type: ignore[attr-defined]

    def states(self) -> tuple[ScheduleState, ...]:
        """Every schedule with what is next and what was last."""
        with self.sessions() as session:
            rows = session.scalars(select(Schedule).order_by(Schedule.job)).all()
            return tuple(self._state(session, row) for row in rows)

    def _owed(self, session: Session, row: Schedule) -> ScheduledRun | None:
        past = select(ScheduledRun).where(ScheduledRun.job == row.job, ScheduledRun.scheduled_at <= self.clock())
        last = session.scalar(past.order_by(ScheduledRun.scheduled_at.desc()).limit(1))
        after = max(row.since, last.scheduled_at) if last else row.since
        moment = newest(trigger_of(row.at, row.zone), after, self.clock())
        if moment is not None:
            return ScheduledRun(job=row.job, scheduled_at=moment, attempt=1)
        if last is None or last.outcome != INTERRUPTED or last.attempt >= MOST_ATTEMPTS:
            return None
        last.attempt += 1
        return last

    def _state(self, session: Session, row: Schedule) -> ScheduleState:
        runs = select(ScheduledRun).where(ScheduledRun.job == row.job).order_by(ScheduledRun.scheduled_at.desc())
        bad = runs.where(ScheduledRun.outcome.in_((FAILED, INTERRUPTED))).limit(SHOWN_FAILURES)
        last = session.scalar(runs.limit(1))
        return ScheduleState(
            job=row.job,
            at=row.at,
            zone=row.zone,
            enabled=row.enabled,
            next=upcoming(trigger_of(row.at, row.zone), self.clock()) if row.enabled else None,
            last=_record(last) if last else None,
            failures=_records(session.scalars(bad).all()),
        )


def _records(rows: Sequence[ScheduledRun]) -> tuple[RunRecord, ...]:
    return tuple(map(_record, rows))


def _record(row: ScheduledRun) -> RunRecord:
    return RunRecord(row.scheduled_at, row.started_at, row.ended_at, row.attempt, row.outcome, row.said)
