"""Guessing of passwords stays slow: tries are counted over a sliding window, for all processes together."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from cityindex.errors import Unavailable
from cityindex.models import SignInAttempt

WINDOW = timedelta(minutes=15)
FROM_ONE_ADDRESS = 60
FOR_ONE_ACCOUNT = 10
"""From one address. Tries from elsewhere do not count, or anybody could keep a person out."""


class TooMany(Unavailable):
    """Too many passwords were tried. It is said before one is looked at, for known and unknown accounts alike."""


class Attempts:
    """Counts failed tries by where they came from, and by that and whom they were for."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    def note(self, session: Session, address: str, email: str, at: datetime) -> list[int]:
        """Count one more try, which is forgotten by `forgive` if it succeeds. Raises `TooMany`."""
        limits = {self._key(address): FROM_ONE_ADDRESS, self._key(address, email): FOR_ONE_ACCOUNT}
        return self._note(session, limits, at)

    def note_of(self, session: Session, what: str, at: datetime) -> None:
        """Count one more try of `what`, wherever it comes from. Raises `TooMany`."""
        self._note(session, {self._key(what): FOR_ONE_ACCOUNT}, at)

    def note_each(self, session: Session, limits: Mapping[str, int], at: datetime) -> None:
        """Count one more try of each of some things, each with a limit of its own. Raises `TooMany`."""
        self._note(session, {self._key(what): limit for what, limit in limits.items()}, at)

    def forget(self, session: Session, what: str) -> None:
        """Tries of `what` begin anew."""
        session.execute(delete(SignInAttempt).where(SignInAttempt.key == self._key(what)))

    def _note(self, session: Session, keys: Mapping[str, int], at: datetime) -> list[int]:
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < at - WINDOW))
        for key, limit in keys.items():
            tries = select(func.count()).where(SignInAttempt.key == key, SignInAttempt.at >= at - WINDOW)
            if (session.scalar(tries) or 0) >= limit:
                raise TooMany("too many passwords were tried: wait a quarter of an hour")
        rows = [SignInAttempt(key=key, at=at) for key in keys]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    def forgive(self, session: Session, noted: list[int], address: str, email: str) -> None:
        """The person was who he said: forget the try that was `noted`, and the failures before it."""
        mine = or_(SignInAttempt.id.in_(noted), SignInAttempt.key == self._key(address, email))
        session.execute(delete(SignInAttempt).where(mine))

    def _key(self, *parts: str) -> str:
        return hmac.new(self.secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()
