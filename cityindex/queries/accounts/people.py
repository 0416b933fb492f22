"""Who holds which role, who has not come yet, and which letters wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from cityindex.models import Account, Identity, Letter, Place, RecoveryCode, RoleGrant, SecondFactor
from cityindex.queries.accounts.reach import Reach
from cityindex.thai import fold


@dataclass(frozen=True, slots=True)
class Holder:
    """A role in force. `waits`: the person has no way in yet."""

    grant: int
    account: int
    email: str
    name: str
    role: str
    since: datetime
    waits: bool
    link_expires_at: datetime | None
    place_id: int | None
    place: str | None
    place_type: str | None
    name_th: str | None
    name_en: str | None


@dataclass(frozen=True, slots=True)
class LetterRow:
    id: int
    kind: str
    account: int
    email: str
    written_at: datetime
    next_try_at: datetime | None
    tries: int
    sent_at: datetime | None
    handed_by: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How a person may sign in besides the password."""

    second_factor: bool
    recovery_codes: int
    issuers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`waiting`: only those who have not come yet; `text` is part of an address, a name or a place."""

    text: str = ""
    waiting: bool = False
    account: int | None = None


def holders(
    session: Session, reaches: Mapping[str, Reach], wanted: Wanted, limit: int | None = None, offset: int = 0
) -> tuple[list[Holder], int]:
    """Roles in force within `reaches` (by role), by place and address; and how many there are in all."""
    query = _holders().where(or_(*(_within(role, reach) for role, reach in reaches.items())))
    if wanted.waiting:
        query = query.where(_waits())
    if wanted.account is not None:
        query = query.where(Account.id == wanted.account)
    for word in fold(wanted.text).split():
        own = or_(Account.email.icontains(word, autoescape=True), Account.name.icontains(word, autoescape=True))
        query = query.where(or_(own, Place.name_search.contains(word, autoescape=True)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Place.name_sort.nulls_first(), Account.email, RoleGrant.id).limit(limit).offset(offset)
    return [Holder(*row) for row in session.execute(ordered)], total


def letter_rows(session: Session, limit: int, offset: int) -> tuple[list[LetterRow], int]:
    """Letters, those that wait first, then the newest; and how many there are in all."""
    columns = (
        Letter.id, Letter.kind, Letter.account_id, Account.email, Letter.written_at, Letter.next_try_at, Letter.tries,
        Letter.sent_at, Letter.handed_by, Letter.error,
    )  # fmt: skip
    query: Select[*tuple[Any, ...]] = select(*columns).join(Account, Account.id == Letter.account_id)
    ordered = query.order_by(Letter.next_try_at.is_(None), Letter.id.desc()).limit(limit).offset(offset)
    return [LetterRow(*row) for row in session.execute(ordered)], session.scalar(select(func.count(Letter.id))) or 0


def ways_in(session: Session, account_id: int) -> WaysIn:
    confirmed = (SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None))
    factor = session.scalar(select(SecondFactor.account_id).where(*confirmed)) is not None
    codes = session.scalar(select(func.count()).where(RecoveryCode.account_id == account_id)) or 0
    issuers = session.scalars(select(Identity.issuer).where(Identity.account_id == account_id).order_by(Identity.id))
    return WaysIn(factor, codes, tuple(issuers))


def _holders() -> Select[*tuple[Any, ...]]:
    columns = (
        RoleGrant.id, Account.id.label("account"), Account.email, Account.name, RoleGrant.role, RoleGrant.granted_at,
        _waits(), Account.link_expires_at, Place.id.label("place"), Place.code, Place.place_type, Place.name_th,
        Place.name_en,
    )  # fmt: skip
    query = select(*columns).join(Account, Account.id == RoleGrant.account_id)
    return query.outerjoin(Place, Place.id == RoleGrant.place_id).where(RoleGrant.ended_at.is_(None))


def _waits() -> ColumnElement[bool]:
    linked = exists().where(Identity.account_id == Account.id)
    return and_(Account.password_hash.is_(None), ~linked)


def _within(role: str, reach: Reach) -> ColumnElement[bool]:
    here = RoleGrant.role == role
    return here if reach.everywhere else and_(here, reach.condition())
