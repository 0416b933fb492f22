"""Winsorising: the farthest values step to their neighbours, one by one, until the distribution passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cityindex.scoring.matrix import Floats

Limits = tuple[float, float]


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
    sums = PowerSums(arranged)
    low, high = 0, 0
    while True:
        skew, kurtosis = sums.moments(low, high)
        passed = abs(skew) < limits[0] or kurtosis < limits[1]
        if passed or low + high >= cap:
            break
        step = sums.after_highest(high) if skew >= 0 else sums.after_lowest(low)
        low, high = (low, step) if skew >= 0 else (step, high)
        if not sums.can_bound(low, high):
            return float(arranged[0]), float(arranged[-1]), False
    return float(arranged[low]), float(arranged[arranged.size - 1 - high]), passed


@dataclass
class PowerSums:
    """Moments of a sorted column with its lowest and highest values moved in, in a few operations each.

    Sums of the first four powers run outwards from the middle, so that an outlier that has been moved in leaves no
    rounding error behind.
    """

    arranged: Floats

    def __post_init__(self) -> None:
        self.n = int(self.arranged.size)
        self.middle = self.n // 2
        self.centre = float(self.arranged[self.middle])
        centred = self.arranged - self.centre
        powers = np.cumprod(np.broadcast_to(centred, (4, self.n)), axis=0)
        zero = np.zeros((4, 1))
        below = np.cumsum(powers[:, : self.middle][:, ::-1], axis=1)[:, ::-1]
        self.below = np.concatenate((below, zero), axis=1)
        self.above = np.concatenate((zero, np.cumsum(powers[:, self.middle :], axis=1)), axis=1)
        self.powers = powers

    def can_bound(self, low: int, high: int) -> bool:
        """Whether the ends stay on their sides of the middle and two different values remain."""
        last = self.n - 1 - high
        return low < self.middle <= last and bool(self.arranged[low] < self.arranged[last])

    def after_highest(self, high: int) -> int:
        """How many values are changed once all at the maximum have taken the next lower value."""
        top = self.arranged[self.n - 1 - high]
        return self.n - int(np.searchsorted(self.arranged, top, side="left"))

    def after_lowest(self, low: int) -> int:
        """How many values are changed once all at the minimum have taken the next higher value."""
        return int(np.searchsorted(self.arranged, self.arranged[low], side="right"))

    def moments(self, low: int, high: int) -> tuple[float, float]:
        """Bias-corrected skewness and kurtosis with `low` and `high` values moved to their neighbours."""
        n, last = self.n, self.n - 1 - high
        kept = self.below[:, low] + self.above[:, n - high - self.middle]
        sums = kept + low * self.powers[:, low] + high * self.powers[:, last]
        s1, s2, s3, s4 = (float(value) for value in sums)
        d = s1 / n
        second = s2 - n * d * d
        third = s3 - 3 * d * s2 + 2 * n * d**3
        fourth = s4 - 4 * d * s3 + 6 * d * d * s2 - 3 * n * d**4
        if second <= 0:
            return 0.0, 0.0
        skew = n**0.5 * third / second**1.5 * (n * (n - 1)) ** 0.5 / (n - 2)
        ratio = n * fourth / second**2
        return skew, ((n + 1) * (ratio - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
