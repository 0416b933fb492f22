"""What is written by a place, handed in, and decided on by somebody else before everybody sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.models import AuditEvent, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.knowledge.reviewed import (
    ACCEPTED,
    DISCARDED,
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
R = TypeVar("R", bound=Reviewed[Any])


class Changed(Conflict):
    """Somebody else has changed the version since the form was opened."""


class Reviewing(ABC, Generic[R]):
    """The deeds about versions of one kind of thing. Who may do what at which place is asked by the pages."""

    what: ClassVar[str]
    """What it is called in the trail."""
    kept: ClassVar[type[Any]]
    """The mapped class whose row is locked while its versions change."""
    event: ClassVar[type[Any]]

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    @abstractmethod
    def _read(self, session: Session, number: int) -> R: ...

    @abstractmethod
    def _show(self, session: Session, number: int) -> None:
        """Bring what readers see in line with the events, within the transaction."""

    def _require_whole(self, version: Any) -> None:
        """Raise where a version cannot be handed in yet."""

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

    def _locked(self, session: Session, number: int) -> R:
        """As it is now that nobody else can change it."""
        if not session.in_transaction():
            writing(session)
        if session.get(self.kept, number, with_for_update=True) is None:
            raise NotFound(f"there is no {self.what} {number}")
        return self._read(session, number)

    def _note(self, session: Session, version: Any, deed: str, by: int, reason: str = "") -> None:
        if not version.may_become(deed):
            raise Conflict(f"version {version.number} is {version.state}: it cannot be {deed}")
        at = self.clock()
        event = self.event(version_id=version.id, deed=deed, at=at, account_id=by, reason=reason)
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
