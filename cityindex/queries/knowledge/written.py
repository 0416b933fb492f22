"""Proposals that places write themselves, with their versions and how far each has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import NotFound
from cityindex.models import Place, Proposal, ProposalEvent, ProposalVersion, WrittenProposal
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.knowledge.knowledge import OfPlace
from cityindex.queries.knowledge.reviewed import DISCARDED, SUBMITTED, EventRecord, Reviewed, ReviewedVersion

COLUMNS = (
    "kind", "status", "title_th", "title_en", "summary", "rule", "evidence", "outcome", "url", "since", "precision",
    "until", "until_precision", "themes",
)  # fmt: skip
"""What a version says; the register has the same columns."""


@dataclass(frozen=True, slots=True)
class WrittenVersion(ReviewedVersion):
    """What a place says of its proposal in one version."""

    id: int
    number: int
    kind: str
    status: str
    title_th: str
    title_en: str
    summary: str
    rule: str
    evidence: str
    outcome: str
    url: str | None
    since: date | None
    precision: str
    until: date | None
    until_precision: str
    themes: str
    made_at: datetime
    made_by: int | None
    events: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class WrittenRecord(Reviewed[WrittenVersion]):
    """A proposal with its versions, the oldest first. `line` is its number in the register, once it was accepted."""

    id: int
    place: OfPlace
    created_at: datetime
    created_by: int | None
    demo: bool
    line: int | None
    versions: tuple[WrittenVersion, ...]


def written(session: Session, number: int) -> WrittenRecord:
    """One of them. Raises `NotFound`. Three queries."""
    found = all_written(session, [number])
    if not found:
        raise NotFound(f"there is no proposal {number}")
    return found[0]


def all_written(session: Session, ids: Sequence[int]) -> list[WrittenRecord]:
    """Those of `ids` that are there, in this order."""
    query = (
        select(WrittenProposal, Place, Proposal.id.label("line"))
        .join(Place, Place.id == WrittenProposal.place_id)
        .outerjoin(Proposal, Proposal.written_id == WrittenProposal.id)
        .where(WrittenProposal.id.in_(ids))
    )
    rows = {row.WrittenProposal.id: row for row in session.execute(query)}
    versions = _versions(session, list(rows))
    return [_record(rows[one], versions.get(one, ())) for one in ids if one in rows]


def proposed(session: Session, reach: Reach, limit: int) -> list[WrittenRecord]:
    """The newest of the places that a reach covers, whatever their state but discarded."""
    thrown = exists().where(ProposalEvent.version_id == ProposalVersion.id, ProposalEvent.deed == DISCARDED)
    standing = exists().where(ProposalVersion.written_id == WrittenProposal.id, ~thrown)
    query = select(WrittenProposal.id).join(Place, Place.id == WrittenProposal.place_id)
    query = query.where(reach.condition(), standing).order_by(WrittenProposal.id.desc())
    return all_written(session, session.scalars(query.limit(limit)).all())


def to_decide(session: Session, reach: Reach, limit: int) -> list[WrittenRecord]:
    """Those whose newest version waits for a decision, the longest wait first."""
    later = aliased(ProposalEvent)
    last = ~exists().where(later.version_id == ProposalEvent.version_id, later.id > ProposalEvent.id)
    query = (
        select(WrittenProposal.id)
        .join(Place, Place.id == WrittenProposal.place_id)
        .join(ProposalVersion, ProposalVersion.written_id == WrittenProposal.id)
        .join(ProposalEvent, ProposalEvent.version_id == ProposalVersion.id)
        .where(ProposalEvent.deed == SUBMITTED, last, reach.condition())
        .order_by(ProposalEvent.id)
    )
    return all_written(session, session.scalars(query.limit(limit)).all())


def _record(row: Any, versions: Sequence[WrittenVersion]) -> WrittenRecord:
    own, place = row.WrittenProposal, row.Place
    of = OfPlace(place.id, place.province_id, place.code, place.place_type, place.name_th, place.name_en, place.demo)
    return WrittenRecord(own.id, of, own.created_at, own.created_by, own.demo, row.line, tuple(versions))


def _versions(session: Session, ids: Sequence[int]) -> Mapping[int, list[WrittenVersion]]:
    query = select(ProposalVersion).where(ProposalVersion.written_id.in_(ids)).order_by(ProposalVersion.number)
    rows = session.scalars(query).all()
    events = _events(session, [row.id for row in rows])
    found: dict[int, list[WrittenVersion]] = defaultdict(list)
    for row in rows:
        plain = {name: getattr(row, name) for name in ("id", "number", *COLUMNS, "made_at", "made_by")}
        found[row.written_id].append(WrittenVersion(**plain, events=tuple(events.get(row.id, ()))))
    return found


def _events(session: Session, versions: Sequence[int]) -> Mapping[int, list[EventRecord]]:
    found: dict[int, list[EventRecord]] = defaultdict(list)
    query = select(ProposalEvent).where(ProposalEvent.version_id.in_(versions)).order_by(ProposalEvent.id)
    for row in session.scalars(query):
        found[row.version_id].append(EventRecord(row.deed, row.at, row.account_id, row.reason))
    return found
