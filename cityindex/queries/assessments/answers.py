"""Answers of an assessment, what was submitted of them, and what reviewers decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import Verdict
from cityindex.errors import NotFound
from cityindex.models import Answer, AnswerChange, AssessmentComment, Decision, Submission


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """A save of an answer; `value` is None where the question is not answered."""

    question: str
    revision: int
    value: Any
    note: str
    carried: str | None
    later: bool
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SubmissionRecord:
    """What was submitted: `content` as `services.submissions` froze it, `sha256` of its canonical text."""

    id: int
    assessment: int
    number: int
    content: Mapping[str, Any]
    sha256: str
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision on one answer of a submission; `value` is the value as verified, `looked_at` an address."""

    question: str
    part: str
    verdict: Verdict
    value: Any
    reason: str
    by: int | None
    at: datetime
    looked_at: str = ""


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """Words beside a question (None: about the whole). `audience`: `municipality`, `reviewers` or `all`."""

    question: str | None
    audience: str
    text: str
    by: int
    at: datetime


_ANSWER = ("question", "revision", "value", "note", "carried", "later", "account_id", "at")


def answers_of(session: Session, assessment_id: int) -> Mapping[str, AnswerRecord]:
    """The newest answers, by question."""
    columns = [getattr(Answer, name) for name in _ANSWER]
    rows = session.execute(select(*columns).where(Answer.assessment_id == assessment_id))
    return {row[0]: _answer(row) for row in rows}


def values_of(answers: Mapping[str, AnswerRecord]) -> Mapping[str, Any]:
    """What is answered, by question, as the questionnaire's path and completeness take it."""
    return {question: one.value for question, one in answers.items() if one.value is not None}


def changes_of(session: Session, assessment_id: int, question: str | None = None) -> tuple[AnswerRecord, ...]:
    """Every save (of one question), the newest first."""
    columns = [getattr(AnswerChange, name) for name in _ANSWER]
    query = select(*columns).where(AnswerChange.assessment_id == assessment_id).order_by(AnswerChange.id.desc())
    rows = session.execute(query if question is None else query.where(AnswerChange.question == question))
    return tuple(_answer(row) for row in rows)


def submission(session: Session, assessment_id: int, number: int) -> SubmissionRecord:
    """One submission of an assessment. Raises `NotFound`."""
    where = (Submission.assessment_id == assessment_id, Submission.number == number)
    found = session.scalar(select(Submission).where(*where))
    if found is None:
        raise NotFound(f"assessment {assessment_id} has no submission {number}")
    content = json.loads(found.content)
    return SubmissionRecord(found.id, assessment_id, number, content, found.sha256, found.account_id, found.at)


def decisions_of(session: Session, submission_id: int) -> tuple[DecisionRecord, ...]:
    """Every decision on a submission, in order."""
    query = select(Decision).where(Decision.submission_id == submission_id).order_by(Decision.id)
    return tuple(map(_decision, session.scalars(query)))


def in_force(decisions: tuple[DecisionRecord, ...]) -> Mapping[str, DecisionRecord]:
    """The decision that holds for each question: of an appeal, else the newest of the first review."""
    first = {one.question: one for one in decisions if one.part == "first"}
    return {**first, **{one.question: one for one in decisions if one.part == "appeal"}}


def comments_of(session: Session, assessment_id: int) -> tuple[CommentRecord, ...]:
    """All comments, in order; pages show those of the reader's audience."""
    where = AssessmentComment.assessment_id == assessment_id
    found = session.scalars(select(AssessmentComment).where(where).order_by(AssessmentComment.id))
    return tuple(CommentRecord(one.question, one.audience, one.text, one.account_id, one.at) for one in found)


def _decision(row: Decision) -> DecisionRecord:
    said = (row.question, row.part, Verdict(row.verdict), _value(row.value), row.reason)
    return DecisionRecord(*said, row.account_id, row.at, row.looked_at)


def _answer(row: Any) -> AnswerRecord:
    question, revision, value, *rest = row
    return AnswerRecord(question, revision, _value(value), *rest)


def _value(text: str | None) -> Any:
    value = None if text is None else json.loads(text)
    return tuple(value) if isinstance(value, list) else value
