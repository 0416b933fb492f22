"""Where everybody in a round stands, with the people who answer and review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from cityindex.assessment.risk import drawn
from cityindex.assessment.workflow import LEADS_TO, Deed, State
from cityindex.models import Account, Assessment, AssessmentEvent, Identity, RoleGrant
from cityindex.queries.accounts.tasks import STANDS_STILL
from cityindex.queries.assessments.review_queue import assigned
from cityindex.queries.assessments.rounds import AssessmentRecord, RoundRecord, assessments

People = Literal["none", "invited", "there"]
ANSWERS = ("editor", "approver")


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who holds the role of a reviewer; the place is None for the whole site."""

    account: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Line:
    """One place in a round. `people`: whether somebody who answers for it has an account, and has come."""

    record: AssessmentRecord
    people: People
    first: int | None
    second: int | None
    drawn: bool

    @property
    def state(self) -> State:
        return self.record.standing.state

    def overdue(self, today: date) -> bool:
        return self.record.standing.answerable and self.record.due < today


def lines(session: Session, asked: RoundRecord) -> tuple[Line, ...]:
    """Everybody in a round, in the order of names."""
    found = assessments(session, Assessment.round_id == asked.id)
    held = assigned(session, [one.id for one in found])
    people = _people(session)
    return tuple(
        Line(
            one,
            people.get(one.place.id, "none"),
            held.get(one.id, {}).get("first"),
            held.get(one.id, {}).get("second"),
            drawn(asked.id, one.place.id, asked.second_share),
        )
        for one in found
    )


def funnel(states: Iterable[State]) -> Mapping[State, int]:
    """How many are in each state, in the order of the way."""
    counts = Counter(states)
    return {state: counts[state] for state in State}


def funnels(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[State, int]]:
    """The same of several rounds, counted by the last move of each assessment.

    Only what a decided appeal led to is folded: the other deeds lead to one state whatever was before.
    """
    moves = AssessmentEvent.deed.not_in(STANDS_STILL)
    last = select(func.max(AssessmentEvent.id)).where(moves).group_by(AssessmentEvent.assessment_id)
    query = (
        select(Assessment.round_id, AssessmentEvent.deed, func.count())
        .join(AssessmentEvent, AssessmentEvent.assessment_id == Assessment.id)
        .where(AssessmentEvent.id.in_(last), Assessment.round_id.in_(ids))
    )
    found: dict[int, Counter[State]] = {one: Counter() for one in ids}
    for number, deed, count in session.execute(query.group_by(Assessment.round_id, AssessmentEvent.deed)):
        if Deed(deed) in LEADS_TO:
            found[number][LEADS_TO[Deed(deed)]] += count
    decided = select(AssessmentEvent.assessment_id).where(
        AssessmentEvent.id.in_(last), AssessmentEvent.deed == Deed.APPEAL_DECIDED
    )
    for one in assessments(session, Assessment.round_id.in_(ids), Assessment.id.in_(decided)):
        found[one.round.id][one.standing.state] += 1
    return {one: {state: counts[state] for state in State} for one, counts in found.items()}


def reviewers(session: Session) -> tuple[Reviewer, ...]:
    """Everybody who holds the role of a reviewer somewhere."""
    query = (
        select(Account.id, Account.name, Account.email)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == "reviewer", RoleGrant.ended_at.is_(None), Account.closed_at.is_(None))
        .distinct()
        .order_by(Account.name, Account.email)
    )
    return tuple(Reviewer(*row) for row in session.execute(query))


def _people(session: Session) -> Mapping[int, People]:
    """By place; nobody for a place that is not there."""
    linked = exists().where(Identity.account_id == Account.id)
    query = (
        select(RoleGrant.place_id, Account.password_hash.is_not(None) | linked)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role.in_(ANSWERS), RoleGrant.ended_at.is_(None), Account.closed_at.is_(None))
    )
    found: dict[int, People] = {}
    for place, came in session.execute(query):
        if place is not None and found.get(place) != "there":
            found[place] = "there" if came else "invited"
    return found
