"""The values of a round: as municipalities gave them, and as reviewers verified them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from cityindex.assessment.path import held
from cityindex.assessment.workflow import State
from cityindex.models import Answer, Decision, Submission
from cityindex.models import Assessment as AssessmentRow
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments

FINAL = (State.APPROVED, State.PUBLISHED)
MOST_NAMED = 5000
"""Databases limit the number of values of one statement."""
Inside = Sequence[ColumnElement[bool]]
"""Conditions on assessments."""


@dataclass(frozen=True, slots=True)
class VerifiedAssessment:
    """An approved assessment: what was claimed, and what holds after review and appeal, by question.

    None stands where there is no value, also where a question does not apply any more after the review.
    """

    record: AssessmentRecord
    claimed: Mapping[str, Any]
    verified: Mapping[str, Any]


def verified(session: Session, round_id: int, places: Sequence[int] = ()) -> tuple[VerifiedAssessment, ...]:
    """Every assessment of a round that is approved or published now; of a few places, where some are named."""
    inside = [AssessmentRow.round_id == round_id]
    if 0 < len(places) < MOST_NAMED:
        inside.append(AssessmentRow.place_id.in_(places))
    final = [one for one in assessments(session, *inside) if one.standing.state in FINAL]
    return _verified(session, inside, final)


def last_words(session: Session, round_id: int) -> Mapping[int, tuple[int, Mapping[str, tuple[Any, str]]]]:
    """What a round leaves to the next, by place: the assessment, and (value, note) by question.

    The municipality's own newest answers; where a reviewer has verified another value, that one.
    """
    query = (
        select(AssessmentRow.place_id, AssessmentRow.id, Answer.question, Answer.value, Answer.note)
        .join(Answer, Answer.assessment_id == AssessmentRow.id)
        .where(AssessmentRow.round_id == round_id, Answer.value.is_not(None))
    )
    found: dict[int, tuple[int, dict[str, tuple[Any, str]]]] = {}
    for place, one, question, value, note in session.execute(query):
        found.setdefault(place, (one, {}))[1][question] = (json.loads(value or "null"), note)
    for done in verified(session, round_id):
        words = found.get(done.record.place.id, (0, {}))[1]
        for question, value in done.verified.items():
            if value is not None and question in words:
                words[question] = (value, words[question][1])
    return found


def _verified(session: Session, inside: Inside, final: list[AssessmentRecord]) -> tuple[VerifiedAssessment, ...]:
    if not final:
        return ()
    contents = _contents(session, inside)
    decided = _decided(session, inside)
    found = []
    for record in final:
        number = record.standing.approved
        row, content = contents[record.id, number or 0]
        claimed = {question: one["value"] for question, one in content["answers"].items()}
        asked = instrument(session, record.round.definition).questionnaire
        found.append(VerifiedAssessment(record, claimed, held(asked, claimed, decided[row], content["place_type"])))
    return tuple(found)


def _contents(session: Session, inside: Inside) -> Mapping[tuple[int, int], tuple[int, Mapping[str, Any]]]:
    query = (
        select(Submission.id, Submission.assessment_id, Submission.number, Submission.content)
        .join(AssessmentRow, AssessmentRow.id == Submission.assessment_id)
        .where(*inside)
    )
    rows = session.execute(query)
    return {(one, number): (row, orjson.loads(content)) for row, one, number, content in rows}


def _decided(session: Session, inside: Inside) -> Mapping[int, dict[str, Any]]:
    """Values in force by submission and question: those of an appeal come after those of the first review."""
    query = (
        select(Decision.submission_id, Decision.question, Decision.part, Decision.value)
        .join(Submission, Submission.id == Decision.submission_id)
        .join(AssessmentRow, AssessmentRow.id == Submission.assessment_id)
        .where(*inside, Decision.part != "second")
        .order_by(Decision.id)
    )
    first: dict[int, dict[str, Any]] = defaultdict(dict)
    appeal: dict[int, dict[str, Any]] = defaultdict(dict)
    read: dict[str, Any] = {}  # a country gives the same few answers over and over
    for row, question, part, value in session.execute(query):
        target = appeal if part == "appeal" else first
        if value is not None and value not in read:
            read[value] = orjson.loads(value)
        target[row][question] = None if value is None else read[value]
    return defaultdict(dict, {row: {**first[row], **appeal[row]} for row in {*first, *appeal}})
