"""What a municipality does with its assessment: answer, comment, appeal. Submitting is in `submissions`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from cityindex.assessment import answers as reading
from cityindex.assessment.workflow import Deed, Event, after, require
from cityindex.calendars import day_of
from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, Problem
from cityindex.models import Answer, AnswerChange, Assessment, AssessmentComment, AssessmentEvent, now
from cityindex.queries.assessments.answers import AnswerRecord, answers_of, submission
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.assessment.questionnaire import Question
    from cityindex.services.assessments.notices import Notices

UNCONFIRMED, STILL_TRUE, CHANGED = "unconfirmed", "still-true", "changed"
LONGEST_COMMENT = 4000
LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as a form or a script sends it. `seen` is the revision that whoever answers had before him.

    `still_true`: the answer of the round before is confirmed as it is; `value` is not looked at then.
    """

    question: str
    value: Any = None
    note: str = ""
    later: bool = False
    seen: int = 0
    still_true: bool = False


class StaleAnswer(Conflict):
    """Somebody else has answered since: `theirs` is what is stored, `yours` what was sent. Neither is lost."""

    def __init__(self, yours: GivenAnswer, theirs: AnswerRecord) -> None:
        super().__init__(f"{yours.question} was answered by somebody else in the meantime: look at both answers")
        self.yours, self.theirs = yours, theirs


class WrongAnswer(Invalid):
    """An answer that the question does not take; `problem.why` lets a page say it in the reader's words."""

    def __init__(self, question: str, problem: Problem) -> None:
        super().__init__(f"{question}: {problem}", [problem])
        self.question, self.problem = question, problem


class NotAnswerable(Conflict):
    """The assessment takes no answers now: it is with somebody else, its time is over, or its round is closed."""


class Assessments:
    """Use cases of those who answer for a place. Who may is asked by whoever calls."""

    def __init__(
        self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now, notices: Notices | None = None
    ) -> None:
        self.sessions = sessions
        self.clock = clock
        self.notices = notices

    def save(self, assessment_id: int, given: GivenAnswer, by: int) -> AnswerRecord:
        """Store one answer, and every save of it.

        `NotFound`, `NotAnswerable`, `WrongAnswer`; `StaleAnswer` where somebody else saved another one since.
        An answer to a question that does not apply is kept, and has no effect for as long as it does not.
        """
        with self.sessions() as session:
            record = answerable(writing(session), assessment_id, self.clock())
            question = instrument(session, record.round.definition).questionnaire.question(given.question)
            stored = answers_of(session, assessment_id).get(given.question)
            value = _read(question, given, stored)
            if stored is not None and _same(stored, given, value):  # sent twice, by an impatient thumb or a bad line
                return stored
            if given.seen != (stored.revision if stored else 0):
                raise StaleAnswer(given, _required(stored))
            saved = self._next(given, value, stored, by)
            _store(session, assessment_id, saved, given)
            session.commit()
            return saved

    def comment(self, assessment_id: int, text: str, audience: str, by: int, question: str | None = None) -> None:
        """Write beside a question, or about the whole. `audience`: `municipality`, `reviewers` or `all`."""
        words = text.strip()
        if not words or len(words) > LONGEST_COMMENT:
            raise Invalid(f"write something, of {LONGEST_COMMENT:,} characters at most")
        with self.sessions() as session:
            record = assessment(writing(session), assessment_id)
            if question is not None:
                instrument(session, record.round.definition).questionnaire.question(question)
            said = {"assessment_id": assessment_id, "question": question, "audience": audience, "text": words}
            if not _just_said(session, said, by):  # sent twice
                session.add(AssessmentComment(**said, account_id=by, at=self.clock()))
            session.commit()

    def appeal(self, assessment_id: int, reasons: Mapping[str, str], by: int) -> None:
        """Appeal against decisions on some questions, each with its reason, while the clock runs. `Conflict`."""
        given = {question: reason.strip() for question, reason in reasons.items() if reason.strip()}
        if not given:
            raise Invalid("say for which question you appeal, and why")
        with self.sessions() as session:
            record = locked(writing(session), assessment_id)
            require(record.standing, Deed.APPEALED)
            _require_in_time(record, self.clock())
            frozen = submission(session, assessment_id, record.standing.submission)
            unknown = sorted(given.keys() - frozen.content["answers"].keys())
            if unknown:
                raise Invalid(f"these questions were not part of what was decided: {', '.join(unknown)}")
            happened(session, record, Event(Deed.APPEALED, self.clock(), by, {"reasons": given}))
            if self.notices is not None:
                until = day_of(self.clock()) + timedelta(days=record.round.appeal_days)
                self.notices.to_office(session, record, "appealed", self.clock(), count=len(given), until=until)
            session.commit()

    def _next(self, given: GivenAnswer, value: Any, stored: AnswerRecord | None, by: int) -> AnswerRecord:
        carried = None
        if stored is not None and stored.carried is not None:
            carried = STILL_TRUE if given.still_true or value == stored.value else CHANGED
        note = _note(given, stored)
        revision = (stored.revision if stored else 0) + 1
        return AnswerRecord(given.question, revision, value, note, carried, given.later, by, self.clock())


