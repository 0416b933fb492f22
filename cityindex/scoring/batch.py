"""Many replications of one tree at once: index scores to the bit as `aggregate` has them, without what it explains.

Replications computed together share a variant of the data, the rules of the nodes and which children have a weight;
their weights differ. A node is worked on as (replications, places). The sums run child by child in the order of the
tree, as everywhere; what weights cannot change (logarithms, gaps, the range of the children) is worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring import means
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.plan import Branch, Plan
from cityindex.scoring.screen import TOLERANCE
from cityindex.scoring.variants import Variant

Holes = NDArray[np.intp]
NO_HOLES: Holes = np.zeros(0, dtype=np.intp)
LARGE = 100_000
"""Cells that are added child by child rather than at once."""
MANY = 3
"""Where a third of the places has a gap, all are computed with gaps in mind."""


class Refused(Exception):
    """A child's score that the rule of its node cannot take; `pipeline.score` says which and why."""


@dataclass(frozen=True)
class Scores:
    """Of a row: scores (places) or (replications, places), where one of them may be missing, and where it applies."""

    values: Floats
    holes: Holes
    applicable: Bools | None


@dataclass(frozen=True)
class Family:
    """A quasi-arithmetic mean: back(mean of there(x))."""

    rule: Rule

    @property
    def power(self) -> float | None:
        """p of a power mean; None for a geometric one, also where p is 0."""
        return None if self.rule.method == "geometric" else float(self.rule.options["p"]) or None

    @property
    def plain(self) -> bool:
        return self.rule.method == "arithmetic"

    def there(self, x: Floats) -> Floats:
        """The scale on which the mean is arithmetic, computed as `means` does."""
        if self.plain:
            return x
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.rule.method == "harmonic":
                return 1 / x
            return np.log(x) if self.power is None else np.asarray(x**self.power)

    def back(self, x: Floats) -> Floats:
        if self.plain:
            return x
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.rule.method == "harmonic":
                return 1 / x
            return np.exp(x) if self.power is None else np.asarray(x ** (1 / self.power))


MEANS = ("arithmetic", "geometric", "harmonic", "power")


def index_scores(variant: Variant, plan: Plan, rules: Sequence[Rule], weights: Floats) -> Floats:
    """Scores of the index (replications, places) for `weights` (replications, rows), 0 for children that are left out.

    `rules` are those of the branches. Raises `Refused` where a rule cannot take a score.
    """
    rows: dict[int, Scores] = {}
    leaf = {item.row: column for column, item in enumerate(plan.columns)}
    for branch, rule in reversed(list(zip(plan.branches, rules, strict=True))):
        there = [row for row in branch.children if weights[0, row] > 0 and (row in rows or _varies(variant, leaf, row))]
        if not there:
            continue
        share = weights[:, there]
        if all(row in leaf for row in there):
            columns = tuple(leaf[row] for row in there)
            scores = _of_indicators(variant, branch, rule, columns)(share)
        else:
            children = [rows[row] if row in rows else _leaf(variant, leaf[row]) for row in there]
            scores = _of_nodes(branch, rule, children, share)
        rounded = scores.values if branch.node.round is None else np.round(scores.values, branch.node.round)
        rows[branch.row] = Scores(rounded, scores.holes, scores.applicable)
    if 0 not in rows:
        return np.full((len(weights), variant.x.shape[1]), np.nan)
    return rows[0].values


def _varies(variant: Variant, leaf: dict[int, int], row: int) -> bool:
    return row in leaf and not variant.gone[leaf[row]]


def _leaf(variant: Variant, column: int) -> Scores:
    applicable = None if variant.applicable is None else variant.applicable[column]
    return Scores(variant.x[column], np.flatnonzero(np.isnan(variant.x[column])), applicable)


def _any_applies(children: Sequence[Bools | None]) -> Bools | None:
    """Where any child applies; None where that is everywhere."""
    masks = [mask for mask in children if mask is not None]
    if len(masks) < len(children):
        return None
    found = np.logical_or.reduce(masks)
    return None if found.all() else found


