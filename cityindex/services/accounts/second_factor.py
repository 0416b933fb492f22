"""A second factor beside the password: codes of an authenticator, and recovery codes for when it is lost."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden
from cityindex.models import Account, RecoveryCode, now
from cityindex.models import SecondFactor as Kept
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services.accounts import totp
from cityindex.services.accounts.attempts import Attempts
from cityindex.services.accounts.links import digest
from cityindex.services.accounts.people import Deed, tell

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator has to be told: by a picture of `address`, or by typing `secret`."""

    secret: str
    address: str


class SecondFactor:
    """Use cases around codes. Tries are counted by account alone: whoever gets to a code knows the password."""

    def __init__(self, sessions: sessionmaker[Session], secret: str, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.attempts = Attempts(secret)
        self.clock = clock

    def begin(self, account_id: int, issuer: str) -> Enrolment:
        """A secret for an authenticator; it asks for nothing until `confirm`. `Conflict` where one is set."""
        with self.sessions() as session:
            account = writing(session).get_one(Account, account_id)
            kept = session.get(Kept, account_id)
            if kept is not None and kept.confirmed_at is not None:
                raise Conflict("a second factor is set already: take it away first")
            if kept is None:
                kept = Kept(account_id=account_id, secret=totp.new_secret())
                session.add(kept)
            found = Enrolment(kept.secret, totp.address(kept.secret, account.email, issuer))
            session.commit()
            return found

    def confirm(self, account_id: int, code: str) -> tuple[str, ...]:
        """Set it, by a first code of the authenticator. Returns the recovery codes, once. `Forbidden`, `TooMany`."""
        self._note(account_id)
        with self.sessions() as session:
            kept = writing(session).get(Kept, account_id)
            if kept is None or kept.confirmed_at is not None or not self._taken(kept, code):
                raise Forbidden("the code is not the one of the authenticator now")
            kept.confirmed_at = self.clock()
            codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
            session.add_all(RecoveryCode(account_id=account_id, code_hash=digest(_plain(one))) for one in codes)
            self._done(session, account_id, "second factor set")
            session.commit()
            return codes

    def verify(self, account_id: int, code: str) -> None:
        """Take a code of the authenticator or a recovery code; each works once. `Forbidden`, `TooMany`."""
        self._note(account_id)
        with self.sessions() as session:
            kept = writing(session).get(Kept, account_id, with_for_update=True)  # of two tries with a code, one waits
            if kept is None or kept.confirmed_at is None:
                raise Forbidden("no second factor is set")
            if not self._taken(kept, code) and not self._spent(session, account_id, code):
                raise Forbidden("the code is wrong, or it was used already")
            self.attempts.forget(session, _key(account_id))
            session.commit()

    def remove(self, account_id: int, code: str) -> None:
        """Take it away, by a code. `Forbidden`, `TooMany`."""
        self.verify(account_id, code)
        with self.sessions() as session:
            writing(session)
            for table in (Kept, RecoveryCode):
                session.execute(delete(table).where(table.account_id == account_id))
            self._done(session, account_id, "second factor removed")
            session.commit()

    def _note(self, account_id: int) -> None:
        with self.sessions() as session:
            self.attempts.note_of(writing(session), _key(account_id), self.clock())
            session.commit()

    def _taken(self, kept: Kept, code: str) -> bool:
        step = totp.step_of(kept.secret, re.sub(r"\s", "", code), self.clock().timestamp(), kept.last_step)
        if step is not None:
            kept.last_step = step
        return step is not None

    @staticmethod
    def _spent(session: Session, account_id: int, code: str) -> bool:
        mine = select(RecoveryCode).where(RecoveryCode.account_id == account_id)
        found = session.scalars(mine.where(RecoveryCode.code_hash == digest(_plain(code)))).first()
        if found is not None:
            session.delete(found)
        return found is not None

    def _done(self, session: Session, account_id: int, action: str) -> None:
        self.attempts.forget(session, _key(account_id))
        account = session.get_one(Account, account_id)
        tell(session, Deed(actor_of(account_id), self.clock()), action, account)


def _recovery_code() -> str:
    """50 bits, in two groups: `abcde-fghjk`."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).casefold()


def _key(account_id: int) -> str:
    return f"code of {actor_of(account_id)}"
