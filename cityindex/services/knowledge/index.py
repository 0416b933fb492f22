"""What the search reads of the knowledge bank, made from the versions in force: one row for each item that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite
from cityindex.definitions.catalogue import Catalogue
from cityindex.formats.thai_words import parts_of
from cityindex.models import KnowledgeEntry, KnowledgeItem
from cityindex.queries.knowledge.knowledge import ItemRecord, VersionRecord, items

LETTERS = ("A", "B", "D")
"""How PostgreSQL names the weights of title, what is said about it, and summary."""
LAST_POSITION = 16_383
BATCH = 500


@dataclass(frozen=True, slots=True)
class Words:
    """The parts that an item is found by."""

    title: Sequence[str]
    about: Sequence[str]
    summary: Sequence[str]

    def __iter__(self) -> Iterator[Sequence[str]]:
        return iter((self.title, self.about, self.summary))


def words_of(catalogue: Catalogue, one: ItemRecord, version: VersionRecord) -> Words:
    """Title and summary in both languages, and what is said beside them: maker, place, themes, indicators."""
    names = [version.creator, version.innovation, one.place.name_th, one.place.name_en or ""]
    said = [catalogue.themes.get(code) for code in version.tags.get("theme", ())]
    known = [catalogue.indicators.get(code) for code in version.tags.get("indicator", ())]
    for name in filter(None, (*said, *(one.name for one in known if one))):
        names += [name.th, name.en]
    about = [part for name in names for part in parts_of(name)]
    title = parts_of(f"{version.title_th} {version.title_en}")
    return Words(title, about, parts_of(f"{version.summary_th} {version.summary_en}"))


def vector(words: Words) -> str:
    """Words as PostgreSQL writes a `tsvector`: each with where it stands and how much it weighs."""
    found: dict[str, list[str]] = {}
    at = 0
    for letter, column in zip(LETTERS, words, strict=True):
        for part in column:
            at = min(at + 1, LAST_POSITION)
            found.setdefault(part, []).append(f"{at}{letter}")
        at = min(at + 10, LAST_POSITION)  # no phrase reaches from one column into the next
    return " ".join(f"'{part}':{','.join(positions[:250])}" for part, positions in found.items())


def enter(session: Session, catalogue: Catalogue, item_ids: Iterable[int]) -> int:
    """Make the entries of items anew, within the transaction. Returns how many of them are shown."""
    shown = 0
    for one in items(session, list(item_ids)):
        _forget(session, one.id)
        if one.current is not None:
            _write(session, one, one.current, words_of(catalogue, one, one.current))
            shown += 1
    return shown


def enter_all(session: Session, catalogue: Catalogue) -> int:
    """Make every entry anew."""
    ids = session.scalars(select(KnowledgeItem.id).order_by(KnowledgeItem.id)).all()
    return sum(enter(session, catalogue, ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))


def forget_entries(session: Session, item_ids: Sequence[int]) -> None:
    for one in item_ids:
        _forget(session, one)


def _forget(session: Session, item_id: int) -> None:
    session.execute(delete(KnowledgeEntry).where(KnowledgeEntry.item_id == item_id))
    if is_sqlite(session):
        session.execute(text("DELETE FROM knowledge_words WHERE rowid = :id"), {"id": item_id})


def _write(session: Session, one: ItemRecord, version: VersionRecord, words: Words) -> None:
    firsts = [known.accepted_at for known in one.public if known.accepted_at]
    row = KnowledgeEntry(
        item_id=one.id, version_id=version.id, place_id=one.place.id, first_at=min(firsts),
        at=version.accepted_at, kind=version.kind, licence=version.licence, language=version.language,
        year=version.dated.year if version.dated else None,
    )  # fmt: skip
    if not is_sqlite(session):
        row.words = vector(words)
    session.add(row)
    session.flush()
    if is_sqlite(session):
        added = "INSERT INTO knowledge_words (rowid, title, about, summary) VALUES (:id, :title, :about, :summary)"
        title, about, summary = (" ".join(column) for column in words)
        session.execute(text(added), {"id": one.id, "title": title, "about": about, "summary": summary})
