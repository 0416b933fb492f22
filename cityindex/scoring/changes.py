"""What changed a score between two periods or two versions of a framework: values, weights, parameters or coverage.

The two states are swapped one thing at a time, in a declared order, so that the effects sum to the change exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.explain import gap, refuse_ordinal
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import CellStatus
from cityindex.scoring.results import Flag

ORDER = ("values", "weights", "parameters", "coverage")
"""The things that are swapped, in the order in which they are. Another order gives other effects of the same sum."""


@dataclass(frozen=True, eq=False)
class State:
    """A place as one run has it: the frozen framework of the run and period, and the place's row."""

    frozen: Frozen
    row: Row


@dataclass(frozen=True, eq=False)
class Change:
    """The change of a place's index from `before` to `after`, by cause. `effects` sum to `after - before`.

    `values`: what was measured; `weights`: weights, rules and structure of the tree; `parameters`: goalposts, ranges,
    treatment and directions; `coverage`: which indicators are there. `of_values` splits the first one by indicator.
    """

    place: str
    before: float
    after: float
    effects: Mapping[str, float]
    of_values: Mapping[str, float]


def change(before: State, after: State, order: tuple[str, ...] = ORDER) -> Change:
    """Split the change of a place's index into its causes.

    What one side does not know (an indicator that came or went) is taken from the other until its turn. Where the
    place would have no score on the way, the swap is refused: another order may do.
    Raises `Invalid` for a place without a score, an unknown order, and where a node compares all places.
    """
    if sorted(order) != sorted(ORDER):
        reason, cure = f"cannot swap {', '.join(order)}", f"name each of {', '.join(ORDER)} once"
        raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="order")])
    for state in (before, after):
        refuse_ordinal(state.frozen)
    side = dict.fromkeys(ORDER, before)
    steps = [_mixed(side, before, after)]
    for cause in order:
        side[cause] = after
        steps.append(_mixed(side, before, after))
        if np.isnan(steps[-1].row.score[0]) or np.isnan(steps[0].row.score[0]):
            reason = f"{before.row.place} has no score before or after its {cause} change"
            cure = "compare states with scores, or swap in another order"
            raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="order", value=cause)])
    scores = [float(step.row.score[0]) for step in steps]
    valued = order.index("values")
    return Change(
        place=before.row.place,
        before=scores[0],
        after=scores[-1],
        effects={cause: scores[k + 1] - scores[k] for k, cause in enumerate(order)},
        of_values=_by_indicator(steps[valued + 1], steps[valued]),
    )


def _by_indicator(later: State, earlier: State) -> dict[str, float]:
    effect = gap(later.frozen, later.row, earlier.row).effect
    return {item.code: float(effect[item.row]) for item in later.frozen.plan.columns}


def _mixed(side: Mapping[str, State], before: State, after: State) -> State:
    """The place with each thing from the state that `side` says."""
    tree, fitted = side["weights"].frozen, side["parameters"]
    other = before if fitted is after else after
    scored = {state is fitted: _leaves(side, state, before, after) for state in (fitted, other)}
    leaves = [scored[item.code in fitted.frozen.column].get(item.code) for item in tree.plan.columns]
    found = [leaf or (np.nan, np.uint8(CellStatus.NOT_COLLECTED), False) for leaf in leaves]
    gone = np.zeros(len(tree.plan.codes), dtype=np.bool_)
    gone[tree.plan.leaf_rows] = [out for _, _, out in found]
    scores, status = (
        np.array([score for score, _, _ in found]),
        np.array([cell for _, cell, _ in found], dtype=np.uint8),
    )
    row = tree.without(gone).of_scores(side["values"].row, scores, status)
    return State(tree.without(gone | np.isin(row.flag, (Flag.NO_VARIATION, Flag.PILOT))), row)


Scored = tuple[float, np.uint8, bool]
"""An indicator's score, the status of its cell, and whether it left the tree."""


def _leaves(side: Mapping[str, State], fitted: State, before: State, after: State) -> dict[str, Scored]:
    """Every indicator of one side's parameters: its score with the values and the coverage that are due."""
    cells = [_cell(item.code, side, before, after) for item in fitted.frozen.plan.columns]
    values = np.array([value for value, _ in cells])
    status = np.array([status for _, status in cells], dtype=np.uint8)
    _, work = fitted.frozen.score(side["values"].row, values, status)
    return {
        item.code: (float(work.x[0, k, 0]), work.status[0, k, 0], bool(work.constant[0, k]))
        for k, item in enumerate(fitted.frozen.plan.columns)
    }


def _cell(code: str, side: Mapping[str, State], before: State, after: State) -> tuple[float, np.uint8]:
    """A value and its status: whether there is one goes by the coverage that is due, which one by the values."""
    there = _known(code, side["coverage"], after if side["coverage"] is before else before)
    value, status = there.row.values[there.frozen.column[code]], there.row.status[there.frozen.column[code]]
    wanted = side["values"]
    if np.isnan(value) or code not in wanted.frozen.column:
        return float(value), status
    held = wanted.row.values[wanted.frozen.column[code]]
    return float(value if np.isnan(held) else held), status


def _known(code: str, state: State, other: State) -> State:
    return state if code in state.frozen.column else other
