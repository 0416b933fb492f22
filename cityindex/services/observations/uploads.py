"""Figures uploaded by hand: kept, shown as they would be stored, confirmed, and, those of a place, accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.calendars import Era
from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.formats.personal_tables import require_no_person, require_no_persons
from cityindex.formats.upload_templates import columns_of
from cityindex.formats.uploaded import LARGEST, kind_of, tables_in
from cityindex.models import AuditEvent, Upload, UploadEvent, UploadFile, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.observations.uploads import ACCEPTED, CHECKED, CONFIRMED, RETURNED, WITHDRAWN, UploadRecord
from cityindex.queries.observations.uploads import upload as read_upload
from cityindex.services.observations.observations import Observations
from cityindex.services.observations.plan import Plan
from cityindex.services.observations.upload_preview import Preview, Reading, preview_of

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

LONGEST_NAME, LONGEST_WORDS = 200, 2000


class Changed(Conflict):
    """What would be stored is no longer what the person was shown."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read: see `models.Upload`."""

    sheet: str | None = None
    era: Era | None = None
    period: int | None = None


AS_IT_SAYS = Choices()
"""As the file itself says it."""


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A file that somebody hands in: for a place (its row), or, as an analyst, for any."""

    content: bytes
    file_name: str
    source: str
    account_id: int
    place_id: int | None = None
    choices: Choices = AS_IT_SAYS


class Uploads:
    """Use cases of figures by hand. Who may do what at which place is asked by the pages."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        catalogue: Catalogue,
        observations: Observations,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.observations = observations
        self.clock = clock

    def keep(self, new: NewUpload) -> int:
        """Keep a file as it is, whatever else is wrong inside it. Returns its number.

        `WrongKind` for what is neither CSV nor XLSX by its content, `AboutPersons` for what seems to hold data about
        persons, `Invalid` without a source or for too large a file.
        """
        if not new.source.strip():
            raise Invalid("nothing says where the figures come from")
        if len(new.content) > LARGEST:
            raise Invalid(f"the file is larger than {LARGEST} bytes")
        kind = kind_of(new.content)
        require_no_person(new.file_name, new.source)
        require_no_persons(new.file_name, tables_in(new.content, kind), self._headings)
        with self.sessions() as session:
            row = Upload(
                place_id=new.place_id,
                account_id=new.account_id,
                at=self.clock(),
                source=new.source.strip()[:LONGEST_WORDS],
                file_name=new.file_name[-LONGEST_NAME:] or "file",
                file_hash=sha256(new.content).hexdigest(),
                file_size=len(new.content),
                kind=kind,
            )
            _choose(row, new.choices)
            writing(session).add(row)
            session.flush()
            session.add(UploadFile(upload_id=row.id, content=new.content))
            self._note(session, UploadEvent(upload_id=row.id, deed=CHECKED, account_id=new.account_id))
            session.commit()
            return row.id

    def _headings(self, header: Sequence[str]) -> Mapping[str, str]:
        """What headings mean, in the words of the template or by their codes."""
        own = {code: code for code in header if code in self.catalogue.indicators}
        return own | columns_of(header, self.catalogue.indicators)

    def choose(self, upload_id: int, choices: Choices) -> None:
        """Have the file read in another way, while nobody has confirmed it. `NotFound`, `Conflict`."""
        with self.sessions() as session:
            row = _locked(writing(session), upload_id)
            if read_upload(session, upload_id).state != CHECKED:
                raise Conflict(f"upload {upload_id} is confirmed: how it is read stays as it was shown")
            _choose(row, choices)
            session.commit()

    def file(self, upload_id: int) -> bytes:
        """The file as it was handed in. `NotFound`."""
        with self.sessions() as session:
            content = session.scalar(select(UploadFile.content).where(UploadFile.upload_id == upload_id))
        if content is None:
            raise NotFound(f"there is no upload {upload_id}")
        return content

    def preview(self, upload_id: int) -> Preview:
        """What would be stored if it were now. Nothing is. `NotFound`."""
        with self.sessions() as session:
            record = read_upload(session, upload_id)
        return preview_of(self._reading(record))

    def confirm(self, upload_id: int, by: int, shown: str) -> None:
        """Vouch for the figures as they were shown (the fingerprint of the preview).

        Those of a place wait for a decision then; those of an analyst are stored. `Invalid` where anything is wrong in
        the file, `Changed` where something else would be stored than what was shown, `Conflict` in any other state.
        """
        with self.sessions() as session:
            record = read_upload(session, upload_id)
        _require(record, CONFIRMED)
        if record.place is None:
            self._record(record, by, shown, (CONFIRMED, ACCEPTED))
            return
        found = preview_of(self._reading(record))
        if found.problems:
            raise Invalid(f"upload {upload_id} has problems", found.problems)
        if found.fingerprint != shown:
            raise Changed(f"upload {upload_id} would store something else by now")
        with self.sessions() as session:
            _require(self._again(session, upload_id), CONFIRMED)
            event = UploadEvent(upload_id=upload_id, deed=CONFIRMED, account_id=by, difference=shown)
            self._note(session, event)
            session.commit()

    def accept(self, upload_id: int, by: int, shown: str) -> None:
        """Store the figures that a place has confirmed. Errors as `confirm`; `Forbidden` to whoever confirmed them."""
        with self.sessions() as session:
            record = read_upload(session, upload_id)
        _require(record, ACCEPTED)
        _require_other(record, by)
        self._record(record, by, shown, (ACCEPTED,))

    def give_back(self, upload_id: int, by: int, reason: str) -> None:
        """Return what a place has confirmed, saying why. `Invalid` without a reason, `Conflict`, `Forbidden`."""
        if not reason.strip():
            raise Invalid("nothing says why the figures are returned")
        with self.sessions() as session:
            record = self._again(session, upload_id)
            _require(record, RETURNED)
            _require_other(record, by)
            said = reason.strip()[:LONGEST_WORDS]
            self._note(session, UploadEvent(upload_id=upload_id, deed=RETURNED, account_id=by, reason=said))
            session.commit()

    def withdraw(self, upload_id: int, by: int) -> None:
        """Take back what nobody has decided on. `Conflict`."""
        with self.sessions() as session:
            _require(self._again(session, upload_id), WITHDRAWN)
            self._note(session, UploadEvent(upload_id=upload_id, deed=WITHDRAWN, account_id=by))
            session.commit()

    def _reading(self, record: UploadRecord) -> Reading:
        return Reading(record, self.file(record.id), self.catalogue, self.observations)

    def _record(self, record: UploadRecord, by: int, shown: str, deeds: tuple[str, ...]) -> None:
        """Store the figures and note the deeds, both or neither."""

        def note(session: Session, plan: Plan, recording: int | None) -> None:
            _require(self._again(session, record.id), deeds[0])
            if plan.fingerprint != shown:
                raise Changed(f"upload {record.id} would store something else by now")
            for deed in deeds:
                event = UploadEvent(upload_id=record.id, deed=deed, account_id=by, difference=shown)
                event.recording_id = recording if deed == ACCEPTED else None
                self._note(session, event)

        self._reading(record).store(actor_of(by), note)

    @staticmethod
    def _again(session: Session, upload_id: int) -> UploadRecord:
        """The upload as it is now that nobody else can change it."""
        _locked(session if session.in_transaction() else writing(session), upload_id)
        return read_upload(session, upload_id)

    def _note(self, session: Session, event: UploadEvent) -> None:
        event.at = self.clock()
        actor = actor_of(event.account_id)
        trail = AuditEvent(at=event.at, actor=actor, action=f"upload {event.deed}", subject=f"upload {event.upload_id}")
        session.add_all([event, trail])


def _choose(row: Upload, choices: Choices) -> None:
    row.sheet, row.era, row.period = choices.sheet, choices.era, choices.period


def _locked(session: Session, upload_id: int) -> Upload:
    row = session.get(Upload, upload_id, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no upload {upload_id}")
    return row


def _require(record: UploadRecord, deed: str) -> None:
    if not record.may_become(deed):
        raise Conflict(f"upload {record.id} is {record.state}: it cannot be {deed}")


def _require_other(record: UploadRecord, by: int) -> None:
    confirmed = record.deed(CONFIRMED)
    if confirmed is not None and by in (confirmed.account_id, record.account_id):
        raise Forbidden("nobody decides on figures of his own")
