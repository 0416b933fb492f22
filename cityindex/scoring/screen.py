"""Screening: a place with too few indicators is shown, but not ranked, and nothing is fitted on it."""

from __future__ import annotations

import numpy as np

from cityindex.scoring.matrix import Bools, CellStatus, Floats
from cityindex.scoring.work import Work

TOLERANCE = 1e-9
"""Shares are quotients of sums: 3 of 5 must pass a threshold of 0.6 whatever the last bit."""


def available_share(values: Floats, applicable: Bools) -> Floats:
    """Share of the applicable indicators that a place has, (…, indicators, places) -> (…, places).

    1 where none applies.
    """
    have = (~np.isnan(values) & applicable).sum(axis=-2)
    of = applicable.sum(axis=-2)
    return np.where(of > 0, have / np.maximum(of, 1), 1.0)


def zero_share(values: Floats) -> Floats:
    """Share of zeros among the values that a place has, (…, indicators, places) -> (…, places)."""
    present = (~np.isnan(values)).sum(axis=-2)
    return np.asarray((values == 0).sum(axis=-2) / np.maximum(present, 1))


def screen(work: Work) -> None:
    """Mark the places below the share of indicators (`coverage`) or above the share of zeros (`zeros`) of the rule.

    Indicators of weight 0, pilots among them, do not count, nor do cells that do not apply to a place.
    """
    options = work.plan.framework.method.screen.options
    weighted = [column for column, item in enumerate(work.plan.columns) if work.plan.weights[item.row] > 0]
    values = work.x[:, weighted]
    applicable = work.status[:, weighted] != CellStatus.NOT_APPLICABLE
    low = available_share(values, applicable) < float(options.get("coverage") or 0) - TOLERANCE
    if options.get("zeros") is not None:
        low |= zero_share(values) > float(options["zeros"]) + TOLERANCE
    work.screened |= low
