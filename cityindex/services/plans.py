"""Improvement plans: drawn from the next level's words, kept by the people of a place, several at once."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from cityindex.assessment.next_level import steps
from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import ImprovementAction, Place, now
from cityindex.queries.instruments import instrument
from cityindex.queries.plans import ActionRecord, action, newest_assessment, plan_of, present_values

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

PLANNED, RUNNING, DONE, DROPPED = "planned", "running", "done", "dropped"
STATUSES = (PLANNED, RUNNING, DONE, DROPPED)
LONGEST = {"what": 2000, "owner": 200, "plan_reference": 200, "progress": 3000}
MOST_LINES = 500
"""Of the plan of one place."""
LARGEST_BUDGET = 1e12
YEARS = range(2000, 2100)
NO_TEXT = ("Cc", "Cs", "Cn", "Co")
"""Categories of signs that are no text: controls, halves of pairs, and what Unicode does not know."""
FIELDS = ("what", "owner", "budget", "fiscal_year", "plan_reference", "status", "progress")


@dataclass(frozen=True, slots=True)
class Line:
    """What people write in a line. `fiscal_year` in the common era, `budget` in baht; None where not said."""

    what: str
    owner: str = ""
    budget: float | None = None
    fiscal_year: int | None = None
    plan_reference: str = ""
    status: str = PLANNED
    progress: str = ""

    def values(self) -> dict[str, Any]:
        """As it is stored: text without blanks around it and without signs that no cell of a sheet can hold."""
        written = {name: _clean(said) if isinstance(said, str) else said for name, said in asdict(self).items()}
        return {**written, "budget": None if self.budget is None else round(self.budget, 2)}


@dataclass(frozen=True, slots=True)
class Change:
    """A line to store: of a line that is there (`id`, and its revision that was `seen`), or a new one."""

    line: Line
    id: int | None = None
    seen: int = 0


class StaleAction(Conflict):
    """Somebody else has changed the line since: `theirs` is what is stored, `yours` what was sent."""

    def __init__(self, yours: Line, theirs: ActionRecord) -> None:
        super().__init__("this line of the plan was changed by somebody else in the meantime: look at both")
        self.yours, self.theirs = yours, theirs


class Plans:
    """Use cases of those who keep the plan of a place. Who may is asked by whoever calls."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def draw(self, place_id: int, questions: Iterable[str], fiscal_year: int | None, by: int, language: str) -> int:
        """Add a line for each of `questions` with the words of its next level, in the language of who asks.

        Questions with an unfinished line for that level, or at their highest level, are passed over. How many were
        added. `NotFound` where the place has no assessment.
        """
        wanted = set(questions)
        with self.sessions() as session:
            self._alone(session, place_id)
            record = newest_assessment(session, place_id)
            if record is None:
                raise NotFound("this place has no assessment to draw a plan from")
            entry = instrument(session, record.round.definition)
            held = present_values(session, record)
            there = {(one.question, one.to_level) for one in plan_of(session, place_id) if one.status != DROPPED}
            added = [
                step
                for step in steps(entry.questionnaire, held, record.place.place_type)
                if step.question.code in wanted and (step.question.code, step.goal) not in there
            ]
            for step in added:
                what = entry.words_of(step.question.code).levels[step.goal].get(language)
                row = self._row(place_id, Line(what, fiscal_year=fiscal_year), by)
                row.assessment_id, row.question = record.id, step.question.code
                row.from_level, row.to_level = step.start, step.goal
                session.add(row)
            _require_room(session, place_id)
            session.commit()
            return len(added)

    def add(self, place_id: int, line: Line, by: int) -> int:
        """Add a line in one's own words; its number. `Invalid`."""
        require_sense(line)
        with self.sessions() as session:
            self._alone(session, place_id)
            row = self._row(place_id, line, by)
            session.add(row)
            _require_room(session, place_id)
            session.commit()
            return row.id

    def save(self, place_id: int, change: Change, by: int) -> None:
        """Store a line over the revision that was seen. `Invalid`, `NotFound`, `StaleAction`."""
        self.apply(place_id, [change], by)

    def apply(self, place_id: int, changes: Sequence[Change], by: int) -> int:
        """Store all of some changes, or none: how many lines are other than before.

        `Invalid` names every problem; `NotFound` for a line of another place; `StaleAction` for the first line that
        somebody else has changed since.
        """
        problems = [problem for change in changes for problem in problems_of(change.line)]
        if problems:
            raise Invalid("some lines of the plan cannot be taken; none was", problems)
        with self.sessions() as session:
            self._alone(session, place_id)
            count = sum(self._apply(session, place_id, change, by) for change in changes)
            _require_room(session, place_id)
            session.commit()
            return count

    def remove(self, place_id: int, action_id: int, seen: int, by: int) -> None:
        """Take a line out of the plan. `NotFound`, `StaleAction`."""
        with self.sessions() as session:
            self._alone(session, place_id)
            stored = _of_place(session, place_id, action_id)
            _require_seen(stored, seen, line_of(stored))
            moment = self.clock()
            said = {"removed_at": moment, "changed_at": moment, "account_id": by, "revision": seen + 1}
            session.execute(update(ImprovementAction).where(ImprovementAction.id == action_id).values(**said))
            session.commit()

    def _apply(self, session: Session, place_id: int, change: Change, by: int) -> bool:
        if change.id is None:
            session.add(self._row(place_id, change.line, by))
            return True
        stored = _of_place(session, place_id, change.id)
        if change.line.values() == line_of(stored).values():  # sent twice, or nothing was changed
            return False
        _require_seen(stored, change.seen, change.line)
        said = {**change.line.values(), "revision": stored.revision + 1, "account_id": by, "changed_at": self.clock()}
        session.execute(update(ImprovementAction).where(ImprovementAction.id == change.id).values(**said))
        return True

    def _row(self, place_id: int, line: Line, by: int) -> ImprovementAction:
        moment = self.clock()
        row = ImprovementAction(place_id=place_id, account_id=by, **line.values())
        row.created_at = row.changed_at = moment
        return row

    @staticmethod
    def _alone(session: Session, place_id: int) -> None:
        """Nobody else writes in the plan of this place until the transaction ends."""
        writing(session)
        lock = select(Place.id).where(Place.id == place_id)
        if not is_sqlite(session):
            lock = lock.with_for_update(key_share=True)
        if session.scalar(lock) is None:
            raise NotFound(f"there is no place {place_id}")


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in NO_TEXT).strip()


