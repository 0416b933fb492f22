"""What a reviewer should look at first, with the reason for it; and which assessments a second one looks at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from cityindex.assessment.conditions import Answers, Condition, Value, holds
from cityindex.assessment.questionnaire import Question, Questionnaire

Why = Literal["contradiction", "shared-file", "jump", "no-evidence", "outdated", "expired", "undated", "unanswered"]
POINTS: Mapping[Why, int] = {
    "contradiction": 4,
    "shared-file": 4,
    "jump": 3,
    "no-evidence": 2,
    "outdated": 1,
    "expired": 1,
    "undated": 1,
    "unanswered": 1,
}
"""What each reason weighs when a queue is put into order; nothing else is made of it."""
JUMP = 2
"""Levels between two rounds that are unusual for one year."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Known:
    """What a contradiction wants to be known of a place: an indicator whose newest value is below or above a limit."""

    indicator: str
    below: float | None = None
    above: float | None = None

    def holds(self, value: float | None) -> bool:
        if value is None:
            return False
        return (self.below is not None and value < self.below) or (self.above is not None and value > self.above)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that do not go together, or that a known figure speaks against. It is shown beside `question`."""

    code: str
    question: str
    when: Condition
    known: Known | None = None

    def found(self, answers: Answers, figures: Mapping[str, float]) -> bool:
        fits = holds(self.when, answers) is True
        return fits and (self.known is None or self.known.holds(figures.get(self.known.indicator)))


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or link as far as risk goes. `shared`: another place handed in the same file."""

    dated: date | None
    file: bool
    shared: bool = False
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is looked at first. `detail` holds what a page says of it: levels, the code of a contradiction."""

    question: str
    why: Why
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING, hash=False)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was submitted, and what is known besides.

    `before` are the verified values of the round before, `since` the day on which that round was opened; none for a
    first round. `opened` is the day on which this round was. `figures` are the newest values of indicators.
    """

    asked: tuple[str, ...]
    answers: Answers
    evidence: Mapping[str, tuple[Piece, ...]] = field(default_factory=lambda: NOTHING)
    before: Mapping[str, Value | None] = field(default_factory=lambda: NOTHING)
    since: date | None = None
    opened: date | None = None
    figures: Mapping[str, float] = field(default_factory=lambda: NOTHING)


def reasons(
    questionnaire: Questionnaire, given: Submitted, contradictions: Iterable[Contradiction] = ()
) -> tuple[Reason, ...]:
    """Every reason, in the order of the questions that were asked, the heaviest of a question first."""
    against: dict[str, list[Reason]] = {}
    for one in contradictions:
        if one.found(given.answers, given.figures):
            against.setdefault(one.question, []).append(Reason(one.question, "contradiction", {"code": one.code}))
    found: list[Reason] = []
    known = {question.code: question for question in questionnaire.questions}
    for code in given.asked:
        own = [*against.get(code, ()), *_of_question(known[code], given)]
        found += sorted(own, key=lambda one: -POINTS[one.why])
    return tuple(found)


def points(found: Iterable[Reason]) -> int:
    """The weight of some reasons together."""
    return sum(POINTS[one.why] for one in found)


def drawn(round_id: int, place_id: int, share: float) -> bool:
    """Whether a place is in the random sample of a round. The same whenever it is asked, and nobody chooses it."""
    digest = hashlib.sha256(f"{round_id}:{place_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _of_question(question: Question, given: Submitted) -> Iterator[Reason]:
    answer = given.answers.get(question.code)
    if answer is None:
        yield Reason(question.code, "unanswered")
        return
    before = given.before.get(question.code)
    if (
        question.kind == "rubric"
        and isinstance(answer, int)
        and isinstance(before, int)
        and abs(answer - before) >= JUMP
    ):
        yield Reason(question.code, "jump", {"before": before, "now": answer})
    pieces = given.evidence.get(question.code, ())
    if not pieces and question.wants_evidence(answer):
        yield Reason(question.code, "no-evidence")
    yield from _of_evidence(question.code, pieces, given.since)
    yield from _expired(question.code, pieces, given.opened)


def _expired(code: str, pieces: tuple[Piece, ...], opened: date | None) -> Iterator[Reason]:
    """All of it had ended before the round was opened; one piece that had not is enough."""
    ends = [piece.valid_until for piece in pieces]
    known = [day for day in ends if day is not None]
    if opened is not None and known and len(known) == len(ends) and max(known) < opened:
        yield Reason(code, "expired", {"until": max(known)})


def _of_evidence(code: str, pieces: tuple[Piece, ...], since: date | None) -> Iterator[Reason]:
    """A web page bears no date: only files are asked for one. One piece that is new enough is enough."""
    if any(piece.shared for piece in pieces):
        yield Reason(code, "shared-file")
    if any(piece.file and piece.dated is None for piece in pieces):
        yield Reason(code, "undated")
    dates = [piece.dated for piece in pieces]
    known = [day for day in dates if day is not None]
    if since is not None and known and len(known) == len(dates) and max(known) < since:
        yield Reason(code, "outdated", {"dated": max(known)})