@dataclass(frozen=True, eq=False)
class _Indicators:
    """A node of indicators under one rule: what does not depend on the weights.

    `rows` (children, places) are on the scale of the mean, gaps as 0. Places with the same gaps share a pattern:
    `inverse` (places) is its number, and `present`, `counted` and `applicable` (children, patterns) say which children
    are there, which of them the mean counts, and which apply.
    """

    branch: Branch
    family: Family
    rows: Floats
    low: Floats
    high: Floats
    inverse: Holes
    present: Floats
    counted: Floats
    applicable: Floats
    zeroed: Bools | None
    applies: Bools | None

    def __call__(self, weights: Floats) -> Scores:
        """Scores for weights (replications, children)."""
        of = self._counted_weight(weights)
        total = weights[:, :1] * self.rows[0]
        scratch = np.empty_like(total)
        for row, weight in zip(self.rows[1:], weights.T[1:], strict=True):
            np.multiply(weight[:, None], row, out=scratch)
            total += scratch
        with np.errstate(invalid="ignore", divide="ignore"):
            total /= of if of.shape[1] == 1 else np.take(of, self.inverse, axis=1, out=scratch, mode="clip")
        found = self.family.back(total)
        np.maximum(found, self.low, out=found)
        np.minimum(found, self.high, out=found)
        gaps = np.isnan(of).any(axis=0) | (of == 0).any(axis=0)
        holes = np.flatnonzero(gaps[self.inverse]) if gaps.any() else NO_HOLES
        if self.zeroed is not None:
            found[:, self.zeroed] = np.where(np.isnan(of[:, self.inverse[self.zeroed]]), np.nan, 0.0)
        return Scores(found, holes, self.applies)

    def _counted_weight(self, weights: Floats) -> Floats:
        """The weight of the children that the mean counts, by pattern; NaN where coverage is too low."""
        branch, sized = self.branch, weights.T[:, :, None]
        of = _summed(self.counted[:, None, :], sized)
        if branch.share > 0:
            asked = np.ones_like(sized) if branch.coverage.method == "count" else sized
            share = covered(self.present[:, None, :], self.applicable[:, None, :], asked)
            of[share < branch.share - TOLERANCE] = np.nan
        if branch.missing == "propagate":
            of[:, (self.present < self.applicable).any(axis=0)] = np.nan
        return of


