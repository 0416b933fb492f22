"""What if: one place with other values, scored with the parameters of a run and ranked among the stored scores.

Only the path from the changed indicators to the index is computed. The values of a what-if are those that pages show;
`observed` turns changed observations (operands of formulas, denominators) into them. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem
from cityindex.scoring.aggregate import Tree
from cityindex.scoring.framework import Framework
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import CellStatus, Floats, Ints, Panel
from cityindex.scoring.pipeline import begin
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.results import Parameters, ScoreSet


@dataclass(frozen=True, eq=False)
class Standing:
    """The index of the ranked places of a period, ascending, to rank one score among them.

    Scores are turned so that higher is better (`sign`) and rounded to the decimals that the ranks are computed on.
    """

    ranked: Floats
    sign: float
    decimals: int | None
    ties: str

    @classmethod
    def of(cls, framework: Framework, results: ScoreSet, period: int) -> Standing:
        """The standing of a period of a run."""
        when = results.periods.index(period)
        ranked = results.score[when, :, 0][results.rank[when, :, 0] > UNRANKED]
        return cls.among(framework, ranked)

    @classmethod
    def among(cls, framework: Framework, scores: Floats) -> Standing:
        """The standing of the index scores (places) of those who are ranked."""
        rule, sign = framework.method.rank, -1.0 if framework.tree.direction == "lower" else 1.0
        empty = cls(np.empty(0), sign, rule.options.get("decimals"), rule.method)
        return replace(empty, ranked=np.sort(empty.compared(scores)))

    def compared(self, scores: Floats) -> Floats:
        """Scores as they are compared."""
        turned: Floats = self.sign * scores
        return turned if self.decimals is None else np.round(turned, self.decimals)

    def ranks(self, scores: Floats, instead_of: float | None) -> Ints:
        """The rank that a place would have with each of some scores; 0 for none.

        `instead_of` is its stored score where it is ranked: it does not compete with itself. Equal scores share the
        lowest rank, or the highest where the framework says `max`. A binary search a score.
        """
        compared = self.compared(np.asarray(scores, dtype=np.float64))
        ties_ahead = self.ties == "max"
        ahead = self.ranked.size - np.searchsorted(self.ranked, compared, side="left" if ties_ahead else "right")
        if instead_of is not None:
            own = self.compared(np.array([instead_of]))
            ahead = ahead - (own >= compared if ties_ahead else own > compared)
        return np.where(np.isnan(compared), UNRANKED, ahead + 1).astype(np.int32)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What would be. Arrays are (nodes), in the order of the tree; `touched` are the indicators and nodes computed."""

    place: str
    period: int
    changes: Mapping[str, float]
    touched: tuple[str, ...]
    score: Floats
    coverage: Floats
    imputed: Floats
    flag: NDArray[np.uint8]
    rank: int
    rank_before: int


def rescore(frozen: Frozen, standing: Standing, row: Row, changes: Mapping[str, float]) -> WhatIf:
    """Score one place with other values of some indicators, in their own units, and rank it among the others.

    Agrees to the bit with `pipeline.score` of the changed data with the same parameters. A place that is not ranked,
    and frameworks that impute from a place's other indicators or screen by zeros, take every step of the engine anew.
    Raises `Invalid`, naming all of them, for changes of unknown indicators, to values that are not finite, out of the
    indicator's bounds or without parameters, and where a node compares all places (Copeland).
    """
    _refuse(frozen, row, changes)
    columns = {frozen.column[code]: float(value) for code, value in changes.items()}
    tree, screened = _whole(frozen, row, columns) if all_steps(frozen, row) else (_path(frozen, row, columns), False)
    rows = [frozen.plan.columns[column].row for column in columns]
    touched = {*rows, *(above for position in rows for above in frozen.path(position))}
    unranked = screened or "rank" not in frozen.framework.method.order
    index = np.where(unranked, np.nan, tree.score[0, :1, 0])
    own = float(row.score[0]) if row.rank > UNRANKED else None
    return WhatIf(
        place=row.place,
        period=row.period,
        changes=dict(changes),
        touched=tuple(frozen.plan.codes[position] for position in sorted(touched)),
        score=tree.score[0, :, 0],
        coverage=tree.coverage[0, :, 0],
        imputed=tree.imputed[0, :, 0],
        flag=tree.flag[0, :, 0],
        rank=int(standing.ranks(index, own)[0]),
        rank_before=row.rank,
    )


