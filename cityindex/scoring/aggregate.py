"""The step of aggregation: node by node from the leaves to the index, each by its own rules.

A place that is screened out is not ranked, and nothing is fitted on it; so its scores may lie where a mean has no
answer (0 and below for a geometric one), which is no fault of the data. It stops nobody's run: under `nonpositive:
refuse` the place has no score in that node nor in any above it, and is flagged for its coverage, for a score without
that child would be another number. Nor do ranked places compete with it in a Copeland node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring import means
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Bools, Bytes, CellStatus, Floats, some
from cityindex.scoring.normalise import Task, normalise_columns
from cityindex.scoring.normalisers import Context
from cityindex.scoring.plan import Branch
from cityindex.scoring.results import Flag
from cityindex.scoring.screen import TOLERANCE
from cityindex.scoring.weigh import weigh
from cityindex.scoring.work import Work

FLAG_OF_STATUS = np.zeros(len(CellStatus), dtype=np.uint8)
FLAG_OF_STATUS[CellStatus.INHERITED] = Flag.INHERITED
FLAG_OF_STATUS[CellStatus.FILLED] = Flag.FILLED
FLAG_OF_STATUS[CellStatus.IMPUTED] = Flag.IMPUTED
FLAG_OF_STATUS[CellStatus.NOT_APPLICABLE] = Flag.NOT_APPLICABLE


@dataclass
class Tree:
    """Results by row: (periods, rows, places). `gone` (periods, rows) left the tree for the period.

    `void` are, by period and row, the screened places that cannot have a score there.
    """

    score: Floats
    coverage: Floats
    imputed: Floats
    flag: Bytes
    gone: Bools
    void: dict[tuple[int, int], Bools] = field(default_factory=dict)


def aggregate(work: Work) -> Tree:
    """Scores, coverage, imputed shares and flags of every row, children before parents."""
    tree = _leaves(work)
    for branch in reversed(work.plan.branches):
        if branch.node.weights is not None and work.fits.frozen is None:
            _weigh(work, tree, branch)
        score_branch(work, tree, branch)
    flag_nodes(work, tree)
    return tree


def score_branch(work: Work, tree: Tree, branch: Branch) -> None:
    """The score of one node in all periods, from its children's, with the weights that `work` holds."""
    for when in range(len(work.periods)):
        _score_node(work, tree, branch, when)
    _round(tree, branch)
    if branch.node.rescale is not None:
        _rescale(work, tree, branch)
        _round(tree, branch)


def _leaves(work: Work) -> Tree:
    shape = (len(work.periods), len(work.plan.codes), len(work.places))
    tree = Tree(
        score=np.empty(shape),
        coverage=np.empty(shape),
        imputed=np.zeros(shape),
        flag=np.zeros(shape, dtype=np.uint8),
        gone=np.zeros(shape[:2], dtype=np.bool_),
    )
    missing, flags = np.isnan(work.x), _leaf_flags(work)
    standing_in = ((work.status == CellStatus.FILLED) | (work.status == CellStatus.IMPUTED)) & ~missing
    some_imputed, some_outside = standing_in.any(), (flags == Flag.NOT_APPLICABLE).any()
    for column, row in enumerate(work.plan.leaf_rows):
        tree.score[:, row], tree.flag[:, row] = work.x[:, column], flags[:, column]
        np.logical_not(missing[:, column], out=tree.coverage[:, row])
        if some_imputed:
            tree.imputed[:, row] = standing_in[:, column]
        if some_outside:
            tree.coverage[:, row][flags[:, column] == Flag.NOT_APPLICABLE] = np.nan
    tree.gone[:, work.plan.leaf_rows] = work.constant
    return tree


def _leaf_flags(work: Work) -> Bytes:
    flags = FLAG_OF_STATUS[work.status]
    np.copyto(flags, np.uint8(Flag.MISSING), where=np.isnan(work.x) & (flags != Flag.NOT_APPLICABLE))
    if work.constant.any():
        flags[work.constant[..., None] & ~np.isnan(work.values)] = Flag.NO_VARIATION
    pilots = [column for column, item in enumerate(work.plan.columns) if item.indicator.status == "pilot"]
    flags[:, pilots] = Flag.PILOT
    return flags


