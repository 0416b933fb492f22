"""How alike places are, by what they are and not by how they score.

Every trait counts the same: a difference is measured in units in which two places of the pool, taken by chance, differ
by 1 on average. So 0 is a place like it in everything, 1 one that is no more like it than chance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.matrix import Bools, Floats

UNKNOWN = -1
"""A kind that is not known."""

Kinds = NDArray[np.int64]


def logs(values: Floats) -> Floats:
    """Natural logarithms; NaN where a value is missing or not above zero. Twice as many is as far anywhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log(values), np.nan)


def differences(numbers: Floats, kinds: Kinds, at: int) -> Floats:
    """Squared differences of the place at row `at` from all places: (places, traits), numbers first, then kinds.

    `numbers` is (places, traits) with NaN for what is missing, `kinds` (places, traits) with `UNKNOWN`. What either
    of two places lacks counts as a difference by chance (1): not knowing makes nobody alike. A trait in which all
    places are the same tells nothing and counts 0.
    """
    parts = [_of_numbers(column, at) for column in numbers.T] + [_of_kinds(column, at) for column in kinds.T]
    return np.column_stack(parts) if parts else np.zeros((numbers.shape[0], 0))


def distance(parts: Floats) -> Floats:
    """The root of the mean squared difference over the traits, by place."""
    return np.sqrt(parts.mean(axis=1)) if parts.shape[1] else np.zeros(parts.shape[0])


def nearest(distances: Floats, allowed: Bools, count: int) -> NDArray[np.intp]:
    """The rows of the `count` allowed places that are nearest, the nearest first; of equals, the earlier row."""
    rows = np.flatnonzero(allowed)
    order: NDArray[Any] = np.argsort(distances[rows], kind="stable")
    chosen: NDArray[np.intp] = rows[order[:count]]
    return chosen


def _of_numbers(column: Floats, at: int) -> Floats:
    known = column[~np.isnan(column)]
    spread = 2 * float(known.var()) if known.size else 0.0  # the mean squared difference over all pairs
    if spread <= np.finfo(float).eps * max(1.0, float(np.square(known).max(initial=0.0))):
        return np.where(np.isnan(column) | np.isnan(column[at]), 1.0, 0.0)
    apart = np.square(column - column[at]) / spread
    return np.where(np.isnan(apart), 1.0, apart)


def _of_kinds(column: Kinds, at: int) -> Floats:
    known = column[column != UNKNOWN]
    shares = np.unique(known, return_counts=True)[1] / max(known.size, 1)
    differ = 1.0 - float(np.square(shares).sum())
    unlike = (column != column[at]).astype(float)
    apart = unlike / differ if differ > np.finfo(float).eps else unlike * 0.0
    return np.where((column == UNKNOWN) | (column[at] == UNKNOWN), 1.0, apart)
