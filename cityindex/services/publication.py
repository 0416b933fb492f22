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
from cityindex.errors import Conflict, NotFound
from cityindex.models import AuditEvent, DefinitionRecord, Publication, Run

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

PUBLISHED, ROLLED_BACK = "published", "rolled-back"


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

    def publish(self, run_id: int, by: str) -> Published:
        """Make a run the edition of its framework and period.

        `Conflict` where it is that already, where it scores no place, and where its version was another method.
        """
        with self.sessions() as session:
            run = _alone(session).get(Run, run_id)
            if run is None:
                raise NotFound(f"there is no run {run_id} (`cityindex run FRAMEWORK PERIOD` makes one)")
            stack = editions(_movements(session, run.framework, run.period))
            before = stack[-1] if stack else None
            if before == run.id:
                raise Conflict(f"run {run.id} is the published edition of {run.framework} {run.period} already")
            require_scores(run)
            _require_unchanged_version(session, run)
            move = Publication(framework=run.framework, period=run.period, run_id=run.id, action=PUBLISHED, by=by)
            self._commit(session, move)
            return Published(run.framework, run.period, run.id, before)

    def rollback(self, framework: str, period: int, by: str, undoing: int | None = None) -> Published:
        """Undo the publication in force: back to the edition before it, or to none where it was the first.

        `Conflict` where the edition in force is not the run that was to be undone (`undoing`, if it is said).
        """
        with self.sessions() as session:
            moves = _movements(_alone(session), framework, period)
            stack = editions(moves)
            if not stack:
                raise NotFound(f"no edition of {framework} {period} is published, so there is nothing to roll back")
            if undoing not in (None, stack[-1]):
                raise Conflict(f"run {stack[-1]} is the published edition of {framework} {period}, not run {undoing}")
            now = stack[-2] if len(stack) > 1 else None
            move = Publication(framework=framework, period=period, run_id=now, action=ROLLED_BACK, by=by)
            self._commit(session, move)
            return Published(framework, period, now, stack[-1])

    def standing(self, framework: str, period: int) -> tuple[int, ...]:
        """The runs published and not undone, oldest first: the last is public, the one before it would come back."""
        with self.sessions() as session:
            return tuple(editions(_movements(session, framework, period)))

    @staticmethod
    def _commit(session: Session, move: Publication) -> None:
        subject = f"{move.framework} {move.period}"
        detail = f"run {move.run_id}" if move.run_id else "withdrawn"
        session.add_all(
            [move, AuditEvent(actor=move.by, action=f"edition {move.action}", subject=subject, detail=detail)]
        )
        session.commit()


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


def _alone(session: Session) -> Session:
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
