"""Clients and their keys, and who read what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import ApiKey, Client, DataUse

MANY = 0
"""Stands for the place where many were asked for at once, and for the key where there was none."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key that was given out; the secret itself is not known here."""

    id: int
    start: str
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A client with all its keys, the newest first."""

    id: int
    name: str
    organisation: str
    purpose: str
    account: int | None
    scopes: tuple[str, ...]
    rate: int
    asked_at: datetime
    granted: bool | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    closed_at: datetime | None
    keys: tuple[KeyRecord, ...]

    @property
    def state(self) -> str:
        """`asked`, `granted`, `refused` or `closed`."""
        if self.closed_at is not None:
            return "closed"
        return "asked" if self.granted is None else "granted" if self.granted else "refused"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key came with a request, and what it opens."""

    key: int
    client: int
    name: str
    rate: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """How often a client read a data set since a day; its name is None where there was no key.

    `alone`: the place was asked for by itself, and not as one of many.
    """

    client: str | None
    organisation: str | None
    dataset: str
    alone: bool
    requests: int
    last: date


def clients(session: Session, account: int | None = None) -> tuple[ClientRecord, ...]:
    """All clients, or those of an account: what waits for a decision first, then by name."""
    query = select(Client).order_by(Client.granted.is_not(None), Client.closed_at.is_not(None), Client.name)
    if account is not None:
        query = query.where(Client.account_id == account)
    rows = session.scalars(query).all()
    keys = _keys(session, [one.id for one in rows])
    return tuple(_client(one, keys.get(one.id, ())) for one in rows)


def client(session: Session, number: int) -> ClientRecord:
    """One client. Raises `NotFound`."""
    found = session.get(Client, number)
    if found is None:
        raise NotFound(f"there is no client {number}")
    return _client(found, _keys(session, [number]).get(number, ()))


def caller(session: Session, key_hash: str, at: datetime) -> Caller | None:
    """Whose key it is, if it opens anything at this moment. One query by an index."""
    query = (
        select(ApiKey.id, Client.id, Client.name, Client.rate, ApiKey.scopes)
        .join(Client, Client.id == ApiKey.client_id)
        .where(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None), ApiKey.expires_at > at)
        .where(Client.granted.is_(True), Client.closed_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Caller(*row[:4], tuple(row[4].split()))


def uses_of_place(session: Session, place_id: int, since: date) -> tuple[Use, ...]:
    """Who read figures of a place, by itself or among many, the most busy first."""
    query = _uses(since).where(or_(DataUse.place_id == place_id, DataUse.place_id == MANY))
    return tuple(Use(*row) for row in session.execute(query))


def uses_of_client(session: Session, number: int, since: date) -> tuple[tuple[date, str, int], ...]:
    """What a client read, by day and data set, the newest first."""
    query = (
        select(DataUse.day, DataUse.dataset, func.sum(DataUse.requests))
        .join(ApiKey, ApiKey.id == DataUse.key_id)
        .where(ApiKey.client_id == number, DataUse.day >= since)
        .group_by(DataUse.day, DataUse.dataset)
        .order_by(DataUse.day.desc(), DataUse.dataset)
    )
    return tuple((day, dataset, count) for day, dataset, count in session.execute(query))


def _uses(since: date) -> Select[*tuple[Any, ...]]:
    alone = (DataUse.place_id != MANY).label("alone")
    count = func.sum(DataUse.requests).label("count")
    return (
        select(Client.name, Client.organisation, DataUse.dataset, alone, count, func.max(DataUse.day))
        .outerjoin(ApiKey, ApiKey.id == DataUse.key_id)
        .outerjoin(Client, Client.id == ApiKey.client_id)
        .where(DataUse.day >= since)
        .group_by(Client.id, Client.name, Client.organisation, DataUse.dataset, alone)
        .order_by(alone.desc(), count.desc(), DataUse.dataset)
    )


def _keys(session: Session, ids: Sequence[int]) -> dict[int, tuple[KeyRecord, ...]]:
    found: dict[int, list[KeyRecord]] = {}
    for one in session.scalars(select(ApiKey).where(ApiKey.client_id.in_(ids)).order_by(ApiKey.id.desc())):
        scopes = tuple(one.scopes.split())
        dates = (one.made_at, one.expires_at, one.last_used_at, one.revoked_at)
        found.setdefault(one.client_id, []).append(KeyRecord(one.id, one.start, scopes, *dates))
    return {number: tuple(keys) for number, keys in found.items()}


def _client(row: Client, keys: tuple[KeyRecord, ...]) -> ClientRecord:
    return ClientRecord(
        row.id, row.name, row.organisation, row.purpose, row.account_id, tuple(row.scopes.split()), row.rate,
        row.asked_at, row.granted, row.decided_at, row.decided_by, row.reason, row.closed_at, keys,
    )  # fmt: skip
