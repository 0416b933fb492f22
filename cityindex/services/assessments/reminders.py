"""Reminders by the clock: of deadlines that come near, one letter a person with all that is his.

The letters themselves say what was sent: a day that was missed is made up for, a job that runs twice writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import State
from cityindex.calendars import THAILAND, day_of
from cityindex.database import writing
from cityindex.models import Account, Assessment, RoleGrant, Round, now
from cityindex.queries.accounts.accounts import account
from cityindex.queries.assessments.review_queue import assigned
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments
from cityindex.services import letters
from cityindex.services.accounts.roles import Permission, may_at
from cityindex.services.assessments.notices import Notices, by_person, first_due, holders_of

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

BEFORE_DUE = (14, 7, 3, 1, -1)
"""Days before the last day for answering; -1 is the day after it."""
BEFORE_REVIEW = (7, 2)
LATE = 3
"""For so many days after the last mark a letter that was missed is still written."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """Letters written."""

    municipalities: int
    reviewers: int


class Reminders:
    """The use case of the clock."""

    def __init__(self, sessions: sessionmaker[Session], notices: Notices, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.notices = notices
        self.clock = clock

    def remind(self) -> Reminded:
        """Write what is due today and was not written yet."""
        with self.sessions() as session:
            latest = day_of(self.clock()) - timedelta(days=LATE)
            ahead = or_(Assessment.due >= latest, Round.review_deadline >= latest)
            found = assessments(writing(session), Round.demo.is_(False), ahead)
            done = Reminded(self._answering(session, found), self._reviewing(session, found))
            session.commit()
            return done

    def _answering(self, session: Session, found: Iterable[AssessmentRecord]) -> int:
        today = day_of(self.clock())
        waiting = [one for one in found if one.standing.answerable and one.due >= today - timedelta(days=LATE)]
        people = holders_of(session, {one.place.id for one in waiting})
        count = 0
        for person, own in by_person(waiting, people).items():
            marks = [_mark(one.due, BEFORE_DUE, today, day_of(one.standing.since)) for one in own]
            count += self._write(session, person, "reminder", marks, own)
        return count

    def _reviewing(self, session: Session, found: Iterable[AssessmentRecord]) -> int:
        today = day_of(self.clock())
        waiting = [
            one
            for one in found
            if one.standing.state is State.SUBMITTED and one.round.review_deadline >= today - timedelta(days=LATE)
        ]
        count = 0
        for person, own in _reviewers(session, waiting).items():
            marks = [_mark(one.round.review_deadline, BEFORE_REVIEW, today, day_of(one.standing.since)) for one in own]
            count += self._write(session, person, "review-reminder", marks, own)
        return count

    def _write(
        self, session: Session, person: int, kind: str, marks: Iterable[date | None], own: Sequence[AssessmentRecord]
    ) -> bool:
        """Write one letter about everything, where something reached a mark since the last one."""
        reached = [one for one in marks if one is not None]
        if not reached or letters.written_since(session, person, kind, _morning(max(reached))):
            return False
        of_review = kind == "review-reminder"
        told = [self.notices.told(one, one.round.review_deadline if of_review else None) for one in first_due(own)]
        more = {"more": len(own) - len(told), "today": day_of(self.clock()), "assessments": told}
        letters.write(session, person, kind, self.clock(), **more)
        return True


def _mark(due: date, marks: Sequence[int], today: date, since: date) -> date | None:
    """The day of the newest mark that is reached; None before the first, and for one from before it came to them."""
    reached = [due - timedelta(days=days) for days in marks if due - timedelta(days=days) <= today]
    if not reached or reached[-1] < since or (today - reached[-1]).days > LATE:
        return None
    return reached[-1]


def _morning(day: date) -> datetime:
    """A moment before everything that is written on a day."""
    return datetime.combine(day, time.min, THAILAND) - timedelta(seconds=1)


def _reviewers(session: Session, waiting: Sequence[AssessmentRecord]) -> Mapping[int, list[AssessmentRecord]]:
    """By account: whom a list names, and for what no list names anybody all whose role reaches there."""
    held = assigned(session, [one.id for one in waiting])
    listed = {one.id: set(held.get(one.id, {}).values()) for one in waiting}
    role = (RoleGrant.role == "reviewer", RoleGrant.ended_at.is_(None), Account.closed_at.is_(None))
    query = select(Account.id).join(RoleGrant, RoleGrant.account_id == Account.id).where(*role).distinct()
    found: dict[int, list[AssessmentRecord]] = {}
    for person in map(lambda number: account(session, number), session.scalars(query).all()):
        if person is None:
            continue
        for one in waiting:
            open_to_all = "first" not in held.get(one.id, {}) and may_at(person.held, Permission.REVIEW, one.place)
            if open_to_all or person.id in listed[one.id]:
                found.setdefault(person.id, []).append(one)
    return found
