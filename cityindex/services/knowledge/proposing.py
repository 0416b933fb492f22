"""Proposals and sandboxes that places write themselves: drafts, review, and what of them stands in the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Catalogue
from cityindex.models import Proposal, ProposalChange, now
from cityindex.queries.knowledge.written import COLUMNS, TABLES, WrittenRecord, written
from cityindex.services.knowledge.proposed import Proposed, checked
from cityindex.services.knowledge.reviewing import Reviewing

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

WRITTEN = "written here"
"""The list of the register that nobody can import: what places wrote."""


class Proposing(Reviewing[WrittenRecord, Proposed, Mapping[str, Any]]):
    """Use cases of whoever proposes for a place, and of reviewers. Who may do what at which place is asked by pages."""

    what, tables = "proposal", TABLES

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, clock: Callable[[], datetime] = now
    ) -> None:
        super().__init__(sessions, clock)
        self.catalogue = catalogue

    def _checked(self, said: Proposed) -> Mapping[str, Any]:
        return checked(said, self.catalogue)

    def _columns(self, clean: Mapping[str, Any]) -> Mapping[str, Any]:
        return clean

    def read(self, session: Session, number: int) -> WrittenRecord:
        return written(session, number)

    def _show(self, session: Session, number: int) -> None:
        """The line of the register says what the version in force says; taken down, it keeps its number."""
        one = self.read(session, number)
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


def _before(row: Proposal, at: datetime) -> ProposalChange:
    return ProposalChange(proposal_id=row.id, at=at, status=row.status, outcome=row.outcome, source=row.source)