def require_sense(line: Line) -> None:
    """Raises `Invalid` with every problem."""
    problems = problems_of(line)
    if problems:
        raise Invalid("this line of the plan cannot be taken", problems)


def problems_of(line: Line) -> list[Problem]:
    """What is wrong with a line, by the names of its fields."""
    found = []
    if not line.what.strip():
        found.append(Problem("nothing is said", "say what is done", column="what"))
    for name, most in LONGEST.items():
        if len(getattr(line, name)) > most:
            found.append(Problem(f"is longer than {most:,} characters", "shorten it", column=name))
    if line.budget is not None and not (math.isfinite(line.budget) and 0 <= line.budget <= LARGEST_BUDGET):
        found.append(Problem("is no sum of money", "write baht, from 0", column="budget", value=str(line.budget)))
    if line.fiscal_year is not None and line.fiscal_year not in YEARS:
        cure = "write a fiscal year such as 2570"
        found.append(Problem("is no year of a plan", cure, column="fiscal_year", value=str(line.fiscal_year)))
    if line.status not in STATUSES:
        cure = f"write one of {', '.join(STATUSES)}"
        found.append(Problem("is no status", cure, column="status", value=line.status))
    return found


def line_of(stored: ActionRecord) -> Line:
    """What people have written in a stored line."""
    return Line(**{name: getattr(stored, name) for name in FIELDS})


def _of_place(session: Session, place_id: int, action_id: int) -> ActionRecord:
    stored = action(session, action_id)
    if stored.place != place_id:
        raise NotFound(f"the plan of place {place_id} has no line {action_id}")
    return stored


def _require_seen(stored: ActionRecord, seen: int, yours: Line) -> None:
    if stored.revision != seen:
        raise StaleAction(yours, stored)


def _require_room(session: Session, place_id: int) -> None:
    session.flush()
    if len(plan_of(session, place_id)) > MOST_LINES:
        raise Invalid(f"a plan has {MOST_LINES} lines at most: take out what is done or dropped")
