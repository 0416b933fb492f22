"""Figures that readers may report a mistake in, the reports that wait, and what was accepted as a correction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import IndicatorKey, Mistake, Observation, Place, Recording, Source
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.queries.runs.scores import place_results

MOST = 50
"""Corrections that are read for a page."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure as it stands: a score where a framework is named, else a value. Without a place, all of them.

    `shown` is the value in the indicator's own unit, or the score; None where there is none. `recording` is the one
    that a value came with, `run` the edition of a score.
    """

    place: PlaceRecord | None
    code: str
    framework: str = ""
    period: int | None = None
    run: int | None = None
    recording: int | None = None
    shown: float | None = None
    source: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class MistakeRecord:
    """A report. The place is None where it is about no one place; `accepted` is None until it is answered."""

    id: int
    place_id: int | None
    place: str | None
    place_type: str | None
    name_th: str | None
    name_en: str | None
    code: str
    framework: str
    period: int | None
    run: int | None
    recording: int | None
    shown: float | None
    said: str
    email: str | None
    at_place: bool
    demo: bool
    made_at: datetime
    due: datetime
    accepted: bool | None
    answer: str
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A report that was accepted, and whether another figure has taken the place of the one it was about."""

    mistake: MistakeRecord
    replaced: bool


@dataclass(frozen=True, slots=True)
class About:
    """Which figures a page shows: of these places, codes and this framework; what is empty leaves nothing out."""

    places: Collection[str] = ()
    codes: Collection[str] = ()
    framework: str = ""
    period: int | None = None


def value_figure(session: Session, place: PlaceRecord | None, code: str, period: int | None) -> Figure:
    """The value of an indicator for a place, in a period or the newest. Without a place or a value, the question."""
    if place is None:
        return Figure(None, code, period=period)
    query = (
        select(Observation.period, Observation.value, Observation.recording_id, Source.text, Recording.demo)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .join(Source, Source.id == Observation.source_id)
        .join(Recording, Recording.id == Observation.recording_id)
        .where(IndicatorKey.code == code, Observation.place_id == place.id, Observation.superseded_by.is_(None))
        .order_by(Observation.period.desc())
        .limit(1)
    )
    row = session.execute(query if period is None else query.where(Observation.period == period)).one_or_none()
    if row is None:
        return Figure(place, code, period=period, demo=place.demo)
    return Figure(place, code, "", row[0], None, row[2], row[1], row[3], row[4] or place.demo)


def score_figure(session: Session, place: PlaceRecord | None, edition: Edition, code: str) -> Figure:
    """The score of a place at a node of an edition. Raises `NotFound` where the edition does not hold the place."""
    shown = None
    if place is not None:
        results = place_results(session, edition.run, place.id)
        if results is None:
            raise NotFound(f"the edition {edition.framework} {edition.period} does not hold {place.code}")
        shown = next((one.cell.score for one in results.nodes if one.node.code == code), None)
    demo = edition.demo or (place.demo if place else False)
    return Figure(place, code, edition.framework, edition.period, edition.run, None, shown, "", demo)


def mistake(session: Session, number: int) -> MistakeRecord:
    """One report. Raises `NotFound`."""
    return _one(session, Mistake.id == number, f"there is no report {number}")


def by_link(session: Session, digest: str) -> MistakeRecord:
    """The report of a secret link, by its hash. Raises `NotFound`."""
    return _one(session, Mistake.link_hash == digest, "this link leads to no report: it may be over a year old")


def waiting(session: Session, reach: Reach, keeper: bool) -> tuple[tuple[MistakeRecord, ...], int]:
    """Reports without an answer: those for the places of a permission, and for a `keeper` those for whoever keeps the
    figures. The first twenty by when they are due, and how many there are."""
    at_place: ColumnElement[bool] = and_(Mistake.at_place, Mistake.place_id.is_not(None), reach.condition())
    mine = or_(at_place, ~Mistake.at_place) if keeper else at_place
    query = _reports().where(Mistake.accepted.is_(None), mine)
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return _read(session, query.order_by(Mistake.due, Mistake.id).limit(20)), count


def reports(session: Session, limit: int = 100) -> tuple[MistakeRecord, ...]:
    """All of them: what waits first, by when it is due, then the newest answers."""
    order = (Mistake.accepted.is_not(None), Mistake.answered_at.desc(), Mistake.due, Mistake.id)
    return _read(session, _reports().order_by(*order).limit(limit))


def waiting_about(session: Session, figure: Figure) -> int:
    """How many reports about the same figure wait already."""
    place = figure.place.id if figure.place else None
    same = (Mistake.place_id == place, Mistake.code == figure.code, Mistake.framework == figure.framework)
    query = select(func.count()).where(*same, Mistake.period == figure.period, Mistake.accepted.is_(None))
    return session.scalar(query) or 0


def corrections(session: Session, about: About) -> tuple[Correction, ...]:
    """What was accepted about the figures of a page, the newest first."""
    wanted: list[ColumnElement[bool]] = [Mistake.accepted.is_(True)]
    if about.places:
        wanted.append(Place.code.in_(about.places))
    if about.codes:
        wanted.append(Mistake.code.in_(about.codes))
    if about.framework:
        wanted.append(Mistake.framework == about.framework)
    if about.period is not None:
        wanted.append(Mistake.period == about.period)
    found = _read(session, _reports().where(*wanted).order_by(Mistake.answered_at.desc()).limit(MOST))
    in_force = {one.run for one in current_editions(session)} if any(one.framework for one in found) else set()
    return tuple(Correction(one, _replaced(session, one, in_force)) for one in found)


def _replaced(session: Session, one: MistakeRecord, in_force: set[int]) -> bool:
    if one.framework:
        return one.run not in in_force
    if one.recording is None or one.period is None:
        return False
    held = (
        select(Observation.recording_id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code == one.code, Observation.period == one.period)
        .where(Observation.place_id == one.place_id, Observation.superseded_by.is_(None))
    )
    return session.scalar(held) != one.recording


def _one(session: Session, which: ColumnElement[bool], otherwise: str) -> MistakeRecord:
    found = _read(session, _reports().where(which))
    if not found:
        raise NotFound(otherwise)
    return found[0]


def _reports() -> Select[*tuple[Any, ...]]:
    return select(
        Mistake.id, Mistake.place_id, Place.code, Place.place_type, Place.name_th, Place.name_en, Mistake.code,
        Mistake.framework, Mistake.period, Mistake.run_id, Mistake.recording_id, Mistake.shown, Mistake.said,
        Mistake.email, Mistake.at_place, Mistake.demo, Mistake.made_at, Mistake.due, Mistake.accepted, Mistake.answer,
        Mistake.answered_at, Mistake.answered_by,
    ).outerjoin(Place, Place.id == Mistake.place_id)  # fmt: skip


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[MistakeRecord, ...]:
    return tuple(MistakeRecord(*row) for row in session.execute(query))
