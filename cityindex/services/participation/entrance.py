"""The way to a link: a small question that robots do not expect, asked once each, and limits that people never meet."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeSerializer

from cityindex.database import writing
from cityindex.errors import Invalid
from cityindex.models import now
from cityindex.participation.questions import LARGEST, Sum
from cityindex.participation.recognising import mailbox
from cityindex.services.accounts.attempts import Attempts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

LASTS = timedelta(minutes=14)
"""For which a question may be answered: within the window over which tries are counted, so that none is used twice."""
FROM_ONE_NETWORK = 300
"""Links in a quarter of an hour: many phones share one address of their company."""
TO_ONE_MAILBOX = 4


class WrongAnswer(Invalid):
    """The question was not answered rightly, or it is too old."""


@dataclass(frozen=True, slots=True)
class Question:
    """A sum, and the sealed note that it was asked, which comes back with the answer."""

    sum: Sum
    sealed: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a link: where the request came from, for which consultation, and the address as it was typed."""

    network: str
    consultation: int
    address: str


class Entrance:
    """Asks and checks. Nothing of who asked is kept but keyed hashes, for a quarter of an hour."""

    def __init__(self, sessions: sessionmaker[Session], secret: str, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock
        self.attempts = Attempts(secret)
        self.seal = URLSafeSerializer(secret, salt="question")

    def ask(self) -> Question:
        """A new question."""
        one, other = (2 + secrets.randbelow(LARGEST - 1) for _ in range(2))
        note = [one, other, secrets.token_hex(8), int(self.clock().timestamp())]
        return Question(Sum(one, other), str(self.seal.dumps(note)))

    def require(self, sealed: str, answer: str, caller: Caller) -> None:
        """Let a caller through once for each question. `WrongAnswer`, `TooMany`."""
        one, other, name, asked_at = self._read(sealed)
        if not Sum(one, other).right(answer) or not 0 <= self.clock().timestamp() - asked_at <= LASTS.total_seconds():
            raise WrongAnswer("the question was not answered rightly, or it is too old")
        limits = {f"question {name}": 1, f"links to {caller.network}": FROM_ONE_NETWORK}
        if box := mailbox(caller.address):  # what is no address is refused as such, however often it is tried
            limits[f"links of {caller.consultation} to {box}"] = TO_ONE_MAILBOX
        with self.sessions() as session:
            self.attempts.note_each(writing(session), limits, self.clock())
            session.commit()

    def _read(self, sealed: str) -> tuple[int, int, str, int]:
        try:
            one, other, name, asked_at = self.seal.loads(sealed)
        except (BadData, TypeError, ValueError):
            raise WrongAnswer("this question was not asked here") from None
        return int(one), int(other), str(name), int(asked_at)
