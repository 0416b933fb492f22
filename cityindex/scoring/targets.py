"""Targets: the smallest change of an indicator that lifts a place to a score or a rank, or why none does.

Everything else stands still, other places too, and parameters are frozen as in a what-if.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.doubles import SECTIONS, first_holding
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Bools, CellStatus, Floats
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.whatif import Standing, all_steps, bounds_of, ordinal, rescore

FAR = 1e30
"""How far an indicator without bounds is followed."""
NEAR = 1e-9
"""The share by which the straight guess is widened before it is searched."""

Why = Literal["", "there", "missing", "not-applicable", "no-weight", "cap", "bounds", "rule", "not-monotone"]
REASONS: Mapping[Why, str] = {
    "": "",
    "there": "the place is there already",
    "missing": "it has no value to start from",
    "not-applicable": "it does not apply to this place",
    "no-weight": "it has no weight in the index",
    "cap": "its score is at its end before (goalposts, treatment or ranks)",
    "bounds": "its bounds are reached before",
    "rule": "a node above does not pass more on (its weakest or middle child is another one)",
    "not-monotone": "a node above takes away for unevenness: more can be less",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A score to reach (at least; at most where a lower index is better) or a rank."""

    score: float | None = None
    rank: int | None = None

    def __post_init__(self) -> None:
        """Raise `Invalid` unless exactly one of them is given, finite, and ranks are from 1 on."""
        given = [value for value in (self.score, self.rank) if value is not None]
        if len(given) != 1 or not np.isfinite(given[0]) or (self.rank is not None and self.rank < 1):
            reason, cure = "no goal", "give a score, or a rank from 1 on"
            raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="goal")])


@dataclass(frozen=True, slots=True)
class Target:
    """What one indicator has to become, in its own unit; `value` is NaN and `why` says the reason where it cannot.

    `change` is `value - before`, `points` the move of its score, `score` and `rank` what the place gets, there or at
    the farthest that the indicator goes.
    """

    indicator: str
    before: float
    value: float
    change: float
    points: float
    score: float
    rank: int
    why: Why

    @property
    def feasible(self) -> bool:
        """Whether the goal is reached."""
        return self.why in ("", "there")


@dataclass(eq=False)
class Aim:
    """A place and a goal in a frozen framework, with other changes that are made already (`fixed`, by column)."""

    frozen: Frozen
    standing: Standing
    row: Row
    goal: Goal
    fixed: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise `Invalid` where a node compares all places."""
        problems = ordinal(self.frozen)
        if problems:
            raise Invalid("; ".join(str(problem) for problem in problems), problems)
        self.stepwise = all_steps(self.frozen, self.row)
        self.own = float(self.row.score[0]) if self.row.rank > UNRANKED else None

    def index(self, column: int, values: Floats) -> Floats:
        """The index for some values of one indicator (values)."""
        if self.stepwise:
            return np.array([self._whole(column, float(value)) for value in values])
        work = self.frozen.work(self.row, values.size)
        moved: dict[int, Floats] = {k: np.array(x) for k, x in self.fixed.items()} | {column: values}
        with np.errstate(over="ignore"):
            scores = {
                self.frozen.plan.columns[k].row: self.frozen.leaf(work, k, np.broadcast_to(x, values.shape))
                for k, x in moved.items()
            }
            return np.asarray(self.frozen.tree(work, self.row, scores).score[0, 0])

    def _whole(self, column: int, value: float) -> float:
        codes = self.frozen.plan.columns
        changes = {codes[k].code: float(x) for k, x in {**self.fixed, column: value}.items()}
        found = rescore(self.frozen, self.standing, self.row, changes)
        return float(found.score[0]) if found.rank > UNRANKED else float("nan")

    def points(self, column: int, values: Sequence[float]) -> Floats:
        """The indicator's score for some values of it."""
        with np.errstate(over="ignore"):
            return self.frozen.leaf(self.frozen.work(self.row, len(values)), column, np.array(values))

    def reached(self, index: Floats) -> Bools:
        """Whether index scores reach the goal."""
        if self.goal.rank is not None:
            ranks = self.standing.ranks(index, self.own)
            return np.asarray((ranks > UNRANKED) & (ranks <= self.goal.rank))
        return np.asarray(self.standing.sign * index >= self.standing.sign * float(self.goal.score or 0.0))

    @property
    def needed(self) -> float:
        """The index score at which the goal is reached or, for a rank, that of the place to catch up with."""
        if self.goal.rank is None:
            return float(self.goal.score or 0.0)
        others = self.standing.ranked
        if self.own is not None:
            own = self.standing.compared(np.array([self.own]))[0]
            others = np.delete(others, np.searchsorted(others, own))
        if others.size < self.goal.rank:
            return float("nan")
        return float(self.standing.sign * others[-self.goal.rank])

    def sense(self, column: int) -> float:
        """+1 where more of an indicator, in its own unit, makes the place better, -1 where less does."""
        item = self.frozen.plan.columns[column]
        sense = item.sign * self.standing.sign
        for position in self.frozen.path(item.row):
            node = self.frozen.branch_of[position].node
            if node.rescale is not None and node.direction == "lower":
                sense = -sense
        return sense

    def end(self, column: int, bounded: bool = True) -> float:
        """The farthest value of an indicator on the better side: its bound, or one that nobody has."""
        item = self.frozen.plan.columns[column]
        low, high = bounds_of(self.frozen, column) if bounded else (-np.inf, np.inf)
        if self.sense(column) > 0:
            return min(high, FAR)
        positive = item.indicator.transform in ("log", "log10") or item.normalise.method == "ratio"
        least = 1 / FAR if positive else 0.0 if item.indicator.transform == "sqrt" else -FAR
        return max(low, least)


