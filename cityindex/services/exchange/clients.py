"""Access for programs: asked for, granted or refused, with keys that are shown once and end at once when revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import ApiKey, AuditEvent, Client, DataUse, now
from cityindex.queries.accounts.clients import Caller, caller
from cityindex.services.exchange.scopes import Scope, known_places, read_scopes, within, written

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

PREFIX = "ci_"
SHOWN = 10
"""Characters of a key by which its owner knows it again."""
RATE, MOST_RATE = 3000, 60_000
"""Requests a minute of a key, where nothing else is said, and at most."""
LASTS, LONGEST = timedelta(days=365), timedelta(days=730)
OPEN_KEYS = 5
"""Keys in force that one client may have: two while changing over, and some for machines."""
Uses = Mapping[tuple[date, int, str, int], int]
"""Requests by day, key, data set and place."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: by which program, of whom, what for."""

    name: str
    organisation: str
    purpose: str
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class NewKey:
    """The secret of a key: this is the only time that it is known."""

    id: int
    client: int
    secret: str
    expires: datetime


class Clients:
    """The use cases around access for programs."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def ask(self, wish: Wish, account: int, by: str) -> int:
        """Ask for access; somebody else decides. Raises `Invalid`."""
        with self.sessions() as session:
            made = self._add(writing(session), wish, account)
            self._tell(session, by, "access asked for", made)
            session.commit()
            return made.id

    def add(self, wish: Wish, by: str, rate: int = RATE, lasts: timedelta = LASTS) -> NewKey:
        """Make a client with a key at once, as an operator does. Raises `Invalid`."""
        with self.sessions() as session:
            made = self._add(writing(session), wish, None)
            self._grant(session, made, by, rate)
            key = self._issue(session, made, by, lasts)
            session.commit()
            return key

    def grant(self, client: int, by: str, scopes: Iterable[Scope], rate: int = RATE) -> None:
        """Grant what was asked for, or as much of it as `scopes` say. `Conflict` where it was decided already."""
        with self.sessions() as session:
            found = _waiting(writing(session), client)
            found.scopes = written(known_places(session, scopes))
            self._grant(session, found, by, rate)
            session.commit()

    def refuse(self, client: int, by: str, reason: str) -> None:
        """Raises `Conflict` where it was decided already."""
        with self.sessions() as session:
            found = _waiting(writing(session), client)
            found.granted, found.reason = False, reason.strip()
            found.decided_at, found.decided_by = self.clock(), by
            self._tell(session, by, "access refused", found)
            session.commit()

    def issue(self, client: int, by: str, lasts: timedelta = LASTS, scopes: Iterable[Scope] | None = None) -> NewKey:
        """A new key of a client, with all or some of what it was granted. Raises `Conflict` or `Invalid`."""
        with self.sessions() as session:
            key = self._issue(session, _open(writing(session), client), by, lasts, scopes)
            session.commit()
            return key

    def revoke(self, key: int, by: str, client: int | None = None) -> None:
        """End a key now. Raises `NotFound` where there is none (of that client)."""
        with self.sessions() as session:
            found = writing(session).get(ApiKey, key)
            if found is None or client not in (None, found.client_id):
                raise NotFound(f"there is no key {key}")
            if found.revoked_at is None:
                found.revoked_at, found.revoked_by = self.clock(), by
                self._tell(session, by, "key revoked", found)
            session.commit()

    def close(self, client: int, by: str) -> None:
        """End a client with all its keys. What it read stays counted."""
        with self.sessions() as session:
            found = _open(writing(session), client)
            at = self.clock()
            keys = update(ApiKey).where(ApiKey.client_id == client, ApiKey.revoked_at.is_(None))
            session.execute(keys.values(revoked_at=at, revoked_by=by))
            found.closed_at = at
            self._tell(session, by, "access ended", found)
            session.commit()

    def identify(self, secret: str) -> Caller | None:
        """Whose key it is, at this moment; None for one that opens nothing."""
        with self.sessions() as session:
            return caller(session, digest(secret), self.clock())

    def count(self, uses: Uses) -> None:
        """Add to what was read, and note when keys were last used."""
        with self.sessions() as session:
            writing(session)
            for (day, key, dataset, place), requests in uses.items():
                row = {"day": day, "key_id": key, "dataset": dataset, "place_id": place, "requests": requests}
                session.execute(_added(session, row))
            keys = {key for _, key, _, _ in uses if key}
            session.execute(update(ApiKey).where(ApiKey.id.in_(keys)).values(last_used_at=self.clock()))
            session.commit()

    def _add(self, session: Session, wish: Wish, account: int | None) -> Client:
        _require_words(wish)
        made = Client(
            name=wish.name.strip(),
            organisation=wish.organisation.strip(),
            purpose=wish.purpose.strip(),
            account_id=account,
            scopes=written(known_places(session, wish.scopes)),
            rate=RATE,
            asked_at=self.clock(),
        )
        session.add(made)
        session.flush()
        return made

    def _grant(self, session: Session, client: Client, by: str, rate: int) -> None:
        if not 1 <= rate <= MOST_RATE:
            problem = Problem(
                "not a rate that can be granted", f"write 1 to {MOST_RATE} requests a minute", column="rate"
            )
            raise Invalid("the rate cannot be granted", [problem])
        client.granted, client.rate = True, rate
        client.decided_at, client.decided_by = self.clock(), by
        self._tell(session, by, "access granted", client)

    def _issue(
        self, session: Session, client: Client, by: str, lasts: timedelta, scopes: Iterable[Scope] | None = None
    ) -> NewKey:
        at, held = self.clock(), read_scopes(client.scopes)
        _require_room(session, client, at)
        if not timedelta(0) < lasts <= LONGEST:
            problem = Problem("a key cannot last so long", f"write 1 to {LONGEST.days} days", column="days")
            raise Invalid("a key ends", [problem])
        given = held if scopes is None else tuple(scopes)
        if not within(given, held):
            problem = Problem("the client was not granted this", "choose among its scopes", column="scope")
            raise Invalid("a key has no more than its client", [problem])
        secret = PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(
            client_id=client.id,
            start=secret[:SHOWN],
            key_hash=digest(secret),
            scopes=written(given),
            made_at=at,
            made_by=by,
            expires_at=at + lasts,
        )
        session.add(key)
        session.flush()
        self._tell(session, by, "key issued", key)
        return NewKey(key.id, client.id, secret, key.expires_at)

    def _tell(self, session: Session, by: str, action: str, row: Client | ApiKey) -> None:
        number = row.id if isinstance(row, Client) else row.client_id
        detail = f"key {row.start}…" if isinstance(row, ApiKey) else row.scopes.replace("\n", " ")
        event = AuditEvent(at=self.clock(), actor=by, action=action, subject=f"client {number}", detail=detail)
        session.add(event)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_words(wish: Wish) -> None:
    words = {"name": wish.name, "organisation": wish.organisation, "purpose": wish.purpose}
    missing = [name for name, text in words.items() if not text.strip()]
    if missing:
        raise Invalid(
            "something is missing in what is asked for",
            [Problem("this is needed", "write a few words", column=name) for name in missing],
        )


def _waiting(session: Session, client: int) -> Client:
    found = _known(session, client)
    if found.granted is not None or found.closed_at is not None:
        raise Conflict(f"client {client} was decided on already")
    return found


def _open(session: Session, client: int) -> Client:
    found = _known(session, client)
    if not found.granted or found.closed_at is not None:
        raise Conflict(f"client {client} has no access (any more)")
    return found


def _known(session: Session, client: int) -> Client:
    found = session.get(Client, client)
    if found is None:
        raise NotFound(f"there is no client {client}")
    return found


def _require_room(session: Session, client: Client, at: datetime) -> None:
    in_force = (ApiKey.client_id == client.id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > at)
    if (session.scalar(select(func.count()).select_from(ApiKey).where(*in_force)) or 0) >= OPEN_KEYS:
        raise Conflict(f"client {client.id} has {OPEN_KEYS} keys in force: revoke one first")


def _added(session: Session, row: Mapping[str, Any]) -> Any:
    """Both databases know it, each under its own name."""
    table: Any = DataUse.__table__
    insert: Any = (sqlite if is_sqlite(session) else postgresql).insert(table).values(row)
    key = [column.name for column in _primary(table)]
    return insert.on_conflict_do_update(
        index_elements=key, set_={"requests": table.c.requests + insert.excluded.requests}
    )


def _primary(table: Table) -> Iterable[Any]:
    return table.primary_key.columns
