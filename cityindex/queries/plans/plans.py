"""The improvement plan of a place, read: its lines, what they said before, and whether everybody may read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cityindex.assessment.path import held
from cityindex.assessment.workflow import State
from cityindex.errors import NotFound
from cityindex.models import ActionRevision, Assessment, ImprovementAction, PlanOpening, Round
from cityindex.queries.assessments.answers import answers_of, decisions_of, in_force, submission, values_of
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments

FINAL = (State.APPROVED, State.PUBLISHED)


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One line of a plan. `fiscal_year` is the common-era year in which it ends.

    `budgets` pairs a fiscal year with baht, 0 standing for no year; `target` is the number of a target, in force or
    not; `strategy` are codes with blanks between them.
    """

    id: int
    place: int
    assessment: int | None
    question: str | None
    from_level: int | None
    to_level: int | None
    what: str
    owner: str
    programme: str
    budgets: tuple[tuple[int, float], ...]
    fiscal_year: int | None
    plan_reference: str
    status: str
    progress: str
    objective: str
    output: str
    outcome: str
    indicator: str
    target: int | None
    strategy: str
    evidence: str
    revision: int
    by: int | None
    changed_at: datetime

    @property
    def total(self) -> float | None:
        """Baht of all years; None where nothing is said."""
        return sum(baht for _, baht in self.budgets) if self.budgets else None


@dataclass(frozen=True, slots=True)
class Said:
    """What a line said in one of its revisions, by whom and when; `content` as the service has written it."""

    action: int
    revision: int
    content: Mapping[str, Any]
    by: int | None
    at: datetime


def plan_of(session: Session, place_id: int) -> tuple[ActionRecord, ...]:
    """The lines of a place's plan that were not taken out, in the order in which they were added."""
    row = ImprovementAction
    query = select(row).where(row.place_id == place_id, row.removed_at.is_(None)).order_by(row.id)
    return tuple(map(record_of, session.scalars(query)))


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
    return record_of(found)


def taken_out(session: Session, place_id: int) -> tuple[ActionRecord, ...]:
    """The lines that were taken out of a plan; `by` and `changed_at` say by whom and when."""
    row = ImprovementAction
    query = select(row).where(row.place_id == place_id, row.removed_at.is_not(None)).order_by(row.id)
    return tuple(map(record_of, session.scalars(query)))


def earlier(session: Session, actions: Iterable[int]) -> Mapping[int, tuple[Said, ...]]:
    """What some lines said before, by line, the newest first; nothing for a line that was never changed."""
    row = ActionRevision
    query = select(row).where(row.action_id.in_(list(actions))).order_by(row.action_id, row.revision.desc())
    found: dict[int, list[Said]] = {}
    for one in session.scalars(query):
        said = Said(one.action_id, one.revision, json.loads(one.content), one.account_id, one.at)
        found.setdefault(one.action_id, []).append(said)
    return {number: tuple(some) for number, some in found.items()}


def is_shown(session: Session, place_id: int) -> bool:
    """Whether the place shows its plan to everybody."""
    return bool(session.scalar(_newest_word(place_id)))


def shown_plan(session: Session, place_id: int) -> tuple[ActionRecord, ...]:
    """The lines of a plan that the place shows to everybody; none where it does not. One question to the database."""
    row = ImprovementAction
    shown = _newest_word(place_id).scalar_subquery()
    query = select(row).where(row.place_id == place_id, row.removed_at.is_(None), shown).order_by(row.id)
    return tuple(map(record_of, session.scalars(query)))


def _newest_word(place_id: int) -> Select[bool]:
    return select(PlanOpening.shown).where(PlanOpening.place_id == place_id).order_by(PlanOpening.id.desc()).limit(1)


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
    ruled = {question: one.value for question, one in decided.items()}
    asked = instrument(session, record.round.definition).questionnaire
    values = held(asked, said, ruled, frozen.content["place_type"])
    return {question: value for question, value in values.items() if value is not None}


def record_of(row: ImprovementAction) -> ActionRecord:
    """A line as it stands in its table."""
    money = tuple(sorted((int(year), float(baht)) for year, baht in json.loads(row.budgets).items()))
    return ActionRecord(
        row.id, row.place_id, row.assessment_id, row.question, row.from_level, row.to_level, row.what, row.owner,
        row.programme, money, row.fiscal_year, row.plan_reference, row.status, row.progress, row.objective,
        row.output, row.outcome, row.indicator or "", row.target_id, row.strategy, row.evidence, row.revision,
        row.account_id, row.changed_at,
    )  # fmt: skip