def target(aim: Aim, indicator: str) -> Target:
    """The smallest change of one indicator, all else equal, that reaches the goal; exact to the last bit.

    In straight parts of the method the answer is computed and then searched closely, elsewhere it is searched; a hair
    less does not reach. Raises `Invalid` for an unknown indicator.
    """
    if indicator not in aim.frozen.column:
        reason, cure = "is no indicator of the framework", "name one of its indicators"
        raise Invalid(f"«{indicator}»: {reason} ({cure})", [Problem(reason, cure, column=indicator)])
    column = aim.frozen.column[indicator]
    before = float(aim.fixed.get(column, aim.row.values[column]))
    why = _hindrance(aim, column)
    if why:
        return _made(aim, column, before, before, why)
    if aim.reached(aim.index(column, np.array([before])))[0]:
        return _made(aim, column, before, before, "there")
    end = aim.end(column)
    ahead = (end - before) * aim.sense(column) > 0
    if not ahead or not aim.reached(aim.index(column, np.array([end])))[0]:
        return _made(aim, column, before, end if ahead else before, _obstacle(aim, column))
    return _made(aim, column, before, _search(aim, column, before, end), "")


def _search(aim: Aim, column: int, before: float, end: float) -> float:
    def holds(values: Floats) -> Bools:
        return aim.reached(aim.index(column, values))

    sections = 1 if aim.stepwise else SECTIONS
    for low, high in _guesses(aim, column, before, end):
        inside = holds(np.array([low, high]))
        if not inside[0] and inside[1]:
            return first_holding(holds, low, high, sections)
    return first_holding(holds, before, end, sections)


def _guesses(aim: Aim, column: int, before: float, end: float) -> list[tuple[float, float]]:
    """A close interval around the answer, if index and indicator move together in a straight line."""
    step = aim.sense(column) * max(abs(before), 1.0) * 1e-3
    if (end - before - step) * step <= 0:
        return []
    first, second = aim.index(column, np.array([before, before + step]))
    if second == first or np.isnan(second - first) or np.isnan(aim.needed):
        return []
    guess = before + step * (aim.needed - first) / (second - first)
    margin = aim.sense(column) * NEAR * max(abs(guess), abs(before), 1.0)
    low, high = guess - margin, guess + margin
    inside = (low - before) * step > 0 and (end - high) * step > 0
    return [(float(low), float(high))] if inside else []


def _hindrance(aim: Aim, column: int) -> Why:
    item = aim.frozen.plan.columns[column]
    if aim.row.status[column] == CellStatus.NOT_APPLICABLE:
        return "not-applicable"
    if not weighs(aim.frozen, item.row):
        return "no-weight"
    if np.isnan(aim.row.values[column]):
        return "missing"
    nodes = [aim.frozen.branch_of[position] for position in aim.frozen.path(item.row)]
    return "not-monotone" if any(node.aggregate.method == "mazziotta-pareto" for node in nodes) else ""


def weighs(frozen: Frozen, row: int) -> bool:
    """Whether a row is in the tree, with a weight, as is everything above it."""
    chain = [row, *frozen.path(row)]
    if frozen.gone[chain].any():
        return False
    return all(
        frozen.weights[frozen.plan.codes[above]][frozen.branch_of[above].children.index(below)] > 0
        for below, above in pairwise(chain)
    )


def _obstacle(aim: Aim, column: int) -> Why:
    """What stops an indicator before the goal: its bounds, the end of its score, or a node above."""
    far = aim.end(column, bounded=False)
    if aim.reached(aim.index(column, np.array([far])))[0]:
        return "bounds"
    close, beyond = aim.points(column, [far / 2, far])
    return "cap" if close == beyond else "rule"


def _made(aim: Aim, column: int, before: float, value: float, why: Why) -> Target:
    feasible = why in ("", "there")
    index = np.array([aim.row.score[0]])
    points = 0.0
    if not np.isnan(value) and why not in ("no-weight", "not-applicable"):
        index = aim.index(column, np.array([value]))
        points = float(np.subtract(*aim.points(column, [value, before])))
    return Target(
        indicator=aim.frozen.plan.columns[column].code,
        before=before,
        value=value if feasible else float("nan"),
        change=value - before if feasible else float("nan"),
        points=points,
        score=float(index[0]),
        rank=int(aim.standing.ranks(index, aim.own)[0]),
        why=why,
    )


def climb(frozen: Frozen, standing: Standing, row: Row, places: int = 5) -> tuple[Target, ...]:
    """What would move a ranked place up by some ranks, one indicator at a time, the smallest move of a score first.

    Indicators that cannot do it alone follow, with the reason. Raises `Invalid` for a place that is not ranked.
    """
    if row.rank == UNRANKED or places < 1:
        reason, cure = f"{row.place} cannot climb {places} ranks", "take a ranked place, and at least one rank"
        raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="place", value=row.place)])
    aim = Aim(frozen, standing, row, Goal(rank=max(1, row.rank - places)))
    found = [target(aim, item.code) for item in frozen.plan.columns]
    return tuple(sorted(found, key=lambda one: (not one.feasible, abs(one.points), one.indicator)))
