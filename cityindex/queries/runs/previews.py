"""Previews: which runs are shown to which places before they are published, and what the places object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Membership, Objection, Place, Preview, Publication, Run, Score
from cityindex.queries.accounts.reach import Reach


@dataclass(frozen=True, slots=True)
class PreviewRecord:
    """`open_now`: it is not over, and its run was never public."""

    id: int
    run: int
    framework: str
    version: str
    period: int
    definition: str
    demo: bool
    made_at: datetime
    """When the run was."""
    programme: str
    until: datetime
    open_now: bool
    objections: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class ObjectionRecord:
    """`accepted` is None until it is answered."""

    id: int
    preview: int
    run: int
    place_id: int
    code: str
    name_th: str
    name_en: str | None
    place_type: str
    node: str
    reason: str
    made_at: datetime
    due: datetime
    accepted: bool | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A place whose people may look at its results in a preview."""

    preview: PreviewRecord
    code: str
    name_th: str
    name_en: str | None
    place_type: str


def previews(session: Session, at: datetime) -> tuple[PreviewRecord, ...]:
    """All of them, the newest first."""
    return _previews(session, at)


def preview(session: Session, number: int, at: datetime, place_id: int | None = None) -> PreviewRecord:
    """One of them. Raises `NotFound`, also where it is not for a place: its run does not hold it, or the cohort."""
    chosen = [Preview.id == number] if place_id is None else [Preview.id == number, _is_for(place_id)]
    found = _previews(session, at, *chosen)
    if not found:
        raise NotFound(f"there is no preview {number}")
    return found[0]


def to_look_at(session: Session, reach: Reach, at: datetime, most: int = 20) -> tuple[ToLookAt, ...]:
    """Open previews of the places that a permission reaches."""
    opened = {one.id: one for one in _previews(session, at) if one.open_now}
    query = (
        select(Preview.id, Place.code, Place.name_th, Place.name_en, Place.place_type)
        .join(Score, and_(Score.run_id == Preview.run_id, Score.position == 0))
        .join(Place, Place.id == Score.place_id)
        .where(Preview.id.in_(opened), _in_cohort(), reach.condition())
        .order_by(Preview.until, Place.name_sort)
        .limit(most)
    )
    if not opened:
        return ()
    return tuple(
        ToLookAt(opened[row.id], row.code, row.name_th, row.name_en, row.place_type) for row in session.execute(query)
    )


def places_of(session: Session, number: int) -> tuple[int, ...]:
    """Every place that a preview is for."""
    query = (
        select(Place.id)
        .join(Score, and_(Score.place_id == Place.id, Score.position == 0))
        .join(Preview, Preview.run_id == Score.run_id)
        .where(Preview.id == number, _in_cohort())
    )
    return tuple(session.scalars(query))


def objections(
    session: Session, *, run: int | None = None, preview: int | None = None, place_id: int | None = None
) -> tuple[ObjectionRecord, ...]:
    """Those of a run, a preview or a place; what is not answered first, by when it is due."""
    wanted = ((Preview.run_id, run), (Objection.preview_id, preview), (Objection.place_id, place_id))
    return _objections(session, *(column == value for column, value in wanted if value is not None))


def _objections(session: Session, *chosen: ColumnElement[bool]) -> tuple[ObjectionRecord, ...]:
    query: Any = (
        select(
            Objection.id, Objection.preview_id, Preview.run_id, Place.id, Place.code, Place.name_th, Place.name_en,
            Place.place_type, Objection.node, Objection.reason, Objection.made_at, Objection.due, Objection.accepted,
            Objection.answer, Objection.answered_at,
        )
        .join(Preview, Preview.id == Objection.preview_id)
        .join(Place, Place.id == Objection.place_id)
        .order_by(Objection.accepted.is_not(None), Objection.due, Objection.id)
    )  # fmt: skip
    return tuple(ObjectionRecord(*row) for row in session.execute(query.where(*chosen)))


def objections_of(session: Session, reach: Reach | None, since: datetime) -> tuple[ObjectionRecord, ...]:
    """What waits for an answer, and what was answered since a moment, of the places that a permission reaches.

    Without a reach: what waits, of all places.
    """
    waits = Objection.accepted.is_(None)
    if reach is None:
        return _objections(session, waits)
    return _objections(session, or_(waits, Objection.answered_at > since), reach.condition())


def _previews(session: Session, at: datetime, *chosen: ColumnElement[bool]) -> tuple[PreviewRecord, ...]:
    made = select(func.count()).select_from(Objection).where(Objection.preview_id == Preview.id)
    public = exists().where(Publication.run_id == Preview.run_id)
    query = (
        select(
            Preview,
            Run,
            public.label("public"),
            made.scalar_subquery().label("made"),
            made.where(Objection.accepted.is_(None)).scalar_subquery().label("unanswered"),
        )
        .join(Run, Run.id == Preview.run_id)
        .where(*chosen)
        .order_by(Preview.id.desc())
    )
    return tuple(_record(row, at) for row in session.execute(query))


def _record(row: Row[tuple[Preview, Run, bool, int, int]], at: datetime) -> PreviewRecord:
    one, run = row.Preview, row.Run
    return PreviewRecord(
        id=one.id,
        run=run.id,
        framework=run.framework,
        version=run.version,
        period=run.period,
        definition=run.definition,
        demo=run.demo,
        made_at=run.created_at,
        programme=one.programme,
        until=one.until,
        open_now=one.closed_at is None and at < one.until and not row.public,
        objections=row.made,
        unanswered=row.unanswered,
    )


def _is_for(place_id: int) -> ColumnElement[bool]:
    held = select(Score.place_id).join(Place, Place.id == Score.place_id)
    return held.where(Score.run_id == Preview.run_id, Score.position == 0, Place.id == place_id, _in_cohort()).exists()


def _in_cohort() -> ColumnElement[bool]:
    member = (Membership.programme == Preview.programme, Membership.place_id == Place.id, Membership.left.is_(None))
    return or_(Preview.programme == "", exists().where(*member))
