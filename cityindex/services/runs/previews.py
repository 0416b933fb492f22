"""Before publication: places look at their own results, object with a reason, and are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from cityindex.database import writing
from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import AuditEvent, Objection, Place, Preview, Publication, Run, RunNode, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.runs.previews import places_of, preview
from cityindex.services import letters
from cityindex.services.assessments.notices import holders_of
from cityindex.services.places.place_names import both_names
from cityindex.services.runs.publication import publishable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Codelist

ANSWERED_WITHIN = timedelta(days=14)
LONGEST = timedelta(days=180)
LONGEST_WORDS = 4000


class Previews:
    """`types` are the place types, for the full names of places. About demo data nobody is written to."""

    def __init__(self, sessions: sessionmaker[Session], types: Codelist, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.types = types
        self.clock = clock

    def open(self, run_id: int, until: datetime, by: int, programme: str = "") -> int:
        """Show a run to the members of a programme, or to all of its places, until a moment. The number of the preview.

        `Invalid` for a moment that is over or too far; `Conflict` for a run that was public or is shown already.
        """
        if not self.clock() < until < self.clock() + LONGEST:
            raise Invalid("a preview ends on a day to come, within half a year: choose another one")
        with self.sessions() as session:
            run = publishable(writing(session), run_id)
            self._require_unseen(session, run)
            row = Preview(run_id=run.id, programme=programme, until=until, opened_at=self.clock(), opened_by=by)
            session.add(row)
            session.flush()
            places = places_of(session, row.id)
            if not places:
                raise Invalid("the run holds no place of this programme: choose another one")
            if not run.demo:
                self._invite(session, row, places)
            self._note(session, by, "preview opened", f"run {run.id}")
            session.commit()
            return row.id

    def close(self, number: int, by: int) -> None:
        """End a preview before its day. `NotFound`, `Conflict` where it is over."""
        with self.sessions() as session:
            row = writing(session).get(Preview, number)
            if row is None:
                raise NotFound(f"there is no preview {number}")
            if not preview(session, number, self.clock()).open_now:
                raise Conflict(f"preview {number} is over already")
            row.closed_at = self.clock()
            self._note(session, by, "preview closed", f"run {row.run_id}")
            session.commit()

    def object(self, number: int, place_id: int, node: str, reason: str, by: int) -> None:
        """Object to the figure or score of a place at a node. One objection at a time for each of them.

        `NotFound` where the preview is not for the place, `Conflict` where it is over, `Invalid` without a reason.
        """
        words = reason.strip()
        if not words or len(words) > LONGEST_WORDS:
            raise Invalid(f"say why, in at most {LONGEST_WORDS} characters")
        with self.sessions() as session:
            found = preview(writing(session), number, self.clock(), place_id)
            if not found.open_now:
                raise Conflict(f"preview {number} is over")
            self._require_new(session, found.run, (number, place_id, node))
            made = {"made_at": self.clock(), "made_by": by, "due": self.clock() + ANSWERED_WITHIN}
            session.add(Objection(preview_id=number, place_id=place_id, node=node, reason=words, **made))
            self._note(session, by, "objection made", f"run {found.run}, {node}")
            if not found.demo:
                opened = session.get_one(Preview, number)
                told = both_names(session.get_one(Place, place_id), self.types)
                letters.write(session, opened.opened_by, "objected", self.clock(), until=made["due"], **told)
            session.commit()

    def answer(self, objection: int, accepted: bool, words: str, by: int) -> None:
        """Answer an objection: whether it was right, and what follows from it or why not. `NotFound`, `Conflict`."""
        text = words.strip()
        if not text or len(text) > LONGEST_WORDS:
            raise Invalid(f"say what follows or why not, in at most {LONGEST_WORDS} characters")
        with self.sessions() as session:
            row = writing(session).get(Objection, objection)
            if row is None:
                raise NotFound(f"there is no objection {objection}")
            if row.accepted is not None:
                raise Conflict(f"objection {objection} is answered already")
            row.accepted, row.answer, row.answered_at, row.answered_by = accepted, text, self.clock(), by
            run = session.get_one(Run, session.get_one(Preview, row.preview_id).run_id)
            self._note(session, by, "objection answered", f"run {run.id}, {row.node}")
            if not run.demo:
                place = session.get_one(Place, row.place_id)
                facts = {"accepted": accepted, "answer": text, "preview": row.preview_id, "code": place.code}
                told = {**both_names(place, self.types), **facts}
                letters.write(session, row.made_by, "objection-answered", self.clock(), **told)
            session.commit()

    def _invite(self, session: Session, row: Preview, places: Sequence[int]) -> None:
        people = holders_of(session, places)
        for account in sorted({one for place in places for one in people.get(place, ())}):
            letters.write(session, account, "preview", self.clock(), until=row.until)

    def _require_unseen(self, session: Session, run: Run) -> None:
        public = select(Publication.id).where(Publication.run_id == run.id).limit(1)
        if session.scalar(public) is not None:
            raise Conflict(f"run {run.id} was public already, so there is nothing to look at before")
        same = session.scalars(select(Preview.id).where(Preview.run_id == run.id)).all()
        if any(preview(session, number, self.clock()).open_now for number in same):
            raise Conflict(f"run {run.id} is open for preview already: end that one first")

    @staticmethod
    def _require_new(session: Session, run: int, about: tuple[int, int, str]) -> None:
        number, place_id, node = about
        if session.scalar(select(RunNode.code).where(RunNode.run_id == run, RunNode.code == node)) is None:
            raise Invalid("choose what it is about")
        same = (Objection.preview_id == number, Objection.place_id == place_id, Objection.node == node)
        if session.scalar(select(Objection.id).where(*same, Objection.accepted.is_(None)).limit(1)) is not None:
            raise Conflict("there is an objection to this already, and it is not answered yet")

    @staticmethod
    def _note(session: Session, by: int, action: str, subject: str) -> None:
        session.add(AuditEvent(actor=actor_of(by), action=action, subject=subject))
