"""A consultation as its pages show it: its state, what it asks, what the voices came to, what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.models import now
from cityindex.participation.counting import FEWEST, Counted, Result
from cityindex.queries.participation.consultations import (
    AnswerRecord,
    ConsultationRecord,
    Reasons,
    Topic,
    answered,
    answers_of,
    reasons,
    result_of,
    voices,
)
from cityindex.web.filters import translated
from cityindex.web.participation import target_words
from cityindex.web.session import application, database

COMING, OPEN, OVER, ANSWERED = STATES = ("coming", "open", "over", "answered")


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic with its result (None where too few chose it, or there is none yet) and the municipality's answer."""

    topic: Topic
    name: str
    entry: IndicatorEntry | None
    counted: Counted | None
    answer: AnswerRecord | None

    def share(self, value: float) -> float:
        """The share of the voices for this topic that chose a value."""
        if self.counted is None or not self.counted.voices:
            return 0.0
        return dict(self.counted.counts).get(value, 0) / self.counted.voices

    def votes(self, value: float) -> int:
        return dict(self.counted.counts).get(value, 0) if self.counted else 0


@dataclass(frozen=True, slots=True)
class View:
    """All that the page of a consultation shows. `voices` is None where they are too few to tell how many."""

    asked: ConsultationRecord
    state: str
    topics: Sequence[TopicView]
    result: Result | None
    voices: int | None
    reasons: Reasons
    at: datetime

    @property
    def open(self) -> bool:
        return self.state == OPEN

    @property
    def over(self) -> bool:
        return self.state in (OVER, ANSWERED)


def view_of(asked: ConsultationRecord) -> View:
    """A consultation now. Topics are in the order in which most chose them where there is a result."""
    session, at = database(), now()
    outcome, answers = result_of(session, asked, at), answers_of(session, asked)
    count = voices(session, asked.id)
    counted = {one.topic: one for one in outcome.topics} if outcome else {}
    topics = [_topic(one, counted, answers) for one in asked.topics]
    if outcome:
        topics.sort(key=lambda one: -((one.counted and one.counted.voices) or 0))
    told = count if count >= FEWEST else None
    return View(asked, state_of(asked, at, answers), topics, outcome, told, reasons(session, asked.id), at)


def state_of(asked: ConsultationRecord, at: datetime, answered: Mapping[int, AnswerRecord] | bool) -> str:
    """Its state at a moment; `answered` are the answers that there are, or whether there is any."""
    if at < asked.opens_at:
        return COMING
    if not asked.is_over(at):
        return OPEN
    return ANSWERED if answered else OVER


def with_states(found: Sequence[ConsultationRecord]) -> list[tuple[ConsultationRecord, str]]:
    """Consultations with their states now."""
    there, at = answered(database(), [one.id for one in found]), now()
    return [(one, state_of(one, at, one.id in there)) for one in found]


def state_words(state: str) -> str:
    return {
        COMING: gettext("not open yet"),
        OPEN: gettext("open for voices"),
        OVER: gettext("over, not answered yet"),
        ANSWERED: gettext("answered"),
    }[state]


def shared_words(asked: ConsultationRecord) -> str:
    """What similar places share with this one: `town municipality, 10,000 to 19,999 people`."""
    lists = application().catalogue.codelists
    names = {"place_type": "place-types", "population_band": "population-bands"}
    said = [
        translated(lists[names[kind]].items[value].name)
        for kind, value in asked.shared
        if kind in names and names[kind] in lists and value in lists[names[kind]].items
    ]
    return ", ".join(said) or gettext("all ranked places")


def _topic(topic: Topic, counted: Mapping[int, Counted], answered: Mapping[int, AnswerRecord]) -> TopicView:
    entry = application().catalogue.indicators.get(topic.code)
    found = counted.get(topic.id)
    shown = found if found is not None and found.voices is not None else None
    return TopicView(topic, target_words.name_of(topic.code), entry, shown, answered.get(topic.id))
