"""Deliveries to partners: built from what changed, signed, pushed until there is a receipt, and never twice applied."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sqlalchemy import select

from cityindex import __version__
from cityindex.database import bulk_insert, writing
from cityindex.definitions.agreements import FETCH, SEND, Agreement
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, Invalid, NotFound, Unavailable
from cityindex.formats.packages import package
from cityindex.models import Delivery, DeliveryFile, now
from cityindex.queries.exchange.deliveries import ACCEPTED, GIVEN_UP, OPEN, WAITING, last_sequence, newest, numbered
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.services.exchange.changes import last_change
from cityindex.services.exchange.delivery_contents import Contents, contents
from cityindex.services.exchange.partners import PartnerKeys, in_force
from cityindex.services.exchange.signing import MANIFEST, RECEIPT, Signing, Unsigned, claimed, read
from cityindex.services.exchange.trail import Entry, alone, head, note

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
"""How long after each failure a delivery is tried again; after the last it is given up, and waits for somebody."""
PASSING = frozenset({401, 403, 404, 408, 425, 429})
"""Answers that another time may be others: a key that is renewed, a site that is looked after."""
LONGEST_ERROR = 1000


class Answered(Protocol):
    """What a partner answered."""

    @property
    def status(self) -> int: ...
    @property
    def said(self) -> dict[str, Any]: ...


class Gateway(Protocol):
    """Reaches the partner."""

    def push(self, address: str, key: str, name: str, parts: Iterable[bytes]) -> Answered: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What deliveries are made with: our signature, the partners' keys, the way to them and the keys they gave us."""

    signing: Signing
    partners: PartnerKeys
    gateway: Gateway
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try to send ended."""

    delivery: int
    agreement: str
    sequence: int
    state: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """What the job did."""

    built: int
    accepted: int
    waiting: int
    given_up: int


class Deliveries:
    """Use cases of the sending side."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        catalogue: Catalogue,
        means: Means,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.means = means
        self.clock = clock

    def build(self, code: str, by: str, *, whole: bool = False) -> int | None:
        """Put what changed since the last accepted delivery into a package; its number, or None where nothing did.

        One that waits already is the next one: its number is given, and nothing is built. `whole`: everything that the
        agreement covers, changed or not. Raises `NotFound` and `Conflict`.
        """
        agreement = in_force(self.catalogue.agreement(code), SEND)
        with self.sessions() as session:
            alone(writing(session))
            waiting = newest(session, code, SEND, *OPEN)
            if waiting is not None:
                return waiting.id
            found = contents(session, agreement, whole=whole)
            if found is None:
                note(session, Entry(by, code, "looked", {"rows": 0}), self.clock())
                session.commit()
                return None
            row = self._pack(session, agreement, found, by)
            session.commit()
            return row.id

    def send(self, by: str, code: str | None = None, *, at_once: bool = False) -> tuple[Outcome, ...]:
        """Push what waits, the lowest number first; `at_once` does not wait for the time of the next try."""
        fetched = [one.code for one in self.catalogue.agreements.values() if one.transport == FETCH]
        return tuple(self._try(number, by) for number in self._due(code, at_once, fetched))

    def deliver(self, code: str, by: str) -> Outcome | None:
        """Build and send at once, as the schedule of an agreement does; None where nothing changed."""
        number = self.build(code, by)
        if number is None:
            return None
        outcomes = {one.delivery: one for one in self.send(by, code)}
        with self.sessions() as session:  # one that waits for its time, or was given up, is not tried
            return outcomes.get(number) or _standing(session.get_one(Delivery, number))

    def retry(self, by: str) -> Worked:
        """Send again what waits and is due. May be called at any time."""
        states = [one.state for one in self.send(by)]
        return Worked(0, states.count(ACCEPTED), states.count(WAITING), states.count(GIVEN_UP))

    def replay(self, number: int, by: str) -> None:
        """Let a delivery be sent again, byte by byte the same: a partner who applied it says so once more."""
        with self.sessions() as session:
            row = alone(writing(session)).get(Delivery, number)
            if row is None or row.direction != SEND:
                raise NotFound(f"there is no delivery {number} that was sent from here")
            row.state, row.tries, row.next_try_at, row.error = WAITING, 0, None, ""
            note(session, Entry(by, row.agreement, "replayed", {"sequence": row.sequence}, row.id), self.clock())
            session.commit()

    def package(self, number: int) -> tuple[str, bytes]:
        """A delivery as a file to carry: its name and its bytes. Raises `NotFound`."""
        with self.sessions() as session:
            row, file = session.get(Delivery, number), session.get(DeliveryFile, number)
            if row is None or file is None:
                raise NotFound(f"there is no delivery {number} that was sent from here")
            return f"{row.agreement}-{row.sequence}.cityindex", b"".join(package(row.manifest, file.content))

    def hand_out(self, code: str, by: str) -> bytes | None:
        """The delivery that waits for a partner who comes for it, as a package; None where none does.

        It is the same until there is a receipt. Raises `Conflict` under an agreement that is not of this kind.
        """
        agreement = in_force(self.catalogue.agreement(code), SEND)
        if agreement.transport != FETCH:
            raise Conflict(f"deliveries under {code} are brought to the partner, not fetched")
        with self.sessions() as session:
            found = newest(alone(writing(session)), code, SEND, *OPEN)
            if found is None:
                return None
            note(session, Entry(by, code, "fetched", {"sequence": found.sequence}, found.id), self.clock())
            session.commit()
        return self.package(found.id)[1]

    def settle(self, receipt: str, by: str, key: Mapping[str, Any] | None = None) -> Outcome:
        """Store a receipt that a partner brings for the delivery that it names, with its public `key` or without.

        Raises as `accept` does, and `NotFound` for a delivery that there is not.
        """
        said = claimed(receipt)
        code, sequence = said.get("agreement"), said.get("sequence")
        with self.sessions() as session:
            known = isinstance(code, str) and isinstance(sequence, int)
            found = numbered(session, str(code), SEND, int(sequence or 0)) if known else None
        if found is None:
            raise NotFound("the receipt is for a delivery that was not sent from here")
        return self.accept(found.id, receipt, by, key)

    def accept(self, number: int, receipt: str, by: str, key: Mapping[str, Any] | None = None) -> Outcome:
        """Store a receipt that the partner signed for a delivery. Raises `Unsigned`, `Conflict`, `Unavailable`."""
        with self.sessions() as session:
            row = session.get(Delivery, number)
            if row is None or row.direction != SEND:
                raise NotFound(f"there is no delivery {number} that was sent from here")
            agreement = self.catalogue.agreement(row.agreement)
            said = self.means.partners.verified(agreement, receipt, RECEIPT, key).content
            accepted, rejected = _counted(row, said)
        with self.sessions() as session:
            row = alone(writing(session)).get_one(Delivery, number)
            if row.state == ACCEPTED and row.receipt == receipt:
                return _standing(row)
            row.state, row.receipt, row.error, row.settled_at = ACCEPTED, receipt, "", self.clock()
            row.accepted, row.rejected, row.next_try_at = accepted, rejected, None
            facts = {"sequence": row.sequence, "accepted": accepted, "rejected": rejected, "sha256": row.sha256}
            note(session, Entry(by, row.agreement, "sent", facts, number), self.clock())
            session.commit()
            return _standing(row)

    def _pack(self, session: Session, agreement: Agreement, found: Contents, by: str) -> Delivery:
        sequence = last_sequence(session, agreement.code, SEND) + 1
        said = self._manifest(session, agreement, found) | {
            "sequence": sequence,
            "bytes": len(found.content),
            "sha256": hashlib.sha256(found.content).hexdigest(),
        }
        row = Delivery(
            agreement=agreement.code,
            direction=SEND,
            sequence=sequence,
            state=WAITING,
            manifest=self.means.signing.sign(session, MANIFEST, said),
            sha256=said["sha256"],
            rows=found.rows,
            cutoff=found.cutoff,
            terms=found.terms,
            demo=agreement.demo,
            made_at=self.clock(),
            by=by,
        )
        session.add(row)
        session.flush()
        session.add(DeliveryFile(delivery_id=row.id, content=found.content))
        session.flush()
        store_places(session, row.id, found.places, found.place_ids)
        facts = {name: said[name] for name in ("sequence", "rows", "sha256")}
        note(session, Entry(by, agreement.code, "built", facts, row.id), self.clock())
        return row

    def _manifest(self, session: Session, agreement: Agreement, found: Contents) -> dict[str, Any]:
        """What is said of the rows: what, whose, from when, by which method, and where our trail stands."""
        used = {one.framework for one in agreement.scores}
        used |= {one.code for code in agreement.indicators for one in self.catalogue.frameworks_using(code)}
        editions = [one for code in sorted(used) for one in current_editions(session, code)]
        return {
            "agreement": agreement.code,
            "version": agreement.version,
            "made_at": self.clock().isoformat(timespec="seconds"),
            "era": "ce",
            "format": agreement.format,
            "rows": found.rows,
            "places": len(np.unique(found.place_ids)),
            **found.about,
            "demo": agreement.demo,
            "method": {"program": __version__, "definitions": self.catalogue.fingerprint},
            "editions": [_edition(one) for one in editions if one.demo == agreement.demo],
            "change": last_change(session),
            "trail": head(session).as_json(),
        }

    def _due(self, code: str | None, at_once: bool, but: Collection[str]) -> list[int]:
        query = select(Delivery.id).where(Delivery.direction == SEND, Delivery.state == WAITING)
        query = query.where(Delivery.agreement.not_in(but))
        query = query.order_by(Delivery.agreement, Delivery.sequence)
        if code is not None:
            query = query.where(Delivery.agreement == code)
        if not at_once:
            query = query.where(Delivery.next_try_at.is_(None) | (Delivery.next_try_at <= self.clock()))
        with self.sessions() as session:
            return list(session.scalars(query))

    def _try(self, number: int, by: str) -> Outcome:
        with self.sessions() as session:
            row = session.get_one(Delivery, number)
            content = session.get_one(DeliveryFile, number).content
        try:
            agreement = in_force(self.catalogue.agreement(row.agreement), SEND)
            answer = self._push(agreement, row, content)
            if answer.status in (200, 201):
                return self.accept(number, str(answer.said.get("receipt", "")), by)
        except (Unavailable, Unsigned) as error:
            return self._failed(number, by, str(error), passing=True)
        except (Conflict, Invalid, NotFound) as error:
            return self._failed(number, by, str(error), passing=False)
        passing = answer.status in PASSING or answer.status >= 500 or answer.said.get("again") is True
        # An answer that says nothing may have been bent on its way.
        detail = str(answer.said.get("detail", ""))
        return self._failed(number, by, f"{answer.status} {detail}".strip(), passing=passing or not detail)

    def _push(self, agreement: Agreement, row: Delivery, content: bytes) -> Answered:
        key = self.means.keys.get(agreement.code)
        if key is None:
            raise Unavailable(f"there is no key for {agreement.code}: name it in CITYINDEX_PARTNER_KEYS")
        name = f"{row.agreement}/{row.sequence}/{row.sha256[:16]}"
        return self.means.gateway.push(agreement.partner.address or "", key, name, package(row.manifest, content))

    def _failed(self, number: int, by: str, error: str, *, passing: bool) -> Outcome:
        with self.sessions() as session:
            row = alone(writing(session)).get_one(Delivery, number)
            if row.state == ACCEPTED:  # another process was luckier
                return _standing(row)
            row.tries, row.error = row.tries + 1, error[:LONGEST_ERROR]
            again = passing and row.tries <= len(WAITS)
            row.state = WAITING if again else GIVEN_UP
            row.next_try_at = self.clock() + WAITS[row.tries - 1] if again else None
            facts = {"sequence": row.sequence, "try": row.tries, "error": row.error, "given_up": not again}
            note(session, Entry(by, row.agreement, "failed", facts, number), self.clock())
            session.commit()
            return _standing(row)


