"""What waits for somebody: assessments by where they stand and how far a person's permission reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import Deed
from cityindex.models import Account, Assessment, AssessmentEvent, Place, ReviewAssignment, RoleGrant, Round
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments

STANDS_STILL = (Deed.EXTENDED, Deed.ASSIGNED)
"""Deeds that leave an assessment where it is."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Assessments whose last move was the same: how many, and the first of them, longest waiting first."""

    count: int
    first: tuple[AssessmentRecord, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever reviews, or holds a role for a place; the name may be empty."""

    account: int
    name: str
    since: datetime


def of_places(session: Session, reach: Reach, most: int = 20) -> tuple[AssessmentRecord, ...]:
    """The newest assessments of the places that a permission reaches; for people of few places."""
    newest = select(Assessment.id).join(Place, Place.id == Assessment.place_id).where(reach.condition())
    ids = session.scalars(newest.join(Round).order_by(Round.period.desc(), Place.name_sort).limit(most)).all()
    found = assessments(session, Assessment.id.in_(ids))
    return tuple(sorted(found, key=lambda one: -one.round.period))


def last_moved_by(session: Session, deeds: Iterable[Deed], reach: Reach, most: int = 20) -> Waiting:
    """Assessments in reach whose last move was one of `deeds`."""
    return _waiting(session, [AssessmentEvent.deed.in_(list(deeds)), reach.condition()], most)


def assigned(session: Session, account: int, most: int = 20) -> Waiting:
    """Submitted assessments that a list gives to a reviewer."""
    mine = select(ReviewAssignment.assessment_id).where(
        ReviewAssignment.account_id == account, ReviewAssignment.ended_at.is_(None)
    )
    return _waiting(session, [AssessmentEvent.deed == Deed.SUBMITTED, Assessment.id.in_(mine)], most)


def reviewers_of(session: Session, assessment_id: int) -> tuple[Person, ...]:
    """Who reviews an assessment now, where a list says so."""
    query = (
        select(Account.id, Account.name, ReviewAssignment.assigned_at)
        .join(ReviewAssignment, ReviewAssignment.account_id == Account.id)
        .where(ReviewAssignment.assessment_id == assessment_id, ReviewAssignment.ended_at.is_(None))
        .where(ReviewAssignment.part == "first")
        .order_by(ReviewAssignment.id)
    )
    return tuple(Person(*row) for row in session.execute(query))


def holders(session: Session, role: str, place_id: int) -> tuple[Person, ...]:
    """Who holds a role for a place now."""
    query = (
        select(Account.id, Account.name, RoleGrant.granted_at)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == role, RoleGrant.place_id == place_id, RoleGrant.ended_at.is_(None))
        .where(Account.closed_at.is_(None))
        .order_by(RoleGrant.id)
    )
    return tuple(Person(*row) for row in session.execute(query))


def names_of(session: Session, accounts: Iterable[int | None]) -> Mapping[int, str]:
    """The names of people, by account; of one who was erased, none."""
    wanted = {one for one in accounts if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {account: name for account, name in rows}


def _waiting(session: Session, where: list[ColumnElement[bool]], most: int) -> Waiting:
    moves = AssessmentEvent.deed.not_in(STANDS_STILL)
    last = select(func.max(AssessmentEvent.id)).where(moves).group_by(AssessmentEvent.assessment_id)
    query = (
        select(Assessment.id)
        .join(Place, Place.id == Assessment.place_id)
        .join(AssessmentEvent, AssessmentEvent.assessment_id == Assessment.id)
        .where(AssessmentEvent.id.in_(last), *where)
    )
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = list(session.scalars(query.order_by(AssessmentEvent.at, Assessment.id).limit(most)))
    found = {one.id: one for one in assessments(session, Assessment.id.in_(ids))}
    return Waiting(count, tuple(found[one] for one in ids))
