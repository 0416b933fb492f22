"""What an operator looks at: recordings, runs, the trail of deeds, and what publishing a run would change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from cityindex.models import AuditEvent, Place, Publication, Recording, Run, Score

Item = TypeVar("Item")
LARGEST = 10


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a long list, the newest first, and how many there are in all."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RecordingRow:
    id: int
    at: datetime
    by: str
    door: str
    source: str | None
    file: str | None
    file_hash: str | None
    rows: int
    demo: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. `in_force`: the public side shows it; `was_public`: it did at some time."""

    id: int
    framework: str
    version: str
    period: int
    at: datetime
    by: str
    demo: bool
    in_force: bool
    was_public: bool
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """The rank of a place on the index, in the edition in force and in the one that would come."""

    code: str
    name_th: str
    name_en: str | None
    place_type: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Changes:
    """How ranks on the index differ between two runs. `entered` and `left`: ranked in one of them only."""

    before: int
    after: int
    entered: int
    left: int
    up: int
    down: int
    same: int
    largest: tuple[Move, ...]


def recordings(session: Session, limit: int, offset: int = 0) -> Page[RecordingRow]:
    """What was brought in, the newest first."""
    total = session.scalar(select(func.count()).select_from(Recording)) or 0
    found = session.scalars(select(Recording).order_by(Recording.id.desc()).limit(limit).offset(offset))
    return Page(tuple(map(_recording, found)), total)


def run_rows(session: Session, limit: int, offset: int = 0, *, run: int | None = None) -> Page[RunRow]:
    """Runs, public or not, the newest first; or one of them."""
    chosen: list[ColumnElement[bool]] = [] if run is None else [Run.id == run]
    total = session.scalar(select(func.count()).select_from(Run).where(*chosen)) or 0
    query = _runs().where(*chosen).order_by(Run.id.desc()).limit(limit).offset(offset)
    return Page(tuple(map(_run, session.execute(query))), total)


def trail(session: Session, limit: int, offset: int = 0, *, action: str = "", words: str = "") -> Page[Event]:
    """Deeds, the newest first: those of one kind, those whose actor, subject or detail contain some words."""
    wanted: list[ColumnElement[bool]] = [AuditEvent.action == action] if action else []
    if words:
        columns = (AuditEvent.actor, AuditEvent.subject, AuditEvent.detail)
        wanted.append(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(*wanted)) or 0
    query = select(AuditEvent).where(*wanted).order_by(AuditEvent.id.desc()).limit(limit).offset(offset)
    events = (Event(one.at, one.actor, one.action, one.subject, one.detail) for one in session.scalars(query))
    return Page(tuple(events), total)


def actions(session: Session) -> Sequence[str]:
    """The kinds of deeds there are."""
    return session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)).all()


def rank_changes(session: Session, before: int | None, after: int | None) -> Changes:
    """What readers would see change on the index if run `after` took the place of run `before`."""
    old, new = (_ranks(session, run) if run is not None else {} for run in (before, after))
    both = old.keys() & new.keys()
    steps = {place: old[place] - new[place] for place in both}
    moved = sorted((place for place in both if steps[place]), key=lambda place: (-abs(steps[place]), new[place]))
    return Changes(
        before=len(old),
        after=len(new),
        entered=len(new.keys() - old.keys()),
        left=len(old.keys() - new.keys()),
        up=sum(step > 0 for step in steps.values()),
        down=sum(step < 0 for step in steps.values()),
        same=sum(step == 0 for step in steps.values()),
        largest=_moves(session, moved[:LARGEST], old, new),
    )


def _recording(one: Recording) -> RecordingRow:
    return RecordingRow(
        one.id,
        one.recorded_at,
        one.recorded_by,
        one.door,
        one.source,
        one.file_name,
        one.file_hash,
        one.rows,
        one.demo,
    )


def _runs() -> Select[*tuple[Any, ...]]:
    newest = select(func.max(Publication.id)).group_by(Publication.framework, Publication.period)
    in_force = select(Publication.run_id).where(Publication.id.in_(newest), Publication.run_id.is_not(None))
    ever = select(Publication.run_id).where(Publication.run_id.is_not(None))
    columns = (Run.id, Run.framework, Run.version, Run.period, Run.created_at, Run.created_by, Run.demo, Run.summary)
    return select(*columns, Run.id.in_(in_force).label("in_force"), Run.id.in_(ever).label("was_public"))


def _run(row: Row[Any]) -> RunRow:
    return RunRow(
        row.id,
        row.framework,
        row.version,
        row.period,
        row.created_at,
        row.created_by,
        row.demo,
        bool(row.in_force),
        bool(row.was_public),
        json.loads(row.summary),
    )


def _ranks(session: Session, run: int) -> dict[int, int]:
    index = select(Score.place_id, Score.rank).where(Score.run_id == run, Score.position == 0, Score.rank.is_not(None))
    return {place: rank for place, rank in session.execute(index) if rank is not None}


def _moves(session: Session, places: Sequence[int], old: dict[int, int], new: dict[int, int]) -> tuple[Move, ...]:
    columns = (Place.id, Place.code, Place.name_th, Place.name_en, Place.place_type)
    known = {row.id: row for row in session.execute(select(*columns).where(Place.id.in_(places)))}
    found = ((known[place], place) for place in places if place in known)
    return tuple(
        Move(row.code, row.name_th, row.name_en, row.place_type, old[place], new[place]) for row, place in found
    )
