"""Letters: written down with the deed that they tell of, sent when it is done.

A letter is a kind and a few facts. Its words (`templates/email/KIND.th.txt` and `.en.txt`: a first line for the
subject, then the text) and its one-time link are made at the moment when it is sent or taken out, so no link lies here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex import calendars
from cityindex.calendars import day_of
from cityindex.database import writing
from cityindex.errors import NotFound, Unavailable
from cityindex.gateways.mail import Mail, Message, Refused
from cityindex.models import Account, Letter, now
from cityindex.resources import resource_root
from cityindex.services.accounts import links
from cityindex.services.accounts.people import Deed, tell
from cityindex.services.accounts.roles import NAMES
from cityindex.translations import LANGUAGES

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

LINKED: Mapping[str, timedelta] = {"invitation": links.LASTS, "successor": links.LASTS, "reset": links.SHORT}
"""Kinds that carry a one-time link, and how long it works."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 120, 360, 720, 1440))
"""How long after each failure a letter is tried again; after the last it is given up."""
RULE = "\n\n" + "-" * 40 + "\n\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """`waiting` may go later: the server did not answer. `refused` will not."""

    sent: int
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    tries: int
    message: Message


def write(session: Session, account_id: int, kind: str, at: datetime, **details: Any) -> None:
    """Write a letter to a person, in the transaction of the deed. `details` are what its template tells."""
    text = json.dumps(details, ensure_ascii=False, default=str)
    session.add(Letter(account_id=account_id, kind=kind, details=text, written_at=at, next_try_at=at))


def written_since(session: Session, account_id: int, kind: str, since: datetime) -> bool:
    same = select(Letter.id).where(Letter.account_id == account_id, Letter.kind == kind, Letter.written_at > since)
    return session.scalar(same.limit(1)) is not None


class Letters:
    """Sends what waits; hands it out where no mail is set."""

    def __init__(
        self, sessions: sessionmaker[Session], mail: Mail | None, site: str, clock: Callable[[], datetime] = now
    ) -> None:
        self.sessions = sessions
        self.mail = mail
        self.site = site
        self.clock = clock

    def send_letters(self) -> Sent:
        """Send every letter that is due. Several at a time, or again after a crash, send none twice that was taken."""
        counts = {"sent": 0, "waiting": 0, "refused": 0}
        claimed = self._claim() if self.mail else None
        if self.mail is None or claimed is None:
            return Sent(**counts)
        try:
            with self.mail.connected() as send:
                while claimed is not None:
                    counts[self._try(send, claimed)] += 1
                    claimed = self._claim()
        except Unavailable as error:
            counts["waiting"] += 1
            if claimed is not None:
                self._note(claimed, str(error))
        return Sent(**counts)

    def hand_out(self, letter_id: int, by: str) -> Message:
        """The text of a letter, for whoever hands it over; it is not sent any more. `NotFound` where none waits."""
        with self.sessions() as session:
            letter = writing(session).get(Letter, letter_id, with_for_update=True)
            if letter is None or letter.next_try_at is None:
                raise NotFound(f"no letter {letter_id} waits")
            account = session.get_one(Account, letter.account_id)
            message = self._written(account, letter)
            letter.next_try_at, letter.handed_by, letter.details = None, by, "{}"
            tell(session, Deed(by, self.clock()), "letter taken out", account, letter.kind)
            session.commit()
            return message

    def _try(self, send: Callable[[Message], None], claimed: _Claimed) -> str:
        """`Unavailable` goes on to the caller: the server answers nobody now."""
        try:
            send(claimed.message)
        except Refused as refused:
            self._note(claimed, str(refused), over=True)
            return "refused"
        with self.sessions() as session:
            letter = writing(session).get(Letter, claimed.id)
            if letter is not None:  # else the person was erased in the meantime
                letter.sent_at, letter.next_try_at, letter.error, letter.details = self.clock(), None, None, "{}"
            session.commit()
        return "sent"

    def _claim(self) -> _Claimed | None:
        """The next letter that is due, put off for as long as this try may take."""
        at = self.clock()
        due = select(Letter).where(Letter.next_try_at <= at).order_by(Letter.next_try_at, Letter.id).limit(1)
        with self.sessions() as session:
            letter = writing(session).scalars(due.with_for_update(skip_locked=True)).first()
            if letter is None:
                return None
            letter.next_try_at = at + WAITS[min(letter.tries, len(WAITS) - 1)]
            letter.tries += 1
            claimed = _Claimed(
                letter.id, letter.tries, self._written(session.get_one(Account, letter.account_id), letter)
            )
            session.commit()
            return claimed

    def _note(self, claimed: _Claimed, error: str, *, over: bool = False) -> None:
        with self.sessions() as session:
            letter = writing(session).get(Letter, claimed.id)
            if letter is not None:
                letter.error = error[:200]
                if over or claimed.tries > len(WAITS):
                    letter.next_try_at = None
            session.commit()

    def _written(self, account: Account, letter: Letter) -> Message:
        facts = {"site": self.site, "email": account.email, "name": account.name, **json.loads(letter.details)}
        if letter.kind in LINKED:
            link = links.fresh_link(account, self.clock(), LINKED[letter.kind])
            facts |= {"token": link.token, "expires": link.expires}
        key = f"letter-{letter.id}-{letter.written_at:%Y%m%d%H%M%S}"
        return Message(account.email, *worded(letter.kind, facts), key)


def worded(kind: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """The subject and the text of a kind of letter, in both languages."""
    parts = [_template(kind, language).render(facts).strip() for language in LANGUAGES]
    heads, texts = zip(*(part.split("\n", 1) for part in parts), strict=True)
    return " / ".join(heads), RULE.join(text.strip() for text in texts) + "\n"


@cache
def _template(kind: str, language: str) -> Any:
    return _environment(language).get_template(f"{kind}.{language}.txt")


@cache
def _environment(language: str) -> Environment:
    made = Environment(  # text, not HTML
        loader=FileSystemLoader(resource_root("templates") / "email"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    made.filters["role"] = lambda code: NAMES[code][language] if code in NAMES else code
    made.filters["date"] = lambda value: calendars.show_date(_day(value), language)
    return made


def _day(value: str | datetime) -> date:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return day_of(moment) if moment.tzinfo else moment.date()
