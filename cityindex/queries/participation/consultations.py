"""Consultations as pages read them: what is asked, how many voices there are, what they came to, what was answered."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Consultation, ConsultationAnswer, ConsultationTopic, Place, Voice, VoiceChoice, VoiceReason
from cityindex.participation.counting import Result, counted_up_to, result
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.places.places import PlaceRecord, place_by_id, places_by_id

WAITING, SHOWN, HIDDEN = "waiting", "shown", "hidden"
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A value to choose. `kind`: `same` as now, the middle of the `peers`, the best `quarter` of them, or the place's
    `own`. `score` and `rank` are what the place would get with it, None where that cannot be calculated.
    """

    kind: str
    value: float
    score: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Topic:
    """An indicator that is asked about, with what residents are shown, as it was when the consultation was opened.

    `value` is None where the place has none; `peers` have a value, `behind` of them a worse one; `quarter` is what the
    best quarter of them have reached. `better` is +1 or -1.
    """

    id: int
    code: str
    value: float | None
    better: float
    peers: int
    behind: int
    median: float | None
    quarter: float | None
    offers: tuple[Offer, ...]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(one.value for one in self.offers)


@dataclass(frozen=True, slots=True)
class ConsultationRecord:
    """`shared` is what the peers share with the place (kind, value); `score` and `rank` those of the place."""

    id: int
    place: PlaceRecord
    framework: str
    run: int
    edition: int
    period: int
    title: str
    about: str
    most: int
    door: str
    opens_at: datetime
    closes_at: datetime
    announced: datetime | None
    demo: bool
    concluded: bool
    shared: tuple[tuple[str, str], ...]
    score: float | None
    rank: int | None
    ranked: int
    topics: tuple[Topic, ...]

    @property
    def until(self) -> datetime:
        """The last moment of it: what closes at midnight is open until the end of the day before."""
        return self.closes_at - INSTANT

    @property
    def announced_until(self) -> datetime | None:
        """The last moment that was announced, where it was ended earlier."""
        return self.announced - INSTANT if self.announced else None

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at

    def is_over(self, at: datetime) -> bool:
        return at >= self.closes_at

    def topic(self, number: int) -> Topic:
        """Raises `NotFound`."""
        found = next((one for one in self.topics if one.id == number), None)
        if found is None:
            raise NotFound(f"consultation {self.id} has no topic {number}")
        return found


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A consultation that is open, in few words; `until` is its last moment."""

    id: int
    title: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """What the municipality said to the outcome of a topic."""

    topic: int
    verdict: str
    value: float | None
    reason: str
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ReasonRecord:
    """A reason with its state; `voice` is its number."""

    voice: int
    consultation: int
    text: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons that are shown, and how many wait or are not shown."""

    shown: tuple[str, ...]
    waiting: int
    hidden: Mapping[str, int]
    """By why."""


def consultation(session: Session, number: int) -> ConsultationRecord:
    """One consultation with its topics. Raises `NotFound`."""
    row = session.get(Consultation, number)
    if row is None:
        raise NotFound(f"there is no consultation {number}")
    return _record(row, place_by_id(session, row.place_id), _topics(session, [row.id])[row.id])


def consultations(
    session: Session, *conditions: ColumnElement[bool], limit: int = 200, offset: int = 0
) -> tuple[ConsultationRecord, ...]:
    """Consultations that fit all conditions, those that close last first. Three questions, however many there are."""
    query = select(Consultation).join(Place, Place.id == Consultation.place_id).where(*conditions)
    ordered = query.order_by(Consultation.closes_at.desc(), Consultation.id.desc())
    rows = session.scalars(ordered.limit(limit).offset(offset)).all()
    places, topics = places_by_id(session, {one.place_id for one in rows}), _topics(session, [one.id for one in rows])
    return tuple(_record(one, places[one.place_id], topics[one.id]) for one in rows)


