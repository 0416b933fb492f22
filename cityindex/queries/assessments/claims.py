"""What was said before the review: the values that approved assessments claimed for themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import State
from cityindex.models import Assessment, Submission
from cityindex.queries.assessments.rounds import AssessmentRecord


def is_public_under_appeal(record: AssessmentRecord) -> bool:
    """An appeal against what is public leaves it public until it is decided."""
    return record.standing.state is State.APPEALED and record.standing.run is not None


def claims_of(session: Session, round_id: int, records: Sequence[AssessmentRecord]) -> Mapping[int, Mapping[str, Any]]:
    """By place, the value given to each question in the submission that is approved; None where there is none."""
    wanted = {(one.id, one.standing.approved): one.place.id for one in records}
    query = (
        select(Submission.assessment_id, Submission.number, Submission.content)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(Assessment.round_id == round_id)
    )
    return {
        wanted[one, number]: {question: said["value"] for question, said in json.loads(content)["answers"].items()}
        for one, number, content in session.execute(query)
        if (one, number) in wanted
    }
