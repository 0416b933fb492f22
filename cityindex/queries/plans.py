"""The improvement plan of a place, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import State
from cityindex.errors import NotFound
from cityindex.models import Assessment, ImprovementAction, Round
from cityindex.queries.answers import answers_of, decisions_of, in_force, submission, values_of
from cityindex.queries.rounds import AssessmentRecord, assessments

FINAL = (State.APPROVED, State.PUBLISHED)


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One line of a plan. `fiscal_year` is the common-era year in which it ends; `budget` is in baht."""

    id: int
    place: int
    assessment: int | None
    question: str | None
    from_level: int | None
    to_level: int | None
    what: str
    owner: str
    budget: float | None
    fiscal_year: int | None
    plan_reference: str
    status: str
    progress: str
    revision: int
    by: int | None
    changed_at: datetime


def plan_of(session: Session, place_id: int) -> tuple[ActionRecord, ...]:
    """The lines of a place's plan that were not taken out, in the order in which they were added."""
    row = ImprovementAction
    query = select(row).where(row.place_id == place_id, row.removed_at.is_(None)).order_by(row.id)
    return tuple(map(_record, session.scalars(query)))


def plan_by_question(session: Session, place_id: int) -> Mapping[str, tuple[ActionRecord, ...]]:
    """The lines about each question."""
    found: dict[str, list[ActionRecord]] = {}
    for one in plan_of(session, place_id):
        if one.question is not None:
            found.setdefault(one.question, []).append(one)
    return {question: tuple(lines) for question, lines in found.items()}


def action(session: Session, action_id: int) -> ActionRecord:
    """One line. Raises `NotFound`, also for one that was taken out."""
    found = session.get(ImprovementAction, action_id, populate_existing=True)
    if found is None or found.removed_at is not None:
        raise NotFound(f"there is no line {action_id} of a plan")
    return _record(found)


def newest_assessment(session: Session, place_id: int) -> AssessmentRecord | None:
    """The newest assessment of a place with anything in it to plan from; else its newest."""
    newest = select(Assessment.id).join(Round).where(Assessment.place_id == place_id)
    ids = session.scalars(newest.order_by(Round.period.desc(), Assessment.id.desc())).all()
    found: Sequence[AssessmentRecord] = assessments(session, Assessment.id.in_(ids)) if ids else ()
    ordered = sorted(found, key=lambda one: ids.index(one.id))
    approved = next((one for one in ordered if one.standing.approved is not None), None)
    return approved or next(iter(ordered), None)


def present_values(session: Session, record: AssessmentRecord) -> Mapping[str, Any]:
    """The values to plan from: as verified where the assessment is approved, else as the municipality has them now."""
    own = values_of(answers_of(session, record.id))
    if record.standing.state not in FINAL or record.standing.approved is None:
        return own
    frozen = submission(session, record.id, record.standing.approved)
    decided = in_force(decisions_of(session, frozen.id))
    said = {question: one["value"] for question, one in frozen.content["answers"].items()}
    held = {question: decided[question].value if question in decided else value for question, value in said.items()}
    return {question: value for question, value in held.items() if value is not None}


def _record(row: ImprovementAction) -> ActionRecord:
    return ActionRecord(
        row.id, row.place_id, row.assessment_id, row.question, row.from_level, row.to_level, row.what, row.owner,
        row.budget, row.fiscal_year, row.plan_reference, row.status, row.progress, row.revision, row.account_id,
        row.changed_at,
    )  # fmt: skip
