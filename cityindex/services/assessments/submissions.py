"""Submitting: what the approver confirms is frozen with its hash, gaps and all, and goes to the reviewers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cityindex.assessment import completeness
from cityindex.assessment.difference import changed
from cityindex.assessment.workflow import Deed, Event, Verdict
from cityindex.database import writing
from cityindex.definitions.fingerprint import canonical_json, sha256
from cityindex.errors import Conflict
from cityindex.models import Decision, Submission, now
from cityindex.queries.assessments.answers import (
    AnswerRecord,
    DecisionRecord,
    answers_of,
    decisions_of,
    in_force,
    submission,
    values_of,
)
from cityindex.queries.assessments.evidence import EvidenceRecord, evidence_of
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord
from cityindex.services.assessments.assessments import answerable, happened, locked

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.assessment.completeness import Completeness

Evidence = Mapping[str, tuple[EvidenceRecord, ...]]


@dataclass(frozen=True)
class Draft:
    """What would be submitted now. `seal` names exactly this: submitting what has changed since is refused."""

    record: AssessmentRecord
    answers: Mapping[str, AnswerRecord]
    evidence: Evidence
    completeness: Completeness

    @property
    def seal(self) -> str:
        saved = sorted((question, one.revision) for question, one in self.answers.items())
        shown = sorted(
            (one.id, one.name, one.note, str(one.dated), str(one.valid_until))
            for some in self.evidence.values()
            for one in some
        )
        return hashlib.sha256(repr((self.record.id, saved, shown)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the municipality holds in its hand: the number, moment and hash of what it submitted."""

    assessment: int
    number: int
    sha256: str
    at: datetime


class Submissions:
    """The use case of the approver of a place."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def submit(self, assessment_id: int, seal: str, by: int) -> Receipt:
        """Freeze and hand in what `seal` names. Unanswered questions and missing evidence never block it.

        `NotAnswerable`; `Conflict` where answers or evidence have changed since the approver looked.
        """
        with self.sessions() as session:
            moment = self.clock()
            locked(writing(session), assessment_id)
            record = answerable(session, assessment_id, moment)
            draft = draft_of(session, record)
            if draft.seal != seal:
                raise Conflict("answers or evidence have changed since you looked: look at them and submit again")
            number = record.standing.submission + 1
            content = canonical_json(frozen(draft, number))
            row = Submission(assessment_id=record.id, number=number, content=content, sha256=sha256(content))
            row.account_id, row.at = by, moment
            detail = {"number": number, "sha256": row.sha256, **_gaps(draft.completeness)}
            happened(session, record, Event(Deed.SUBMITTED, moment, by, detail))
            session.add(row)
            session.flush()
            _keep_decisions(session, record, row)
            session.commit()
            return Receipt(record.id, number, row.sha256, moment)


def _keep_decisions(session: Session, record: AssessmentRecord, row: Submission) -> None:
    """What was decided on answers that have not changed since stays decided, by whom and when it was."""
    if row.number == 1:
        return
    before = submission(session, record.id, row.number - 1)
    moved = changed(before.content, json.loads(row.content))
    decided = in_force(decisions_of(session, before.id))
    kept = [one for one in decided.values() if one.verdict is not Verdict.RETURN and one.question not in moved]
    asked = set(json.loads(row.content)["applicable"])
    session.add_all(_kept(one, row.id) for one in kept if one.question in asked)


def _kept(one: DecisionRecord, submission_id: int) -> Decision:
    value = None if one.value is None else json.dumps(one.value, ensure_ascii=False)
    row = Decision(submission_id=submission_id, question=one.question, part="first", verdict=one.verdict, value=value)
    row.reason, row.looked_at, row.account_id, row.at = one.reason, one.looked_at, one.by, one.at
    return row


def draft_of(session: Session, record: AssessmentRecord) -> Draft:
    """The answers and evidence as they are now, and how complete they are."""
    answers, evidence = answers_of(session, record.id), evidence_of(session, record.id)
    counts = {question: len(some) for question, some in evidence.items()}
    later = [question for question, one in answers.items() if one.later]
    asked = instrument(session, record.round.definition).questionnaire
    whole = completeness.of(asked, values_of(answers), counts, record.place.place_type, later)
    return Draft(record, answers, evidence, whole)


def frozen(draft: Draft, number: int) -> dict[str, Any]:
    """The content of a submission: answers that count, their evidence, and what is missing; plain values only."""
    asked = draft.completeness.questions
    return {
        "assessment": draft.record.id,
        "number": number,
        "place": draft.record.place.code,
        "place_type": draft.record.place.place_type,
        "questionnaire": draft.record.round.questionnaire,
        "version": draft.record.round.version,
        "definition": draft.record.round.definition,
        "period": draft.record.round.period,
        "applicable": list(asked),
        "answers": {code: _answer(draft.answers.get(code)) for code in asked},
        "evidence": {code: [_evidence(one) for one in draft.evidence.get(code, ())] for code in asked},
        **_gaps(draft.completeness),
    }


def _answer(saved: AnswerRecord | None) -> dict[str, Any]:
    if saved is None:
        return {"value": None, "note": "", "carried": None, "revision": 0}
    return {"value": saved.value, "note": saved.note, "carried": saved.carried, "revision": saved.revision}


def _evidence(one: EvidenceRecord) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in ("id", "kind", "name", "note", "sha256", "url")}
    days = {name: getattr(one, name) for name in ("dated", "valid_until")}
    return {**plain, **{name: day.isoformat() if day else None for name, day in days.items()}}


def _gaps(whole: Completeness) -> dict[str, list[str]]:
    return {"unanswered": list(whole.open_questions), "without_evidence": list(whole.unproven_questions)}
