"""Mistakes that readers report: taken without an account, answered by whoever answers for the figure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from cityindex.database import writing
from cityindex.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from cityindex.gateways.mail import Mail, Message, Refused
from cityindex.models import Account, AuditEvent, Mistake, Place, RoleGrant, now
from cityindex.queries.participation.mistakes import Figure
from cityindex.services import letters
from cityindex.services.accounts.attempts import Attempts, TooMany
from cityindex.services.accounts.links import digest
from cityindex.services.accounts.people import fold, is_email
from cityindex.services.accounts.roles import ROLES, Permission
from cityindex.services.assessments.notices import holders_of
from cityindex.services.places.place_names import both_names

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Codelist

ANSWERED_WITHIN = timedelta(days=15)
KEPT = timedelta(days=365)
"""How long the words of a reader are kept after the answer; what was accepted stays without them."""
EMAIL_KEPT = timedelta(days=180)
"""How long an address is kept at most, answered or not."""
LONGEST = 2000
MOST_A_DAY = 300
"""Reports that are taken in 24 hours: beyond, it is a machine that writes."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (2, 30, 360, 1440))
"""How long after each failure an answer is sent again; after the last the address is forgotten."""
READER = "reader"
LINK = re.compile(r"[\w-]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader says: words, and an address for the answer, or none. `address` is where the request came from.

    `link` is the secret that the form came with: what is sent twice, on a bad line, is one report.
    """

    figure: Figure
    said: str
    email: str
    language: str
    address: str
    link: str = ""


def link_for(form: str = "") -> str:
    """The secret of a link to a report: the one that a form came with, or a new one."""
    return form if LINK.fullmatch(form) else secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Told:
    """How many answers were sent to readers, and how many wait for the mail server or were given up."""

    sent: int
    waiting: int
    given_up: int


class Mistakes:
    """`types` are the place types, for the full names of places. About demo data nobody is written to."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        types: Codelist,
        attempts: Attempts,
        post: tuple[Mail | None, str],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.types = types
        self.attempts = attempts
        self.mail, self.site = post
        self.clock = clock

    def report(self, sent: Report) -> str:
        """Take a report; the secret of the link to its answer. `Invalid` with all that is wrong, `TooMany`."""
        words, email = sent.said.strip(), fold(sent.email)
        problems = []
        if not words or len(words) > LONGEST:
            problems.append(Problem("it has no words, or too many", f"write up to {LONGEST} characters", column="said"))
        if email and not is_email(email):
            problems.append(Problem("it is no e-mail address", "write one, or leave it empty", column="email"))
        if problems:
            raise Invalid("the report cannot be taken", problems)
        secret = link_for(sent.link)
        with self.sessions() as session:
            self._require_few(writing(session), sent.address)
            row = self._row(session, sent.figure, words, sent.language)
            before = session.scalar(select(Mistake).where(Mistake.link_hash == digest(secret)))
            if before and _same(before, row):
                return secret
            secret = link_for() if before else secret
            row.link_hash, row.email = digest(secret), email or None
            session.add(row)
            try:
                session.flush()
            except IntegrityError:  # the same form at the same moment
                return secret
            self._note(session, READER, "mistake reported", row)
            self._tell_people(session, row)
            session.commit()
        return secret

    def answer(self, number: int, accepted: bool, words: str, by: str) -> None:
        """Say whether the figure is wrong, and what follows or why not. `NotFound`, `Invalid`, `Conflict`."""
        text = words.strip()
        if not text or len(text) > LONGEST:
            raise Invalid(f"say what follows or why not, in at most {LONGEST} characters")
        with self.sessions() as session:
            row = self._open(session, number)
            row.accepted, row.answer, row.answered_at, row.answered_by = accepted, text, self.clock(), by
            if row.email and self.mail and not row.demo:
                row.tell_at = self.clock()
            else:
                row.email = None
            self._note(session, by, "mistake answered", row)
            session.commit()

    def pass_on(self, number: int, by: str) -> None:
        """Hand a report from the place to whoever keeps the figures, or back. `NotFound`, `Conflict`."""
        with self.sessions() as session:
            row = self._open(session, number)
            if row.place_id is None:
                raise Conflict("it is about no one place, so there is nobody else to answer it")
            row.at_place = not row.at_place
            self._note(session, by, "mistake passed on", row)
            self._tell_people(session, row)
            session.commit()

    def forget_address(self, secret: str) -> None:
        """Forget the e-mail address of a report, for whoever holds its link. `NotFound`."""
        with self.sessions() as session:
            row = writing(session).scalar(select(Mistake).where(Mistake.link_hash == digest(secret)))
            if row is None:
                raise NotFound("this link leads to no report")
            row.email = row.tell_at = None
            session.commit()

    def tell(self) -> Told:
        """Send the answers that readers asked for; with each, its address is forgotten. May be called at any time."""
        counts = {"sent": 0, "waiting": 0, "given_up": 0}
        due = select(Mistake.id).where(Mistake.tell_at <= self.clock()).order_by(Mistake.tell_at)
        with self.sessions() as session:
            numbers = session.scalars(due).all() if self.mail else []
        for number in numbers:
            counts[self._send(number)] += 1
        return Told(**counts)

    def forget(self) -> int:
        """Delete what nobody needs any more: how many reports lost their words, their address or themselves."""
        at = self.clock()
        old = (Mistake.answered_at < at - KEPT, Mistake.accepted.is_not(None))
        with self.sessions() as session:
            gone: list[Any] = [
                delete(Mistake).where(*old, Mistake.accepted.is_(False)),
                update(Mistake).where(*old, Mistake.accepted.is_(True), Mistake.said != "").values(said=""),
                update(Mistake)
                .where(Mistake.made_at < at - EMAIL_KEPT, Mistake.email.is_not(None))
                .values(email=None, tell_at=None),
            ]
            writing(session)
            counted = sum(map(partial(_count, session), gone))
            session.commit()
            return counted

    def _require_few(self, session: Session, address: str) -> None:
        """Raises `TooMany` for a machine that writes, from one address or from many."""
        self.attempts.note_of(session, f"mistake {address}", self.clock())
        today = select(func.count()).where(Mistake.made_at > self.clock() - timedelta(days=1))
        if (session.scalar(today) or 0) >= MOST_A_DAY:
            raise TooMany("too many reports came today: try again tomorrow")

    def _row(self, session: Session, figure: Figure, words: str, language: str) -> Mistake:
        place = figure.place
        # A score follows from the method: whoever keeps the figures answers for it. A value is the place's own.
        local = place is not None and not figure.framework and bool(holders_of(session, [place.id]))
        return Mistake(
            place_id=place.id if place else None,
            code=figure.code,
            framework=figure.framework,
            period=figure.period,
            run_id=figure.run,
            recording_id=figure.recording,
            shown=figure.shown,
            said=words,
            language=language,
            at_place=local,
            demo=figure.demo,
            made_at=self.clock(),
            due=self.clock() + ANSWERED_WITHIN,
            answer="",
            tries=0,
        )

    def _open(self, session: Session, number: int) -> Mistake:
        row = writing(session).get(Mistake, number)
        if row is None:
            raise NotFound(f"there is no report {number}")
        if row.accepted is not None:
            raise Conflict(f"report {number} is answered already")
        return row

    def _tell_people(self, session: Session, row: Mistake) -> None:
        """Write to those who are to answer: one letter a day, however many reports come."""
        if row.demo:
            return
        place = session.get_one(Place, row.place_id) if row.place_id else None
        told = both_names(place, self.types) if place else {"place_th": "", "place_en": ""}
        since = self.clock() - timedelta(days=1)
        for account in self._people(session, row):
            if not letters.written_since(session, account, "mistake", since):
                letters.write(session, account, "mistake", self.clock(), until=row.due, **told)

    def _people(self, session: Session, row: Mistake) -> list[int]:
        if row.at_place and row.place_id is not None:
            return sorted(set(holders_of(session, [row.place_id]).get(row.place_id, ())))
        keepers = [code for code, role in ROLES.items() if Permission.PUBLISH in role.may]
        query = select(RoleGrant.account_id).join(Account, Account.id == RoleGrant.account_id).distinct()
        held = query.where(RoleGrant.role.in_(keepers), RoleGrant.place_id.is_(None), RoleGrant.ended_at.is_(None))
        return sorted(session.scalars(held.where(Account.closed_at.is_(None))))

    def _send(self, number: int) -> str:
        message = self._claimed(number)
        if message is None or self.mail is None:
            return self._settled(number, "given_up")
        try:
            with self.mail.connected() as send:
                send(message)
        except Unavailable:
            return self._settled(number, "waiting")
        except Refused:
            return self._settled(number, "given_up")
        return self._settled(number, "sent")

    def _claimed(self, number: int) -> Message | None:
        """The letter to send, put off for as long as this try may take; None where nobody is to be told any more."""
        with self.sessions() as session:
            row = writing(session).get(Mistake, number)
            if row is None or row.email is None:
                return None
            row.tell_at = self.clock() + WAITS[min(row.tries, len(WAITS) - 1)]
            row.tries += 1
            message = self._message(session, row, row.email)
            session.commit()
            return message

    def _settled(self, number: int, outcome: str) -> str:
        with self.sessions() as session:
            row = writing(session).get(Mistake, number)
            over = row is None or row.tries > len(WAITS)
            said = "given_up" if outcome == "waiting" and over else outcome
            if row is not None and said != "waiting":
                row.email = row.tell_at = None
            session.commit()
            return said

    def _message(self, session: Session, row: Mistake, to: str) -> Message:
        place = session.get_one(Place, row.place_id) if row.place_id else None
        told = both_names(place, self.types) if place else {"place_th": "", "place_en": ""}
        facts = {"site": self.site, "accepted": row.accepted, "answer": row.answer, "asked": row.made_at, **told}
        subject, text = letters.worded("mistake-answered", facts)
        return Message(to, subject, text, f"mistake-{row.id}-{row.made_at:%Y%m%d%H%M%S}")

    def _note(self, session: Session, by: str, action: str, row: Mistake) -> None:
        session.add(AuditEvent(actor=by, action=action, subject=f"report {row.id}", detail=row.code))


def _count(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _same(one: Mistake, other: Mistake) -> bool:
    about = ("place_id", "code", "framework", "period", "said")
    return all(getattr(one, name) == getattr(other, name) for name in about)
