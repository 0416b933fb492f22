"""Accounts and roles, read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from cityindex.models import Account, Place, RoleGrant, SecondFactor
from cityindex.thai import fold

ACTOR = "account "


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that is or was held; `place` is a code, or None for the whole site."""

    role: str
    place: str | None
    name_th: str | None
    name_en: str | None
    since: datetime
    ended_at: datetime | None
    place_id: int | None
    place_type: str | None


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """A person, with every role that is or was held (`held`)."""

    id: int
    email: str
    name: str
    epoch: int
    created_at: datetime
    closed_at: datetime | None
    has_password: bool
    link_expires_at: datetime | None
    held: tuple[Grant, ...] = ()
    second_factor: bool = False
    """Whether a code is asked for after the password."""

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Those in force."""
        return tuple(one for one in self.held if one.ended_at is None)

    @property
    def actor(self) -> str:
        return actor_of(self.id)


def actor_of(account: int) -> str:
    """How records and the trail name a person: by number, so that the address stands in one place only."""
    return f"{ACTOR}{account}"


def account(session: Session, account_id: int) -> AccountRecord | None:
    """One account, open or closed."""
    return next(iter(_collected(session, _query().where(Account.id == account_id).order_by(RoleGrant.id))), None)


def accounts(session: Session) -> list[AccountRecord]:
    """All accounts, by e-mail address; closed ones too."""
    return _collected(session, _query().order_by(Account.email, Account.id, RoleGrant.id))


def account_rows(session: Session, text: str, limit: int, offset: int) -> tuple[list[AccountRecord], int]:
    """Accounts by e-mail address, closed ones too, and how many there are in all.

    Each word of `text` is in the address, in the name, or in the name of a place for which the person holds a role, or
    is the code of such a place.
    """
    fitting = select(Account.id)
    for word in fold(text).split():
        own = or_(Account.email.icontains(word, autoescape=True), Account.name.icontains(word, autoescape=True))
        held = select(RoleGrant.account_id).join(Place, Place.id == RoleGrant.place_id)
        named = or_(Place.name_search.contains(word, autoescape=True), func.lower(Place.code) == word)
        there = held.where(RoleGrant.ended_at.is_(None), named)
        fitting = fitting.where(or_(own, Account.id.in_(there)))
    total = session.scalar(select(func.count()).select_from(fitting.subquery())) or 0
    some = fitting.order_by(Account.email, Account.id).limit(limit).offset(offset)
    ordered = _query().where(Account.id.in_(some)).order_by(Account.email, Account.id, RoleGrant.id)
    return _collected(session, ordered), total


def actor_names(session: Session, actors: Iterable[str]) -> Mapping[str, str]:
    """The e-mail addresses of those of `actors` that are accounts."""
    numbers = {int(one.removeprefix(ACTOR)) for one in actors if one.removeprefix(ACTOR).isdecimal()}
    if not numbers:
        return {}
    rows = session.execute(select(Account.id, Account.email).where(Account.id.in_(numbers)))
    return {actor_of(number): email for number, email in rows}


def has_second_factor(session: Session, account_id: int) -> bool:
    """Whether a code is asked for at sign-in."""
    confirmed = SecondFactor.confirmed_at.is_not(None)
    return (
        session.scalar(select(SecondFactor.account_id).where(SecondFactor.account_id == account_id, confirmed))
        is not None
    )


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Account, SecondFactor.confirmed_at, RoleGrant, Place.code, Place.name_th, Place.name_en, Place.place_type
        )
        .join(SecondFactor, SecondFactor.account_id == Account.id, isouter=True)
        .join(RoleGrant, RoleGrant.account_id == Account.id, isouter=True)
        .join(Place, Place.id == RoleGrant.place_id, isouter=True)
    )


def _collected(session: Session, query: Select[*tuple[Any, ...]]) -> list[AccountRecord]:
    found: dict[int, AccountRecord] = {}
    for row in session.execute(query):
        record = found.get(row.Account.id) or _record(row)
        found[record.id] = replace(record, held=(*record.held, _grant(row))) if row.RoleGrant else record
    return list(found.values())


def _record(found: Row[Any]) -> AccountRecord:
    row: Account = found.Account
    return AccountRecord(
        id=row.id,
        email=row.email,
        name=row.name,
        epoch=row.epoch,
        created_at=row.created_at,
        closed_at=row.closed_at,
        has_password=row.password_hash is not None,
        link_expires_at=row.link_expires_at,
        second_factor=found.confirmed_at is not None,
    )


def _grant(row: Row[Any]) -> Grant:
    held: RoleGrant = row.RoleGrant
    place = (row.code, row.name_th, row.name_en)
    return Grant(held.role, *place, held.granted_at, held.ended_at, held.place_id, row.place_type)