def answerable(session: Session, assessment_id: int, moment: datetime) -> AssessmentRecord:
    """The assessment, where its municipality may write now; otherwise `NotAnswerable` says why not.

    Several may answer at once, but nobody submits while one is writing.
    """
    record = locked(session, assessment_id, shared=True)
    if not record.standing.answerable:
        raise NotAnswerable(f"this assessment is {record.standing.state}: it takes no answers now")
    if record.answerable(day_of(moment)):
        return record
    if record.round.closed_at is not None:
        raise NotAnswerable("this round is closed: the programme office can extend it for one municipality")
    raise NotAnswerable(f"the time for answering ended on {record.due}: the programme office can extend it")


def locked(session: Session, assessment_id: int, shared: bool = False) -> AssessmentRecord:
    """The assessment, with nobody else moving it until the transaction ends."""
    if not is_sqlite(session):
        session.execute(select(Assessment.id).where(Assessment.id == assessment_id).with_for_update(read=shared))
    return assessment(session, assessment_id)


def happened(session: Session, record: AssessmentRecord, event: Event) -> None:
    """Add an event, where it is possible now. Raises `Conflict`."""
    after(record.standing, event)
    detail = json.dumps(dict(event.detail), ensure_ascii=False, default=str)
    row = AssessmentEvent(assessment_id=record.id, deed=event.deed, at=event.at, account_id=event.by, detail=detail)
    session.add(row)


def _read(question: Question, given: GivenAnswer, stored: AnswerRecord | None) -> Any:
    if len(given.note) > LONGEST_NOTE:
        raise WrongAnswer(given.question, Problem(f"the note is longer than {LONGEST_NOTE:,} characters", "shorten it"))
    if given.still_true:
        if stored is None or stored.carried is None:
            raise Invalid(f"{given.question} has no answer of the round before that could still be true")
        return stored.value
    value = reading.check(question, given.value)
    if isinstance(value, Problem):
        raise WrongAnswer(given.question, value)
    return value


def _same(stored: AnswerRecord, given: GivenAnswer, value: Any) -> bool:
    if stored.carried == UNCONFIRMED:
        return False
    return value == stored.value and _note(given, stored) == stored.note and given.later == stored.later


def _note(given: GivenAnswer, stored: AnswerRecord | None) -> str:
    """Whoever only says that an answer is still true leaves the note as it was, unless he writes another."""
    said = given.note.strip()
    return stored.note if given.still_true and stored is not None and not said else said


def _just_said(session: Session, said: Mapping[str, Any], by: int) -> bool:
    """Whether the last words in an assessment are these."""
    of_all = select(AssessmentComment).where(AssessmentComment.assessment_id == said["assessment_id"])
    last = session.scalar(of_all.order_by(AssessmentComment.id.desc()).limit(1))
    return last is not None and last.account_id == by and all(getattr(last, name) == said[name] for name in said)


def _required(stored: AnswerRecord | None) -> AnswerRecord:
    if stored is None:
        raise Conflict("this answer was never saved here: load the page again")
    return stored


def _store(session: Session, assessment_id: int, saved: AnswerRecord, given: GivenAnswer) -> None:
    value = None if saved.value is None else json.dumps(saved.value, ensure_ascii=False)
    row = {
        "revision": saved.revision, "value": value, "note": saved.note, "carried": saved.carried,
        "later": saved.later, "account_id": saved.by, "at": saved.at,
    }  # fmt: skip
    key = {"assessment_id": assessment_id, "question": saved.question}
    try:
        # The unique (assessment, question, revision) decides between two that save at the same moment.
        session.execute(insert(AnswerChange).values(**key, **row))
    except IntegrityError:
        session.rollback()
        raise StaleAnswer(given, answers_of(session, assessment_id)[saved.question]) from None
    if saved.revision == 1:
        session.execute(insert(Answer).values(**key, **row))
        return
    same = (Answer.assessment_id == assessment_id, Answer.question == saved.question)
    session.execute(update(Answer).where(*same).values(**row))


def _require_in_time(record: AssessmentRecord, moment: datetime) -> None:
    approved = record.standing.approved_at
    last = None if approved is None else day_of(approved) + timedelta(days=record.round.appeal_days)
    if last is not None and day_of(moment) > last:
        raise Conflict(f"the time for an appeal ended on {last}")
