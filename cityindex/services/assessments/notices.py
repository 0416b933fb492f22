"""Letters about assessments: to the people of a place, and to the programme office. Written with the deed itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cityindex.models import Account, RoleGrant
from cityindex.services import letters
from cityindex.services.places.place_names import both_names

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cityindex.definitions.catalogue import Codelist
    from cityindex.queries.assessments.rounds import AssessmentRecord

OF_PLACE = ("editor", "approver")
OFFICE = "programme-officer"
MOST_NAMED = 40
"""How many assessments a letter names; of more it says how many there are."""
MOST_VALUES = 5000
"""Databases limit the number of values of one statement; beyond, everybody who answers for a place is read."""


class Notices:
    """`types` are the place types, for the full names of places. Nobody is written to about a round of demo data."""

    def __init__(self, types: Codelist) -> None:
        self.types = types

    def to_place(self, session: Session, record: AssessmentRecord, kind: str, at: datetime, **more: Any) -> None:
        """Write to everybody who answers for the place of an assessment."""
        people = {} if record.round.demo else holders_of(session, [record.place.id])
        for account in people.get(record.place.id, ()):
            letters.write(session, account, kind, at, **{**self.told(record), **more})

    def to_places(
        self, session: Session, records: Iterable[AssessmentRecord], kind: str, at: datetime, **more: Any
    ) -> None:
        """Write to everybody who answers for one of these: one letter a person, about all his places."""
        found = [one for one in records if not one.round.demo]
        people = holders_of(session, {one.place.id for one in found})
        for account, own in by_person(found, people).items():
            letters.write(session, account, kind, at, assessments=[self.told(one) for one in own], **more)

    def to_office(self, session: Session, record: AssessmentRecord, kind: str, at: datetime, **more: Any) -> None:
        """Write to the programme office."""
        for account in () if record.round.demo else _office(session):
            letters.write(session, account, kind, at, **{**self.told(record), **more})

    def to_reviewer(
        self, session: Session, account: int, records: Iterable[AssessmentRecord], kind: str, at: datetime, **more: Any
    ) -> None:
        """Write to a reviewer: one letter about all of these."""
        own = [one for one in records if not one.round.demo]
        if own:
            told = [self.told(one, one.round.review_deadline) for one in first_due(own)]
            letters.write(session, account, kind, at, assessments=told, more=len(own) - len(told), **more)

    def told(self, record: AssessmentRecord, due: date | None = None) -> dict[str, Any]:
        """What a letter says of an assessment. `due`: another day than the one stored, as an extension gives it."""
        names = both_names(record.place, self.types)
        return {**names, "assessment": record.id, "due": due or record.due}


def first_due(own: Iterable[AssessmentRecord]) -> list[AssessmentRecord]:
    """Those that a letter names: the ones that are due first."""
    return sorted(own, key=lambda one: (one.due, one.id))[:MOST_NAMED]


def holders_of(session: Session, places: Collection[int]) -> Mapping[int, tuple[int, ...]]:
    """Who answers for each of some places now, by the row of the place."""
    query = (
        select(RoleGrant.place_id, RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role.in_(OF_PLACE), RoleGrant.ended_at.is_(None), Account.closed_at.is_(None))
        .where(RoleGrant.place_id.in_(places) if len(places) < MOST_VALUES else RoleGrant.place_id.is_not(None))
        .order_by(RoleGrant.id)
    )
    found: dict[int, dict[int, None]] = {}
    for place, account in session.execute(query):
        found.setdefault(place or 0, {})[account] = None
    return {place: tuple(accounts) for place, accounts in found.items()}


def by_person(
    records: Iterable[AssessmentRecord], people: Mapping[int, Iterable[int]]
) -> Mapping[int, list[AssessmentRecord]]:
    """Assessments by the account of those who answer for their places."""
    found: dict[int, list[AssessmentRecord]] = {}
    for one in records:
        for account in people.get(one.place.id, ()):
            found.setdefault(account, []).append(one)
    return found


def _office(session: Session) -> list[int]:
    held = (RoleGrant.role == OFFICE, RoleGrant.ended_at.is_(None), Account.closed_at.is_(None))
    query = select(RoleGrant.account_id).join(Account, Account.id == RoleGrant.account_id).where(*held).distinct()
    return list(session.scalars(query.order_by(RoleGrant.account_id)))
