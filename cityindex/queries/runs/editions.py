"""Editions: which run is public for a framework and period. And runs, public or not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import DefinitionRecord, EditionNote, Publication, Run


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of an edition: `mark` is `provisional`, `final` or empty; `what` changed and `why`, by language.

    `corrects` is the run whose place it took. `what` is empty where nothing was corrected.
    """

    mark: str = ""
    corrects: int | None = None
    what: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


SILENT = Note()


@dataclass(frozen=True, slots=True)
class Edition:
    """The published run of a framework and period, with how many places it holds, scores and ranks."""

    run: int
    framework: str
    version: str
    period: int
    published_at: datetime
    made_at: datetime
    places: int
    scored: int
    ranked: int
    demo: bool
    definition: str
    """The fingerprint of the definition; `definition_of` gives its text."""
    earlier_method: Mapping[str, Any] | None = None
    """Which edition's method its figures were ranked by as well, where that was another one."""
    note: Note = SILENT


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run, public or not. `summary` is what the run said about itself (warnings, statistics, counts)."""

    id: int
    framework: str
    version: str
    period: int
    made_at: datetime
    made_by: str
    published: bool
    demo: bool
    definition: str
    data: str
    library: str
    summary: dict[str, Any]
    note: Note = SILENT


def current_editions(session: Session, framework: str | None = None) -> tuple[Edition, ...]:
    """Everything that is public, by framework, the newest period first."""
    query = _editions().order_by(Run.framework, Run.period.desc())
    if framework is not None:
        query = query.where(Run.framework == framework)
    return tuple(map(edition_of, session.execute(query)))


def edition(session: Session, framework: str, period: int | None = None) -> Edition:
    """The edition of a framework for a period, or its latest one. Raises `NotFound`, saying which there are."""
    editions = current_editions(session, framework)
    found = next((one for one in editions if period in (None, one.period)), None)
    if found is None:
        raise NotFound(_nothing(framework, period, editions))
    return found


def neighbours(session: Session, of: Edition) -> tuple[Edition | None, Edition | None]:
    """The editions of the period before and the period after."""
    editions = current_editions(session, of.framework)
    before = next((one for one in editions if one.period < of.period), None)
    after = next((one for one in reversed(editions) if one.period > of.period), None)
    return before, after


def run_record(session: Session, run_id: int) -> RunRecord:
    """One run, public or not. Raises `NotFound`."""
    found = runs(session, ids=[run_id])
    if not found:
        raise NotFound(f"there is no run {run_id}")
    return found[0]


def runs(session: Session, *, ids: Sequence[int] | None = None, after: int = 0, limit: int = 1000) -> list[RunRecord]:
    """Runs by id: those named, or a page of all from the first one after `after`."""
    public = select(Publication.run_id).where(Publication.id.in_(_newest())).scalar_subquery()
    query = select(Run, Run.id.in_(public), EditionNote).outerjoin(EditionNote, EditionNote.run_id == Run.id)
    query = query.where(Run.id > after).order_by(Run.id).limit(limit)
    if ids is not None:
        query = query.where(Run.id.in_(ids))
    return [_run(run, bool(published), note) for run, published, note in session.execute(query)]


def definition_of(session: Session, fingerprint: str) -> str:
    """The canonical definition that a run used. Raises `NotFound`."""
    record = session.get(DefinitionRecord, fingerprint)
    if record is None:
        raise NotFound(f"no run used a definition {fingerprint}")
    return record.content


def standing_edition(session: Session, framework: str, period: int, run_id: int) -> Edition:
    """A run that was published and never taken back, in force or followed by another since. Raises `NotFound`."""
    moves = select(Publication.action, Publication.run_id).where(
        Publication.framework == framework, Publication.period == period
    )
    standing: list[int] = []
    for action, run in session.execute(moves.order_by(Publication.id)):
        if action == "rolled-back":
            standing.pop()
        elif run is not None:
            standing.append(run)
    if run_id not in standing:
        raise NotFound(f"run {run_id} is not a published edition of {framework} for {period}")
    query = _published().where(Run.id == run_id, Publication.action == "published").order_by(Publication.id.desc())
    return edition_of(session.execute(query.limit(1)).one())


def _newest() -> Select[int]:
    """The newest movement of each framework and period: it says what is public."""
    return select(func.max(Publication.id)).group_by(Publication.framework, Publication.period)


def _editions() -> Select[*tuple[Any, ...]]:
    return _published().where(Publication.id.in_(_newest()))


def _published() -> Select[*tuple[Any, ...]]:
    columns = (Run.id, Run.framework, Run.version, Run.period, Run.created_at, Run.summary, Run.demo, Run.definition)
    query = select(*columns, Publication.at, EditionNote).join(Run, Run.id == Publication.run_id)
    return query.outerjoin(EditionNote, EditionNote.run_id == Run.id)


def edition_of(row: Row[Any]) -> Edition:
    """The edition of a row with its run, the moment of its publication (`at`) and what was written with it."""
    summary = json.loads(row.summary)
    return Edition(
        run=row.id,
        framework=row.framework,
        version=row.version,
        period=row.period,
        published_at=row.at,
        made_at=row.created_at,
        places=summary["places"],
        scored=summary["scored"],
        ranked=summary["ranked"],
        demo=row.demo,
        definition=row.definition,
        earlier_method=summary.get("earlier_method"),
        note=note_of(row.EditionNote),
    )


def note_of(row: EditionNote | None) -> Note:
    """What was written with the first publication of a run; `SILENT` where nothing was."""
    if row is None:
        return SILENT
    what = {"th": row.what_th, "en": row.what_en} if row.what_th else {}
    why = {"th": row.why_th, "en": row.why_en} if row.what_th else {}
    return Note(row.mark, row.corrects, what, why)


def _run(run: Run, published: bool, note: EditionNote | None) -> RunRecord:
    return RunRecord(
        id=run.id,
        framework=run.framework,
        version=run.version,
        period=run.period,
        made_at=run.created_at,
        made_by=run.created_by,
        published=published,
        demo=run.demo,
        definition=run.definition,
        data=run.data_fingerprint,
        library=run.library,
        summary=json.loads(run.summary),
        note=note_of(note),
    )


def _nothing(framework: str, period: int | None, editions: Sequence[Edition]) -> str:
    if not editions:
        return f"nothing of {framework} is published"
    there = ", ".join(str(one.period) for one in editions)
    return f"{framework} is not published for {period} (it is for {there})"
