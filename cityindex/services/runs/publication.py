"""Publishing: the pointer from a framework and period to the run that the public side reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite, writing
from cityindex.definitions.canonical import framework_from_canonical
from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import AuditEvent, DefinitionRecord, EditionNote, Publication, Run
from cityindex.services.exchange.changes import PUBLICATION, number_change

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

PUBLISHED, ROLLED_BACK = "published", "rolled-back"
PROVISIONAL, FINAL = "provisional", "final"
MARKS = ("", PROVISIONAL, FINAL)
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said of an edition when it is published: how sure it is, what changed against the one before, and why.

    The note is in Thai, with or without English. Raises `Invalid` where it is half a note.
    """

    mark: str = ""
    what_th: str = ""
    why_th: str = ""
    what_en: str = ""
    why_en: str = ""

    def __post_init__(self) -> None:
        texts = (self.what_th, self.why_th, self.what_en, self.why_en)
        if self.mark not in MARKS:
            raise Invalid("an edition is marked as provisional, as final, or not at all")
        if bool(self.what_th) != bool(self.why_th) or bool(self.what_en) != bool(self.why_en):
            raise Invalid("a note says what changed and why: write both, or neither")
        if self.what_en and not self.what_th:
            raise Invalid("the note of a correction is needed in Thai: write it beside the English one")
        if max(map(len, texts)) > LONGEST_NOTE:
            raise Invalid(f"a note has at most {LONGEST_NOTE} characters: shorten it")

    def __bool__(self) -> bool:
        return bool(self.mark or self.what_th)


NOTHING_SAID = Terms()
TERMS = ("mark", "what_th", "why_th", "what_en", "why_en")


@dataclass(frozen=True, slots=True)
class Published:
    """Where the pointer of a framework and period stands after a deed. `run` is None where nothing is public."""

    framework: str
    period: int
    run: int | None
    before: int | None


class Publishing:
    """Moves pointers. Runs are never changed and never deleted; every movement is a row of its own."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions = sessions

    def publish(self, run_id: int, by: str, terms: Terms = NOTHING_SAID) -> Published:
        """Make a run the edition of its framework and period.

        `Conflict` where it is that already, where it scores no place, where its version was another method, and where
        it was published before on other `terms`: what was said of a run stands.
        """
        with self.sessions() as session:
            done = publish_in(alone(session), run_id, by, terms)
            session.commit()
            return done

    def rollback(self, framework: str, period: int, by: str, undoing: int | None = None) -> Published:
        """Undo the publication in force: back to the edition before it, or to none where it was the first.

        `Conflict` where the edition in force is not the run that was to be undone (`undoing`, if it is said).
        """
        with self.sessions() as session:
            moves = _movements(alone(session), framework, period)
            stack = editions(moves)
            if not stack:
                raise NotFound(f"no edition of {framework} {period} is published, so there is nothing to roll back")
            if undoing not in (None, stack[-1]):
                raise Conflict(f"run {stack[-1]} is the published edition of {framework} {period}, not run {undoing}")
            now = stack[-2] if len(stack) > 1 else None
            move = Publication(framework=framework, period=period, run_id=now, action=ROLLED_BACK, by=by)
            _moved(session, move)
            session.commit()
            return Published(framework, period, now, stack[-1])

    def standing(self, framework: str, period: int) -> tuple[int, ...]:
        """The runs published and not undone, oldest first: the last is public, the one before it would come back."""
        with self.sessions() as session:
            return tuple(editions(_movements(session, framework, period)))


def publish_in(session: Session, run_id: int, by: str, terms: Terms = NOTHING_SAID) -> Published:
    """Publish a run in the transaction of a session that nobody publishes beside (`alone`); as `Publishing.publish`."""
    run = publishable(session, run_id)
    before = in_force(session, run.framework, run.period)
    _say(session, run, terms, by, before)
    move = Publication(framework=run.framework, period=run.period, run_id=run.id, action=PUBLISHED, by=by)
    _moved(session, move)
    return Published(run.framework, run.period, run.id, before)


def publishable(session: Session, run_id: int) -> Run:
    """A run that may become the edition of its framework and period. `NotFound`, `Conflict`."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(f"there is no run {run_id} (`cityindex run FRAMEWORK PERIOD` makes one)")
    if in_force(session, run.framework, run.period) == run.id:
        raise Conflict(f"run {run.id} is the published edition of {run.framework} {run.period} already")
    require_scores(run)
    _require_unchanged_version(session, run)
    return run


