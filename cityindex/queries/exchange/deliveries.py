"""Deliveries as both sides see them: what was sent and received, what waits, what failed, and who did what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.definitions.agreements import SEND
from cityindex.errors import NotFound
from cityindex.models import Delivery, DeliveryPlace, ExchangeEntry, Pull, Recording

WAITING, ACCEPTED, GIVEN_UP, APPLIED = "waiting", "accepted", "given-up", "applied"
"""States of a delivery: the first three of one that is sent, the last of one that came."""
OPEN = (WAITING, GIVEN_UP)
BAD = ("refused", "failed")
"""Deeds of the trail that somebody should look at."""


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A delivery without its rows. `manifest` and `receipt` are signed lines."""

    id: int
    agreement: str
    direction: str
    sequence: int
    state: str
    rows: int
    sha256: str
    demo: bool
    made_at: datetime
    by: str
    tries: int
    next_try_at: datetime | None
    settled_at: datetime | None
    error: str
    accepted: int | None
    rejected: int | None
    manifest: str
    receipt: str | None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """An entry of the trail; `rows` are those of the place that was asked about, if one was."""

    position: int
    at: datetime
    actor: str
    agreement: str
    deed: str
    delivery: int | None
    detail: str
    hash: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """What was recorded here and the partner was not given yet: how often, and since when."""

    recordings: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class PullRecord:
    """What was fetched under a mapping, and what came of it. `said` is JSON: the match report, or the refusal."""

    id: int
    mapping: str
    version: str
    url: str
    at: datetime
    by: str
    outcome: str
    sha256: str | None
    bytes: int | None
    modified: str | None
    recording_id: int | None
    said: str


_PULL = tuple(getattr(Pull, name) for name in PullRecord.__slots__)
_COLUMNS = tuple(getattr(Delivery, name) for name in DeliveryRecord.__slots__)
_ENTRY = (
    ExchangeEntry.position, ExchangeEntry.at, ExchangeEntry.actor, ExchangeEntry.agreement, ExchangeEntry.deed,
    ExchangeEntry.delivery_id, ExchangeEntry.detail, ExchangeEntry.hash,
)  # fmt: skip


def deliveries(
    session: Session, agreements: Collection[str] | None = None, *, before: int | None = None, limit: int = 50
) -> tuple[DeliveryRecord, ...]:
    """The newest deliveries (of some agreements), those before a number where it is given."""
    query = select(*_COLUMNS).order_by(Delivery.id.desc()).limit(limit)
    if agreements is not None:
        query = query.where(Delivery.agreement.in_(agreements))
    if before is not None:
        query = query.where(Delivery.id < before)
    return tuple(DeliveryRecord(*row) for row in session.execute(query))


def delivery(session: Session, number: int) -> DeliveryRecord:
    """One delivery. Raises `NotFound`."""
    row = session.execute(select(*_COLUMNS).where(Delivery.id == number)).one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {number}")
    return DeliveryRecord(*row)


def numbered(session: Session, agreement: str, direction: str, sequence: int) -> DeliveryRecord | None:
    """The delivery of an agreement with a number of its own."""
    query = select(*_COLUMNS).where(Delivery.agreement == agreement, Delivery.direction == direction)
    row = session.execute(query.where(Delivery.sequence == sequence)).one_or_none()
    return DeliveryRecord(*row) if row else None


def newest(session: Session, agreement: str, direction: str, *states: str) -> DeliveryRecord | None:
    """The delivery with the highest number, in one of `states` where they are given."""
    query = select(*_COLUMNS).where(Delivery.agreement == agreement, Delivery.direction == direction)
    if states:
        query = query.where(Delivery.state.in_(states))
    row = session.execute(query.order_by(Delivery.sequence.desc()).limit(1)).one_or_none()
    return DeliveryRecord(*row) if row else None


def last_sequence(session: Session, agreement: str, direction: str) -> int:
    """The highest number that was given; 0 where there is none."""
    query = select(func.max(Delivery.sequence))
    return session.scalar(query.where(Delivery.agreement == agreement, Delivery.direction == direction)) or 0


def behind(session: Session, agreement: str) -> Behind:
    """What came in here since the last accepted delivery of an agreement, whatever it is about."""
    query = select(func.max(Delivery.cutoff)).where(Delivery.agreement == agreement, Delivery.direction == SEND)
    cutoff = session.scalar(query.where(Delivery.state == ACCEPTED)) or 0
    since = select(func.count(), func.min(Recording.recorded_at)).where(Recording.id > cutoff)
    return Behind(*session.execute(since).one())


def failures(session: Session, agreements: Collection[str], limit: int = 10) -> tuple[EntryRecord, ...]:
    """What was refused or failed, the newest first."""
    query = select(*_ENTRY).where(ExchangeEntry.agreement.in_(agreements), ExchangeEntry.deed.in_(BAD))
    found = session.execute(query.order_by(ExchangeEntry.position.desc()).limit(limit))
    return tuple(EntryRecord(*row) for row in found)


def pulls(session: Session, mapping: str | None = None, limit: int = 30) -> tuple[PullRecord, ...]:
    """The newest pulls (under one mapping)."""
    query = select(*_PULL).order_by(Pull.id.desc()).limit(limit)
    rows = session.execute(query if mapping is None else query.where(Pull.mapping == mapping))
    return tuple(PullRecord(*row) for row in rows)


def entries_of_delivery(session: Session, number: int) -> tuple[EntryRecord, ...]:
    """What was done about a delivery, the oldest first."""
    query = select(*_ENTRY).where(ExchangeEntry.delivery_id == number).order_by(ExchangeEntry.position)
    return tuple(EntryRecord(*row) for row in session.execute(query))


def entries_of_place(session: Session, place_id: int, limit: int = 100) -> tuple[EntryRecord, ...]:
    """What was done with deliveries that hold rows of a place, the newest first."""
    query = (
        select(*_ENTRY, DeliveryPlace.rows)
        .join(DeliveryPlace, DeliveryPlace.delivery_id == ExchangeEntry.delivery_id)
        .where(DeliveryPlace.place_id == place_id, DeliveryPlace.rows > 0)
        .order_by(ExchangeEntry.position.desc())
        .limit(limit)
    )
    return tuple(EntryRecord(*row) for row in session.execute(query))
