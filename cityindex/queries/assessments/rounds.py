"""Rounds and the assessments in them, read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import Deed, Event, Standing, fold
from cityindex.calendars import day_of
from cityindex.errors import Conflict, NotFound
from cityindex.models import Assessment, AssessmentEvent, Place, Round

"""Where a deadline's day ends."""


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """A round. `definition` is the fingerprint of the questionnaire that it asks."""

    id: int
    questionnaire: str
    version: str
    definition: str
    programme: str
    period: int
    opened_at: datetime
    deadline: date
    review_deadline: date
    appeal_days: int
    second_share: float
    closed_at: datetime | None
    demo: bool

    @property
    def closed_on(self) -> date | None:
        return None if self.closed_at is None else day_of(self.closed_at)


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """The place of an assessment, as far as pages, lists and permissions need it."""

    id: int
    code: str
    name_th: str
    name_en: str | None
    place_type: str
    province_id: int | None
    demo: bool


@dataclass(frozen=True, slots=True)
class AssessmentRecord:
    """One place in one round, with everything that happened and where that led."""

    id: int
    round: RoundRecord
    place: PlaceRecord
    due: date
    events: tuple[Event, ...]
    standing: Standing

    def answerable(self, today: date) -> bool:
        """Whether the municipality may write today. Closing a round ends it for all but those extended beyond."""
        closed = self.round.closed_on
        in_time = today <= self.due and (closed is None or self.due > closed)
        return self.standing.answerable and in_time


_EVENT = (
    AssessmentEvent.assessment_id, AssessmentEvent.deed, AssessmentEvent.at,
    AssessmentEvent.account_id, AssessmentEvent.detail,
)  # fmt: skip


_PLACE = (
    Place.id, Place.code, Place.name_th, Place.name_en, Place.place_type, Place.province_id, Place.demo,
)  # fmt: skip


def rounds(session: Session, programme: str | None = None) -> tuple[RoundRecord, ...]:
    """All rounds (of a programme), the newest period first."""
    query = select(Round).order_by(Round.period.desc(), Round.id.desc())
    found = session.scalars(query if programme is None else query.where(Round.programme == programme))
    return tuple(_round(one) for one in found)


def round_(session: Session, round_id: int) -> RoundRecord:
    """One round. Raises `NotFound`."""
    found = session.get(Round, round_id)
    if found is None:
        raise NotFound(f"there is no round {round_id}")
    return _round(found)


def round_before(session: Session, of: RoundRecord) -> RoundRecord | None:
    """The newest earlier round of the same questionnaire and programme."""
    same = (Round.questionnaire == of.questionnaire, Round.programme == of.programme, Round.period < of.period)
    found = session.scalar(select(Round).where(*same).order_by(Round.period.desc()).limit(1))
    return None if found is None else _round(found)


def assessment(session: Session, assessment_id: int) -> AssessmentRecord:
    """One assessment. Raises `NotFound`."""
    found = assessments(session, Assessment.id == assessment_id)
    if not found:
        raise NotFound(f"there is no assessment {assessment_id}")
    return found[0]


def assessments(session: Session, *where: Any) -> tuple[AssessmentRecord, ...]:
    """Assessments by conditions on `Assessment`, `Round` and `Place`, in the order of place names."""
    query = (
        select(Assessment.id, Round, Assessment.due, *_PLACE)
        .join(Round, Round.id == Assessment.round_id)
        .join(Place, Place.id == Assessment.place_id)
        .where(*where)
        .order_by(Place.name_sort, Round.period.desc())
    )
    rows = session.execute(query).all()
    events = events_of(session, [row[0] for row in rows])
    asked = {row.id: _round(row) for row in {row[1] for row in rows}}
    return tuple(
        AssessmentRecord(one, asked[of.id], PlaceRecord(*place), due, events[one], fold(events[one]))
        for one, of, due, *place in rows
    )


def events_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[Event, ...]]:
    """What happened to each of some assessments, in order."""
    found: dict[int, list[Event]] = defaultdict(list)
    for some in _portions(ids):
        query = select(*_EVENT).where(AssessmentEvent.assessment_id.in_(some)).order_by(AssessmentEvent.id)
        for row in session.execute(query):
            found[row.assessment_id].append(_event(row))
    return {one: tuple(events) for one, events in found.items()}


def impossible(session: Session) -> Mapping[int, str]:
    """Assessments whose events have an order that cannot be, or cannot be read: why, by assessment."""
    query = (
        select(Assessment.id, *_EVENT)
        .join(AssessmentEvent, AssessmentEvent.assessment_id == Assessment.id, isouter=True)
        .order_by(Assessment.id, AssessmentEvent.id)
    )
    found: dict[int, str] = {}
    for one, rows in groupby(session.execute(query), key=lambda row: row[0]):
        try:
            fold(_event(row) for row in rows if row.deed is not None)
        except (Conflict, ValueError) as error:
            found[one] = str(error)
    return found


def _event(row: Any) -> Event:
    return Event(Deed(row.deed), row.at, row.account_id, orjson.loads(row.detail))


def _portions(ids: Sequence[int], size: int = 5000) -> Iterable[Sequence[int]]:
    # Databases limit the number of values of one statement.
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _round(row: Round) -> RoundRecord:
    return RoundRecord(
        row.id, row.questionnaire, row.version, row.definition, row.programme, row.period, row.opened_at,
        row.deadline, row.review_deadline, row.appeal_days, row.second_share, row.closed_at, row.demo,
    )  # fmt: skip