def in_force(session: Session, framework: str, period: int) -> int | None:
    """The run that is public; None where nothing is."""
    stack = editions(_movements(session, framework, period))
    return stack[-1] if stack else None


def _moved(session: Session, move: Publication) -> None:
    subject = f"{move.framework} {move.period}"
    detail = f"run {move.run_id}" if move.run_id else "withdrawn"
    session.add_all([move, AuditEvent(actor=move.by, action=f"edition {move.action}", subject=subject, detail=detail)])
    session.flush()
    number_change(session, PUBLICATION, move.id)


def _say(session: Session, run: Run, terms: Terms, by: str, before: int | None) -> None:
    """Addresses that name a run are kept for a year: what was said of it once cannot be said otherwise."""
    said = session.get(EditionNote, run.id)
    ever = session.scalar(select(Publication.id).where(Publication.run_id == run.id).limit(1))
    if not terms:
        return
    if said is not None and all(getattr(said, name) == getattr(terms, name) for name in TERMS):
        return
    if said is not None or ever is not None:
        raise Conflict(
            f"run {run.id} was public before, and what was said of it then stands: "
            "run it again, and publish the new run with the mark or note"
        )
    words = {name: getattr(terms, name) for name in TERMS}
    session.add(EditionNote(run_id=run.id, corrects=before, by=by, **words))


def require_scores(run: Run) -> None:
    """An edition without scores or ranks says nothing, and would take the place of one that does. `Conflict`."""
    said = json.loads(run.summary)
    none = "" if said["scored"] else "scored"
    if not said["ranked"] and "rank" in said["order"]:
        none = none or "ranked"
    if none:
        raise Conflict(
            f"no place is {none} in run {run.id}, so there is nothing to publish: "
            "import more figures, or let the framework ask for fewer (screen, coverage), and run it again"
        )


def editions(moves: Sequence[tuple[str, int | None]]) -> list[int]:
    """The publications not undone, oldest first, from all movements (action, run) in their order."""
    stack: list[int] = []
    for action, run in moves:
        if action == ROLLED_BACK:
            stack.pop()
        elif run is not None:
            stack.append(run)
    return stack


def alone(session: Session) -> Session:
    """Begin a transaction that nobody else publishes beside: a pointer moves from where it was seen."""
    connection = writing(session).connection()
    if not is_sqlite(connection):
        connection.exec_driver_sql("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE")
    return session


def _movements(session: Session, framework: str, period: int) -> list[tuple[str, int | None]]:
    query = (
        select(Publication.action, Publication.run_id)
        .where(Publication.framework == framework, Publication.period == period)
        .order_by(Publication.id)
    )
    return [(action, run) for action, run in session.execute(query)]


def _require_unchanged_version(session: Session, run: Run) -> None:
    """A published version never changes: what moves a number needs a version of its own. Words may be corrected."""
    earlier = session.scalars(
        select(Run.definition)
        .join(Publication, Publication.run_id == Run.id)
        .where(Run.framework == run.framework, Run.version == run.version, Run.definition != run.definition)
        .distinct()
    ).all()
    if any(_framework(session, one) != _framework(session, run.definition) for one in earlier):
        raise Conflict(
            f"{run.framework} {run.version} is published with another definition: "
            "give the changed definition a new version, and run it again"
        )


def _framework(session: Session, fingerprint: str) -> object:
    return framework_from_canonical(session.get_one(DefinitionRecord, fingerprint).content)
