"""The trail of exchange: each entry carries the hash of the one before, so that none can be changed or left out unseen.

Manifests and receipts that leave this site carry the trail's newest position and hash. Partners keep them, so an end
that was cut off is found, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cityindex.database import is_sqlite
from cityindex.errors import Conflict, Problem
from cityindex.models import Delivery, ExchangeEntry, now
from cityindex.services.exchange.signing import read

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

START = "0" * 64
"""What the first entry carries as the hash before it."""
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """A deed to write down: by whom, under which agreement, about which delivery."""

    actor: str
    agreement: str
    deed: str
    detail: Mapping[str, Any]
    delivery: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where the trail ends."""

    position: int
    hash: str

    def as_json(self) -> dict[str, Any]:
        return {"position": self.position, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class Verified:
    """A trail that holds together."""

    entries: int
    hash: str
    anchors: int
    """Manifests and receipts whose word about the trail was compared with it."""


def note(session: Session, entry: Entry, at: datetime | None = None) -> Head:
    """Add an entry, within the transaction of the deed. One writer at a time."""
    last = head(session)
    row = ExchangeEntry(
        position=last.position + 1,
        at=(at or now()).replace(microsecond=0),
        actor=entry.actor,
        agreement=entry.agreement,
        deed=entry.deed,
        delivery_id=entry.delivery,
        detail=json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
        before=last.hash,
        hash="",
    )
    row.hash = hash_of(row)
    session.add(row)
    session.flush()
    return Head(row.position, row.hash)


def alone(session: Session) -> Session:
    """Nobody else touches deliveries and the trail beside. Taken before the trail is: in one order by everybody."""
    if not is_sqlite(session):
        session.connection().exec_driver_sql("LOCK TABLE delivery IN SHARE ROW EXCLUSIVE MODE")
    return session


def head(session: Session) -> Head:
    """The end of the trail, which stays the end until the transaction does."""
    if not is_sqlite(session):
        session.connection().exec_driver_sql("LOCK TABLE exchange_entry IN SHARE ROW EXCLUSIVE MODE")
    last = session.execute(
        select(ExchangeEntry.position, ExchangeEntry.hash).order_by(ExchangeEntry.position.desc()).limit(1)
    ).one_or_none()
    return Head(*last) if last else Head(0, START)


def hash_of(row: ExchangeEntry) -> str:
    """SHA-256 of everything that an entry says, and of the hash before it."""
    said = [
        row.before,
        row.position,
        row.at.isoformat(),
        row.actor,
        row.agreement,
        row.deed,
        row.delivery_id,
        row.detail,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


class ExchangeTrail:
    """Use cases of whoever looks whether the trail is whole."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions = sessions

    def verify(self) -> Verified:
        """Compute every hash again, and compare what signed papers say of the trail. `Conflict` names what is wrong."""
        problems: list[Problem] = []
        hashes: dict[int, str] = {}
        with self.sessions() as session:
            end = Head(0, START)
            rows = session.scalars(select(ExchangeEntry).order_by(ExchangeEntry.position))
            for row in rows.yield_per(BATCH):
                problems += _wrong(row, end)
                end = Head(row.position, row.hash)
                hashes[row.position] = row.hash
            anchors = _anchors(session)
        problems += [one for anchor in anchors if (one := _unmatched(anchor, hashes))]
        if problems:
            raise Conflict(f"the trail of exchange was changed: {len(problems)} places do not fit", problems)
        return Verified(len(hashes), end.hash, len(anchors))


def _wrong(row: ExchangeEntry, before: Head) -> list[Problem]:
    cure = "compare it with a backup, and with what partners hold"
    found = []
    if row.position != before.position + 1:
        found.append(Problem(f"entries before {row.position} are missing", cure, row.position))
    elif row.before != before.hash:
        found.append(Problem("it does not follow on the entry before it", cure, row.position))
    if row.hash != hash_of(row):
        found.append(Problem("what it says was changed", cure, row.position))
    return found


def _anchors(session: Session) -> list[Head]:
    """What our own manifests (of what is sent) and receipts (of what came) say of the trail."""
    query = select(Delivery.direction, Delivery.manifest, Delivery.receipt)
    papers = [manifest if way == "send" else receipt for way, manifest, receipt in session.execute(query)]
    said = [read(paper).get("trail", {}) for paper in papers if paper]
    return [Head(int(one["position"]), str(one["hash"])) for one in said if one]


def _unmatched(anchor: Head, hashes: Mapping[int, str]) -> Problem | None:
    known = START if anchor.position == 0 else hashes.get(anchor.position)
    if known == anchor.hash:
        return None
    reason = "a signed manifest or receipt says otherwise" if known else "it is gone, and a signed paper names it"
    return Problem(reason, "compare it with a backup, and with what partners hold", anchor.position)
