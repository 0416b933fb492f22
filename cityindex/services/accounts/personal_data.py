"""What is kept about a person: handed out on request, erased on request, and erased by itself in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, LargeBinary, String, Table, delete, or_, select
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, NotFound
from cityindex.models import Account, Base, KnowledgeThanks, Letter, RoleGrant, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services.accounts.people import Deed, close_account, tell

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

SECRETS = frozenset({"key_hash", "password_hash", "link_hash", "secret", "code_hash", "last_step", "epoch"})
"""Said to be there, never handed out."""
OF_OTHERS: Mapping[str, frozenset[str]] = {"mistake": frozenset({"email", "said"}), "voice_reason": frozenset({"text"})}
"""What others said, and how they are reached, in rows that the person answered or decided on: not handed out either."""
NAMING = ("actor", "subject", "by")
"""Columns of text that name a person as `account 12`, beside all whose names end in `_by`."""
NOT_SHOWN = "(kept, not shown)"
LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how long: closed accounts until they are erased, letters that have gone until they are deleted."""

    accounts: timedelta
    letters: timedelta


@dataclass(frozen=True, slots=True)
class Forgotten:
    accounts: int
    letters: int


class PersonalData:
    """Deeds stay under a number, `account 12`; name and e-mail address stand in the account only, and can go."""

    def __init__(self, sessions: sessionmaker[Session], keeping: Keeping, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.keeping = keeping
        self.clock = clock

    def export(self, account_id: int) -> dict[str, Any]:
        """Everything that is kept about a person or was done under the account, by table; secrets left out."""
        with self.sessions() as session:
            if session.get(Account, account_id) is None:
                raise NotFound(f"there is no account {account_id}")
            found = {table.name: _rows(session, table, account_id) for table in Base.metadata.sorted_tables}
            told = {name: rows for name, rows in found.items() if rows}
            return {"exported_at": self.clock().isoformat(), "known_as": actor_of(account_id), "tables": told}

    def erase(self, account_id: int) -> None:
        """Erase name and address, end every role and session; deeds stay. `Conflict` for the last administrator."""
        with self.sessions() as session:
            account = writing(session).get(Account, account_id)
            if account is None or not account.email:
                raise NotFound(f"there is nobody to erase in account {account_id}")
            if self._last_administrator(session, account_id):
                raise Conflict("the last administrator cannot go: give somebody else the role first")
            self._erase(session, account, actor_of(account_id))
            session.commit()

    def forget_due(self) -> Forgotten:
        """Erase and delete what has been kept for long enough."""
        at = self.clock()
        with self.sessions() as session:
            due = select(Account).where(Account.closed_at < at - self.keeping.accounts, Account.email != "")
            accounts = writing(session).scalars(due).all()
            for account in accounts:
                self._erase(session, account, "retention")
            gone = delete(Letter).where(Letter.next_try_at.is_(None), Letter.written_at < at - self.keeping.letters)
            count = session.execute(gone.returning(Letter.id)).all()
            session.commit()
            return Forgotten(len(accounts), len(count))

    def _erase(self, session: Session, account: Account, by: str) -> None:
        deed = Deed(by, self.clock())
        if account.closed_at is None:
            close_account(session, deed, account)
        account.email = account.name = ""
        session.execute(delete(KnowledgeThanks).where(KnowledgeThanks.account_id == account.id))
        account.epoch += 1
        tell(session, deed, "person erased", account)

    @staticmethod
    def _last_administrator(session: Session, account_id: int) -> bool:
        in_force = select(RoleGrant.account_id).where(RoleGrant.role == "administrator", RoleGrant.ended_at.is_(None))
        return session.scalars(in_force.distinct()).all() == [account_id]


def _rows(session: Session, table: Table, account_id: int) -> list[dict[str, Any]]:
    conditions = list(of_person(table, account_id))
    if not conditions:
        return []
    columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
    rows = session.execute(select(*columns).where(or_(*conditions)).order_by(*table.primary_key))
    hidden = SECRETS | OF_OTHERS.get(table.name, frozenset())
    return [{name: _plain(value, name in hidden) for name, value in row._mapping.items()} for row in rows]


def of_person(table: Table, account_id: int) -> Iterator[ColumnElement[bool]]:
    """What makes a row of a table the person's."""
    if table.name == Account.__tablename__:
        yield table.c.id == account_id
    for column in table.columns:
        if _refers(column):
            yield column == account_id
        elif isinstance(column.type, String) and (column.name in NAMING or column.name.endswith("_by")):
            yield column == actor_of(account_id)


def _refers(column: Column[Any]) -> bool:
    return any(key.target_fullname == "account.id" for key in column.foreign_keys)


def _plain(value: Any, hidden: bool) -> Any:
    if hidden:
        return None if value is None else NOT_SHOWN
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value[:LONGEST] if isinstance(value, str) else value
