"""Reviewing: accept, adjust with a reason, or return, answer by answer; then the whole is approved or goes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select, update

from cityindex.assessment import answers as reading
from cityindex.assessment.workflow import Deed, Event, State, Verdict
from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden, Invalid, Problem
from cityindex.models import Assessment, Decision, ReviewAssignment, now
from cityindex.queries.answers import DecisionRecord, SubmissionRecord, decisions_of, in_force, submission
from cityindex.queries.instruments import instrument
from cityindex.queries.rounds import AssessmentRecord, day_of
from cityindex.services.assessments import happened, locked

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.assessment.questionnaire import Questionnaire

Part = Literal["first", "second", "appeal"]
_STATE_OF: Mapping[Part, State] = {
    "first": State.SUBMITTED,
    "second": State.SUBMITTED,
    "appeal": State.APPEALED,
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict on one answer; `value` (of an adjustment) as a form sends it. Adjusting and returning need a reason."""

    question: str
    verdict: Verdict
    value: Any = None
    reason: str = ""


class Reviews:
    """Use cases of reviewers, and of the programme office where an appeal is decided. Who may is asked by the caller,
    but for what only the decisions themselves show: a second reviewer is another person than the first."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def decide(self, assessment_id: int, rulings: Iterable[Ruling], by: int, part: Part = "first") -> None:
        """Say something to some answers; saying it again replaces it. All are taken, or `Invalid` names every problem.

        `Conflict` where the assessment is not submitted (or, for an appeal, not appealed against).
        """
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, _STATE_OF[part])
            before = decisions_of(session, frozen.id)
            _require_other_eyes(before, part, by)
            questionnaire = instrument(session, record.round.definition).questionnaire
            rows, problems = _decisions(rulings, frozen, questionnaire)
            if problems:
                raise Invalid("some decisions cannot be taken; none was", problems)
            for row in rows:
                row.submission_id, row.part, row.account_id, row.at = frozen.id, part, by, self.clock()
            session.add_all(rows)
            session.commit()

    def accept_rest(self, assessment_id: int, by: int, part: Part = "first") -> int:
        """Accept every answer that this part has not decided yet; how many there were."""
        with self.sessions() as session:
            _, frozen = self._submitted(session, assessment_id, _STATE_OF[part])
            decided = {one.question for one in decisions_of(session, frozen.id) if one.part == part}
            session.rollback()
        rest = [question for question in frozen.content["applicable"] if question not in decided]
        self.decide(assessment_id, [Ruling(question, Verdict.ACCEPT) for question in rest], by, part)
        return len(rest)

    def return_(self, assessment_id: int, message: str, due: date, by: int) -> None:
        """Send it back with the answers that were returned; the municipality has until `due`."""
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, State.SUBMITTED)
            decided = in_force(decisions_of(session, frozen.id))
            back = [question for question, one in decided.items() if one.verdict is Verdict.RETURN]
            if not back:
                raise Invalid("say first which answers go back, and why")
            self._give_time(session, record, due)
            detail = {"questions": back, "message": message.strip(), "due": due.isoformat()}
            happened(session, record, Event(Deed.RETURNED, self.clock(), by, detail))
            session.commit()

    def approve(self, assessment_id: int, by: int, note: str = "") -> None:
        """Approve the submission as decided. `Conflict` names answers that are undecided or returned."""
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, State.SUBMITTED)
            decided = in_force(decisions_of(session, frozen.id))
            missing = [question for question in frozen.content["applicable"] if question not in decided]
            back = [question for question, one in decided.items() if one.verdict is Verdict.RETURN]
            if missing or back:
                raise Conflict(f"{len(missing)} answers are not decided yet, {len(back)} are returned")
            detail = {"number": frozen.number, "sha256": frozen.sha256, "note": note.strip()}
            happened(session, record, Event(Deed.APPROVED, self.clock(), by, detail))
            session.commit()

    def reopen(self, assessment_id: int, reason: str, due: date, by: int) -> None:
        """Open an approved assessment again: it has to be submitted and approved anew."""
        if not reason.strip():
            raise Invalid("say why it is opened again")
        with self.sessions() as session:
            record = locked(writing(session), assessment_id)
            detail = {"message": reason.strip(), "due": due.isoformat(), "questions": []}
            event = Event(Deed.REOPENED, self.clock(), by, detail)
            self._give_time(session, record, due)
            happened(session, record, event)
            session.commit()

    def decide_appeal(self, assessment_id: int, message: str, by: int) -> bool:
        """Close an appeal, once every answer in it is decided; whether any value changed by it."""
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, State.APPEALED)
            decisions = decisions_of(session, frozen.id)
            asked = record.events[-1].detail["reasons"]
            answered = {one.question: one.value for one in decisions if one.part == "appeal"}
            missing = sorted(asked.keys() - answered.keys())
            if missing:
                raise Conflict(f"these answers of the appeal are not decided yet: {', '.join(missing)}")
            former = {one.question: one.value for one in decisions if one.part == "first"}
            upheld = any(former.get(question) != answered[question] for question in asked)
            detail = {"upheld": upheld, "message": message.strip(), "questions": sorted(asked)}
            happened(session, record, Event(Deed.APPEAL_DECIDED, self.clock(), by, detail))
            session.commit()
            return upheld

    def assign(self, assessments: Iterable[int], reviewer: int, by: int | None, part: Part = "first") -> None:
        """Say who reviews some assessments; whoever did before is relieved."""
        with self.sessions() as session:
            writing(session)
            for assessment_id in assessments:
                record = locked(session, assessment_id)
                of_part = (ReviewAssignment.assessment_id == record.id, ReviewAssignment.part == part)
                held = update(ReviewAssignment).where(*of_part, ReviewAssignment.ended_at.is_(None))
                session.execute(held.values(ended_at=self.clock()))
                row = ReviewAssignment(assessment_id=record.id, account_id=reviewer, part=part)
                row.assigned_by, row.assigned_at = by, self.clock()
                session.add(row)
                detail = {"reviewer": reviewer, "part": part}
                happened(session, record, Event(Deed.ASSIGNED, self.clock(), by, detail))
            session.commit()

    def _submitted(self, session: Session, assessment_id: int, state: State) -> tuple[AssessmentRecord, Any]:
        record = locked(writing(session), assessment_id)
        if record.standing.state is not state:
            raise Conflict(f"this assessment is {record.standing.state}, not {state}: load the page again")
        return record, submission(session, assessment_id, record.standing.submission)

    def _give_time(self, session: Session, record: AssessmentRecord, due: date) -> None:
        if due < day_of(self.clock()):
            raise Invalid(f"{due} is over: give the municipality some days")
        last = max(due, record.due) if record.round.closed_at is None else due
        session.execute(update(Assessment).where(Assessment.id == record.id).values(due=last))


def assigned_to(session: Session, account: int, part: Part | None = None) -> frozenset[int]:
    """The assessments that a list gives to a reviewer."""
    query = select(ReviewAssignment.assessment_id).where(
        ReviewAssignment.account_id == account, ReviewAssignment.ended_at.is_(None)
    )
    return frozenset(session.scalars(query if part is None else query.where(ReviewAssignment.part == part)))


def _require_other_eyes(before: Iterable[DecisionRecord], part: Part, by: int) -> None:
    other = {"first": "second", "second": "first"}.get(part)
    if any(one.part == other and one.by == by for one in before):
        raise Forbidden("the second review is by another person than the first")


def _decisions(
    rulings: Iterable[Ruling], frozen: SubmissionRecord, questionnaire: Questionnaire
) -> tuple[list[Decision], list[Problem]]:
    rows, problems = [], []
    for ruling in rulings:
        value = _verified(ruling, frozen, questionnaire)
        if isinstance(value, Problem):
            problems.append(value)
            continue
        text = None if value is None else json.dumps(value, ensure_ascii=False)
        row = Decision(question=ruling.question, verdict=ruling.verdict, value=text, reason=ruling.reason.strip())
        rows.append(row)
    return rows, problems


def _verified(ruling: Ruling, frozen: SubmissionRecord, questionnaire: Questionnaire) -> Any:
    """The value as verified; None where it stays unanswered or goes back."""
    if ruling.question not in frozen.content["answers"]:
        return Problem("this question is not part of what was submitted", "load the page again", column=ruling.question)
    if ruling.verdict is Verdict.ACCEPT:
        return frozen.content["answers"][ruling.question]["value"]
    if not ruling.reason.strip():
        return Problem("no reason is given", "say why, in words that help", column=ruling.question)
    return None if ruling.verdict is Verdict.RETURN else _adjusted(ruling, questionnaire)


def _adjusted(ruling: Ruling, questionnaire: Questionnaire) -> Any:
    value = reading.check(questionnaire.question(ruling.question), ruling.value)
    if isinstance(value, Problem):
        return Problem(value.reason, value.cure, column=ruling.question, value=value.value)
    if value is None:
        return Problem("no value is given", "choose what the evidence shows", column=ruling.question)
    return value
