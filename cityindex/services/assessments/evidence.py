"""Evidence: files and links that a municipality puts beside its answers, and who may read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cityindex.calendars import day_of
from cityindex.database import writing
from cityindex.errors import NotFound
from cityindex.formats.file_kinds import Recognised, recognise
from cityindex.gateways.evidence import EvidenceStore, Readable, StoredFile, TooLarge
from cityindex.gateways.scanner import NoScanner, Scan, Scanner, Verdict
from cityindex.models import AuditEvent, EvidenceFile, now
from cityindex.models import Evidence as Row
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.assessments.evidence import EvidenceRecord, bytes_of, evidence, submitted
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import assessment
from cityindex.services.accounts.roles import Held, Permission, may_at
from cityindex.services.assessments.assessments import answerable, locked
from cityindex.services.assessments.described import Described, Fault, WrongEvidence, checked, fault_of_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

SAID = frozenset({Verdict.CLEAN, Verdict.INFECTED})
"""What only a scanner can say."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes that a file, and all files of an assessment together, may have."""

    file: int
    assessment: int


@dataclass(frozen=True, slots=True)
class OpenedEvidence:
    """A file to read; whoever reads closes the stream."""

    record: EvidenceRecord
    stream: Readable


@dataclass(frozen=True, slots=True)
class Received:
    """A file in the store: what it is, and what the scanner said."""

    stored: StoredFile
    known: Recognised
    scan: Scan


@dataclass(frozen=True, slots=True)
class Scans:
    """How many files a scanner found clean and infected, and how many it could not look at."""

    clean: int = 0
    infected: int = 0
    waiting: int = 0


class Unreadable(NotFound):
    """There is a file, and the scanner has not let it pass."""

    def __init__(self, record: EvidenceRecord) -> None:
        super().__init__(f"the file is {record.verdict}: {record.finding or 'the scanner has not looked at it yet'}")
        self.record = record


