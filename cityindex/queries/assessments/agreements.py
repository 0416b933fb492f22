"""How far the first and second reviewers of a round agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.agreement import Agreement, Pair, agreement, independent
from cityindex.assessment.workflow import Verdict
from cityindex.models import Assessment, Decision, Submission
from cityindex.queries.assessments.answers import DecisionRecord
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import RoundRecord


@dataclass(frozen=True, slots=True)
class RoundAgreement:
    """Of a round: over all of it, and by pair of reviewers (accounts, first and second)."""

    whole: Agreement
    pairs: Mapping[tuple[int | None, int | None], Agreement]


def agreement_of(session: Session, asked: RoundRecord) -> RoundAgreement:
    """Percent and weighted kappa over every submission whose second review is complete."""
    questions = instrument(session, asked.definition).questionnaire.questions
    rubrics = frozenset(one.code for one in questions if one.kind == "rubric")
    found: list[Pair] = []
    for applicable, decisions in _submissions(session, asked.id):
        found += independent(decisions, applicable, rubrics)
    by_pair: dict[tuple[int | None, int | None], list[Pair]] = defaultdict(list)
    for pair in found:
        by_pair[pair.first, pair.second].append(pair)
    return RoundAgreement(agreement(found), {who: agreement(some) for who, some in by_pair.items()})


def _submissions(session: Session, round_id: int) -> Iterator[tuple[Sequence[str], list[DecisionRecord]]]:
    """What was asked and decided in each submission that has a second review."""
    second = (
        select(Decision.submission_id)
        .join(Submission, Submission.id == Decision.submission_id)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(Assessment.round_id == round_id, Decision.part == "second")
    )
    contents = select(Submission.id, Submission.content).where(Submission.id.in_(second))
    asked = {row: json.loads(content)["applicable"] for row, content in session.execute(contents)}
    query = (
        select(*(getattr(Decision, name) for name in _COLUMNS))
        .where(Decision.submission_id.in_(second), Decision.part != "appeal")
        .order_by(Decision.submission_id, Decision.id)
    )
    for submission, rows in groupby(session.execute(query), key=lambda row: row[0]):
        yield asked[submission], [_record(row) for row in rows]


_COLUMNS = ("submission_id", "question", "part", "verdict", "value", "account_id", "at")


def _record(row: Any) -> DecisionRecord:
    value = None if row.value is None else json.loads(row.value)
    return DecisionRecord(row.question, row.part, Verdict(row.verdict), value, "", row.account_id, row.at)
