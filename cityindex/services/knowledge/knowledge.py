"""The knowledge bank: what places write, what reviewers decide about it, and who is thanked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cityindex.calendars import day_of
from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Forbidden, NotFound
from cityindex.gateways.evidence import Readable
from cityindex.models import KnowledgeFile, KnowledgeTag, KnowledgeThanks, now
from cityindex.queries.knowledge.knowledge import (
    SCHEMES,
    TABLES,
    FileRecord,
    ItemRecord,
    VersionRecord,
    bytes_of,
    file_of,
    item,
)
from cityindex.services.assessments.described import Described
from cityindex.services.assessments.described import checked as checked_name
from cityindex.services.assessments.evidence import EvidenceKeeping
from cityindex.services.knowledge.index import enter, enter_all
from cityindex.services.knowledge.reviewing import Reviewing
from cityindex.services.knowledge.said import Checked, Fault, Said, WrongKnowledge, checked, choices_of

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

WANT_CONTENT = ("data-set", "map")
MOST_FILES = 12


class Held(NotFound):
    """There is a file, and the scanner has not let it pass."""

    def __init__(self, record: FileRecord) -> None:
        super().__init__(f"the file is {record.verdict}")
        self.record = record


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file to read; whoever reads closes the stream."""

    record: FileRecord
    stream: Readable


class Knowledge(Reviewing[ItemRecord, Said, Checked]):
    """Use cases of contributors and reviewers. Who may do what at which place is asked by the pages."""

    what, tables = "knowledge", TABLES

    def __init__(
        self,
        sessions: sessionmaker[Session],
        catalogue: Catalogue,
        evidence: EvidenceKeeping,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(sessions, clock)
        self.catalogue = catalogue
        self.evidence = evidence

    def add_file(self, item_id: int, stream: BinaryIO, name: str, by: int) -> None:
        """Attach a file to the draft. `Refused` (its kind), `TooLarge`, `WrongEvidence` (its name), `Conflict`."""
        name = checked_name(Described(name), day_of(self.clock())).name
        _, known = self.evidence.looked_at(stream)
        with self.sessions() as session:
            self._require_room(session, item(session, item_id), 0)
        received = self.evidence.received(stream, known)
        with self.sessions() as session:
            one = self._locked(session, item_id)
            self._require_room(session, one, received.stored.size)
            draft = self._draft(session, one, by)
            self.evidence.note(session, received)
            sha256 = received.stored.sha256
            same = select(KnowledgeFile.id).where(KnowledgeFile.version_id == draft.id, KnowledgeFile.sha256 == sha256)
            if session.scalar(same) is None:
                session.add(KnowledgeFile(version_id=draft.id, sha256=sha256, name=name))
            draft.made_at = self.clock()
            session.commit()

    def remove_file(self, item_id: int, file_id: int, by: int) -> None:
        """Take a file off the draft; versions that were handed in keep it. `NotFound`, `Conflict`."""
        with self.sessions() as session:
            one = self._locked(session, item_id)
            record, _ = file_of(session, item_id, file_id)
            draft = self._draft(session, one, by)
            session.execute(
                delete(KnowledgeFile).where(KnowledgeFile.version_id == draft.id, KnowledgeFile.sha256 == record.sha256)
            )
            draft.made_at = self.clock()
            session.commit()

    def thank(self, item_id: int, account_id: int, name: str) -> None:
        """Name a contributor as he wishes to be named; an empty name takes it back. `Forbidden` for others."""
        name = checked_name(Described(name), day_of(self.clock())).name if name.strip() else ""
        with self.sessions() as session:
            one = self._locked(session, item_id)
            if account_id not in one.contributors:
                raise Forbidden(f"account {account_id} has not contributed to item {item_id}")
            mine = KnowledgeThanks.item_id == item_id, KnowledgeThanks.account_id == account_id
            session.execute(delete(KnowledgeThanks).where(*mine))
            if name:
                session.add(KnowledgeThanks(item_id=item_id, account_id=account_id, name=name, said_at=self.clock()))
            session.commit()

    def open(self, record: FileRecord) -> OpenedFile:
        """Open a file. `Held` where the scanner stands against it."""
        if not record.readable:
            raise Held(record)
        return OpenedFile(record, self.evidence.store.open(record.sha256))

    def index(self) -> int:
        """Make all that the search reads anew. Returns how many items are shown."""
        with self.sessions() as session:
            shown = enter_all(writing(session), self.catalogue)
            session.commit()
            return shown

    def _checked(self, said: Said) -> Checked:
        return checked(said, choices_of(self.catalogue), day_of(self.clock()))

    def _columns(self, clean: Checked) -> Mapping[str, Any]:
        return clean.columns

    def _say_beside(self, session: Session, version_id: int, clean: Checked) -> None:
        session.execute(delete(KnowledgeTag).where(KnowledgeTag.version_id == version_id))
        _tag(session, version_id, {scheme: getattr(clean.said, scheme) for scheme in SCHEMES})

    def _carry(self, session: Session, version_id: int, last: VersionRecord) -> None:
        session.add_all(KnowledgeFile(version_id=version_id, sha256=file.sha256, name=file.name) for file in last.files)
        _tag(session, version_id, last.tags)
        session.flush()

    def read(self, session: Session, number: int) -> ItemRecord:
        return item(session, number)

    def _show(self, session: Session, number: int) -> None:
        enter(session, self.catalogue, [number])

    def _require_whole(self, version: VersionRecord) -> None:
        """`WrongKnowledge` where a data set has no content."""
        if version.kind in WANT_CONTENT and not (version.files or version.url):
            raise WrongKnowledge({"file": Fault.NOTHING})

    def _require_room(self, session: Session, one: ItemRecord, size: int) -> None:
        pending = one.pending or one.decided
        if pending is None:
            raise NotFound(f"item {one.id} was thrown away")
        full = bytes_of(session, pending.id) + size > self.evidence.limits.assessment
        if full or len(pending.files) >= MOST_FILES:
            raise WrongKnowledge({"file": Fault.TOO_MANY})


def _tag(session: Session, version_id: int, tags: Mapping[str, tuple[str, ...]]) -> None:
    session.add_all(
        KnowledgeTag(version_id=version_id, scheme=scheme, code=code)
        for scheme, codes in tags.items()
        for code in codes
    )