def covered(present: Floats, applicable: Floats, weights: Floats) -> Floats:
    """The share of the applicable weight that is there; 1 is all, NaN where nothing applies."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.minimum(_summed(present, weights) / _summed(applicable, weights), 1.0)


def _summed(there: Floats, weights: Floats) -> Floats:
    """The weight of what is there (children, …), added in the order of the tree."""
    if there.size * weights.shape[1] > LARGE:
        return means.weighted_sum(there, weights)
    return np.asarray(np.add.reduce(there * weights, axis=0))


def _of_indicators(variant: Variant, branch: Branch, rule: Rule, columns: tuple[int, ...]) -> _Indicators | _Exact:
    key = columns, repr((branch.row, rule.method, sorted(rule.options.items())))
    make = _indicators if rule.method in MEANS else _Exact
    found: _Indicators | _Exact = variant.kept.pop(key, None) or make(variant, branch, rule, columns)
    variant.keep(key, found)
    return found


def _indicators(variant: Variant, branch: Branch, rule: Rule, columns: tuple[int, ...]) -> _Indicators:
    x = variant.x[list(columns)]
    present = ~np.isnan(x)
    applicable = np.ones_like(present) if variant.applicable is None else variant.applicable[list(columns)]
    inverse, first = _patterns(variant, columns)
    filled = _filled(branch, x, applicable)
    rows, zeroed = allowed(branch, rule, filled)
    family = Family(rule)
    scaled = family.there(rows)
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)
    applies = None if variant.applicable is None else _any_applies(list(applicable))
    counted = ~np.isnan(filled[:, first])
    return _Indicators(
        branch=branch,
        family=family,
        rows=np.where(np.isnan(scaled), 0.0, scaled),
        low=low,
        high=high,
        inverse=inverse,
        present=present[:, first].astype(np.float64),
        counted=counted.astype(np.float64),
        applicable=applicable[:, first].astype(np.float64),
        zeroed=zeroed,
        applies=applies,
    )


def _patterns(variant: Variant, columns: tuple[int, ...]) -> tuple[Holes, Holes]:
    """For each place the number of its pattern of gaps, and for each pattern a place that has it.

    The patterns of a whole node serve it without some of its children too.
    """
    for (known, what), kept in variant.kept.items():
        if what == "patterns" and set(columns) <= set(known):
            return kept  # type: ignore[no-any-return]
    x = variant.x[list(columns)]
    applicable = () if variant.applicable is None else variant.applicable[list(columns)]
    keys = np.zeros(x.shape[1], dtype=np.int64)
    for at, bits in enumerate((*np.isnan(x), *applicable), 1):
        keys = keys * 2 + bits
        if at % 40 == 0:  # before the bits run out, the patterns so far are numbered
            keys, _ = _numbered(keys)
    found = _numbered(keys)
    variant.keep((columns, "patterns"), found)
    return found


def _numbered(keys: NDArray[np.int64]) -> tuple[Holes, Holes]:
    """Keys as numbers from 0, and where each first occurs: `np.unique`, which takes far longer."""
    order = np.argsort(keys, kind="stable")
    arranged = keys[order]
    starts = np.concatenate(([True], arranged[1:] != arranged[:-1]))
    numbers = np.empty(keys.size, dtype=np.intp)
    numbers[order] = np.cumsum(starts) - 1
    return numbers, order[starts]


def _filled(branch: Branch, rows: Floats, applicable: Bools) -> Floats:
    """Children with gaps as 0 where the node says so; a place without any child stays without."""
    if branch.missing != "zero":
        return rows
    filled = np.where(np.isnan(rows) & applicable, 0.0, rows)
    return np.where(np.isnan(rows).all(axis=0), np.nan, filled)


def allowed(branch: Branch, rule: Rule, rows: Floats) -> tuple[Floats, Bools | None]:
    """Children that the rule can take, and which places count as 0 for a child that it cannot."""
    floor = means.floor_of(rule.method, rule.options)
    if floor is None:
        return rows, None
    policy = branch.nonpositive
    if policy.method == "floor":
        return np.maximum(rows, float(policy.options.get("floor", policy.options.get("value", 0.0)))), None
    with np.errstate(invalid="ignore"):
        offending = rows < floor[0] if floor[1] else rows <= floor[0]
    if not offending.any():
        return rows, None
    if policy.method != "zero":
        raise Refused
    return np.where(offending, np.nan, rows), np.asarray(offending.any(axis=0))


@dataclass(frozen=True, eq=False)
class _Exact:
    """A node of indicators under any other rule."""

    variant: Variant
    branch: Branch
    rule: Rule
    columns: tuple[int, ...]

    def __call__(self, weights: Floats) -> Scores:
        x = self.variant.x[list(self.columns)]
        applicable = None if self.variant.applicable is None else self.variant.applicable[list(self.columns)]
        return _scored(self.branch, self.rule, np.repeat(x[:, None], len(weights), axis=1), applicable, weights)


def _scored(branch: Branch, rule: Rule, rows: Floats, applicable: Bools | None, weights: Floats) -> Scores:
    values = exact(branch, rule, rows, applicable, weights)
    applies = None if applicable is None else _any_applies(list(applicable))
    return Scores(values, np.flatnonzero(np.isnan(values).any(axis=0)), applies)


def exact(branch: Branch, rule: Rule, rows: Floats, applicable: Bools | None, weights: Floats) -> Floats:
    """Scores (replications, places) of children (children, replications, places), gaps and all, by any rule."""
    applies = np.ones((len(rows), 1, rows.shape[2]), dtype=np.bool_) if applicable is None else applicable[:, None, :]
    sized, missing = weights.T[:, :, None], np.isnan(rows)
    asked = np.ones_like(sized) if branch.coverage.method == "count" else sized
    share = covered((~missing).astype(np.float64), applies.astype(np.float64), asked)
    filled = _filled(branch, rows, applies)
    usable, zeroed = allowed(branch, rule, filled)
    scores = means.RULES[rule.method](usable, sized, rule.options)
    if zeroed is not None:
        scores = np.where(zeroed, 0.0, scores)
    low = share < branch.share - TOLERANCE
    if branch.missing == "propagate":
        low |= (missing & applies).any(axis=0)
    return np.where(low, np.nan, scores)


def _of_nodes(branch: Branch, rule: Rule, children: Sequence[Scores], weights: Floats) -> Scores:
    """A node with nodes among its children: all places as if nothing were missing, then those with gaps once more."""
    places = children[0].values.shape[-1]
    masks = [child.applicable for child in children]
    applies = _any_applies(masks)
    gaps = np.zeros(places, dtype=np.bool_)
    gaps[np.concatenate([child.holes for child in children])] = True
    holes = np.flatnonzero(gaps)
    if rule.method not in MEANS or holes.size * MANY > places or _floors(branch, rule, children):
        holes = np.arange(places)
    whole = np.empty((len(weights), places)) if holes.size == places else _without_gaps(rule, children, weights)
    if not holes.size:
        return Scores(whole, holes, applies)
    shape = len(weights), holes.size
    rows = np.empty((len(children), *shape))
    for row, child in zip(rows, children, strict=True):
        row[:] = child.values if holes.size == places else child.values[..., holes]
    applicable = None
    if any(mask is not None for mask in masks):
        every = np.ones(places, dtype=np.bool_)
        applicable = np.stack([(every if mask is None else mask)[holes] for mask in masks])
    patch = exact(branch, rule, rows, applicable, weights)
    whole[:, holes] = patch
    return Scores(whole, holes[np.isnan(patch).any(axis=0)], applies)


def _floors(branch: Branch, rule: Rule, children: Sequence[Scores]) -> bool:
    """Whether a child has a score that the rule cannot take as it is."""
    floor = means.floor_of(rule.method, rule.options)
    if floor is None:
        return False
    if branch.nonpositive.method == "floor":
        return True
    least = min(float(np.fmin.reduce(child.values, axis=None)) for child in children)
    return least < floor[0] or (least == floor[0] and not floor[1])


def _without_gaps(rule: Rule, children: Sequence[Scores], weights: Floats) -> Floats:
    """The mean of children that are all there."""
    family = Family(rule)
    of = means.weighted_sum(np.ones((len(children), 1)), weights.T)[:, None]
    first, *others = (family.there(child.values) for child in children)
    total = np.asarray(weights[:, :1] * first)
    for other, weight in zip(others, weights.T[1:], strict=True):
        total += weight[:, None] * other
    total /= of
    found = family.back(total)
    low, high = _range([child.values for child in children])
    np.maximum(found, low, out=found)
    return np.asarray(np.minimum(found, high, out=found))


def _range(values: Sequence[Floats]) -> tuple[Floats, Floats]:
    """The least and the greatest of each place."""
    low = high = values[0]
    for value in values[1:]:
        low, high = np.minimum(low, value), np.maximum(high, value)
    return low, high
