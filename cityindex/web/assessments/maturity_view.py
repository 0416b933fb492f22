"""What the page of a place's maturity shows: its level in words, its pillars, its questions, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from cityindex import charts
from cityindex.assessment.questionnaire import NO, YES, Question
from cityindex.definitions.catalogue import FrameworkEntry, QuestionnaireEntry
from cityindex.errors import NotFound
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.results import NodeStanding, PlaceResult, PublishedRound, place_result, run_results
from cityindex.queries.runs.place_scores import PlaceEdition
from cityindex.scoring import ladder
from cityindex.web.assessments.answer_words import answered, numbers
from cityindex.web.filters import number, period, translated, year
from cityindex.web.places.view import comparable, entry_of, name_in
from cityindex.web.session import application

FEW = 3
"""With fewer places of a type, their median says who they are."""


@dataclass(frozen=True)
class Ladder:
    """How a framework's scores are said: as average levels where they are that (`top`), and by the names of rungs."""

    entry: FrameworkEntry

    @cached_property
    def top(self) -> float | None:
        return ladder.top_level(self.entry.framework)

    @property
    def scale(self) -> tuple[float, float]:
        return (0.0, self.top) if self.top is not None else self.entry.framework.scale

    @property
    def rungs(self) -> int:
        return len(self.entry.framework.levels)

    def place(self, score: float | None) -> float | None:
        """Where a score stands on `scale`."""
        if self.top is None or score is None:
            return score
        low, high = self.entry.framework.scale
        return self.top * (score - low) / (high - low)

    def say(self, score: float | None) -> str:
        """`2.9` of a level; a score to one decimal. Words where there is none."""
        return number(self.place(score), 1)

    def distance(self, points: float) -> str:
        """A difference of scores, as `say` says them, with its sign."""
        low, high = self.entry.framework.scale
        scaled = points if self.top is None else self.top * points / (high - low)
        return ("+" if round(scaled, 1) > 0 else "") + number(scaled + 0.0, 1)

    def standing(self, score: float | None) -> ladder.Standing | None:
        return ladder.standing(self.entry.framework.levels, score)

    def name(self, score: float | None) -> str:
        """The name of the rung that a score stands on; empty where there is none."""
        found = self.standing(score)
        return self.rung(found.number) if found else ""

    def rung(self, at: int) -> str:
        code = self.entry.framework.levels[at].code
        return translated(self.entry.level_names[code]) if code in self.entry.level_names else code


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A question with its verified answer in words, and what the next level would be; empty where there is none."""

    code: str
    number: str
    text: Any
    verified: str
    next: str


@dataclass(frozen=True)
class View:
    """The page. `rows` are the questions by section."""

    entry: FrameworkEntry
    edition: PlaceEdition
    ladder: Ladder
    result: PlaceResult
    round: PublishedRound | None
    questionnaire: QuestionnaireEntry | None
    chart: Markup
    history: Markup | None
    sections: Sequence[tuple[Any, Sequence[AskedRow]]]
    earlier: Sequence[PlaceEdition]
    """Editions of the framework that hold the place, oldest first."""
    comparable: bool

    @property
    def index(self) -> NodeStanding:
        return self.result.nodes[0]

    def name(self, code: str) -> str:
        return name_in(self.entry, code)

    def few(self, one: NodeStanding) -> bool:
        """Whether there are too few peers for a median."""
        return one.peers < FEW


def has_results(edition: PlaceEdition) -> bool:
    """Whether an edition is of a self-assessment and says anything of the place."""
    asked = application().catalogue.questionnaires_for(edition.framework)
    return bool(asked) and any(node.cell.score is not None for node in edition.nodes)


def maturity_of(
    session: Session, place_id: int, editions: Sequence[PlaceEdition], framework: str, wanted: int | None
) -> View:
    """The edition asked for, or the newest one of a framework with a questionnaire. Raises `NotFound`."""
    assessed = [one for one in editions if has_results(one) and framework in ("", one.framework)]
    edition = next((one for one in assessed if wanted in (None, one.period)), None)
    result = place_result(session, edition.run, place_id) if edition else None
    if edition is None or result is None:
        raise NotFound("no published edition of a self-assessment holds this place")
    entry = entry_of(session, edition.definition)
    published = run_results(session, edition.run).round
    asked = _questionnaire(session, edition.framework, published)
    earlier = [one for one in reversed(assessed) if one.framework == edition.framework]
    steps, fixed = Ladder(entry), comparable(entry)
    return View(
        entry=entry,
        edition=edition,
        ladder=steps,
        result=result,
        round=published,
        questionnaire=asked,
        chart=_chart(entry, steps, result),
        history=_history(entry, steps, earlier) if fixed and len(earlier) > 1 else None,
        sections=_sections(asked, result) if asked else (),
        earlier=earlier,
        comparable=fixed,
    )


def _questionnaire(session: Session, framework: str, published: PublishedRound | None) -> QuestionnaireEntry | None:
    """As it was asked in the round; today's where the figures came from elsewhere."""
    if published is not None:
        return instrument(session, published.definition)
    return next(iter(application().catalogue.questionnaires_for(framework)), None)


def _chart(entry: FrameworkEntry, steps: Ladder, result: PlaceResult) -> Markup:
    bars = [
        charts.Bar(
            name_in(entry, one.code),
            steps.place(one.score),
            steps.say(one.score) if one.score is not None else gettext("no data"),
            steps.place(one.median) if one.peers >= FEW else None,
            mine=at == 0,
            said=steps.place(one.claimed),
        )
        for at, one in enumerate(result.nodes)
    ]
    said = "; ".join(f"{bar.label} {bar.shown}" for bar in bars)
    caption = charts.Caption(gettext("Levels by pillar"), said)
    return Markup(charts.bars(bars, steps.scale, caption))  # noqa: S704


def _history(entry: FrameworkEntry, steps: Ladder, editions: Sequence[PlaceEdition]) -> Markup:
    points = [
        charts.Point(
            year(one.period),
            steps.place(one.index.score),
            steps.say(one.index.score) if one.index.score is not None else gettext("no data"),
        )
        for one in editions
    ]
    said = "; ".join(
        f"{period(one.period, entry.framework.period)} {point.shown}"
        for one, point in zip(editions, points, strict=True)
    )
    caption = charts.Caption(gettext("Verified level over the rounds"), said)
    return Markup(charts.line(points, caption, scale=steps.scale))  # noqa: S704


def _sections(entry: QuestionnaireEntry, result: PlaceResult) -> list[tuple[Any, list[AskedRow]]]:
    """The questions whose answers are figures and that this type of place may meet."""
    named = numbers(entry.questionnaire)
    found = []
    for section in entry.questionnaire.sections:
        asked = [one for one in section.questions if one.measured and one.applies(result.place_type)]
        rows = [_row(entry, named[one.code], one, result.values.get(one.code)) for one in asked]
        if rows:
            found.append((entry.names[section.code], rows))
    return found


def _row(entry: QuestionnaireEntry, named: str, question: Question, value: float | None) -> AskedRow:
    words = entry.words_of(question.code)
    if value is None:
        return AskedRow(question.code, named, words.text, "", "")
    above = next((one for one in question.levels if one > value), None)
    said = f"{above}: {translated(words.levels[above])}" if above is not None and question.kind == "rubric" else ""
    return AskedRow(question.code, named, words.text, answered(entry, question, _answer(question, value)), said)


def _answer(question: Question, value: float) -> Any:
    """The answer that was observed as a number."""
    if question.kind == "yes-no":
        return YES if value else NO
    return int(value) if question.kind == "rubric" else value
