"""Who reviews what: by hand, by province, or by a list. Nobody is given what he had a hand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from cityindex.assessment.workflow import Deed, Event
from cityindex.database import writing
from cityindex.errors import Invalid, Problem
from cityindex.models import Account, Assessment, ReviewAssignment, now
from cityindex.queries.accounts.accounts import AccountRecord, account
from cityindex.queries.assessments.review_queue import assigned
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments
from cityindex.services.accounts.people import fold
from cityindex.services.accounts.roles import Permission, may_at
from cityindex.services.assessments.assessments import happened
from cityindex.services.assessments.reviews import Part

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.formats.assignments import Assigned
    from cityindex.services.assessments.notices import Notices

OTHER: Mapping[Part, Part] = {"first": "second", "second": "first"}
NO_PLACE = ("this place has no assessment in this round", "write a code of the list of the round")
NO_PERSON = ("nobody has an account with this address", "invite the person first, as a reviewer")
NOT_HIS = ("this person may not review this place", "give the role there, or choose somebody who had no hand in it")
BOTH = ("this person does the other review of this place", "a second review is by another person")
TWICE = ("the place stands on two lines with different reviewers", "keep one of them")


class Assigning:
    """Use cases of the programme office."""

    def __init__(self, sessions: sessionmaker[Session], notices: Notices, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.notices = notices
        self.clock = clock

    def assign(self, wanted: Iterable[int], reviewer: int, by: int | None, part: Part = "first") -> int:
        """Give assessments to a reviewer; whoever had them is relieved. How many changed hands.

        All, or `Invalid` with a problem for each that cannot be given to this person.
        """
        with self.sessions() as session:
            found = assessments(writing(session), Assessment.id.in_(list(wanted)))
            return self._give(session, [(one, reviewer, None) for one in found], by, part)

    def assign_list(self, round_id: int, rows: Iterable[Assigned], by: int | None, part: Part = "first") -> int:
        """The same by a list of place codes and addresses. `Invalid` names every bad row."""
        with self.sessions() as session:
            places = self._places(writing(session), round_id)
            query = select(Account.email, Account.id).where(Account.closed_at.is_(None))
            people = {email: number for email, number in session.execute(query)}
            pairs: dict[int, tuple[AssessmentRecord, int, int | None]] = {}
            problems: list[Problem] = []
            for row in rows:
                record, person = places.get(row.place), people.get(fold(row.reviewer))
                if record is None:
                    problems.append(Problem(*NO_PLACE, row.row, "place", row.place))
                if person is None:
                    problems.append(Problem(*NO_PERSON, row.row, "reviewer", row.reviewer))
                if record is None or person is None:
                    continue
                if pairs.setdefault(record.id, (record, person, row.row))[1] != person:
                    problems.append(Problem(*TWICE, row.row, "place", row.place))
            return self._give(session, pairs.values(), by, part, problems)

    def _give(
        self,
        session: Session,
        pairs: Iterable[tuple[AssessmentRecord, int, int | None]],
        by: int | None,
        part: Part,
        problems: Iterable[Problem] = (),
    ) -> int:
        wanted = list(pairs)
        held = assigned(session, [record.id for record, _, _ in wanted])
        found = [*problems, *_problems(session, wanted, held, part)]
        if found:
            raise Invalid("some cannot be given to this person; nothing was changed", found)
        moved = [(one, reviewer) for one, reviewer, _ in wanted if held.get(one.id, {}).get(part) != reviewer]
        for record, reviewer in moved:
            self._move(session, record, reviewer, by, part)
        self._tell(session, moved, by, part)
        session.commit()
        return len(moved)

    def _move(self, session: Session, record: AssessmentRecord, reviewer: int, by: int | None, part: Part) -> None:
        of_part = (ReviewAssignment.assessment_id == record.id, ReviewAssignment.part == part)
        before = update(ReviewAssignment).where(*of_part, ReviewAssignment.ended_at.is_(None))
        session.execute(before.values(ended_at=self.clock()))
        row = ReviewAssignment(assessment_id=record.id, account_id=reviewer, part=part)
        row.assigned_by, row.assigned_at = by, self.clock()
        session.add(row)
        detail = {"reviewer": reviewer, "part": part}
        happened(session, record, Event(Deed.ASSIGNED, self.clock(), by, detail))

    def _tell(
        self, session: Session, moved: Iterable[tuple[AssessmentRecord, int]], by: int | None, part: Part
    ) -> None:
        """One letter to each who has got work from somebody else."""
        theirs: dict[int, list[AssessmentRecord]] = {}
        for record, reviewer in moved:
            theirs.setdefault(reviewer, []).append(record)
        for reviewer, own in theirs.items():
            if reviewer != by:
                self.notices.to_reviewer(session, reviewer, own, "assigned", self.clock(), part=part)

    @staticmethod
    def _places(session: Session, round_id: int) -> Mapping[str, AssessmentRecord]:
        return {one.place.code: one for one in assessments(session, Assessment.round_id == round_id)}


def _problems(
    session: Session,
    wanted: Iterable[tuple[AssessmentRecord, int, int | None]],
    held: Mapping[int, Mapping[str, int]],
    part: Part,
) -> list[Problem]:
    people: dict[int, AccountRecord | None] = {}
    found = []
    for record, reviewer, row in wanted:
        if reviewer not in people:
            people[reviewer] = account(session, reviewer)
        person = people[reviewer]
        if person is None or person.closed_at is not None or not may_at(person.held, Permission.REVIEW, record.place):
            found.append(Problem(*NOT_HIS, row, "place", record.place.code))
        elif held.get(record.id, {}).get(OTHER[part]) == reviewer:
            found.append(Problem(*BOTH, row, "place", record.place.code))
    return found
