"""Releases: several runs approved at once, published now or at a moment, each exactly once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from cityindex.errors import CityIndexError, Conflict, Invalid, NotFound
from cityindex.models import AuditEvent, PlannedRelease, now
from cityindex.services.runs.publication import Published, Terms, alone, in_force, publish_in, publishable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

DONE, CANCELLED, REFUSED = "published", "cancelled", "refused"
FURTHEST = timedelta(days=2 * 366)
PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Approved:
    """A run to publish: the edition that was in force when whoever approves looked at it, and what is said of it."""

    run: int
    before: int | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class Due:
    """How many planned releases were carried out, and how many could not be."""

    published: int
    refused: int


class Releases:
    """Use cases of whoever publishes, and of the clock."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def publish(self, approved: Sequence[Approved], by: str) -> tuple[Published, ...]:
        """Publish all of these or, where one cannot be, none. `NotFound`, `Conflict`, `Invalid`."""
        _require_one_each(approved)
        with self.sessions() as session:
            alone(session)
            done = tuple(_publish(session, one, by) for one in approved)
            session.commit()
            return done

    def plan(self, approved: Sequence[Approved], at: datetime, by: str, *, announced: bool = True) -> None:
        """Have all of these published at a moment, to the minute. `NotFound`, `Conflict`, `Invalid`."""
        _require_one_each(approved)
        moment = at.replace(second=0, microsecond=0)
        if not self.clock() < moment < self.clock() + FURTHEST:
            raise Invalid("a release is planned for a moment to come, within two years: choose another one")
        with self.sessions() as session:
            alone(session)
            for one in approved:
                self._plan(session, one, moment, by, announced)
            session.commit()

    def cancel(self, plan: int, by: str) -> None:
        """Take a planned release back. `NotFound`, `Conflict` where it is over."""
        with self.sessions() as session:
            row = alone(session).get(PlannedRelease, plan)
            if row is None:
                raise NotFound(f"there is no planned release {plan}")
            if row.outcome is not None:
                raise Conflict(f"planned release {plan} was {row.outcome} already")
            self._end(session, row, CANCELLED, by)
            session.commit()

    def publish_due(self) -> Due:
        """Publish what is due now. A plan ends in the transaction that publishes, so it is carried out once."""
        with self.sessions() as session:
            waiting = select(PlannedRelease.id).where(PlannedRelease.outcome.is_(None))
            due = waiting.where(PlannedRelease.publish_at <= self.clock()).order_by(PlannedRelease.publish_at)
            plans = session.scalars(due.order_by(PlannedRelease.id)).all()
        outcomes = [self._carry_out(plan) for plan in plans]
        return Due(outcomes.count(DONE), outcomes.count(REFUSED))

    def _plan(self, session: Session, one: Approved, at: datetime, by: str, announced: bool) -> None:
        run = publishable(session, one.run)
        _require_seen(session, one, run.framework, run.period)
        open_ones = select(PlannedRelease.id).where(PlannedRelease.outcome.is_(None))
        same = (PlannedRelease.framework == run.framework, PlannedRelease.period == run.period)
        if session.scalar(open_ones.where(*same)) is not None:
            raise Conflict(f"a release of {run.framework} {run.period} is planned already: cancel it first")
        words = json.dumps(asdict(one.terms), ensure_ascii=False)
        session.add(
            PlannedRelease(
                framework=run.framework,
                period=run.period,
                run_id=run.id,
                before=one.before,
                publish_at=at,
                announced=announced,
                terms=words,
                planned_at=self.clock(),
                planned_by=by,
            )
        )
        subject = f"{run.framework} {run.period}"
        session.add(AuditEvent(actor=by, action="release planned", subject=subject, detail=f"run {run.id}"))
        session.flush()

    def _carry_out(self, plan: int) -> str | None:
        """How a plan ended; None where somebody else has ended it in the meantime."""
        try:
            with self.sessions() as session:
                row = alone(session).get_one(PlannedRelease, plan)
                if row.outcome is not None:
                    return None
                terms = Terms(**json.loads(row.terms))
                _publish(session, Approved(row.run_id, row.before, terms), row.planned_by)
                self._end(session, row, DONE, PROGRAM)
                session.commit()
                return DONE
        except CityIndexError as error:
            return self._refuse(plan, str(error))

    def _refuse(self, plan: int, reason: str) -> str | None:
        with self.sessions() as session:
            row = alone(session).get_one(PlannedRelease, plan)
            if row.outcome is not None:
                return None
            self._end(session, row, REFUSED, PROGRAM, reason)
            session.commit()
            return REFUSED

    def _end(self, session: Session, row: PlannedRelease, outcome: str, by: str, said: str = "") -> None:
        row.ended_at, row.ended_by, row.outcome, row.said = self.clock(), by, outcome, said
        if outcome != DONE:
            subject = f"{row.framework} {row.period}"
            session.add(AuditEvent(actor=by, action=f"release {outcome}", subject=subject, detail=f"run {row.run_id}"))


def _publish(session: Session, one: Approved, by: str) -> Published:
    run = publishable(session, one.run)
    _require_seen(session, one, run.framework, run.period)
    return publish_in(session, run.id, by, one.terms)


def _require_seen(session: Session, one: Approved, framework: str, period: int) -> None:
    """What was approved was a change from one edition to another: from any other edition it is another change."""
    now_public = in_force(session, framework, period)
    if now_public != one.before:
        there = f"run {now_public}" if now_public else "no edition"
        raise Conflict(f"{there} of {framework} {period} is in force now, which is not what was approved")


def _require_one_each(approved: Sequence[Approved]) -> None:
    if not approved:
        raise Invalid("no run was chosen: choose one at least")
    if len({one.run for one in approved}) < len(approved):
        raise Invalid("a run was chosen twice")
