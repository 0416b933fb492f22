"""What each child of a node has to do with its score: exact shares of a difference, for any rule of aggregation.

A difference of a node between two sets of children's scores is split into one effect a child; effects sum to it.
Weighted sums split as they are; geometric means by the logarithmic mean (LMDI: Ang, 2004); all others by Shapley's
value, the mean over all orders in which the children can move from one set to the other (Shapley, 1953). Above ten
children, the orders are the turns of the tree's order and of its reverse: still exact in sum, and the same every time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np

from cityindex.scoring.aggregate import by_rule, rescaling
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.normalise import normalise_columns
from cityindex.scoring.plan import Branch
from cityindex.scoring.results import Flag

MOST_CHILDREN = 10
"""Up to here every subset of the children is tried (1,024 of them)."""


@dataclass(frozen=True, eq=False)
class Part:
    """A node with the children that count for a place: their rows, weights (not scaled) and scores (children)."""

    branch: Branch
    rows: tuple[int, ...]
    weights: Floats
    x: Floats

    @property
    def shares(self) -> Floats:
        """Weights among the children that are there; they sum to 1."""
        return np.asarray(self.weights / self.weights.sum())

    def only(self, rows: frozenset[int]) -> Part:
        """The same node with some of its children."""
        kept = [position for position, row in enumerate(self.rows) if row in rows]
        return Part(self.branch, tuple(self.rows[k] for k in kept), self.weights[kept], self.x[kept])


class Place:
    """One place in a frozen framework, ready to be taken apart: its scores by row, and the functions of its nodes."""

    def __init__(self, frozen: Frozen, row: Row) -> None:
        self.frozen, self.row = frozen, row

    def part(self, branch: Branch) -> Part:
        """The children of a node that count: with a weight, not out of the tree and with a score."""
        weights = self.frozen.weights[branch.node.code]
        found: list[tuple[int, float, float]] = []
        for child, weight in zip(branch.children, weights, strict=True):
            score = float(self.row.score[child])
            applies = self.row.flag[child] != Flag.NOT_APPLICABLE
            if weight > 0 and not self.frozen.gone[child] and not (np.isnan(score) and not applies):
                found.append((child, weight, score))
        if branch.missing == "zero":
            found = [(child, weight, 0.0 if np.isnan(score) else score) for child, weight, score in found]
        found = [one for one in found if not np.isnan(one[2])]
        rows, given, x = zip(*found, strict=True) if found else ((), (), ())
        return Part(branch, tuple(rows), np.array(given, dtype=np.float64), np.array(x, dtype=np.float64))

    def rule(self, part: Part, columns: Floats) -> Floats:
        """The node's rule over children's scores (children, cases): (cases)."""
        work = self.frozen.work(self.row, columns.shape[1])
        names = [self.frozen.plan.codes[row] for row in part.rows]
        return by_rule(work, part.branch, columns, part.weights, names)

    def settle(self, branch: Branch, values: Floats) -> Floats:
        """What the rule gave (cases), rounded and rescaled where the node says so."""
        node = branch.node
        settled = values if node.round is None else np.round(values, node.round)
        if node.rescale is None:
            return settled
        work, cube = self.frozen.work(self.row, values.size), settled[None, None]
        found: Floats = normalise_columns(rescaling(work, branch), cube, cube, work.fits)[0][0, 0]
        return found if node.round is None else np.round(found, node.round)

    def effects(self, part: Part, start: Floats) -> Floats:
        """Effects (children) of going from `start` to the part's own scores; they sum to the change of the rule."""
        method, shares = part.branch.aggregate.method, part.shares
        if method == "arithmetic":
            return np.asarray(shares * (part.x - start))
        if method == "sum":
            return np.asarray(part.x - start)
        floored = _floored(part.branch, np.stack((part.x, start)))
        if _is_geometric(part.branch) and (floored > 0).all():
            to, origin = floored
            ends = np.exp(np.log(floored) @ shares)
            return np.asarray(logarithmic_mean(ends[0], ends[1]) * shares * np.log(to / origin))
        return self._shapley(part, start)

    def _shapley(self, part: Part, start: Floats) -> Floats:
        count = len(part.rows)
        if count <= MOST_CHILDREN:
            inside, factors = subsets(count)
            worth = self.rule(part, np.where(inside, part.x[:, None], start[:, None]))
            return np.asarray(factors @ worth)
        effects = np.zeros(count)
        orders = _turns(count)
        for order in orders:
            moved = np.arange(count)[:, None] < np.arange(count + 1)
            inside = np.zeros((count, count + 1), dtype=np.bool_)
            inside[list(order)] = moved
            effects[list(order)] += np.diff(self.rule(part, np.where(inside, part.x[:, None], start[:, None])))
        return effects / len(orders)


@lru_cache(maxsize=16)
def subsets(count: int) -> tuple[Bools, Floats]:
    """Which children are in each subset (children, subsets), and what each subset's worth counts for each child.

    A subset of s children out of n counts 1 / (n C(n-1, s-1)) for those in it and -1 / (n C(n-1, s)) for the others.
    """
    inside = ((np.arange(1 << count)[None, :] >> np.arange(count)[:, None]) & 1).astype(np.bool_)
    size = inside.sum(axis=0)
    within = np.array([1 / (count * comb(count - 1, s - 1)) if s else 0.0 for s in range(count + 1)])
    without = np.array([1 / (count * comb(count - 1, s)) if s < count else 0.0 for s in range(count + 1)])
    return inside, np.where(inside, within[size], -without[size])


def _turns(count: int) -> list[tuple[int, ...]]:
    forward = list(range(count))
    turned = [tuple(forward[k:] + forward[:k]) for k in range(count)]
    return turned + [order[::-1] for order in turned]


def logarithmic_mean(one: float, other: float) -> float:
    """(a - b) / ln(a / b) for a, b > 0; a where they are the same."""
    ratio = (one - other) / other
    return float(one if ratio == 0 else other * ratio / np.log1p(ratio))


def baseline(branch: Branch, top: float) -> float:
    """The score of every child from which contributions to a node are counted.

    0 where the rule can take it; 1, whose logarithm is 0, for means that cannot and for products; the top of the scale
    for the weakest link, whose children take away from it.
    """
    method, options = branch.aggregate.method, branch.aggregate.options
    if method == "minimum":
        return top
    if method in ("geometric", "harmonic", "product", "mazziotta-pareto"):
        return 1.0
    return 1.0 if method == "power" and float(options["p"]) <= 0 else 0.0


def _is_geometric(branch: Branch) -> bool:
    rule = branch.aggregate
    return rule.method == "geometric" or (rule.method == "power" and float(rule.options["p"]) == 0)


def _floored(branch: Branch, scores: Floats) -> Floats:
    options = branch.nonpositive.options
    if branch.nonpositive.method != "floor":
        return scores
    return np.maximum(scores, float(options.get("floor", options.get("value", 0.0))))
