"""Assessments in pages: the published ones for everybody, and those of a reach in every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import Deed, State
from cityindex.models import Assessment, AssessmentEvent, Place, Round
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments
from cityindex.queries.runs.standing_runs import standing_runs

NOWHERE = Reach()
PORTION = 500
"""Assessments whose events are read at once."""


@dataclass(frozen=True, slots=True)
class AssessmentWish:
    """Which assessments. `reach` are the places of which every state may be known."""

    questionnaire: str | None = None
    programme: str | None = None
    round: int | None = None
    period: int | None = None
    place_ids: tuple[int, ...] | None = None
    state: State | None = None
    reach: Reach = NOWHERE


def assessment_page(
    session: Session, wish: AssessmentWish, after: int, limit: int
) -> tuple[tuple[AssessmentRecord, ...], int | None]:
    """Assessments whose number comes after `after`, by number; and after which one the next page begins, if any."""
    found = tuple(islice(_wanted(session, wish, after), limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _wanted(session: Session, wish: AssessmentWish, after: int) -> Iterator[AssessmentRecord]:
    public = frozenset(one.record.id for one in standing_runs(session))
    while ids := session.scalars(_ids(wish, after)).all():
        for one in sorted(assessments(session, Assessment.id.in_(ids)), key=lambda one: one.id):
            published = one.standing.state is State.PUBLISHED and one.standing.run in public
            if (published or wish.reach.covers(one.place)) and wish.state in (None, one.standing.state):
                yield one
        after = ids[-1]


def _ids(wish: AssessmentWish, after: int) -> Select[int]:
    query = select(Assessment.id).join(Round, Round.id == Assessment.round_id)
    query = query.join(Place, Place.id == Assessment.place_id).where(Assessment.id > after)
    for column, value in (
        (Round.questionnaire, wish.questionnaire),
        (Round.programme, wish.programme),
        (Round.id, wish.round),
        (Round.period, wish.period),
    ):
        query = query if value is None else query.where(column == value)
    if wish.place_ids is not None:
        query = query.where(Assessment.place_id.in_(wish.place_ids))
    published = select(AssessmentEvent.assessment_id).where(AssessmentEvent.deed == Deed.PUBLISHED)
    known = Assessment.id.in_(published)
    query = query.where(or_(known, wish.reach.condition()) if wish.reach else known)
    return query.order_by(Assessment.id).limit(PORTION)
