"""How far two reviewers agree who looked at the same answers without knowing of each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

RETURNED = "returned"
"""What a decision says that gives no value but sends the answer back."""


class Decided(Protocol):
    """A decision: `value` is None where it is returned or stays without an answer."""

    @property
    def question(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def by(self) -> int | None: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """What a first and a second reviewer say to one answer. `level`: both give a level of a rubric."""

    first: int | None
    second: int | None
    question: str
    said: tuple[Any, Any]
    level: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """`same` of `count` answers were decided the same; `kappa` is over the `levels` answers with a level each.

    None where nothing can be said: no answer, or levels that leave no room for chance.
    """

    count: int
    same: int
    levels: int
    kappa: float | None

    @property
    def share(self) -> float | None:
        return self.same / self.count if self.count else None


def independent(decisions: Iterable[Decided], asked: Sequence[str], rubrics: frozenset[str]) -> tuple[Pair, ...]:
    """The pairs of one submission, as they were decided before either reviewer saw the other's.

    `decisions` are in their order, `asked` the questions that were submitted. Until the second review is complete
    there are none. What is said after that moment was said with both in sight and does not count; only an answer that
    the first reviewer came to later counts as he first decided it, because he is shown the other's afterwards.
    """
    second = [one for one in decisions if one.part == "second"]
    begun: dict[str, datetime] = {}
    for one in second:
        begun.setdefault(one.question, one.at)
    if not asked or any(question not in begun for question in asked):
        return ()
    complete = max(begun[question] for question in asked)
    theirs = {one.question: one for one in second if one.at <= complete}
    first = _undisturbed((one for one in decisions if one.part == "first"), complete)
    return tuple(_pair(first[one], theirs[one], rubrics) for one in asked if one in first)


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Percent and weighted kappa of some pairs."""
    levels = [pair.said for pair in pairs if pair.level]
    return Agreement(
        len(pairs), sum(pair.said[0] == pair.said[1] for pair in pairs), len(levels), weighted_kappa(levels)
    )


def weighted_kappa(
    ratings: Sequence[tuple[int, int]],
    apart: Callable[[int, int], float] = lambda one, other: float((one - other) ** 2),
) -> float | None:
    """Cohen's weighted kappa (Psychological Bulletin 70, 1968): 1 - observed / expected disagreement.

    `apart` weighs how far two levels are from each other; squared differences unless told otherwise. None for no
    ratings, and where both gave one and the same level throughout: chance would agree as well then.
    """
    rows, columns = Counter(one for one, _ in ratings), Counter(other for _, other in ratings)
    expected = sum(apart(one, other) * often * times for one, often in rows.items() for other, times in columns.items())
    if not expected:
        return None
    return 1 - len(ratings) * sum(apart(one, other) for one, other in ratings) / expected


def _undisturbed(decisions: Iterable[Decided], until: datetime) -> dict[str, Decided]:
    """The last decision on each question up to a moment; of a question without one, the first after it."""
    found: dict[str, Decided] = {}
    for one in decisions:
        if one.at <= until or one.question not in found:
            found[one.question] = one
    return found


def _pair(first: Decided, second: Decided, rubrics: frozenset[str]) -> Pair:
    said = (_said(first), _said(second))
    level = first.question in rubrics and all(isinstance(one, int) for one in said)
    return Pair(first.by, second.by, first.question, said, level)


def _said(one: Decided) -> Any:
    return RETURNED if one.verdict == "return" else one.value
