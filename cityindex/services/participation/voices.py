"""Voices: a person is recognised, chooses, may change one's mind; and what was said is read by a moderator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import AuditEvent, Consultation, ConsultationTopic, Voice, VoiceChoice, VoiceReason, now
from cityindex.participation.counting import fits
from cityindex.participation.reasons import LONGEST, Fault, cleaned, faults
from cityindex.participation.recognising import mailbox, same_person, voice_key
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.participation.consultations import HIDDEN, SHOWN, WAITING
from cityindex.services.accounts.attempts import TooMany
from cityindex.services.participation.consultation_rules import EMAIL, GROUNDS, OPENID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

MOST_CHANGES = 30
"""Changes of mind of one voice: nobody needs more, and a machine is stopped."""
CURES: Mapping[Fault, tuple[str, str]] = {
    "long": ("is too long", f"write at most {LONGEST} characters"),
    "markup": ("has markup in it", "write plain sentences, without < > and codes"),
    "link": ("has a link in it", "leave links and names of sites out"),
    "address": ("has an e-mail address in it", "leave addresses out"),
    "number": ("has a number of a telephone or an identity card in it", "leave such numbers out"),
}


class NotOpen(Conflict):
    """The consultation has not begun, or it is over."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody chose: (topic, value) pairs, and why."""

    choices: Sequence[tuple[int, float]]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open consultation with all that a voice is checked against."""

    id: int
    most: int
    door: str
    secret: str
    topics: Mapping[int, tuple[float, ...]]


class Voices:
    """Use cases of residents."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def invite(self, number: int, address: str) -> tuple[str, str]:
        """The address to write to and the secret part of its link. `Invalid` for what is no address, `NotOpen`."""
        box = mailbox(address)
        if box is None:
            raise Invalid(
                "no address", [Problem("is no e-mail address", "write it as name@example.com", column="email")]
            )
        with self.sessions() as session:
            secret = self._open_to(session, number, EMAIL).secret
        return address.strip(), self._token(number, secret, voice_key(secret, EMAIL, box))

    def admit(self, number: int, issuer: str, subject: str) -> str:
        """The secret part of the link of somebody whom the OpenID provider has vouched for. `NotOpen`."""
        with self.sessions() as session:
            secret = self._open_to(session, number, OPENID).secret
        return self._token(number, secret, voice_key(secret, OPENID, same_person(issuer, subject)))

    def key_of(self, number: int, token: str) -> str:
        """The voice that a link is for. `NotOpen`; `NotFound` for a link that we did not write."""
        with self.sessions() as session:
            return self._key(self._opened(session, number), token)

    def give(self, number: int, token: str, given: Given) -> bool:
        """Give a voice, or change it: whether it was given before.

        `NotOpen`, `NotFound` (a forged link), `Invalid` with every problem, `TooMany` changes. All or nothing: of two
        at the same time for one person, one waits for the other, and the later one holds.
        """
        reason = cleaned(given.reason)
        with self.sessions() as session:
            opened = self._opened(writing(session), number)
            key = self._key(opened, token)
            problems = _problems(opened, given.choices, reason)
            if problems:
                raise Invalid("the voice cannot be taken", problems)
            voice, revision = self._upsert(session, number, key)
            if revision > MOST_CHANGES:
                raise TooMany("this voice was changed too often")
            self._keep(session, (number, voice), given.choices, reason)
            session.commit()
            return revision > 1

    def withdraw(self, number: int, token: str) -> None:
        """Take a voice back, with all that it said. `NotOpen`, `NotFound`."""
        with self.sessions() as session:
            opened = self._opened(writing(session), number)
            key = self._key(opened, token)
            query = select(Voice).filter_by(consultation_id=number, key=key)
            row = session.scalar(query if is_sqlite(session) else query.with_for_update())
            if row is not None:
                for kind in (VoiceChoice, VoiceReason):
                    session.execute(delete(kind).where(kind.voice_id == row.id))
                session.execute(delete(Voice).where(Voice.id == row.id))
            session.commit()

    def moderate(self, voice: int, seen: str, why: str, by: int) -> None:
        """Show a reason (`why` empty), or keep it from being shown and say why.

        `seen` is `fingerprint` of the text that was read. `NotFound`; `Conflict` where it was replaced since.
        """
        if why and why not in GROUNDS:
            raise Invalid(f"«{why}» is no ground: choose one of {', '.join(GROUNDS)}")
        with self.sessions() as session:
            row = writing(session).get(VoiceReason, voice, with_for_update=not is_sqlite(session))
            if row is None:
                raise NotFound(f"there is no reason of voice {voice}")
            if fingerprint(row.text) != seen:
                raise Conflict("the reason was changed in the meantime: read it again")
            row.state, row.why = (HIDDEN, why) if why else (SHOWN, "")
            row.decided_by, row.decided_at = by, self.clock()
            deed = "reason not shown" if why else "reason shown"
            subject = f"consultation {row.consultation_id}"
            session.add(AuditEvent(actor=actor_of(by), action=deed, subject=subject, detail=why or None))
            session.commit()

    def _open_to(self, session: Session, number: int, door: str) -> Opened:
        opened = self._opened(session, number)
        if opened.door != door:
            raise NotFound(f"consultation {number} does not recognise people by {door}")
        return opened

    def _opened(self, session: Session, number: int) -> Opened:
        query = select(Consultation).where(Consultation.id == number)
        # Whoever ends it waits for voices that are being given; later ones see that it is over.
        lock = query if is_sqlite(session) else query.with_for_update(read=True, key_share=True)
        row = session.scalar(lock.execution_options(populate_existing=True))
        if row is None:
            raise NotFound(f"there is no consultation {number}")
        if row.secret is None or not row.opens_at <= self.clock() < row.closes_at:
            raise NotOpen(f"consultation {number} is not open")
        topics = _values_of(session, number)
        return Opened(number, row.most, row.door, row.secret, topics)

    @staticmethod
    def _token(number: int, secret: str, key: str) -> str:
        return str(URLSafeSerializer(secret, salt=f"voice {number}").dumps(key))

    @staticmethod
    def _key(opened: Opened, token: str) -> str:
        try:
            return str(URLSafeSerializer(opened.secret, salt=f"voice {opened.id}").loads(token))
        except BadSignature:
            raise NotFound("this link is none of ours") from None

    @staticmethod
    def _upsert(session: Session, number: int, key: str) -> tuple[int, int]:
        """The voice of a key, with its revision counted up. Of two at the same time one waits for the other."""
        dialect: Any = sqlite if is_sqlite(session) else postgresql
        made = dialect.insert(Voice).values(consultation_id=number, key=key, revision=1)
        upsert = made.on_conflict_do_update(
            index_elements=["consultation_id", "key"], set_={"revision": Voice.revision + 1}
        )
        voice, revision = session.execute(upsert.returning(Voice.id, Voice.revision)).one()
        return voice, revision

    @staticmethod
    def _keep(session: Session, voice_of: tuple[int, int], choices: Sequence[tuple[int, float]], reason: str) -> None:
        number, voice = voice_of
        session.execute(delete(VoiceChoice).where(VoiceChoice.voice_id == voice))
        rows = [{"voice_id": voice, "topic_id": topic, "value": value} for topic, value in choices]
        session.execute(insert(VoiceChoice), rows)
        held = session.get(VoiceReason, voice)
        if held is not None and held.text == reason:
            return
        session.execute(delete(VoiceReason).where(VoiceReason.voice_id == voice))
        if reason:
            said = {"voice_id": voice, "consultation_id": number, "text": reason, "state": WAITING, "why": ""}
            session.execute(insert(VoiceReason), [said])


def fingerprint(text: str) -> str:
    """Names a text that was read."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _values_of(session: Session, number: int) -> dict[int, tuple[float, ...]]:
    """The values that are offered, by topic."""
    query = select(ConsultationTopic.id, ConsultationTopic.facts).where(ConsultationTopic.consultation_id == number)
    return {
        topic: tuple(one["value"] for one in json.loads(facts)["offers"]) for topic, facts in session.execute(query)
    }


def _problems(opened: Opened, choices: Sequence[tuple[int, float]], reason: str) -> list[Problem]:
    found = []
    if not choices:
        found.append(Problem("nothing is chosen", "choose at least one", column="choices"))
    elif not fits(choices, opened.topics, opened.most):
        cure = f"choose at most {opened.most}, and one of the values of each"
        found.append(Problem("is more than may be chosen, or is not offered", cure, column="choices"))
    return found + [Problem(*CURES[fault], column="reason", value=fault) for fault in faults(reason)]
