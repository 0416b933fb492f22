"""Items of knowledge with their versions: what each says, and how far it has come, read from its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.gateways.scanner import READABLE
from cityindex.models import (
    EvidenceFile,
    KnowledgeEvent,
    KnowledgeFile,
    KnowledgeItem,
    KnowledgeTag,
    KnowledgeThanks,
    KnowledgeVersion,
)
from cityindex.queries.accounts.reach import OwnPlace
from cityindex.queries.knowledge.desks import Tables, events, kept_rows, version_rows
from cityindex.queries.knowledge.reviewed import EventRecord, Reviewed, ReviewedVersion

SCHEMES = ("theme", "indicator", "area")
TABLES = Tables(KnowledgeItem, KnowledgeVersion, KnowledgeEvent, KnowledgeVersion.item_id)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a version. `readable`: the scanner does not stand against it."""

    id: int
    sha256: str
    name: str
    media_type: str
    size: int
    locked: bool
    verdict: str

    @property
    def readable(self) -> bool:
        return self.verdict in READABLE


@dataclass(frozen=True, slots=True)
class VersionRecord(ReviewedVersion):
    """What an item says in one version. `tags` are codes by scheme, each of `SCHEMES`."""

    id: int
    number: int
    kind: str
    title_th: str
    title_en: str
    summary_th: str
    summary_en: str
    creator: str
    dated: date | None
    precision: str
    licence: str
    language: str
    innovation: str
    url: str | None
    made_at: datetime
    made_by: int | None
    tags: Mapping[str, tuple[str, ...]]
    files: tuple[FileRecord, ...]
    events: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class ItemRecord(Reviewed[VersionRecord]):
    """An item with its versions, the oldest first, and the names of those who wish to be thanked."""

    id: int
    place: OwnPlace
    created_at: datetime
    created_by: int | None
    demo: bool
    versions: tuple[VersionRecord, ...]
    thanked: Mapping[int | None, str]


def item(session: Session, item_id: int) -> ItemRecord:
    """One item with all versions. Raises `NotFound`. Six queries."""
    found = items(session, [item_id])
    if not found:
        raise NotFound(f"there is no item of knowledge {item_id}")
    return found[0]


def items(session: Session, ids: Sequence[int]) -> list[ItemRecord]:
    """Items in the order of `ids`; those that are not there are passed over."""
    rows = kept_rows(session, TABLES, ids)
    versions, thanked = _versions(session, list(rows)), _thanked(session, list(rows))
    return [
        ItemRecord(
            own.id, place, own.created_at, own.created_by, own.demo,
            tuple(versions.get(own.id, ())), MappingProxyType(thanked.get(own.id, {})),
        )
        for own, place in (rows[one] for one in ids if one in rows)
    ]  # fmt: skip


def file_of(session: Session, item_id: int, file_id: int) -> tuple[FileRecord, int]:
    """A file of an item, with the number of its version. Raises `NotFound`."""
    query = _files_query().add_columns(KnowledgeVersion.number)
    query = query.join(KnowledgeVersion, KnowledgeVersion.id == KnowledgeFile.version_id)
    row = session.execute(query.where(KnowledgeVersion.item_id == item_id, KnowledgeFile.id == file_id)).one_or_none()
    if row is None:
        raise NotFound(f"item {item_id} has no file {file_id}")
    return _file(row), row.number


def bytes_of(session: Session, version_id: int) -> int:
    """The size of all files of a version."""
    of = select(func.sum(EvidenceFile.size)).join(KnowledgeFile, KnowledgeFile.sha256 == EvidenceFile.sha256)
    return session.scalar(of.where(KnowledgeFile.version_id == version_id)) or 0


def _versions(session: Session, ids: Sequence[int]) -> Mapping[int, list[VersionRecord]]:
    rows = version_rows(session, TABLES, ids)
    of = [row.id for row in rows]
    tags, files, done = tags_of(session, of), _files(session, of), events(session, TABLES, of)
    found: dict[int, list[VersionRecord]] = defaultdict(list)
    for row in rows:
        parts = MappingProxyType(tags.get(row.id, {})), tuple(files.get(row.id, ())), done.get(row.id, ())
        found[row.item_id].append(_version(row, *parts))
    return found


def _version(row: KnowledgeVersion, tags: Any, files: Any, events: Any) -> VersionRecord:
    plain = (
        "id", "number", "kind", "title_th", "title_en", "summary_th", "summary_en", "creator", "dated", "precision",
        "licence", "language", "innovation", "url", "made_at", "made_by",
    )  # fmt: skip
    return VersionRecord(**{name: getattr(row, name) for name in plain}, tags=tags, files=files, events=events)


def tags_of(session: Session, versions: Sequence[int]) -> Mapping[int, dict[str, tuple[str, ...]]]:
    """The codes that versions are tagged with, by scheme."""
    found: dict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    query = select(KnowledgeTag).where(KnowledgeTag.version_id.in_(versions)).order_by(KnowledgeTag.code)
    for tag in session.scalars(query):
        held = found[tag.version_id]
        held[tag.scheme] = (*held.get(tag.scheme, ()), tag.code)
    return found


def _files_query() -> Select[*tuple[Any, ...]]:
    columns = (EvidenceFile.media_type, EvidenceFile.size, EvidenceFile.locked, EvidenceFile.verdict)
    query = select(KnowledgeFile.id, KnowledgeFile.version_id, KnowledgeFile.sha256, KnowledgeFile.name, *columns)
    return query.join(EvidenceFile, EvidenceFile.sha256 == KnowledgeFile.sha256).order_by(KnowledgeFile.id)


def _files(session: Session, versions: Sequence[int]) -> Mapping[int, list[FileRecord]]:
    found: dict[int, list[FileRecord]] = defaultdict(list)
    for row in session.execute(_files_query().where(KnowledgeFile.version_id.in_(versions))):
        found[row.version_id].append(_file(row))
    return found


def _file(row: Any) -> FileRecord:
    return FileRecord(row.id, row.sha256, row.name, row.media_type, row.size, bool(row.locked), row.verdict)


def _thanked(session: Session, ids: Sequence[int]) -> Mapping[int, dict[int | None, str]]:
    found: dict[int, dict[int | None, str]] = defaultdict(dict)
    for row in session.scalars(select(KnowledgeThanks).where(KnowledgeThanks.item_id.in_(ids))):
        found[row.item_id][row.account_id] = row.name
    return found