def _path(frozen: Frozen, row: Row, columns: Mapping[int, float]) -> Tree:
    work = frozen.work(row)
    scores = {
        frozen.plan.columns[column].row: frozen.leaf(work, column, np.array([value]))
        for column, value in columns.items()
    }
    return frozen.tree(work, row, scores)


def _whole(frozen: Frozen, row: Row, columns: Mapping[int, float]) -> tuple[Tree, bool]:
    values, status = row.values.copy(), row.status.copy()
    for column, value in columns.items():
        values[column], status[column] = value, CellStatus.NORMAL
    tree, work = frozen.score(row, values, status)
    return tree, bool(work.screened[0, 0])


def all_steps(frozen: Frozen, row: Row) -> bool:
    """Whether a change may reach further than up the tree: to the screen, or to what is imputed beside it."""
    by_row = any(item.impute.method == "row-mean" for item in frozen.plan.columns)
    return row.rank == UNRANKED or by_row or frozen.framework.method.screen.options.get("zeros") is not None


def _refuse(frozen: Frozen, row: Row, changes: Mapping[str, float]) -> None:
    problems = [*ordinal(frozen)]
    for code, value in changes.items():
        reason, cure = _wrong(frozen, row, code, value)
        if reason:
            problems.append(Problem(reason, cure, column=code, value=f"{value:g}"))
    if problems:
        raise Invalid("; ".join(str(problem) for problem in problems), problems)


def ordinal(frozen: Frozen) -> Sequence[Problem]:
    """Nodes whose scores compare all places, so that none can be scored alone."""
    return [
        Problem(
            "Copeland compares all places: one cannot be scored alone", "score the whole run", column=node.node.code
        )
        for node in frozen.plan.branches
        if node.aggregate.method == "copeland"
    ]


def _wrong(frozen: Frozen, row: Row, code: str, value: float) -> tuple[str, str]:
    """Why a change cannot be made, and what to do; nothing where it can."""
    if code not in frozen.column:
        return "is no indicator of the framework", "name one of its indicators"
    column = frozen.column[code]
    low, high = bounds_of(frozen, column)
    if not np.isfinite(value):
        return "is not a finite number", "give a number"
    if not low <= value <= high:
        return f"is out of bounds {low:g} to {high:g}", "give a number within them"
    if row.status[column] == CellStatus.NOT_APPLICABLE:
        return f"does not apply to {row.place}", "leave it out"
    if not frozen.fitted(column):
        return "has no parameters: nobody has a value of it", "leave it out"
    return "", ""


def bounds_of(frozen: Frozen, column: int) -> tuple[float, float]:
    """The bounds that values of an indicator must keep; infinite where it declares none."""
    low, high = frozen.plan.columns[column].indicator.bounds or (None, None)
    return -np.inf if low is None else low, np.inf if high is None else high


def observed(  # noqa: PLR0913
    framework: Framework,
    panel: Panel,
    parameters: Parameters,
    *,
    place: str,
    period: int,
    observations: Mapping[str, float],
) -> dict[str, float]:
    """Which indicators change, and to what, where observations of a place change: operands and denominators too.

    `panel` holds the data of the run, for this place at least. Names are columns of it or numbers among its attributes
    (`population`). The answer is in the indicators' own units, for `rescore`.
    """
    if place not in panel.places or period not in panel.periods:
        reason, cure = f"no data of {place} in {period}", "name a place and a period of the data"
        raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="place", value=place)])
    position = panel.places.index(place)
    values = panel.values[:, [position]].copy()
    attributes = {name: (cells[position],) for name, cells in panel.attributes.items()}
    status = None if panel.status is None else panel.status[:, [position]]
    alone = Panel((place,), panel.periods, panel.indicators, values, status, attributes)
    changed_values, changed_attributes = values.copy(), dict(attributes)
    for name, value in observations.items():
        if name in panel.indicators:
            changed_values[panel.periods.index(period), 0, panel.indicators.index(name)] = value
        elif name in attributes:
            changed_attributes[name] = (value,)
        else:
            reason, cure = "is neither an indicator nor an attribute of the data", "name one that is"
            raise Invalid(f"«{name}»: {reason} ({cure})", [Problem(reason, cure, column=name)])
    changed = replace(alone, values=changed_values, attributes=changed_attributes)
    before, after = (begin(framework, one, parameters).x[panel.periods.index(period), :, 0] for one in (alone, changed))
    codes = [leaf.indicator for leaf in framework.leaves]
    return {codes[k]: float(after[k]) for k in np.flatnonzero((before != after) & ~np.isnan(after))}
