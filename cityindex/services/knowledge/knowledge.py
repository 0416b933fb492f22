"""The knowledge bank: what places write, what reviewers decide about it, and who is thanked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cityindex.calendars import day_of
from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, Forbidden, NotFound
from cityindex.gateways.evidence import Readable
from cityindex.models import (
    KnowledgeEvent,
    KnowledgeFile,
    KnowledgeItem,
    KnowledgeTag,
    KnowledgeThanks,
    KnowledgeVersion,
    now,
)
from cityindex.queries.knowledge.knowledge import (
    SCHEMES,
    FileRecord,
    ItemRecord,
    VersionRecord,
    bytes_of,
    file_of,
    item,
)
from cityindex.queries.knowledge.reviewed import (
    EDITABLE,
)
from cityindex.services.assessments.described import Described
from cityindex.services.assessments.described import checked as checked_name
from cityindex.services.assessments.evidence import EvidenceKeeping
from cityindex.services.knowledge.index import enter, enter_all
from cityindex.services.knowledge.reviewing import Changed, Reviewing
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


class Knowledge(Reviewing[ItemRecord]):
    """Use cases of contributors and reviewers. Who may do what at which place is asked by the pages."""

    what, kept, event = "knowledge", KnowledgeItem, KnowledgeEvent

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

    def begin(self, place_id: int, said: Said, by: int, demo: bool = False) -> int:
        """Write the first draft of an item. Returns the item's number. `WrongKnowledge` with every fault."""
        clean = self._checked(said)
        with self.sessions() as session:
            row = KnowledgeItem(place_id=place_id, created_at=self.clock(), created_by=by, demo=demo)
            writing(session).add(row)
            session.flush()
            self._add_version(session, row.id, clean, by)
            session.commit()
            return row.id

    def change(self, item_id: int, said: Said, by: int, seen: str = "") -> None:
        """Change the draft; of what is shown or was accepted, a new version is begun. Files go along.

        `seen` is the moment of the draft that the form was made from: `Changed` where it has moved on since.
        `Conflict` while a version waits for a decision; `WrongKnowledge`.
        """
        clean = self._checked(said)
        with self.sessions() as session:
            one = self._locked(session, item_id)
            draft = self._draft(session, one, by)
            if seen and draft.made_at.isoformat() != seen and one.pending is not None:
                raise Changed(f"item {item_id} was changed by somebody else")
            self._say(session, draft, clean)
            draft.made_at, draft.made_by = self.clock(), by
            session.commit()

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

    def _read(self, session: Session, number: int) -> ItemRecord:
        return item(session, number)

    def _show(self, session: Session, number: int) -> None:
        enter(session, self.catalogue, [number])

    def _require_whole(self, version: VersionRecord) -> None:
        """`WrongKnowledge` where a data set has no content."""
        if version.kind in WANT_CONTENT and not (version.files or version.url):
            raise WrongKnowledge({"file": Fault.NOTHING})

    def _draft(self, session: Session, one: ItemRecord, by: int) -> KnowledgeVersion:
        """The row of the draft; where there is none, a new version with what the last one says."""
        pending = one.pending
        if pending is not None:
            if pending.state not in EDITABLE:
                raise Conflict(f"version {pending.number} of item {one.id} waits for a decision: withdraw it first")
            return session.get_one(KnowledgeVersion, pending.id)
        last = one.decided
        if last is None:
            raise NotFound(f"item {one.id} was thrown away")
        return self._copy(session, one, last, by)

    def _copy(self, session: Session, one: ItemRecord, last: VersionRecord, by: int) -> KnowledgeVersion:
        source = session.get_one(KnowledgeVersion, last.id)
        kept = {
            column.key: getattr(source, column.key)
            for column in KnowledgeVersion.__table__.columns
            if column.key not in ("id", "number", "made_at", "made_by")
        }
        row = KnowledgeVersion(**kept, number=one.versions[-1].number + 1, made_at=self.clock(), made_by=by)
        session.add(row)
        session.flush()
        session.add_all(KnowledgeFile(version_id=row.id, sha256=file.sha256, name=file.name) for file in last.files)
        _tag(session, row.id, last.tags)
        session.flush()
        return row

    def _add_version(self, session: Session, item_id: int, clean: Checked, by: int) -> None:
        highest = select(func.max(KnowledgeVersion.number)).where(KnowledgeVersion.item_id == item_id)
        number = (session.scalar(highest) or 0) + 1
        row = KnowledgeVersion(item_id=item_id, number=number, made_at=self.clock(), made_by=by, **clean.columns)
        session.add(row)
        session.flush()
        _tag(session, row.id, {scheme: getattr(clean.said, scheme) for scheme in SCHEMES})

    @staticmethod
    def _say(session: Session, row: KnowledgeVersion, clean: Checked) -> None:
        for name, value in clean.columns.items():
            setattr(row, name, value)
        session.execute(delete(KnowledgeTag).where(KnowledgeTag.version_id == row.id))
        _tag(session, row.id, {scheme: getattr(clean.said, scheme) for scheme in SCHEMES})

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
