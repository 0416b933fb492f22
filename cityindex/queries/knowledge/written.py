"""Proposals that places write themselves, with their versions and how far each has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Proposal, ProposalEvent, ProposalVersion, WrittenProposal
from cityindex.queries.accounts.reach import OwnPlace
from cityindex.queries.knowledge.desks import Tables, events, kept_rows, version_rows
from cityindex.queries.knowledge.reviewed import EventRecord, Reviewed, ReviewedVersion

TABLES = Tables(WrittenProposal, ProposalVersion, ProposalEvent, ProposalVersion.written_id)
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
    place: OwnPlace
    created_at: datetime
    created_by: int | None
    demo: bool
    line: int | None
    versions: tuple[WrittenVersion, ...]


def written(session: Session, number: int) -> WrittenRecord:
    """One of them. Raises `NotFound`. Four queries."""
    found = all_written(session, [number])
    if not found:
        raise NotFound(f"there is no proposal {number}")
    return found[0]


def all_written(session: Session, ids: Sequence[int]) -> list[WrittenRecord]:
    """Those of `ids` that are there, in this order."""
    rows = kept_rows(session, TABLES, ids)
    versions, lines = _versions(session, list(rows)), _lines(session, list(rows))
    return [
        WrittenRecord(
            own.id, place, own.created_at, own.created_by, own.demo, lines.get(own.id), tuple(versions.get(own.id, ()))
        )
        for own, place in (rows[one] for one in ids if one in rows)
    ]


def _lines(session: Session, ids: Sequence[int]) -> Mapping[int | None, int]:
    """Their numbers in the register."""
    query = select(Proposal.written_id, Proposal.id).where(Proposal.written_id.in_(ids))
    return {written_id: line for written_id, line in session.execute(query)}


def _versions(session: Session, ids: Sequence[int]) -> Mapping[int, list[WrittenVersion]]:
    rows = version_rows(session, TABLES, ids)
    done = events(session, TABLES, [row.id for row in rows])
    found: dict[int, list[WrittenVersion]] = defaultdict(list)
    for row in rows:
        plain = {name: getattr(row, name) for name in ("id", "number", *COLUMNS, "made_at", "made_by")}
        found[row.written_id].append(WrittenVersion(**plain, events=done.get(row.id, ())))
    return found