class EvidenceKeeping:
    """Use cases around evidence. Who may write is asked by whoever calls; who may read is asked here."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        store: EvidenceStore,
        scanner: Scanner,
        limits: Limits,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.store = store
        self.scanner = scanner
        self.limits = limits
        self.clock = clock

    def add_file(self, assessment_id: int, question: str, stream: BinaryIO, said: Described, by: int) -> EvidenceRecord:
        """Put a file beside a question; the same one beside the same question again is the one that is there.

        `NotFound`, `NotAnswerable`, `Refused` (its kind), `TooLarge`, `WrongEvidence`: then nothing is stored.
        """
        said = checked(said, self._today())
        size, known = self.looked_at(stream)
        with self.sessions() as session:
            self._require_room(session, assessment_id, question, size)
        # Between two transactions: nobody waits for the store and the scanner.
        received = self.received(stream, known)
        with self.sessions() as session:
            self._require_room(writing(session), assessment_id, question, received.stored.size)
            self.note(session, received)
            row = self._row(assessment_id, question, said, by)
            row.kind, row.sha256 = "file", received.stored.sha256
            return self._added(session, row)

    def looked_at(self, stream: BinaryIO) -> tuple[int, Recognised]:
        """The size of a file and what it is. `TooLarge`, `Refused`: nothing is stored."""
        size = stream.seek(0, 2)
        if size > self.limits.file:
            raise TooLarge(self.limits.file)
        return size, recognise(stream)

    def received(self, stream: BinaryIO, known: Recognised) -> Received:
        """Put a file into the store and have it scanned; outside of any transaction."""
        stored = self.store.put(stream, self.limits.file)
        return Received(stored, known, self._scanned(stored.sha256))

    def note(self, session: Session, received: Received) -> None:
        """Enter a received file, in the transaction of what it belongs to."""
        self._note_file(session, received.stored, received.known, received.scan)

    def add_link(self, assessment_id: int, question: str, url: str, said: Described, by: int) -> EvidenceRecord:
        """Put a link beside a question. `NotFound`, `NotAnswerable`, `WrongEvidence`."""
        address = url.strip()
        fault = fault_of_address(address)
        named = said if said.name.strip() or fault else replace(said, name=urlsplit(address).netloc)
        said = checked(named, self._today(), {"url": fault} if fault else {})
        with self.sessions() as session:
            self._writable(writing(session), assessment_id, question)
            row = self._row(assessment_id, question, said, by)
            row.kind, row.url = "link", address
            return self._added(session, row)

    def change(self, evidence_id: int, said: Described, by: int) -> EvidenceRecord:
        """Say something else of evidence; an empty name keeps the one there is. `NotFound`, `NotAnswerable`."""
        with self.sessions() as session:
            row = self._standing(writing(session), evidence_id)
            said = checked(said if said.name.strip() else replace(said, name=row.name), self._today())
            before = f"{row.name} · {row.dated} · {row.valid_until} · {row.note}"
            row.name, row.note, row.dated, row.valid_until = said.name, said.note, said.dated, said.valid_until
            self._tell(session, "evidence changed", row, by, f"before: {before}")
            session.commit()
            return evidence(session, evidence_id)

    def remove(self, evidence_id: int, by: int) -> EvidenceRecord:
        """Take evidence away from its question. What was submitted with it shows it still."""
        with self.sessions() as session:
            row = self._standing(writing(session), evidence_id)
            row.removed_at, row.removed_by = self.clock(), by
            session.commit()
            return evidence(session, evidence_id)

    def read(self, evidence_id: int, held: Iterable[Held]) -> OpenedEvidence:
        """Open a file for whoever holds these grants. `NotFound` for whoever may not read it, `Unreadable`."""
        with self.sessions() as session:
            record = evidence(session, evidence_id)
            if record.sha256 is None or not readable_by(session, record, held):
                raise NotFound(f"there is no evidence {evidence_id}")
        if not record.readable:
            raise Unreadable(record)
        return OpenedEvidence(record, self.store.open(record.sha256))

    def scan_waiting(self) -> Scans:
        """Scan every file that no scanner has seen, where there is a scanner."""
        unseen = () if isinstance(self.scanner, NoScanner) else (Verdict.WAITING, Verdict.UNSCANNED)
        with self.sessions() as session:
            hashes = session.scalars(select(EvidenceFile.sha256).where(EvidenceFile.verdict.in_(unseen))).all()
        return Scans(**Counter(self._scan_again(sha256) for sha256 in hashes))

    def missing(self) -> tuple[str, ...]:
        """Files that evidence names and the store does not have: for after a restore."""
        with self.sessions() as session:
            named = session.scalars(select(EvidenceFile.sha256).order_by(EvidenceFile.sha256)).all()
        there = set(self.store.list()) if named else set()
        return tuple(one for one in named if one not in there)

    def _today(self) -> date:
        return day_of(self.clock())

    def _writable(self, session: Session, assessment_id: int, question: str) -> None:
        locked(session, assessment_id)  # one at a time, so that the same thing sent twice is found
        record = answerable(session, assessment_id, self.clock())
        instrument(session, record.round.definition).questionnaire.question(question)

    def _require_room(self, session: Session, assessment_id: int, question: str, size: int) -> None:
        self._writable(session, assessment_id, question)
        if bytes_of(session, assessment_id) + size > self.limits.assessment:
            raise WrongEvidence({"file": Fault.TOO_MUCH})

    def _standing(self, session: Session, evidence_id: int) -> Row:
        row = session.get(Row, evidence_id)
        if row is None or row.removed_at is not None:
            raise NotFound(f"there is no evidence {evidence_id}")
        answerable(session, row.assessment_id, self.clock())
        return row

    def _row(self, assessment_id: int, question: str, said: Described, by: int) -> Row:
        row = Row(assessment_id=assessment_id, question=question, name=said.name, note=said.note)
        row.dated, row.valid_until = said.dated, said.valid_until
        row.uploaded_at, row.uploaded_by = self.clock(), by
        return row

    @staticmethod
    def _added(session: Session, row: Row) -> EvidenceRecord:
        same = select(Row.id).where(
            Row.assessment_id == row.assessment_id,
            Row.question == row.question,
            Row.sha256.is_not_distinct_from(row.sha256),
            Row.url.is_not_distinct_from(row.url),
            Row.removed_at.is_(None),
        )
        known = session.scalar(same.limit(1))
        if known is None:
            session.add(row)
            session.flush()
        session.commit()
        return evidence(session, known or row.id)

    def _note_file(self, session: Session, stored: StoredFile, known: Recognised, scan: Scan) -> None:
        row = EvidenceFile(sha256=stored.sha256, size=stored.size, stored_at=self.clock(), finding="")
        row.media_type, row.locked, row.verdict = known.kind.media_type, known.locked, Verdict.WAITING
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # it was handed in before, or is in this very moment
            row = session.get_one(EvidenceFile, stored.sha256, with_for_update=True)
        self._judged(row, scan)

    def _judged(self, row: EvidenceFile, scan: Scan) -> None:
        """What a scanner once said of a file stands until one says something else."""
        if scan.verdict in SAID or row.verdict not in SAID:
            row.verdict, row.finding = scan.verdict, scan.detail[:200]
            row.scanned_at = self.clock() if scan.verdict in SAID else None

    def _scanned(self, sha256: str) -> Scan:
        try:
            stream = self.store.open(sha256)
        except NotFound as error:
            return Scan(Verdict.WAITING, str(error))
        with closing(stream):
            return self.scanner.scan(stream)

    def _scan_again(self, sha256: str) -> str:
        scan = self._scanned(sha256)
        with self.sessions() as session:
            self._judged(writing(session).get_one(EvidenceFile, sha256), scan)
            session.commit()
        return scan.verdict

    def _tell(self, session: Session, action: str, row: Row, by: int, detail: str) -> None:
        event = AuditEvent(at=self.clock(), actor=actor_of(by), action=action, subject=f"evidence {row.id}")
        event.detail = detail
        session.add(event)


def readable_by(session: Session, record: EvidenceRecord, held: Iterable[Held]) -> bool:
    """Whether whoever holds these grants may read it: all of it at his own place, reviewers what was submitted."""
    grants, of = list(held), assessment(session, record.assessment)
    if may_at(grants, Permission.SEE_ASSESSMENT, of.place):
        return True
    return may_at(grants, Permission.REVIEW, of.place, of.round.opened_at) and submitted(session, record)
