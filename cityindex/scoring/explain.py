"""Why this score: what every indicator and node contributes to it, and what makes it differ from another place's.

Contributions of children sum to their parent's, down to the indicators, for trees of any rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Floats
from cityindex.scoring.results import FLAG_NAMES
from cityindex.scoring.shares import Part, Place, baseline
from cityindex.scoring.whatif import ordinal

NEGLIGIBLE = 1e-9
"""Below this share of what its children give and take, a node's score is no measure to share them by."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """How the score of `node` comes about. Arrays are (nodes) of the framework, 0 where a row is not part of it.

    `share` is a row's weight among its siblings that were there, `effective` its weight in the node explained, and
    `contribution` its part of the node's score: those of a node's children sum to its own, those of the indicators to
    the whole score.
    """

    place: str
    period: int
    node: str
    nodes: tuple[str, ...]
    score: Floats
    share: Floats
    effective: Floats
    contribution: Floats


def contributions(frozen: Frozen, row: Row, node: str | None = None) -> Contributions:
    """Take apart the score of a node of a place (the index, unless said).

    Arithmetic: effective weight times score. Otherwise each child gets its weight of the node's score at a `baseline`
    of all children, and its effect of going from there to its own score: geometric w + L(I, 1) w ln x, the others by
    Shapley's value. Rounding and rescaling keep the proportions; below a node, parts are in proportion to its score,
    or to the weights where that is 0. Missing rows contribute nothing.
    Raises `Invalid` for an unknown node, one without a score, and where a node compares all places.
    """
    refuse_ordinal(frozen)
    top = frozen.row(frozen.plan.codes[0] if node is None else node)
    _refuse_missing(frozen, row, top)
    maker = _Contributions(Place(frozen, row))
    maker.down(top, float(row.score[top]), (1.0, 1.0), 1.0)
    return Contributions(
        place=row.place,
        period=row.period,
        node=frozen.plan.codes[top],
        nodes=frozen.plan.codes,
        score=row.score,
        share=maker.share,
        effective=maker.effective,
        contribution=maker.contribution,
    )


class _Contributions:
    """Walks down the tree. A multiplier turns a row's score into its contribution; None where its score is about 0."""

    def __init__(self, place: Place) -> None:
        self.place = place
        count = len(place.frozen.plan.codes)
        self.share, self.effective, self.contribution = np.zeros(count), np.zeros(count), np.zeros(count)

    def down(self, row: int, total: float, weight: tuple[float, float], multiplier: float | None) -> None:
        self.share[row], self.effective[row] = weight
        self.contribution[row] = total
        branch = self.place.frozen.branch_of.get(row)
        if branch is None or np.isnan(self.place.row.score[row]):
            return
        part = self.place.part(branch)
        shares = part.shares
        local, slopes = self._local(part)
        for position, child in enumerate(part.rows):
            given = total * shares[position] if multiplier is None else multiplier * local[position]
            slope = slopes[position]
            passed = None if multiplier is None or slope is None else multiplier * slope
            share = float(shares[position])
            self.down(child, float(given), (share, weight[1] * share), passed)

    def _local(self, part: Part) -> tuple[Floats, list[float | None]]:
        """What the children give to the node's own score, and each one's multiplier."""
        place, branch = self.place, part.branch
        start = np.full(len(part.rows), baseline(branch, place.frozen.framework.scale[1]))
        effects = place.effects(part, start)
        ends = place.rule(part, np.stack((part.x, start), axis=1))
        score, base = place.settle(branch, ends)
        given = base * part.shares + effects * _ratio(score - base, ends[0] - ends[1])
        if (
            branch.aggregate.method in ("arithmetic", "sum")
            and branch.node.rescale is None
            and branch.node.round is None
        ):
            return given, list(part.shares if branch.aggregate.method == "arithmetic" else np.ones(len(part.rows)))
        own = place.row.score[list(part.rows)]
        small = NEGLIGIBLE * np.abs(given).sum()
        return given, [
            None if np.isnan(x) or abs(x) <= small else float(part_given / x)
            for x, part_given in zip(own, given, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Gap:
    """What makes the difference of a node's score between two places. Arrays are (nodes) of the framework.

    `effect` is the part of the gap that goes through a row which both places have; `coverage` the part that comes from
    one having children of a node that the other does not. A node's own effect is the sum of its children's and of its
    own coverage; indicators' effects and all coverage sum to the gap.
    """

    place: str
    other: str
    node: str
    nodes: tuple[str, ...]
    score: Floats
    score_other: Floats
    effect: Floats
    coverage: Floats

    @property
    def gap(self) -> float:
        """The difference of the scores explained."""
        row = self.nodes.index(self.node)
        return float(self.score[row] - self.score_other[row])


def gap(frozen: Frozen, row: Row, other: Row, node: str | None = None) -> Gap:
    """Split the difference between two places of one run into effects of indicators and of coverage.

    Over the children that both places have: by the logarithmic mean in geometric nodes, by weight in arithmetic ones,
    otherwise by Shapley's value. What the other children change is the coverage effect of their node.
    Raises `Invalid` as `contributions` does.
    """
    refuse_ordinal(frozen)
    top = frozen.row(frozen.plan.codes[0] if node is None else node)
    for one in (row, other):
        _refuse_missing(frozen, one, top)
    maker = _Gap(Place(frozen, row), Place(frozen, other))
    maker.down(top, 1.0)
    return Gap(
        place=row.place,
        other=other.place,
        node=frozen.plan.codes[top],
        nodes=frozen.plan.codes,
        score=row.score,
        score_other=other.score,
        effect=maker.effect,
        coverage=maker.coverage,
    )


class _Gap:
    """Walks down the tree. A multiplier turns a difference of a row's scores into its effect on the whole."""

    def __init__(self, one: Place, other: Place) -> None:
        self.one, self.other = one, other
        count = len(one.frozen.plan.codes)
        self.effect, self.coverage = np.zeros(count), np.zeros(count)

    def down(self, row: int, multiplier: float) -> None:
        self.effect[row] = multiplier * (self.one.row.score[row] - self.other.row.score[row])
        branch = self.one.frozen.branch_of.get(row)
        if branch is None:
            return
        parts = self.one.part(branch), self.other.part(branch)
        common = frozenset(parts[0].rows) & frozenset(parts[1].rows)
        if not common:
            self.coverage[row] = self.effect[row]
            return
        both = parts[0].only(common), parts[1].only(common)
        local, slopes, difference = self._local(*both)
        if len(common) < max(len(part.rows) for part in parts):
            whole = self.one.row.score[row] - self.other.row.score[row]
            self.coverage[row] = multiplier * (whole - difference)
        for child, given, slope in zip(both[0].rows, local, slopes, strict=True):
            if np.isnan(self.one.row.score[child]) or np.isnan(self.other.row.score[child]):
                self.effect[child] = multiplier * given  # counted as 0 where it is missing
            else:
                self.down(child, multiplier * slope)

    def _local(self, one: Part, other: Part) -> tuple[Floats, Floats, float]:
        """Effects of the common children on the node, what a point of each child is worth, and their sum."""
        effects = self.one.effects(one, other.x)
        ends = self.one.rule(one, np.stack((one.x, other.x), axis=1))
        settled = self.one.settle(one.branch, ends[:1])[0], self.other.settle(one.branch, ends[1:])[0]
        difference = float(settled[0] - settled[1])
        ratio = _ratio(difference, ends[0] - ends[1], 1.0)
        apart = one.x - other.x
        small = np.abs(apart) <= NEGLIGIBLE * np.maximum(1.0, np.abs(one.x))
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = np.where(small, self._slopes(one) if small.any() else 0.0, effects / apart)
        return effects * ratio, slopes * ratio, difference

    def _slopes(self, part: Part) -> Floats:
        """What a point more of each child is worth to the rule."""
        if part.branch.aggregate.method == "arithmetic":
            return part.shares
        step = 1e-6 * np.maximum(1.0, np.abs(part.x))
        moved = self.one.rule(part, np.column_stack((part.x[:, None] + np.diag(step), part.x)))
        return np.asarray((moved[:-1] - moved[-1]) / step)


def _ratio(part: float, whole: float, otherwise: float = 0.0) -> float:
    return float(part / whole) if whole != 0 else otherwise


def refuse_ordinal(frozen: Frozen) -> None:
    """Raise `Invalid` where a node compares all places: then no place's score can be taken apart."""
    problems = ordinal(frozen)
    if problems:
        raise Invalid("; ".join(str(problem) for problem in problems), problems)


def _refuse_missing(frozen: Frozen, row: Row, position: int) -> None:
    if np.isnan(row.score[position]):
        code = frozen.plan.codes[position]
        reason = f"{row.place} has no score in {row.period}: {FLAG_NAMES[row.flag[position]] or 'missing'}"
        cure = "take a place and a node with a score"
        raise Invalid(f"«{code}»: {reason} ({cure})", [Problem(reason, cure, column=code)])
