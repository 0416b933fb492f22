"""Screening: a place with too few indicators is shown, but not ranked, and nothing is fitted on it."""

from __future__ import annotations

import numpy as np

from cityindex.scoring.matrix import Bools, CellStatus, Floats
from cityindex.scoring.plan import Plan
from cityindex.scoring.work import Work

TOLERANCE = 1e-9
"""Shares are quotients of sums: 3 of 5 must pass a threshold of 0.6 whatever the last bit."""


def available_share(values: Floats, applicable: Bools) -> Floats:
    """Share of the applicable indicators that a place has, (…, indicators, places) -> (…, places).

    1 where none applies.
    """
    have = (~np.isnan(values) & applicable).sum(axis=-2, dtype=np.uint16)
    of = applicable.sum(axis=-2, dtype=np.uint16)
    return np.where(of > 0, have / np.maximum(of, 1), 1.0)


def zero_share(values: Floats) -> Floats:
    """Share of zeros among the values that a place has, (…, indicators, places) -> (…, places)."""
    present = (~np.isnan(values)).sum(axis=-2, dtype=np.uint16)
    return np.asarray((values == 0).sum(axis=-2, dtype=np.uint16) / np.maximum(present, 1))


def dimensions(plan: Plan) -> list[list[int]]:
    """The counted columns below each node right below the index."""
    top: dict[int, int] = {}
    for branch in plan.branches:
        for row in branch.children:
            top[row] = top.get(branch.row, row)
    found: dict[int, list[int]] = {}
    for column in plan.counted:
        row = plan.columns[column].row
        if top[row] != row:
            found.setdefault(top[row], []).append(column)
    return list(found.values())


def screen(work: Work) -> None:
    """Mark the places below the share of indicators (`coverage`), also of those of any node right below the index
    (`dimension`), or above the share of zeros (`zeros`) of the rule.

    Indicators of weight 0, pilots among them, do not count, nor do cells that do not apply to a place.
    """
    options = work.plan.framework.method.screen.options
    weighted = work.plan.counted
    least, zeros = float(options.get("coverage") or 0), options.get("zeros")
    parts = dimensions(work.plan) if options.get("dimension") else []
    for when, (values, status) in enumerate(zip(work.x, work.status, strict=True)):
        share = available_share(values[weighted], status[weighted] != CellStatus.NOT_APPLICABLE)
        work.screened[when] |= share < least - TOLERANCE
        for columns in parts:
            of_part = available_share(values[columns], status[columns] != CellStatus.NOT_APPLICABLE)
            work.screened[when] |= of_part < float(options["dimension"]) - TOLERANCE
        if zeros is not None:
            work.screened[when] |= zero_share(values[weighted]) > float(zeros) + TOLERANCE