def _weigh(work: Work, tree: Tree, branch: Branch) -> None:
    """Weights that are computed: from the scores of the ranked places in all periods together."""
    rows = np.moveaxis(tree.score[:, list(branch.children)], 1, 0).reshape(len(branch.children), -1)
    rows = np.where(work.screened.ravel(), np.nan, rows) if work.screened.any() else rows
    names = [work.plan.codes[row] for row in branch.children]
    gone = np.asarray(tree.gone[:, list(branch.children)].all(axis=0))
    work.weights[branch.node.code] = weigh(branch, names, rows, gone, work.warnings.append)


def _score_node(work: Work, tree: Tree, branch: Branch, when: int) -> None:
    given = work.weights[branch.node.code]
    counted = [row for row, weight in zip(branch.children, given, strict=True) if weight > 0]
    there = [row for row in counted if not tree.gone[when, row]]
    if not there:
        tree.gone[when, branch.row] = True
        tree.score[when, branch.row] = tree.coverage[when, branch.row] = np.nan
        tree.flag[when, branch.row] = Flag.NO_VARIATION if counted else Flag.PILOT
        return
    weights = np.array([weight for row, weight in zip(branch.children, given, strict=True) if row in there])
    rows = tree.score[when, there]
    applicable = tree.flag[when, there] != Flag.NOT_APPLICABLE
    share = coverage(rows, applicable, weights, branch.coverage.method == "count")
    if branch.missing == "zero":
        filled = np.where(np.isnan(rows) & applicable, 0.0, rows)
        filled[:, np.isnan(rows).all(axis=0)] = np.nan
        rows = filled
    void = _void(work, tree, branch, when, rows)
    if void is not None:
        rows = np.where(void, np.nan, rows)
    scores = by_rule(work, branch, rows, weights, _names(work, when, there))
    low = (share < branch.share - TOLERANCE) & ~np.isnan(scores)
    incomplete = (np.isnan(rows) & applicable).any(axis=0) if branch.missing == "propagate" else np.zeros_like(low)
    low |= np.isnan(scores) & (tree.flag[when, there] == Flag.LOW_COVERAGE).any(axis=0)
    low = low if void is None else low | void
    tree.flag[when, branch.row] = _reasons(np.isnan(scores), ~applicable.any(axis=0), low, incomplete)
    tree.score[when, branch.row] = np.where(low | incomplete, np.nan, scores)
    tree.coverage[when, branch.row] = share
    _carry_imputed(tree, branch.row, when, there, weights)


def _void(work: Work, tree: Tree, branch: Branch, when: int, rows: Floats) -> Bools | None:
    """The screened places that have no score here: the rule cannot take a child of theirs, or had no answer below."""
    screened = work.screened[when]
    if not screened.any():
        return None
    void: Bools = np.zeros_like(screened)
    for row, weight in zip(branch.children, work.weights[branch.node.code], strict=True):
        if weight > 0 and not tree.gone[when, row]:
            void |= tree.void.get((when, row), False)
    if branch.aggregate.method == "copeland":
        void |= screened
    elif branch.nonpositive.method == "refuse":
        void |= screened & _offending(branch, rows).any(axis=0)
    if not void.any():
        return None
    tree.void[when, branch.row] = void
    return void


