"""Targets: set, changed and taken back by those who answer for them; every revision is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from cityindex.calendars import day_of
from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import AuditEvent, Place, Target, TargetRevision, now
from cityindex.participation.reasons import cleaned
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.participation.target_values import lasting, values_of
from cityindex.queries.participation.targets import RESIDENTS, SET, is_over, period_kind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Catalogue

LONGEST = 1000
"""Characters of a reason."""
FARTHEST = 30
"""Years ahead."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a target is about: an indicator, or a node of a framework, of a place, by a year of the common era."""

    place_id: int
    code: str
    period: int
    framework: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of it: `value` in the unit that pages show (a score for a node), and why.

    `topic` is the outcome of a consultation that it follows.
    """

    value: float
    reason: str
    topic: int | None = None


class Targets:
    """Use cases of those who set targets. Who may is asked by whoever calls."""

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, clock: Callable[[], datetime] = now
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.clock = clock

    def set(self, subject: Subject, owner: str, said: Said, by: int, seen: int = 0) -> int:
        """Set a target, or change it over the revision that was `seen` (0: none). Its number.

        `Invalid` with every problem; `NotFound` for a place that is not there; `Conflict` where somebody else has
        changed it since.
        """
        if owner not in SET:
            raise Invalid(f"a target is set by one of {', '.join(SET)}")
        with self.sessions() as session:
            found = self.write(writing(session), subject, owner, said, by, seen)
            session.commit()
            return found

    def take_back(self, target_id: int, reason: str, seen: int, by: int) -> None:
        """Say that a target is none any more, and why. It stays in the history. `Invalid`, `NotFound`, `Conflict`."""
        words = cleaned(reason)
        if not 0 < len(words) <= LONGEST:
            raise Invalid("no reason", [_no_reason()])
        with self.sessions() as session:
            row = writing(session).get(Target, target_id, with_for_update=not is_sqlite(session))
            if row is None or row.owner == RESIDENTS:
                raise NotFound(f"there is no target {target_id}")
            _require_seen(row, seen)
            self.undo(session, row, words, by)
            session.commit()

    def write(  # noqa: PLR0913, PLR0917 (what is said of what, by whom)
        self, session: Session, subject: Subject, owner: str, said: Said, by: int | None, seen: int | None = None
    ) -> int:
        """The same within a transaction of the caller. `seen` None: over whatever is there."""
        place = session.get(Place, subject.place_id)
        if place is None:
            raise NotFound(f"there is no place {subject.place_id}")
        problems = self.problems_of(subject, said, place.place_type)
        if problems:
            raise Invalid("; ".join(str(one) for one in problems), problems)
        row = self._row(session, subject, owner)
        if seen is not None:
            _require_seen(row, seen)
        if row.revision and self._same(session, row, said):
            return row.id
        self._add(session, row, said, by)
        return row.id

    def undo(self, session: Session, row: Target, reason: str, by: int) -> None:
        """Take a target back within a transaction of the caller."""
        self._add(session, row, Said(0.0, reason), by, taken_back=True)

    def problems_of(self, subject: Subject, said: Said, place_type: str) -> list[Problem]:
        """What is wrong, by the names of fields: `code`, `period`, `value`, `reason`."""
        found = self._wrong_subject(subject, place_type)
        found += [] if found else self._wrong_value(subject, said.value)
        words = cleaned(said.reason)
        if not 0 < len(words) <= LONGEST:
            found.append(_no_reason())
        return found

    def today(self) -> date:
        return day_of(self.clock())

    def _wrong_subject(self, subject: Subject, place_type: str) -> list[Problem]:
        framework, code = subject.framework, subject.code
        if framework:
            entry = self.catalogue.frameworks.get(framework)
            if entry is None or code not in entry.names:
                return [Problem("is no part of the framework", "choose one of its parts", column="code", value=code)]
            if not lasting(entry.framework):
                reason = "its scores are of one year only: they depend on the other places of that year"
                return [Problem(reason, "set a target for an indicator", column="code", value=code)]
        else:
            indicator = self.catalogue.indicators.get(code)
            if indicator is None or indicator.indicator.status == "retired":
                return [Problem("is no indicator in use", "choose one of the list", column="code", value=code)]
            applies = indicator.indicator.applies_to
            if applies is not None and place_type not in applies:
                return [Problem("does not apply to this kind of place", "choose another", column="code", value=code)]
        return self._wrong_period(subject)

    def _wrong_period(self, subject: Subject) -> list[Problem]:
        today, kind = self.today(), period_kind(self.catalogue, subject.framework, subject.code)
        if is_over(kind, subject.period, today) or subject.period > today.year + FARTHEST:
            cure = f"choose a year that is not over, at most {FARTHEST} years ahead"
            return [Problem("is no year to reach it by", cure, column="period", value=str(subject.period))]
        return []

    def _wrong_value(self, subject: Subject, value: float) -> list[Problem]:
        low, high = self._bounds(subject)
        if math.isfinite(value) and low <= value <= high:
            return []
        return [
            Problem("cannot be reached", f"give a value from {low:g} to {high:g}", column="value", value=f"{value:g}")
        ]

    def _bounds(self, subject: Subject) -> tuple[float, float]:
        if subject.framework:
            return self.catalogue.framework(subject.framework).framework.scale
        indicator = self.catalogue.indicator(subject.code).indicator
        low, high = indicator.bounds or (None, None)
        return -math.inf if low is None else low, math.inf if high is None else high

    def _row(self, session: Session, subject: Subject, owner: str) -> Target:
        """The row of a target, new with revision 0 where there was none; nobody else writes to it meanwhile."""
        # Two who set the same target for the first time: the lock on the place lets one wait for the other.
        if not is_sqlite(session):
            session.execute(select(Place.id).where(Place.id == subject.place_id).with_for_update(key_share=True))
        same = {"place_id": subject.place_id, "framework": subject.framework, "code": subject.code}
        query = select(Target).filter_by(**same, period=subject.period, owner=owner)
        row = session.scalar(query.execution_options(populate_existing=True))
        if row is None:
            row = Target(**same, period=subject.period, owner=owner, revision=0)
            session.add(row)
            session.flush()
        return row

    @staticmethod
    def _same(session: Session, row: Target, said: Said) -> bool:
        query = select(TargetRevision).filter_by(target_id=row.id, revision=row.revision)
        held = session.scalars(query).one()
        return (held.value, held.reason, held.topic_id) == (said.value, cleaned(said.reason), said.topic)

    def _add(self, session: Session, row: Target, said: Said, by: int | None, *, taken_back: bool = False) -> None:
        about = (row.framework, row.code, row.place_id)
        held = values_of(session, self.catalogue, [about]).get(about, {})
        before = [year for year in held if year <= row.period]
        start = self._start(session, row, before)
        row.revision += 1
        session.add(
            TargetRevision(
                target_id=row.id,
                revision=row.revision,
                value=None if taken_back else said.value,
                reason=cleaned(said.reason),
                baseline=start,
                topic_id=said.topic,
                account_id=by,
                at=self.clock(),
            )
        )
        if by is not None:
            deed = "target taken back" if taken_back else "target set"
            subject = f"{row.code} {row.period}"
            session.add(AuditEvent(actor=actor_of(by), action=deed, subject=subject, detail=f"place {row.place_id}"))

    @staticmethod
    def _start(session: Session, row: Target, years: list[int]) -> int | None:
        """The year that progress is counted from. A change of a target does not begin it anew, taking it back does."""
        query = select(TargetRevision).filter_by(target_id=row.id, revision=row.revision)
        held = session.scalars(query).one_or_none()
        kept = held.baseline if held is not None and held.value is not None else None
        return kept if kept is not None else max(years, default=None)


def _require_seen(row: Target, seen: int) -> None:
    if row.revision != seen:
        raise Conflict("somebody else has changed this target in the meantime: look at it again")


def _no_reason() -> Problem:
    return Problem("says nothing, or too much", f"say why, in at most {LONGEST:,} characters", column="reason")
