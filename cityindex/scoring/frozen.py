"""One place with the parameters of a run: from its values to its scores, without fitting anything.

What explains, changes or aims at a score starts here. Values are those that pages show: in each indicator's own unit,
after formulas, denominators and fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.aggregate import Tree, aggregate, flag_nodes, score_branch
from cityindex.scoring.fits import Fits
from cityindex.scoring.framework import NO_OPTIONS, Framework, Indicator
from cityindex.scoring.matrix import Bools, Bytes, Floats, Panel
from cityindex.scoring.normalise import NORMALISERS, Task, normalise_columns
from cityindex.scoring.normalisers import Context
from cityindex.scoring.pipeline import begin, finish
from cityindex.scoring.plan import Branch, Plan, make_plan
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.results import Flag, Parameters, ScoreSet
from cityindex.scoring.shown import as_shown
from cityindex.scoring.transform import outside, transformed
from cityindex.scoring.treat import EXEMPT_TYPES, apply_decision
from cityindex.scoring.work import Work, start


@dataclass(frozen=True, eq=False)
class Row:
    """One place in one period of a run: `values` and `status` (indicators), the others (nodes), `rank` of the index.

    `attributes` are the place's own: what group goalposts, groups of imputation and types of place go by.
    """

    place: str
    period: int
    values: Floats
    status: Bytes
    score: Floats
    coverage: Floats
    imputed: Floats
    flag: Bytes
    rank: int
    attributes: Mapping[str, Any] = field(default_factory=lambda: NO_OPTIONS)

    @classmethod
    def of(cls, results: ScoreSet, place: str, period: int, attributes: Mapping[str, Any] = NO_OPTIONS) -> Row:
        """Take a place from the results of a run; `Invalid` where they do not have it."""
        if place not in results.places or period not in results.periods:
            reason, cure = f"no results of {place} in {period}", "name a place and a period of the run"
            raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="place", value=place)])
        where = results.periods.index(period), results.places.index(place)
        return cls(
            place=place,
            period=period,
            values=results.values[where],
            status=results.status[where],
            score=results.score[where],
            coverage=results.coverage[where],
            imputed=results.imputed[where],
            flag=results.flag[where],
            rank=int(results.rank[where][0]),
            attributes=attributes,
        )


class Frozen:
    """A framework with the parameters of a run in one of its periods: made once, used for any number of places.

    `gone` names the indicators and nodes that left the tree for want of variation.
    """

    def __init__(
        self, framework: Framework, parameters: Parameters, period: int, gone: frozenset[str] = frozenset()
    ) -> None:
        self.framework = as_shown(framework)
        self.parameters = _ready(parameters)
        self.period = period
        self.plan: Plan = make_plan(self.framework)
        self.gone: Bools = np.array([code in gone for code in self.plan.codes])
        self.column = {item.code: position for position, item in enumerate(self.plan.columns)}

    @classmethod
    def of(cls, framework: Framework, results: ScoreSet, period: int) -> Frozen:
        """The framework as `results` have it in a period."""
        flags = results.flag[results.periods.index(period)]
        gone = {
            code for code, column in zip(results.nodes, flags.T, strict=True) if (column == Flag.NO_VARIATION).any()
        }
        return cls(framework, results.parameters, period, frozenset(gone))

    def without(self, gone: Bools) -> Frozen:
        """The same with other rows (nodes) out of the tree."""
        other = copy(self)
        other.gone = gone
        return other

    def row(self, code: str) -> int:
        """The position of a node or indicator; `Invalid` where the framework does not have it."""
        if code not in self.plan.row:
            reason, cure = "is not in the framework", "name a node or an indicator of its tree"
            raise Invalid(f"«{code}»: {reason} ({cure})", [Problem(reason, cure, column=code)])
        return self.plan.row[code]

    @cached_property
    def branch_of(self) -> dict[int, Branch]:
        """Branches by their row."""
        return {branch.row: branch for branch in self.plan.branches}

    @cached_property
    def weights(self) -> Mapping[str, tuple[float, ...]]:
        """The weights of every node's children, as the run used them."""
        return self._template.weights

    def path(self, row: int) -> list[int]:
        """The rows from a node's or an indicator's parent up to the index."""
        found = []
        while (row := self.plan.parents[row]) >= 0:
            found.append(row)
        return found

    def work(self, row: Row, count: int = 1) -> Work:
        """What the functions of the tree need to know: the weights, and `count` places with the attributes of one."""
        return replace(
            self._template,
            places=(row.place,) * count,
            attributes={name: (cell,) * count for name, cell in row.attributes.items()},
            screened=np.zeros((1, count), dtype=np.bool_),
        )

    @cached_property
    def _template(self) -> Work:
        codes = tuple(item.code for item in self.plan.columns)
        empty = Panel(("",), (self.period,), codes, np.full((1, 1, len(codes)), np.nan))
        return start(replace(self.plan, framework=replace(self.framework, places=None)), empty, Fits(self.parameters))

    def score(self, row: Row, values: Floats, status: Bytes) -> tuple[Tree, Work]:
        """Score a place anew, all the steps of the engine: screen, treat, impute, normalise and aggregate."""
        work = begin(self.framework, self._panel(row, values, status), self.parameters)
        finish(work, (self.period,))
        gone = self.gone[self.plan.leaf_rows]
        work.constant[:, gone] = True
        work.x = np.where(gone[:, None], np.nan, work.x)
        return aggregate(work), work

    def of_scores(self, row: Row, scores: Floats, status: Bytes | None = None) -> Row:
        """A place with these scores of the indicators (indicators), aggregated; it has no values and no rank."""
        cells, known = scores[None, :, None], np.zeros(scores.size, dtype=np.uint8) if status is None else status
        constant = self.gone[self.plan.leaf_rows][None]
        work = replace(self.work(row), x=cells, values=cells, status=known[None, :, None], constant=constant)
        tree = aggregate(work)
        return replace(
            row,
            values=np.full(scores.size, np.nan),
            status=known,
            score=tree.score[0, :, 0],
            coverage=tree.coverage[0, :, 0],
            imputed=tree.imputed[0, :, 0],
            flag=tree.flag[0, :, 0],
            rank=UNRANKED,
        )

    def _panel(self, row: Row, values: Floats, status: Bytes) -> Panel:
        codes = tuple(item.code for item in self.plan.columns)
        attributes = {name: (cell,) for name, cell in row.attributes.items()}
        return Panel((row.place,), (self.period,), codes, values[None, None], status[None, None], attributes)

    def leaf(self, work: Work, column: int, values: Floats) -> Floats:
        """Scores of an indicator for some values of it, in its own unit and without gaps.

        `work` is of as many places. Values that its transform cannot take are refused.
        """
        item = self.plan.columns[column]
        x = np.asarray(values, dtype=np.float64)
        for step in self.framework.method.order:
            if step == "transform":
                _refuse_outside(item.indicator, x)
                x = transformed(x, item.indicator.transform)
            elif step == "treat":
                x = self._treated(work.fits, column, x)
            elif step == "normalise":
                x = self._normalised(work, column, x)
        return x

    def fitted(self, column: int) -> bool:
        """Whether an indicator has scores at all: somebody had a value when its parameters were fitted."""
        item = self.plan.columns[column]
        if self.gone[item.row] or not NORMALISERS[item.normalise.method].varies:
            return True
        found = Fits(self.parameters).fit("normalise", [item.code], (self.period,), _no_fit)
        return bool(found["varies"][0, 0])

    def _treated(self, fits: Fits, column: int, x: Floats) -> Floats:
        item = self.plan.columns[column]
        if item.treat.method == "none" or item.indicator.type in EXEMPT_TYPES:
            return x
        found = fits.fit("treat", [item.code], (self.period,), _no_fit)
        decision = str(found["method"][0, 0]), float(found["low"][0, 0]), float(found["high"][0, 0])
        return apply_decision(x, decision, float(item.treat.options.get("lambda", 0.5)))

    def _normalised(self, work: Work, column: int, x: Floats) -> Floats:
        item = self.plan.columns[column]
        transform, signs = item.indicator.transform, np.array([item.sign])
        context = Context([item.code], [item.normalise], signs, [transform], work.places, work.attributes)
        task = Task("normalise", context, (self.period,), self.framework.scale)
        cube = x[None, None]
        scores: Floats = normalise_columns(task, cube, cube, work.fits)[0][0, 0]
        return scores if item.indicator.round is None else np.round(scores, item.indicator.round)

    def tree(self, work: Work, row: Row, scores: Mapping[int, Floats]) -> Tree:
        """The tree of a place with other scores (places of `work`) for some rows: only the nodes above them change."""
        count = len(work.places)
        score, coverage, imputed = (_repeated(part, count) for part in (row.score, row.coverage, row.imputed))
        tree = Tree(score, coverage, imputed, _repeated(row.flag, count), self.gone[None].copy())
        for position, found in scores.items():
            gone = bool(self.gone[position])
            tree.score[0, position] = np.nan if gone else found
            tree.coverage[0, position], tree.imputed[0, position] = float(not gone), 0.0
            tree.flag[0, position] = Flag.NO_VARIATION if gone else Flag.NONE
        touched = {above for position in scores for above in self.path(position)}
        tree.imputed[0, list(touched)] = 0.0
        for position in sorted(touched, reverse=True):
            score_branch(work, tree, self.branch_of[position])
        flag_nodes(work, tree)
        return tree


def _repeated(part: Any, count: int) -> Any:
    return np.repeat(part[None, :, None], count, axis=2)


def _no_fit() -> tuple[list[str], Mapping[str, Any]]:
    raise AssertionError("frozen parameters are never fitted")


def _refuse_outside(indicator: Indicator, values: Floats) -> None:
    if outside(values, indicator.transform).any():
        reason, cure = f"{indicator.transform} cannot take this value", "give a larger number"
        raise Invalid(f"«{indicator.code}»: {reason} ({cure})", [Problem(reason, cure, column=indicator.code)])


def _ready(parameters: Parameters) -> Parameters:
    """The same parameters with their long lists as arrays, so that they are not read anew every time."""
    fits = {
        step: {code: {key: _arrays(entry) for key, entry in keys.items()} for code, keys in codes.items()}
        for step, codes in parameters.fits.items()
    }
    return replace(parameters, fits=fits)


def _arrays(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(cell, np.float64) if isinstance(cell, list) else cell for name, cell in entry.items()}
