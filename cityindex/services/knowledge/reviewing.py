"""What is written by a place, handed in, and decided on by somebody else before everybody sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.models import AuditEvent, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.knowledge.desks import Tables
from cityindex.queries.knowledge.reviewed import (
    ACCEPTED,
    DISCARDED,
    EDITABLE,
    HIDDEN,
    RETURNED,
    SHOWN,
    SUBMITTED,
    WITHDRAWN,
    Reviewed,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

LONGEST_REASON = 2000
NOT_COPIED = ("id", "number", "made_at", "made_by")
R = TypeVar("R", bound=Reviewed[Any])
S = TypeVar("S")
C = TypeVar("C")


class Changed(Conflict):
    """Somebody else has changed the version since the form was opened."""


class Reviewing(ABC, Generic[R, S, C]):
    """The deeds about versions of one kind of thing. Who may do what at which place is asked by the pages.

    `R` is what is read of it, `S` what somebody says in a form, `C` the same in clean words.
    """

    what: ClassVar[str]
    """What it is called in the trail."""
    tables: ClassVar[Tables]

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    @abstractmethod
    def read(self, session: Session, number: int) -> R:
        """Raises `NotFound`."""

    @abstractmethod
    def _show(self, session: Session, number: int) -> None:
        """Bring what readers see in line with the events, within the transaction."""

    @abstractmethod
    def _checked(self, said: S) -> C:
        """Raises `WrongKnowledge` with every fault."""

    @abstractmethod
    def _columns(self, clean: C) -> Mapping[str, Any]:
        """What the row of a version says."""

    def _say_beside(self, session: Session, version_id: int, clean: C) -> None:
        """Write what a version says in other tables, in place of what stands there."""

    def _carry(self, session: Session, version_id: int, last: Any) -> None:
        """Take along what the last version has in other tables."""

    def _require_whole(self, version: Any) -> None:
        """Raise where a version cannot be handed in yet."""

    def begin(self, place_id: int, said: S, by: int, demo: bool = False) -> int:
        """Write the first draft. Returns its number. `WrongKnowledge` with every fault."""
        clean = self._checked(said)
        with self.sessions() as session:
            row = self.tables.kept(place_id=place_id, created_at=self.clock(), created_by=by, demo=demo)
            writing(session).add(row)
            session.flush()
            version = self._new_version(session, row.id, 1, by, self._columns(clean))
            self._say_beside(session, version.id, clean)
            session.commit()
            return int(row.id)

    def change(self, number: int, said: S, by: int, seen: str = "") -> None:
        """Change the draft; of what was accepted, a new version is begun, and the old one stands until it is accepted.

        `seen` is the moment of the draft that the form was made from: `Changed` where it has moved on since.
        `Conflict` while a version waits for a decision; `WrongKnowledge`.
        """
        clean = self._checked(said)
        with self.sessions() as session:
            one = self._locked(session, number)
            draft = self._draft(session, one, by)
            if seen and one.pending is not None and draft.made_at.isoformat() != seen:
                raise Changed(f"{self.what} {number} was changed by somebody else")
            values = {**self._columns(clean), "made_at": self.clock(), "made_by": by}
            for name, value in values.items():
                setattr(draft, name, value)
            self._say_beside(session, draft.id, clean)
            session.commit()

    def submit(self, number: int, by: int) -> None:
        """Hand the draft in for review. `Conflict`."""
        with self.sessions() as session:
            version = _pending(self._locked(session, number))
            self._require_whole(version)
            self._note(session, version, SUBMITTED, by)
            session.commit()

    def withdraw(self, number: int, by: int) -> None:
        """Take back what nobody has decided on; it is a draft again. `Conflict`."""
        self._decide(number, WITHDRAWN, by)

    def discard(self, number: int, by: int) -> None:
        """Throw the draft away; what was accepted before stays. `Conflict`."""
        self._decide(number, DISCARDED, by)

    def accept(self, number: int, by: int, version_number: int) -> None:
        """Show the version that was handed in. `Forbidden` to whoever wrote it, `Conflict` where it moved on."""
        with self.sessions() as session:
            self._note(session, self._to_decide(session, number, by, version_number), ACCEPTED, by)
            session.flush()
            self._show(session, number)
            session.commit()

    def give_back(self, number: int, by: int, version_number: int, reason: str) -> None:
        """Return what was handed in, saying why. `Invalid` without a reason; errors as `accept`."""
        said = checked_reason(reason)
        with self.sessions() as session:
            self._note(session, self._to_decide(session, number, by, version_number), RETURNED, by, said)
            session.commit()

    def hide(self, number: int, by: int, reason: str) -> None:
        """Take down what is shown, saying why; its address says so. `Invalid`, `Conflict`."""
        self._turn(number, HIDDEN, by, checked_reason(reason))

    def show(self, number: int, by: int) -> None:
        """Show again what was taken down. `Conflict`."""
        self._turn(number, SHOWN, by, "")

    def _decide(self, number: int, deed: str, by: int) -> None:
        with self.sessions() as session:
            self._note(session, _pending(self._locked(session, number)), deed, by)
            session.commit()

    def _turn(self, number: int, deed: str, by: int, reason: str) -> None:
        with self.sessions() as session:
            decided = self._locked(session, number).decided
            if decided is None:
                raise Conflict(f"{self.what} {number} was never shown")
            self._note(session, decided, deed, by, reason)
            session.flush()
            self._show(session, number)
            session.commit()

    def _to_decide(self, session: Session, number: int, by: int, version_number: int) -> Any:
        one = self._locked(session, number)
        version = _pending(one)
        if version.number != version_number or version.state != SUBMITTED:
            raise Conflict(f"version {version_number} of {self.what} {number} does not wait for a decision")
        if by in one.contributors:
            raise Forbidden("nobody decides on what he wrote himself")
        return version

    def _draft(self, session: Session, one: R, by: int) -> Any:
        """The row of the draft; where there is none, a new version with what the last one says."""
        pending, last = one.pending, one.decided
        if pending is not None:
            if pending.state not in EDITABLE:
                raise Conflict(f"version {pending.number} of {self.what} {one.id} waits: withdraw it first")
            return session.get_one(self.tables.version, pending.id)
        if last is None:
            raise NotFound(f"{self.what} {one.id} was thrown away")
        source = session.get_one(self.tables.version, last.id)
        names = {column.key for column in source.__table__.columns} - {*NOT_COPIED, self.tables.of.key}
        said = {name: getattr(source, name) for name in names}
        row = self._new_version(session, one.id, one.versions[-1].number + 1, by, said)
        self._carry(session, row.id, last)
        return row

    def _new_version(self, session: Session, of: int, number: int, by: int, said: Mapping[str, Any]) -> Any:
        row = self.tables.version(**{self.tables.of.key: of}, number=number, made_at=self.clock(), made_by=by, **said)
        session.add(row)
        session.flush()
        return row

    def _locked(self, session: Session, number: int) -> R:
        """As it is now that nobody else can change it."""
        if not session.in_transaction():
            writing(session)
        if session.get(self.tables.kept, number, with_for_update=True) is None:
            raise NotFound(f"there is no {self.what} {number}")
        return self.read(session, number)

    def _note(self, session: Session, version: Any, deed: str, by: int, reason: str = "") -> None:
        if not version.may_become(deed):
            raise Conflict(f"version {version.number} is {version.state}: it cannot be {deed}")
        at = self.clock()
        event = self.tables.event(version_id=version.id, deed=deed, at=at, account_id=by, reason=reason)
        trail = AuditEvent(at=at, actor=actor_of(by), action=f"{self.what} {deed}", subject=f"version {version.id}")
        session.add_all([event, trail])


def checked_reason(reason: str) -> str:
    """Raises `Invalid` where nothing is said."""
    if not reason.strip():
        raise Invalid("nothing says why")
    return reason.strip()[:LONGEST_REASON]


def _pending(one: Any) -> Any:
    if one.pending is None:
        raise Conflict(f"nothing of {one.id} is being written")
    return one.pending
