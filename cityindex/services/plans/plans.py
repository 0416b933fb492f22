"""Improvement plans: drawn from the next level's words, kept by the people of a place, several at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from cityindex.assessment.next_level import steps
from cityindex.calendars import day_of
from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import ActionRevision, AuditEvent, ImprovementAction, Place, PlanOpening, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.participation.targets import targets_of
from cityindex.queries.plans.plans import ActionRecord, action, is_shown, newest_assessment, plan_of, present_values
from cityindex.services.plans.lines import DROPPED, FIELDS, Change, Known, Line, flat, problems_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Catalogue

MOST_LINES = 500
"""Of the plan of one place."""
OCTOBER = 10
"""The month in which a fiscal year begins."""


class StaleAction(Conflict):
    """Somebody else has changed the line since: `theirs` is what is stored, `yours` what was sent."""

    def __init__(self, yours: Line, theirs: ActionRecord) -> None:
        super().__init__("this line of the plan was changed by somebody else in the meantime: look at both")
        self.yours, self.theirs = yours, theirs


class Plans:
    """Use cases of those who keep the plan of a place. Who may is asked by whoever calls."""

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, clock: Callable[[], datetime] = now
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
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
        with self.sessions() as session:
            self._alone(session, place_id)
            problems = problems_of(line.cleaned(), self.known(session, place_id))
            if problems:
                raise Invalid("this line of the plan cannot be taken", problems)
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
        with self.sessions() as session:
            self._alone(session, place_id)
            self._require_sense(session, place_id, changes)
            count = sum(self._apply(session, place_id, change, by) for change in changes)
            _require_room(session, place_id)
            session.commit()
            return count

    def remove(self, place_id: int, action_id: int, seen: int, by: int) -> None:
        """Take a line out of the plan. `NotFound`, `StaleAction`."""
        self.apply(place_id, [Change(None, action_id, seen)], by)

    def show(self, place_id: int, by: int, *, shown: bool) -> None:
        """Let everybody read the plan of a place, or nobody but its people any more."""
        with self.sessions() as session:
            self._alone(session, place_id)
            if is_shown(session, place_id) != shown:
                session.add(PlanOpening(place_id=place_id, shown=shown, account_id=by, at=self.clock()))
                deed = "plan shown" if shown else "plan hidden"
                session.add(AuditEvent(actor=actor_of(by), action=deed, subject=f"place {place_id}", detail=""))
            session.commit()

    def known(self, session: Session, place_id: int) -> Known:
        """What a line of a place's plan may name now."""
        return known_of(session, self.catalogue, place_id, self.fiscal_year())

    def fiscal_year(self) -> int:
        """The present fiscal year, of the common era."""
        today = day_of(self.clock())
        return today.year + (today.month >= OCTOBER)

    def _require_sense(self, session: Session, place_id: int, changes: Sequence[Change]) -> None:
        known, there = self.known(session, place_id), {one.id: one for one in plan_of(session, place_id)}
        problems = []
        for change in changes:
            before = line_of(there[change.id]) if change.id in there else None
            problems += problems_of(change.line.cleaned(), known, before) if change.line else []
        if problems:
            raise Invalid("some lines of the plan cannot be taken; none was", problems)

    def _apply(self, session: Session, place_id: int, change: Change, by: int) -> bool:
        if change.id is None:
            if change.line is not None:
                session.add(self._row(place_id, change.line, by))
            return change.line is not None
        stored = _of_place(session, place_id, change.id)
        if change.line is not None and change.line.cleaned() == line_of(stored):  # sent twice, or nothing was changed
            return False
        _require_seen(stored, change)
        self._keep(session, stored)
        moment = self.clock()
        said = columns_of(change.line) if change.line else {"removed_at": moment}
        said |= {"revision": stored.revision + 1, "account_id": by, "changed_at": moment}
        session.execute(update(ImprovementAction).where(ImprovementAction.id == change.id).values(**said))
        return True

    @staticmethod
    def _keep(session: Session, stored: ActionRecord) -> None:
        """Write down what a line says before something else takes its place."""
        said = json.dumps(flat(line_of(stored)), ensure_ascii=False)
        session.add(
            ActionRevision(
                action_id=stored.id,
                revision=stored.revision,
                content=said,
                account_id=stored.by,
                at=stored.changed_at,
            )
        )

    def _row(self, place_id: int, line: Line, by: int) -> ImprovementAction:
        moment = self.clock()
        row = ImprovementAction(place_id=place_id, account_id=by, **columns_of(line))
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


def line_of(stored: ActionRecord) -> Line:
    """What people have written in a stored line."""
    return Line(**{name: getattr(stored, name) for name in FIELDS})


def known_of(session: Session, catalogue: Catalogue, place_id: int, year: int = 0) -> Known:
    """What a line of a place's plan may name."""
    codes = (code for vocabulary in catalogue.vocabularies.values() for code in vocabulary.items)
    aims = frozenset(one.id for one in targets_of(session, place_id))
    return Known(frozenset(catalogue.indicators), frozenset(codes), aims, year)


def columns_of(line: Line) -> dict[str, Any]:
    """A line as the columns of its row."""
    said = {name: getattr(line.cleaned(), name) for name in FIELDS if name not in ("budgets", "target", "indicator")}
    money = json.dumps({str(year): baht for year, baht in line.cleaned().budgets})
    return {**said, "budgets": money, "target_id": line.target, "indicator": line.indicator or None}


def _of_place(session: Session, place_id: int, action_id: int) -> ActionRecord:
    stored = action(session, action_id)
    if stored.place != place_id:
        raise NotFound(f"the plan of place {place_id} has no line {action_id}")
    return stored


def _require_seen(stored: ActionRecord, change: Change) -> None:
    if stored.revision != change.seen:
        raise StaleAction(change.line or line_of(stored), stored)


def _require_room(session: Session, place_id: int) -> None:
    session.flush()
    if len(plan_of(session, place_id)) > MOST_LINES:
        raise Invalid(f"a plan has {MOST_LINES} lines at most: take out what is done or dropped")