def _edition(one: Edition) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in ("framework", "version", "period", "run")}
    return {**said, "mark": one.note.mark, "corrects": one.note.corrects if one.note.what else None}


def store_places(session: Session, delivery: int, places: Iterable[int], rows: Any) -> None:
    """Write down whose figures a delivery is about, and how many rows of each there are."""
    ids, counts = np.unique(rows, return_counts=True)
    held = dict.fromkeys(places, 0) | dict(zip(ids.tolist(), counts.tolist(), strict=True))
    columns = ("delivery_id", "place_id", "rows")
    bulk_insert(session, "delivery_place", columns, [(delivery, place, count) for place, count in held.items()])


def _standing(row: Delivery) -> Outcome:
    return Outcome(row.id, row.agreement, row.sequence, row.state, row.error)


def _counted(row: Delivery, said: Mapping[str, Any]) -> tuple[int, int]:
    """How many rows a receipt says were taken and not taken. It has to be about this delivery and no other."""
    ours = {name: value for name, value in read(row.manifest).items() if name in ("agreement", "sequence", "sha256")}
    if any(said.get(name) != value for name, value in ours.items()):
        raise Unsigned("the receipt is about another delivery")
    try:
        return int(said["accepted"]["rows"]), int(said["rejected_rows"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unsigned("the receipt does not say what was taken") from error
