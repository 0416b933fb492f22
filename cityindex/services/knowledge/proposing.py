"""Proposals and sandboxes that places write themselves: drafts, review, and what of them stands in the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, NotFound
from cityindex.models import Proposal, ProposalChange, ProposalEvent, ProposalVersion, WrittenProposal, now
from cityindex.queries.knowledge.reviewed import EDITABLE
from cityindex.queries.knowledge.written import COLUMNS, WrittenRecord, WrittenVersion, written
from cityindex.services.knowledge.proposed import Proposed, checked
from cityindex.services.knowledge.reviewing import Changed, Reviewing

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

WRITTEN = "written here"
"""The list of the register that nobody can import: what places wrote."""


class Proposing(Reviewing[WrittenRecord]):
    """Use cases of whoever proposes for a place, and of reviewers. Who may do what at which place is asked by pages."""

    what, kept, event = "proposal", WrittenProposal, ProposalEvent

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, clock: Callable[[], datetime] = now
    ) -> None:
        super().__init__(sessions, clock)
        self.catalogue = catalogue

    def begin(self, place_id: int, said: Proposed, by: int, demo: bool = False) -> int:
        """Write the first draft. Returns its number. `WrongKnowledge` with every fault."""
        values = checked(said, self.catalogue)
        with self.sessions() as session:
            row = WrittenProposal(place_id=place_id, created_at=self.clock(), created_by=by, demo=demo)
            writing(session).add(row)
            session.flush()
            self._add_version(session, row.id, 1, values, by)
            session.commit()
            return row.id

    def change(self, number: int, said: Proposed, by: int, seen: str = "") -> None:
        """Change the draft; of what was accepted, a new version is begun, and the old one stands until it is accepted.

        `seen` is the moment of the draft that the form was made from: `Changed` where it has moved on since.
        `Conflict` while a version waits for a decision; `WrongKnowledge`.
        """
        values = checked(said, self.catalogue)
        with self.sessions() as session:
            one = self._locked(session, number)
            pending = _editable(one)
            if pending is None:
                self._add_version(session, number, one.versions[-1].number + 1, values, by)
            else:
                if seen and pending.made_at.isoformat() != seen:
                    raise Changed(f"proposal {number} was changed by somebody else")
                self._say(session.get_one(ProposalVersion, pending.id), values, by)
            session.commit()

    def _read(self, session: Session, number: int) -> WrittenRecord:
        return written(session, number)

    def _show(self, session: Session, number: int) -> None:
        """The line of the register says what the version in force says; taken down, it keeps its number."""
        one = self._read(session, number)
        row = session.scalar(select(Proposal).where(Proposal.written_id == number))
        version = one.current
        if version is None:
            if row is not None:
                row.hidden = True
            return
        values = {name: getattr(version, name) for name in COLUMNS}
        if row is None:
            row = Proposal(list=WRITTEN, code=f"{one.place.code}-{number}", place_id=one.place.id, written_id=number)
            row.demo = one.demo
            session.add(row)
        elif (row.status, row.outcome) != (version.status, version.outcome):
            session.add(_before(row, self.clock()))
        for name, value in {**values, "imported_at": version.accepted_at, "hidden": False}.items():
            setattr(row, name, value)
        row.source = one.place.name_th

    def _add_version(self, session: Session, written_id: int, number: int, values: Mapping[str, Any], by: int) -> None:
        row = ProposalVersion(written_id=written_id, number=number, made_at=self.clock(), made_by=by, **values)
        session.add(row)
        session.flush()

    def _say(self, row: ProposalVersion, values: Mapping[str, Any], by: int) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.made_at, row.made_by = self.clock(), by


def _editable(one: WrittenRecord) -> WrittenVersion | None:
    """The draft; None where a new version is to be begun."""
    pending = one.pending
    if pending is not None and pending.state not in EDITABLE:
        raise Conflict(f"version {pending.number} of proposal {one.id} waits for a decision: withdraw it first")
    if pending is None and one.decided is None:
        raise NotFound(f"proposal {one.id} was thrown away")
    return pending


def _before(row: Proposal, at: datetime) -> ProposalChange:
    return ProposalChange(proposal_id=row.id, at=at, status=row.status, outcome=row.outcome, source=row.source)
