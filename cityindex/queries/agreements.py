"""How far the first and second reviewers of a round agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.agreement import Agreement, Pair, agreement, independent
from cityindex.assessment.workflow import Verdict
from cityindex.models import Assessment, Decision, Submission
from cityindex.queries.answers import DecisionRecord
from cityindex.queries.instruments import instrument
from cityindex.queries.rounds import RoundRecord


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


def _submissions(session: Session, round_id: int) -> list[tuple[Sequence[str], list[DecisionRecord]]]:
    """What was asked and decided in each submission that has a second review."""
    second = select(Decision.submission_id).where(Decision.part == "second")
    query = (
        select(Submission.id, Submission.content, Decision)
        .join(Decision, Decision.submission_id == Submission.id)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(Assessment.round_id == round_id, Submission.id.in_(second), Decision.part != "appeal")
        .order_by(Submission.id, Decision.id)
    )
    found = []
    for _, rows in groupby(session.execute(query), key=lambda row: row[0]):
        own = list(rows)
        found.append((json.loads(own[0][1])["applicable"], [_record(row[2]) for row in own]))
    return found


def _record(row: Decision) -> DecisionRecord:
    value = None if row.value is None else json.loads(row.value)
    return DecisionRecord(
        row.question, row.part, Verdict(row.verdict), value, row.reason, row.account_id, row.at, row.looked_at
    )
