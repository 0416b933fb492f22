"""Uploaded files of figures: what became of each, read from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Account, Place, Upload, UploadEvent
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.accounts.reach import OwnPlace, Reach, own_place

CHECKED, CONFIRMED, ACCEPTED, RETURNED, WITHDRAWN = "checked", "confirmed", "accepted", "returned", "withdrawn"
FOLLOWS: Mapping[str | None, frozenset[str]] = MappingProxyType(
    {
        None: frozenset({CHECKED}),
        CHECKED: frozenset({CONFIRMED, WITHDRAWN}),
        CONFIRMED: frozenset({ACCEPTED, RETURNED, WITHDRAWN}),
    }
)
"""Which deed may follow in which state; nothing follows on the other states."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An event, with the name of who did it."""

    deed: str
    at: datetime
    account_id: int
    name: str
    reason: str
    recording_id: int | None


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """An upload with its events, the oldest first. `place` is None for an analyst's."""

    id: int
    place: OwnPlace | None
    account_id: int
    at: datetime
    source: str
    file_name: str
    file_hash: str
    file_size: int
    kind: str
    sheet: str | None
    era: str | None
    period: int | None
    events: tuple[Deed, ...]

    @property
    def state(self) -> str | None:
        return state_of(event.deed for event in self.events)

    @property
    def since(self) -> datetime:
        return self.events[-1].at if self.events else self.at

    def deed(self, name: str) -> Deed | None:
        return next((event for event in self.events if event.deed == name), None)

    def may_become(self, deed: str) -> bool:
        return deed in FOLLOWS.get(self.state, ())


def state_of(deeds: Iterable[str]) -> str | None:
    """The state after these deeds, in their order; a deed that cannot follow changes nothing."""
    state: str | None = None
    for deed in deeds:
        if deed in FOLLOWS.get(state, ()):
            state = deed
    return state


def upload(session: Session, upload_id: int) -> UploadRecord:
    """One upload. Raises `NotFound`. Two queries."""
    found = _collected(session, _query().where(Upload.id == upload_id))
    if not found:
        raise NotFound(f"there is no upload {upload_id}")
    return found[0]


def uploads(session: Session, reach: Reach, analysts: bool, limit: int) -> tuple[UploadRecord, ...]:
    """The newest uploads of the places that a reach covers, and those of analysts where it is asked. Two queries."""
    wanted: ColumnElement[bool] = reach.condition() & Upload.place_id.is_not(None)
    if analysts:
        wanted = wanted | Upload.place_id.is_(None)
    return _collected(session, _query().where(wanted).order_by(Upload.id.desc()).limit(limit))


def waiting(session: Session, reach: Reach) -> tuple[UploadRecord, ...]:
    """What was confirmed and waits for a decision, the longest wait first. Two queries."""
    ended = select(UploadEvent.upload_id).where(UploadEvent.deed.in_((ACCEPTED, RETURNED, WITHDRAWN)))
    confirmed = select(UploadEvent.upload_id).where(UploadEvent.deed == CONFIRMED)
    query = _query().where(reach.condition(), Upload.place_id.is_not(None))
    query = query.where(Upload.id.in_(confirmed), Upload.id.not_in(ended))
    found = _collected(session, query)
    return tuple(sorted(found, key=lambda one: one.since))


def _query() -> Select[*tuple[Any, ...]]:
    return select(Upload, Place).outerjoin(Place, Place.id == Upload.place_id)


def _collected(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[UploadRecord, ...]:
    rows = session.execute(query).all()
    events = _events(session, [row.Upload.id for row in rows])
    return tuple(_record(row.Upload, row.Place, events.get(row.Upload.id, [])) for row in rows)


def _events(session: Session, ids: Sequence[int]) -> Mapping[int, list[Deed]]:
    found: dict[int, list[Deed]] = {}
    # Of who was erased, a number is left.
    known = func.coalesce(func.nullif(Account.name, ""), func.nullif(Account.email, ""))
    query = select(UploadEvent, known).join(Account, Account.id == UploadEvent.account_id)
    for event, who in session.execute(query.where(UploadEvent.upload_id.in_(ids)).order_by(UploadEvent.id)):
        deed = Deed(
            event.deed, event.at, event.account_id, who or actor_of(event.account_id), event.reason, event.recording_id
        )
        found.setdefault(event.upload_id, []).append(deed)
    return found


def _record(row: Upload, place: Place | None, events: Sequence[Deed]) -> UploadRecord:
    return UploadRecord(
        id=row.id,
        place=own_place(place) if place else None,
        account_id=row.account_id,
        at=row.at,
        source=row.source,
        file_name=row.file_name,
        file_hash=row.file_hash,
        file_size=row.file_size,
        kind=row.kind,
        sheet=row.sheet,
        era=row.era,
        period=row.period,
        events=tuple(events),
    )
