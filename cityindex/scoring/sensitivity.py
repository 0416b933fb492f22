"""Which choice matters: Sobol' indices of first and total order, with intervals by the bootstrap.

A design of N (d + 2) runs: blocks A and B of N points each, and for each factor A with its column from B. The output
is centred, so that adding a constant changes nothing; estimates may come out negative and are given as they are.
Sources: Saltelli et al. (2010); Jansen (1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cityindex.scoring.matrix import Floats
from cityindex.scoring.streams import Purpose, stream

RESAMPLED = 1000
"""How many times the rows are drawn again for the intervals."""
OUTSIDE = 0.025
"""The share of resampled estimates beyond each end of an interval."""


@dataclass(frozen=True, slots=True)
class FactorIndices:
    """The indices of a factor with 95 % intervals; NaN where the output does not vary."""

    factor: str
    s1: float
    s1_low: float
    s1_high: float
    st: float
    st_low: float
    st_high: float


def estimates(a: Floats, b: Floats, mixed: Floats) -> tuple[Floats, Floats]:
    """First and total indices (factors, …) from outputs `a` and `b` (N, …) and `mixed` (factors, N, …), A with one
    column from B.

    S1 = mean((b - mean) (mixed - a)) / V (Saltelli 2010), ST = mean((a - mixed)^2) / 2V (Jansen 1999); mean and V are
    those of A and B together. NaN where V is 0.
    """
    both = np.concatenate((a, b))
    variance = both.var(axis=0)
    moved = mixed - a
    with np.errstate(invalid="ignore", divide="ignore"):
        first = ((b - both.mean(axis=0)) * moved).mean(axis=1) / variance
        total = (moved * moved).mean(axis=1) / (2 * variance)
    flat = variance <= 0
    return np.where(flat, np.nan, first), np.where(flat, np.nan, total)


def indices(factors: tuple[str, ...], outputs: Floats, seed: int) -> tuple[FactorIndices, ...]:
    """The indices of each factor from outputs (blocks, N): A, B, then A with each factor's column from B."""
    a, b, mixed = outputs[0], outputs[1], outputs[2:]
    first, total = estimates(a, b, mixed)
    draws = _resampled(a, b, mixed, seed)
    low, high = np.quantile(draws, [OUTSIDE, 1 - OUTSIDE], axis=0)
    return tuple(
        FactorIndices(
            factor=name,
            s1=float(first[at]),
            s1_low=float(low[0, at]),
            s1_high=float(high[0, at]),
            st=float(total[at]),
            st_low=float(low[1, at]),
            st_high=float(high[1, at]),
        )
        for at, name in enumerate(factors)
    )


def _resampled(a: Floats, b: Floats, mixed: Floats, seed: int) -> Floats:
    """Estimates (times, 2, factors) from rows drawn with replacement, all blocks of a row together."""
    generator = np.random.Generator(stream(seed, 0, Purpose.BOOTSTRAP))
    found = np.empty((RESAMPLED, 2, len(mixed)))
    for at in range(RESAMPLED):
        rows = generator.integers(0, a.size, a.size)
        found[at] = estimates(a[rows], b[rows], mixed[:, rows])
    return found
