"""A clock to turn, and a small world of places with people in it, for the tests around accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.models import Letter, Place
from cityindex.queries.accounts.accounts import AccountRecord, account
from cityindex.services.accounts.accounts import Accounts, NewAccount
from cityindex.services.accounts.handover import Handover
from cityindex.services.accounts.identities import Identities
from cityindex.services.accounts.invitation_rules import Inviter
from cityindex.services.accounts.invitations import Invitations
from cityindex.services.accounts.second_factor import SecondFactor
from cityindex.services.letters import Letters
from tests.integration import small

GOOD, OTHER, HERE = "correct horse battery", "ม้าเขียวกินทุเรียน", "192.0.2.1"
OPERATOR = Inviter("command line", None)


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class World:
    """Provinces 10 and 50 with the municipalities M0 to M7 in turn, and the services over them."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        small.fill(self.engine)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        types = small.catalogue().codelist("place-types")
        self.accounts = Accounts(self.sessions, "secret", self.clock)
        self.second_factor = SecondFactor(self.sessions, "secret", self.clock)
        self.identities = Identities(self.sessions, self.clock)
        self.invitations = Invitations(self.sessions, types, self.clock)
        self.handover = Handover(self.sessions, types, self.clock)
        self.letters = Letters(self.sessions, None, "https://city.example.go.th", self.clock)

    def add(self, name: str, role: str, place: str | None = None, password: str | None = GOOD) -> int:
        return self.accounts.add(NewAccount(f"{name}@example.go.th", role, place, name, password), "test").account

    def record(self, number: int) -> AccountRecord:
        with self.sessions() as session:
            found = account(session, number)
            assert found is not None
            return found

    def roles(self, number: int) -> list[tuple[str, str | None]]:
        return [(grant.role, grant.place) for grant in self.record(number).grants]

    def inviter(self, number: int) -> Inviter:
        record = self.record(number)
        return Inviter(record.actor, record.held)

    def place(self, code: str) -> int:
        with Session(self.engine) as session:
            return session.scalars(select(Place.id).where(Place.code == code)).one()

    def waiting(self) -> list[tuple[int, str]]:
        """(account, kind) of the letters that wait, as they were written."""
        with Session(self.engine) as session:
            query = select(Letter.account_id, Letter.kind).where(Letter.next_try_at.is_not(None)).order_by(Letter.id)
            return [(number, kind) for number, kind in session.execute(query)]

    def letter(self, number: int) -> str:
        """The words of the newest letter to an account that waits."""
        with Session(self.engine) as session:
            query = select(Letter.id).where(Letter.account_id == number, Letter.next_try_at.is_not(None))
            found = session.scalars(query.order_by(Letter.id.desc())).first()
        assert found is not None
        return self.letters.hand_out(found, "test").text
