"""Comments of partners on values: each comes back to the people of the place as a task, and their answer goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import PartnerComment, Place, now
from cityindex.queries.exchange.delivery_rows import cohort
from cityindex.queries.places.places import find_place
from cityindex.services.exchange.trail import Entry, alone, note

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Comment:
    """What a partner says about a value. `period` is a year of the common era; `reference` is the partner's own."""

    agreement: str
    reference: str
    place: str
    indicator: str
    period: int
    text: str


@dataclass(frozen=True, slots=True)
class Commenter:
    """Whose key it came with."""

    client: int
    name: str


class PartnerComments:
    """Use cases around comments."""

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, clock: Callable[[], datetime] = now
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.clock = clock

    def add(self, comment: Comment, by: Commenter) -> tuple[int, bool]:
        """Take a comment; its number, and whether it is new. The same reference said twice is one comment.

        Raises `NotFound` for a place that there is not, `Invalid` for a value outside the agreement and `Conflict`
        where the reference was used for something else.
        """
        agreement = self.catalogue.agreement(comment.agreement)
        if not agreement.active:
            raise Conflict(f"{agreement.code} is not in force ({agreement.status})")
        if comment.indicator not in agreement.indicators:
            raise _outside("indicator", comment.indicator)
        if not agreement.in_period(comment.period):
            raise _outside("period", str(comment.period))
        with self.sessions() as session:
            place = find_place(alone(writing(session)), comment.place).place
            if session.execute(cohort(agreement).where(Place.id == place.id)).first() is None:
                raise _outside("place", comment.place)
            before = session.scalar(
                select(PartnerComment).where(
                    PartnerComment.agreement == comment.agreement, PartnerComment.reference == comment.reference
                )
            )
            if before is not None:
                return _same(before, comment, place.id), False
            row = PartnerComment(
                agreement=comment.agreement,
                reference=comment.reference,
                client_id=by.client,
                place_id=place.id,
                indicator=comment.indicator,
                period=comment.period,
                text=comment.text.strip(),
                made_at=self.clock(),
            )
            session.add(row)
            session.flush()
            facts = {"comment": row.id, "place": place.code, "indicator": row.indicator, "period": row.period}
            note(session, Entry(by.name, row.agreement, "commented", facts), self.clock())
            session.commit()
            return row.id, True

    def answer(self, number: int, place_id: int, text: str, by: str) -> None:
        """Answer a comment about a place, once. Raises `NotFound`, `Invalid` and `Conflict`."""
        if not text.strip() or len(text) > LONGEST:
            raise Invalid("an answer has words", [Problem("write a few words", f"at most {LONGEST}", column="answer")])
        with self.sessions() as session:
            row = alone(writing(session)).get(PartnerComment, number)
            if row is None or row.place_id != place_id:
                raise NotFound(f"there is no comment {number} about this place")
            if row.answered_at is not None:
                raise Conflict(f"comment {number} is answered already")
            row.answer, row.answered_by, row.answered_at = text.strip(), by, self.clock()
            note(session, Entry(by, row.agreement, "answered", {"comment": number}), self.clock())
            session.commit()


def _same(before: PartnerComment, comment: Comment, place_id: int) -> int:
    ours = (before.place_id, before.indicator, before.period, before.text)
    if ours != (place_id, comment.indicator, comment.period, comment.text.strip()):
        raise Conflict(f"the reference {comment.reference} was used for another comment")
    return before.id


def _outside(name: str, value: str) -> Invalid:
    problem = Problem("it is not in the agreement", "comment on what the agreement covers", column=name, value=value)
    return Invalid("the comment is about something outside the agreement", [problem])