def coverage(rows: Floats, applicable: Bools, weights: Floats, by_count: bool) -> Floats:
    """The share of the applicable children that are there, by weight or by number; NaN where none is applicable."""
    if by_count:
        weights = np.ones_like(weights)
    whole = applicable.all()
    of = weights.sum() if whole else means.weighted_sum(applicable.astype(np.float64), weights)
    if whole and not np.isnan(rows).any():
        return np.ones(rows.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.minimum(means.available_weight(rows, weights) / of, 1.0)


def _reasons(empty: Bools, none_applies: Bools, low: Bools, incomplete: Bools) -> Bytes:
    flags = np.where(empty | incomplete, Flag.MISSING, Flag.NONE).astype(np.uint8)
    flags[low] = Flag.LOW_COVERAGE
    flags[none_applies] = Flag.NOT_APPLICABLE
    return flags


def by_rule(work: Work, branch: Branch, rows: Floats, weights: Floats, names: Sequence[str]) -> Floats:
    """The rule of a node over its children (children, places), what it cannot take refused or replaced."""
    method, options = branch.aggregate.method, branch.aggregate.options
    if method == "copeland" and rows.shape[1] > means.LARGEST_COPELAND:
        cure = f"use it for up to {means.LARGEST_COPELAND} places"
        raise Invalid(f"node «{branch.node.code}»: copeland compares every place with every other one ({cure})")
    floor = means.floor_of(method, options)
    zeroed = np.zeros(rows.shape[1], dtype=np.bool_)
    if floor is not None:
        rows, zeroed = _nonpositive(work, branch, rows, names)
    scores = means.RULES[method](rows, weights, options)
    return np.where(zeroed, 0.0, scores) if zeroed.any() else scores


def _nonpositive(work: Work, branch: Branch, rows: Floats, names: Sequence[str]) -> tuple[Floats, Bools]:
    """Children that the rule cannot take: refused, or replaced as the definition says."""
    offending = _offending(branch, rows)
    policy = branch.nonpositive
    if policy.method == "floor":
        least = float(policy.options.get("floor", policy.options.get("value", 0.0)))
        return np.maximum(rows, least), np.zeros(rows.shape[1], dtype=np.bool_)
    if not offending.any():
        return rows, np.zeros(rows.shape[1], dtype=np.bool_)
    if policy.method == "zero":
        return np.where(offending, np.nan, rows), np.asarray(offending.any(axis=0))
    raise _refusal(work, branch, offending, names)


def _offending(branch: Branch, rows: Floats) -> Bools:
    """Which children (children, places) the rule has no answer for."""
    floor = means.floor_of(branch.aggregate.method, branch.aggregate.options)
    if floor is None:
        return np.zeros(rows.shape, dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        return np.asarray(rows < floor[0] if floor[1] else rows <= floor[0])


def _refusal(work: Work, branch: Branch, offending: Bools, names: Sequence[str]) -> Invalid:
    cure = "normalise to [1, 100], or write `nonpositive: zero` or `nonpositive: {floor: …}`"
    problems = [
        Problem(
            f"a {branch.aggregate.method} mean cannot take «{name}» of {some([work.places[p] for p in places])}: "
            "not above 0",
            cure,
            column=branch.node.code,
        )
        for name, row in zip(names, offending, strict=True)
        if (places := np.flatnonzero(row)).size
    ]
    return Invalid(f"node «{branch.node.code}»: {problems[0]}", problems)


def _names(work: Work, when: int, rows: Sequence[int]) -> list[str]:
    return [f"{work.plan.codes[row]} ({work.periods[when]})" for row in rows]


def _carry_imputed(tree: Tree, row: int, when: int, there: Sequence[int], weights: Floats) -> None:
    shares = tree.imputed[when, there]
    if shares.any():
        shares = np.where(np.isnan(tree.score[when, there]), np.nan, shares)
        tree.imputed[when, row] = np.nan_to_num(means.weighted_mean(shares, weights))


def _round(tree: Tree, branch: Branch) -> None:
    """Round where the node says so, before it is rescaled too: sums that are equal must tie to the last bit."""
    if branch.node.round is not None:
        tree.score[:, branch.row] = np.round(tree.score[:, branch.row], branch.node.round)


def _rescale(work: Work, tree: Tree, branch: Branch) -> None:
    """Normalise a node's scores once more; where they do not vary, the node leaves the tree."""
    row = branch.row
    task = rescaling(work, branch)
    values = tree.score[:, row : row + 1]
    reference = np.where(work.screened[:, None], np.nan, values) if work.screened.any() else values
    scores, constant = normalise_columns(task, values, reference, work.fits)
    tree.gone[:, row] |= constant[:, 0]
    tree.flag[:, row][constant & ~np.isnan(values[:, 0])] = Flag.NO_VARIATION
    tree.score[:, row] = scores[:, 0]


def rescaling(work: Work, branch: Branch) -> Task:
    """How a node's scores are normalised once more; its rule says so."""
    node = branch.node
    sign = -1.0 if node.direction == "lower" else 1.0
    context = Context(
        [node.code], [node.rescale or Rule("none")], np.array([sign]), ["none"], work.places, work.attributes
    )
    return Task("rescale", context, work.periods, work.plan.framework.scale)


def flag_nodes(work: Work, tree: Tree) -> None:
    """Say which places are not ranked for their coverage, and which nodes rest on imputed values."""
    for when in np.flatnonzero(work.screened.any(axis=1)):
        tree.flag[when][work.screened[when] & (tree.flag[when] == Flag.NONE)] = Flag.LOW_COVERAGE
    limit = work.plan.framework.method.impute.options.get("limit")
    if limit is not None:
        rows = [branch.row for branch in work.plan.branches]
        above = (tree.imputed[:, rows] > float(limit) + TOLERANCE) & (tree.flag[:, rows] == Flag.NONE)
        tree.flag[:, rows] = np.where(above, Flag.IMPUTED, tree.flag[:, rows])
