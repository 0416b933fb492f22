"""The calendar of releases: what came out, what was corrected or taken back, and what is to come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from cityindex.models import EditionNote, PlannedRelease, Publication, Run
from cityindex.queries.accounts.administration import Page
from cityindex.queries.runs.editions import Note, note_of
from cityindex.queries.runs.standing_runs import standing_numbers

PUBLISHED = "published"
FIRST, AGAIN, WITHDRAWN, BACK = "first", "again", "withdrawn", "back"
ENDED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Release:
    """A movement of what is public. `kind`: `first` edition, `again` (another run took its place), `withdrawn`, or
    `back` (the edition before came back). `run` is the one that is public after it, None where nothing is;
    `before` the one until then.
    """

    id: int
    framework: str
    period: int
    at: datetime
    kind: str
    run: int | None
    before: int | None
    version: str
    demo: bool
    note: Note
    standing: bool
    """Whether it has an address: a withdrawn run has none."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A release that is announced. Which run it will be is not public."""

    framework: str
    period: int
    at: datetime
    again: bool
    demo: bool
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned release as whoever publishes sees it; `outcome` is None while it waits."""

    id: int
    framework: str
    period: int
    run: int
    before: int | None
    at: datetime
    announced: bool
    mark: str
    demo: bool
    planned_by: str
    ended_at: datetime | None
    outcome: str | None
    said: str


def released(session: Session, limit: int, offset: int = 0) -> Page[Release]:
    """Every movement of what is public, the newest first."""
    whose = (Publication.framework, Publication.period)
    before = func.lag(Publication.run_id).over(partition_by=whose, order_by=Publication.id)
    rows = select(
        Publication.id, Publication.framework, Publication.period, Publication.at, Publication.action,
        Publication.run_id, before.label("before"),
    ).subquery()  # fmt: skip
    about = func.coalesce(rows.c.run_id, rows.c.before)
    query = (
        select(rows, Run.version, Run.demo, EditionNote)
        .join(Run, Run.id == about)
        .outerjoin(EditionNote, EditionNote.run_id == rows.c.run_id)
        .order_by(rows.c.id.desc())
    )
    total = session.scalar(select(func.count()).select_from(Publication)) or 0
    standing = standing_numbers(session)
    found = session.execute(query.limit(limit).offset(offset))
    return Page(tuple(_release(row, standing) for row in found), total)


def coming(session: Session) -> tuple[Coming, ...]:
    """What is announced and did not come out yet, the next first."""
    query = select(PlannedRelease, Run.demo).join(Run, Run.id == PlannedRelease.run_id)
    query = query.where(PlannedRelease.outcome.is_(None), PlannedRelease.announced)
    rows = session.execute(query.order_by(PlannedRelease.publish_at, PlannedRelease.id))
    return tuple(
        Coming(one.framework, one.period, one.publish_at, one.before is not None, demo, one.planned_at)
        for one, demo in rows
    )


def plans(session: Session) -> tuple[Plan, ...]:
    """Planned releases that wait, the next first, then the newest of those that are over."""
    query = select(PlannedRelease, Run.demo).join(Run, Run.id == PlannedRelease.run_id)
    waiting = query.where(PlannedRelease.outcome.is_(None)).order_by(PlannedRelease.publish_at, PlannedRelease.id)
    ended = query.where(PlannedRelease.outcome.is_not(None)).order_by(PlannedRelease.id.desc()).limit(ENDED_SHOWN)
    return tuple(_plan(row, demo) for part in (waiting, ended) for row, demo in session.execute(part))


def _release(row: Row[Any], standing: frozenset[int]) -> Release:
    return Release(
        id=row.id,
        framework=row.framework,
        period=row.period,
        at=row.at,
        kind=_kind(row),
        run=row.run_id,
        before=row.before,
        version=row.version,
        demo=row.demo,
        note=note_of(row.EditionNote if row.action == PUBLISHED else None),
        standing=row.run_id in standing,
    )


def _kind(row: Row[Any]) -> str:
    if row.action == PUBLISHED:
        return AGAIN if row.before else FIRST
    return BACK if row.run_id else WITHDRAWN


def _plan(row: PlannedRelease, demo: bool) -> Plan:
    mark = json.loads(row.terms)["mark"]
    return Plan(
        row.id, row.framework, row.period, row.run_id, row.before, row.publish_at, row.announced, mark, demo,
        row.planned_by, row.ended_at, row.outcome, row.said,
    )  # fmt: skip
