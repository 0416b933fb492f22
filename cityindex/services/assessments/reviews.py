"""Reviewing: accept, adjust with a reason, or return, answer by answer; then the whole is approved or goes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import update

from cityindex.assessment import answers as reading
from cityindex.assessment.workflow import Deed, Event, State, Verdict
from cityindex.calendars import day_of
from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden, Invalid, Problem
from cityindex.models import Assessment, Decision, Round, now
from cityindex.queries.assessments.answers import DecisionRecord, SubmissionRecord, decisions_of, in_force, submission
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments
from cityindex.services.assessments.assessments import happened, locked

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.assessment.questionnaire import Questionnaire
    from cityindex.services.assessments.notices import Notices

Part = Literal["first", "second", "appeal"]
_STATES_OF: Mapping[Part, tuple[State, ...]] = {
    "first": (State.SUBMITTED,),
    "second": (State.SUBMITTED, State.APPROVED, State.PUBLISHED),
    "appeal": (State.APPEALED,),
}
"""A second review changes no value, it shows how far reviewers agree: nobody has to wait for it."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict on one answer; `value` (of an adjustment) as a form sends it. Adjusting and returning need a reason.

    `looked_at` is the address that was looked at, of an item that can be checked from outside. `submission` is the
    number of the submission that the reviewer had before him: of another one, nothing is decided.
    """

    question: str
    verdict: Verdict
    value: Any = None
    reason: str = ""
    looked_at: str = ""
    submission: int | None = None


class Reviews:
    """Use cases of reviewers, and of the programme office where an appeal is decided. Who may is asked by the caller,
    but for what only the decisions themselves show: a second reviewer is another person than the first."""

    def __init__(self, sessions: sessionmaker[Session], notices: Notices, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.notices = notices
        self.clock = clock

    def decide(self, assessment_id: int, rulings: Iterable[Ruling], by: int, part: Part = "first") -> None:
        """Say something to some answers; saying it again replaces it. All are taken, or `Invalid` names every problem.

        `Conflict` where the assessment is not submitted (or, for an appeal, not appealed against), or was submitted
        anew since the reviewer looked.
        """
        said = list(rulings)
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, *_STATES_OF[part])
            if any(one.submission not in (None, frozen.number) for one in said):
                raise Conflict("this was submitted anew in the meantime: load the page again")
            _require_other_eyes(decisions_of(session, frozen.id), part, by)
            questionnaire = instrument(session, record.round.definition).questionnaire
            rows, problems = _decisions(said, frozen, questionnaire)
            if part == "appeal":
                problems += _beside_the_appeal(said, record)
            if problems:
                raise Invalid("some decisions cannot be taken; none was", problems)
            for row in rows:
                row.submission_id, row.part, row.account_id, row.at = frozen.id, part, by, self.clock()
            session.add_all(rows)
            session.commit()

    def accept_rest(self, assessment_id: int, by: int, part: Part = "first") -> int:
        """Accept every answer that this part has not decided yet; how many there were."""
        with self.sessions() as session:
            _, frozen = self._submitted(session, assessment_id, *_STATES_OF[part])
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
            last = self._give_time(session, record, due)
            detail = {"questions": back, "message": message.strip(), "due": last.isoformat()}
            happened(session, record, Event(Deed.RETURNED, self.clock(), by, detail))
            told = {"due": last, "count": len(back), "message": message.strip()}
            self.notices.to_place(session, record, "returned", self.clock(), **told)
            session.commit()

    def approve(self, assessment_id: int, by: int, note: str = "") -> None:
        """Approve the submission as decided. `Conflict` names answers that are undecided or returned."""
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, State.SUBMITTED)
            missing, back = left(frozen, in_force(decisions_of(session, frozen.id)))
            if missing or back:
                raise Conflict(f"{len(missing)} answers are not decided yet, {len(back)} are returned")
            self._approved(session, record, frozen, by, note)
            session.commit()

    def approve_decided(self, round_id: int, by: int) -> int:
        """Approve every assessment of a round in which each answer is decided and none goes back; how many."""
        count = 0
        with self.sessions() as session:
            waiting = assessments(writing(session), Round.id == round_id)
            for one in waiting:
                if one.standing.state is not State.SUBMITTED:
                    continue
                record, frozen = self._frozen(session, one.id, State.SUBMITTED)
                if not any(left(frozen, in_force(decisions_of(session, frozen.id)))):
                    self._approved(session, record, frozen, by, "")
                    count += 1
            session.commit()
        return count

    def reopen(self, assessment_id: int, reason: str, due: date, by: int) -> None:
        """Open an approved assessment again: it has to be submitted and approved anew."""
        if not reason.strip():
            raise Invalid("say why it is opened again")
        with self.sessions() as session:
            record = locked(writing(session), assessment_id)
            last = self._give_time(session, record, due)
            detail = {"message": reason.strip(), "due": last.isoformat(), "questions": []}
            happened(session, record, Event(Deed.REOPENED, self.clock(), by, detail))
            told = {"due": last, "count": 0, "message": reason.strip()}
            self.notices.to_place(session, record, "returned", self.clock(), **told)
            session.commit()

    def decide_appeal(self, assessment_id: int, message: str, by: int) -> bool:
        """Close an appeal, once every answer in it is decided; whether any value changed by it."""
        with self.sessions() as session:
            record, frozen = self._submitted(session, assessment_id, State.APPEALED)
            decisions = decisions_of(session, frozen.id)
            asked = appealed(record)
            answered = {one.question: one.value for one in decisions if one.part == "appeal"}
            missing = sorted(asked.keys() - answered.keys())
            if missing:
                raise Conflict(f"these answers of the appeal are not decided yet: {', '.join(missing)}")
            former = {one.question: one.value for one in decisions if one.part == "first"}
            upheld = any(former.get(question) != answered[question] for question in asked)
            detail = {"upheld": upheld, "message": message.strip(), "questions": sorted(asked)}
            happened(session, record, Event(Deed.APPEAL_DECIDED, self.clock(), by, detail))
            more = {"upheld": upheld, "message": message.strip()}
            self.notices.to_place(session, record, "appeal-decided", self.clock(), **more)
            session.commit()
            return upheld

    def _approved(
        self, session: Session, record: AssessmentRecord, frozen: SubmissionRecord, by: int, note: str
    ) -> None:
        detail = {"number": frozen.number, "sha256": frozen.sha256, "note": note.strip()}
        happened(session, record, Event(Deed.APPROVED, self.clock(), by, detail))
        until = day_of(self.clock()) + timedelta(days=record.round.appeal_days)
        self.notices.to_place(session, record, "approved", self.clock(), until=until, note=note.strip())

    def _submitted(self, session: Session, assessment_id: int, *states: State) -> tuple[AssessmentRecord, Any]:
        return self._frozen(writing(session), assessment_id, *states)

    @staticmethod
    def _frozen(session: Session, assessment_id: int, *states: State) -> tuple[AssessmentRecord, Any]:
        record = locked(session, assessment_id)
        if record.standing.state not in states:
            raise Conflict(f"this assessment is {record.standing.state}, not {states[0]}: load the page again")
        return record, submission(session, assessment_id, record.standing.submission)

    def _give_time(self, session: Session, record: AssessmentRecord, due: date) -> date:
        """The day until which the municipality has time now."""
        if due < day_of(self.clock()):
            raise Invalid(f"{due} is over: give the municipality some days")
        last = _last_day(record, due)
        session.execute(update(Assessment).where(Assessment.id == record.id).values(due=last))
        return last


def left(frozen: SubmissionRecord, decided: Mapping[str, DecisionRecord]) -> tuple[list[str], list[str]]:
    """What stands between a submission and its approval: answers not decided, and answers that go back."""
    asked = frozen.content["applicable"]
    missing = [question for question in asked if question not in decided]
    return missing, [one for one in asked if one in decided and decided[one].verdict is Verdict.RETURN]


def _last_day(record: AssessmentRecord, due: date) -> date:
    """Nobody loses days by a return; after a round was closed, it is the day that is given."""
    return max(due, record.due) if record.round.closed_at is None else due


def _beside_the_appeal(said: Iterable[Ruling], record: AssessmentRecord) -> list[Problem]:
    asked = appealed(record)
    return [
        Problem("the municipality has not appealed against this", "decide what it asks", column=one.question)
        for one in said
        if one.question not in asked
    ]


def appealed(record: AssessmentRecord) -> Mapping[str, str]:
    """The questions of the newest appeal, with the reason that the municipality gave for each."""
    appeals = [one for one in record.events if one.deed is Deed.APPEALED]
    found: Mapping[str, str] = appeals[-1].detail["reasons"] if appeals else {}
    return found


def _require_other_eyes(before: Iterable[DecisionRecord], part: Part, by: int) -> None:
    others = {"first": ("second",), "second": ("first",), "appeal": ("first", "second")}[part]
    if any(one.part in others and one.by == by for one in before):
        raise Forbidden("a second review, and an appeal, are by another person than the first")


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
        row.looked_at = ruling.looked_at.strip()
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