def count(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many consultations fit all conditions."""
    query = select(func.count()).select_from(Consultation).join(Place, Place.id == Consultation.place_id)
    return session.scalar(query.where(*conditions)) or 0


def answered(session: Session, numbers: Collection[int]) -> frozenset[int]:
    """Which of some consultations have an answer."""
    query = select(ConsultationTopic.consultation_id).join(
        ConsultationAnswer, ConsultationAnswer.topic_id == ConsultationTopic.id
    )
    return (
        frozenset(session.scalars(query.where(ConsultationTopic.consultation_id.in_(numbers))))
        if numbers
        else frozenset()
    )


def waiting(session: Session, numbers: Collection[int]) -> Mapping[int, int]:
    """How many reasons wait to be read, by consultation; none is left out."""
    row = VoiceReason
    query = select(row.consultation_id, func.count()).where(row.consultation_id.in_(numbers), row.state == WAITING)
    found = dict(session.execute(query.group_by(row.consultation_id)).tuples().all()) if numbers else {}
    return {number: found.get(number, 0) for number in numbers}


def to_read(reach: Reach) -> Select[int]:
    """The reasons that wait to be read, of consultations of the places that a reach covers."""
    query = select(VoiceReason.voice_id).join(Consultation, Consultation.id == VoiceReason.consultation_id)
    return query.join(Place, Place.id == Consultation.place_id).where(VoiceReason.state == WAITING, reach.condition())


def to_answer(reach: Reach, at: datetime) -> Select[int]:
    """The consultations of the places that a reach covers that are over, and of which no outcome is answered."""
    topic, answer = ConsultationTopic, ConsultationAnswer
    there = select(topic.consultation_id).join(answer, answer.topic_id == topic.id)
    query = select(Consultation.id).join(Place, Place.id == Consultation.place_id)
    return query.where(Consultation.closes_at <= at, Consultation.id.not_in(there), reach.condition())


def open_at(session: Session, place_id: int, at: datetime) -> tuple[OpenRecord, ...]:
    """What residents of a place are asked at a moment, what closes first before the rest."""
    row = Consultation
    query = select(row.id, row.title, row.closes_at).where(
        row.place_id == place_id, row.opens_at <= at, row.closes_at > at, row.secret.is_not(None)
    )
    found = session.execute(query.order_by(row.closes_at, row.id))
    return tuple(OpenRecord(number, title, closes - INSTANT) for number, title, closes in found)


def voices(session: Session, number: int) -> int:
    """How many voices there are."""
    query = select(func.count()).select_from(Voice).where(Voice.consultation_id == number)
    return session.scalar(query) or 0


def result_of(session: Session, record: ConsultationRecord, at: datetime) -> Result | None:
    """What the voices come to; None while there are too few. While it is open, of full tens of voices."""
    closed = record.is_over(at)
    count = counted_up_to(voices(session, record.id), closed=closed)
    ids = [one.id for one in record.topics]
    query = select(VoiceChoice.topic_id, VoiceChoice.value, func.count()).where(VoiceChoice.topic_id.in_(ids))
    if not closed:
        query = query.where(VoiceChoice.voice_id <= _number_of(session, record.id, count))
    counts: dict[int, dict[float, int]] = {one: {} for one in ids}
    if count:
        for topic, value, n in session.execute(query.group_by(VoiceChoice.topic_id, VoiceChoice.value)):
            counts[topic][value] = n
    return result(count, counts, {one.id: one.better for one in record.topics})


def choices_of(session: Session, number: int, key: str) -> Mapping[int, float]:
    """What a voice has chosen so far, by topic; nothing where it was not given yet."""
    query = (
        select(VoiceChoice.topic_id, VoiceChoice.value)
        .join(Voice, Voice.id == VoiceChoice.voice_id)
        .where(Voice.consultation_id == number, Voice.key == key)
    )
    return {topic: value for topic, value in session.execute(query)}


def reason_of(session: Session, number: int, key: str) -> str:
    """The reason of a voice; empty where it gave none."""
    query = select(VoiceReason.text).join(Voice, Voice.id == VoiceReason.voice_id)
    return session.scalar(query.where(Voice.consultation_id == number, Voice.key == key)) or ""


def reasons(session: Session, number: int, limit: int = 100) -> Reasons:
    """The reasons of a consultation that may be seen by everybody."""
    row = VoiceReason
    shown = select(row.text).where(row.consultation_id == number, row.state == SHOWN).order_by(row.voice_id)
    counts = select(row.state, row.why, func.count()).where(row.consultation_id == number, row.state != SHOWN)
    others = session.execute(counts.group_by(row.state, row.why)).all()
    return Reasons(
        tuple(session.scalars(shown.limit(limit))),
        sum(n for state, _, n in others if state == WAITING),
        {why: n for state, why, n in others if state == HIDDEN},
    )


def queue(session: Session, number: int, state: str = WAITING, limit: int = 50) -> tuple[ReasonRecord, ...]:
    """Reasons in a state, the oldest first."""
    row = VoiceReason
    query = select(row.voice_id, row.consultation_id, row.text, row.state, row.why)
    found = query.where(row.consultation_id == number, row.state == state).order_by(row.voice_id).limit(limit)
    return tuple(ReasonRecord(*said) for said in session.execute(found))


def require_reason(session: Session, number: int, voice: int) -> None:
    """Raises `NotFound` where a voice of another consultation, or none, said something."""
    query = select(VoiceReason.voice_id).where(VoiceReason.consultation_id == number, VoiceReason.voice_id == voice)
    if session.scalar(query) is None:
        raise NotFound(f"consultation {number} has no reason of voice {voice}")


def answers_of(session: Session, record: ConsultationRecord) -> Mapping[int, AnswerRecord]:
    """The answers in force, by topic."""
    row = ConsultationAnswer
    query = select(row.topic_id, row.verdict, row.value, row.reason, row.account_id, row.at)
    found = query.where(row.topic_id.in_([one.id for one in record.topics])).order_by(row.id)
    return {said[0]: AnswerRecord(*said) for said in session.execute(found)}


def _number_of(session: Session, number: int, count: int) -> int:
    """The number of the `count`-th voice of a consultation."""
    query = select(Voice.id).where(Voice.consultation_id == number).order_by(Voice.id)
    return session.scalar(query.offset(max(count - 1, 0)).limit(1)) or 0


def _topics(session: Session, numbers: Sequence[int]) -> Mapping[int, list[Topic]]:
    """The topics of some consultations, in their order."""
    row = ConsultationTopic
    query = select(row).where(row.consultation_id.in_(numbers)).order_by(row.consultation_id, row.position)
    found: dict[int, list[Topic]] = {number: [] for number in numbers}
    for one in session.scalars(query) if numbers else ():
        found[one.consultation_id].append(_topic(one))
    return found


def _record(row: Consultation, place: PlaceRecord, topics: Sequence[Topic]) -> ConsultationRecord:
    about = json.loads(row.facts)
    return ConsultationRecord(
        id=row.id,
        place=place,
        framework=row.framework,
        run=row.run_id,
        edition=about["edition"],
        period=row.period,
        title=row.title,
        about=row.about,
        most=row.most,
        door=row.door,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        announced=row.announced,
        demo=row.demo,
        concluded=row.secret is None,
        shared=tuple((kind, value) for kind, value in about["shared"]),
        score=about["score"],
        rank=about["rank"],
        ranked=about["ranked"],
        topics=tuple(topics),
    )


def _topic(row: ConsultationTopic) -> Topic:
    said: dict[str, Any] = json.loads(row.facts)
    offers = tuple(Offer(**one) for one in said.pop("offers"))
    return Topic(id=row.id, code=row.code, offers=offers, **said)
