"""Winsorising: the farthest values step to their neighbours, one by one, until the distribution passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.matrix import Bools, Floats

Limits = tuple[float, float]
Counts = NDArray[np.intp]


def capped(cap: Any, n: int) -> int:
    """How many of n values may be changed: a share, rounded down, or `{"count": 5}`."""
    if isinstance(cap, Mapping):
        return int(cap["count"])
    return int(np.floor(float(cap) * n + 1e-9))


def winsor_bounds(arranged: Floats, cap: int, limits: Limits) -> tuple[float, float, bool]:
    """Bounds that cure a sorted column, and whether they do: |skew| < limits[0] or kurtosis < limits[1].

    While the test fails and fewer than `cap` values are changed: if the skew is >= 0, all values at the maximum take
    the next lower one, else all at the minimum the next higher one. Equal values move together. At least two
    different values remain; a column where they would not is left as it is.
    """
    sums = PowerSums(arranged, cap)
    low, high = 0, 0
    skew, kurtosis = (float(found[0]) for found in sums.moments(np.array([0]), np.array([0])))
    passed = abs(skew) < limits[0] or kurtosis < limits[1]
    while not passed and low + high < cap:
        upper = skew >= 0
        steps = sums.steps(upper, high if upper else low, cap - low - high)
        if not steps.size:
            return float(arranged[0]), float(arranged[-1]), False
        others = np.full(steps.size, low if upper else high)
        skews, kurtoses = sums.moments(others, steps) if upper else sums.moments(steps, others)
        at = _first((np.abs(skews) < limits[0]) | (kurtoses < limits[1]) | ((skews >= 0) != upper))
        low, high = (low, int(steps[at])) if upper else (int(steps[at]), high)
        skew, kurtosis = float(skews[at]), float(kurtoses[at])
        passed = abs(skew) < limits[0] or kurtosis < limits[1]
    ends = float(arranged[low]), float(arranged[arranged.size - 1 - high])
    return (*ends, passed) if ends[0] < ends[1] else (float(arranged[0]), float(arranged[-1]), False)


def _first(events: Bools) -> int:
    """The first step at which something happens, or the last step."""
    return int(np.argmax(events)) if events.any() else events.size - 1


class PowerSums:
    """Moments of a sorted column with its lowest and highest values moved in, for many counts at once.

    Sums of powers run outwards from a core that is never moved, so that an outlier that has been moved in leaves no
    rounding error behind.
    """

    def __init__(self, arranged: Floats, cap: int) -> None:
        self.n = int(arranged.size)
        middle = self.n // 2
        edges = np.flatnonzero(arranged[1:] != arranged[:-1]) + 1
        self.lows = _reachable(edges[edges < middle], cap)
        self.highs = _reachable((self.n - edges)[::-1], cap)
        self.highs = self.highs[self.highs < self.n - middle]
        self.first = int(self.lows[-1]) if self.lows.size else 0
        self.last = self.n - (int(self.highs[-1]) if self.highs.size else 0)
        centred = arranged - arranged[middle]
        squares = centred * centred
        self.powers = np.stack((centred, squares, squares * centred, squares * squares))
        self.core = self.powers[:, self.first : self.last].sum(axis=1, keepdims=True)
        none = np.zeros((4, 1))
        self.below = np.concatenate((none, np.cumsum(self.powers[:, : self.first][:, ::-1], axis=1)), axis=1)
        self.above = np.concatenate((none, np.cumsum(self.powers[:, self.last :], axis=1)), axis=1)

    def steps(self, upper: bool, changed: int, left: int) -> Counts:
        """The next counts of changed values at one end, until `left` more are changed; equal values move together."""
        states = self.highs if upper else self.lows
        following = states[states > changed]
        return following[: int(np.searchsorted(following, changed + left)) + 1]

    def moments(self, low: Counts, high: Counts) -> tuple[Floats, Floats]:
        """Bias-corrected skewness and kurtosis with `low` and `high` values moved to their neighbours."""
        n, last = float(self.n), self.n - 1 - high
        kept = self.core + self.below[:, self.first - low] + self.above[:, last + 1 - self.last]
        s1, s2, s3, s4 = kept + low * self.powers[:, low] + high * self.powers[:, last]
        d = s1 / n
        second = s2 - n * d**2
        third = s3 - 3 * d * s2 + 2 * n * d**3
        fourth = s4 - 4 * d * s3 + 6 * d**2 * s2 - 3 * n * d**4
        with np.errstate(invalid="ignore", divide="ignore"):
            skew = np.sqrt(n) * third / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
            ratio = n * fourth / second**2
        kurtosis = ((n + 1) * (ratio - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
        return np.nan_to_num(skew), np.nan_to_num(kurtosis)


def _reachable(states: Counts, cap: int) -> Counts:
    """Counts of changed values up to the first that is not below the cap."""
    return states[: int(np.searchsorted(states, cap)) + 1]
