"""The last words of a round, put into the next one: every answer and its evidence wait to be confirmed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cityindex.assessment import answers as reading
from cityindex.assessment.questionnaire import Questionnaire
from cityindex.errors import Problem
from cityindex.models import Answer, AnswerChange, Assessment, Evidence
from cityindex.queries.assessments.rounds import RoundRecord, round_before
from cityindex.queries.assessments.verified import last_words
from cityindex.services.assessments.assessments import UNCONFIRMED


def carry_over(session: Session, record: RoundRecord, asked: Questionnaire, moment: datetime) -> int:
    """Fill a round that was just opened from the one before; how many answers wait to be confirmed.

    An answer that the new version of its question no longer takes is left behind.
    """
    before = round_before(session, record)
    if before is None:
        return 0
    query = select(Assessment.place_id, Assessment.id).where(Assessment.round_id == record.id)
    here = {place: one for place, one in session.execute(query)}
    words = {place: said for place, said in last_words(session, before.id).items() if place in here}
    count = 0
    for rows in _portions(
        row for place, (_, said) in words.items() for row in _answers(here[place], said, asked, moment)
    ):
        session.execute(insert(Answer), rows)
        session.execute(insert(AnswerChange), rows)
        count += len(rows)
    questions = {question.code for question in asked.questions}
    _carry_evidence(session, before.id, {earlier: here[place] for place, (earlier, _) in words.items()}, questions)
    return count


def _answers(
    assessment_id: int, said: Mapping[str, tuple[Any, str]], asked: Questionnaire, moment: datetime
) -> Iterator[dict[str, Any]]:
    for question in asked.questions:
        value = reading.check(question, said.get(question.code, (None, ""))[0])
        if value is None or isinstance(value, Problem):
            continue
        yield {
            "assessment_id": assessment_id, "question": question.code, "revision": 1,
            "value": json.dumps(value, ensure_ascii=False), "note": said[question.code][1], "carried": UNCONFIRMED,
            "later": False, "account_id": None, "at": moment,
        }  # fmt: skip


def _carry_evidence(session: Session, before: int, to: Mapping[int, int], questions: Collection[str]) -> None:
    """Show the evidence of the round before in the new assessments (row to row). Files are not copied."""
    kept = ("question", "kind", "sha256", "url", "name", "note", "dated", "valid_until", "uploaded_at", "uploaded_by")
    columns = [getattr(Evidence, name) for name in kept]
    earlier = (
        select(Evidence.assessment_id, Evidence.id.label("carried_from"), *columns)
        .join(Assessment, Assessment.id == Evidence.assessment_id)
        .where(Evidence.removed_at.is_(None), Assessment.round_id == before)
    )
    found = session.execute(earlier).mappings().all()
    rows = (
        {**one, "assessment_id": to[one["assessment_id"]]}
        for one in found
        if one["question"] in questions and one["assessment_id"] in to
    )
    for some in _portions(rows):
        session.execute(insert(Evidence), some)


def _portions(rows: Iterator[dict[str, Any]], size: int = 10_000) -> Iterator[list[dict[str, Any]]]:
    """A round of the whole country has hundreds of thousands of answers: they are not all held at once."""
    while some := list(islice(rows, size)):
        yield some
