"""The statistics table of the handbook: what an indicator's values look like, and what to be careful about.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 3 and 4. Moments are the bias-corrected
sample versions. All functions leave missing values out; along the last axis unless said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cityindex.scoring.matrix import Bools, Floats, apart

SKEW, KURTOSIS = 2.0, 3.5
AVAILABILITY, NONZERO, UNIQUE = 0.65, 0.5, 0.5
BLOCK = 8
"""Columns worked on together: few enough for what is computed of them to stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One line of the table. Shares are of all places (availability) or of the places with a value (the others).

    `flags` are among `availability`, `zeros`, `unique`, `outliers`.
    """

    indicator: str
    period: int
    n: int
    min: float
    max: float
    mean: float
    median: float
    sd: float
    skew: float
    kurtosis: float
    availability: float
    nonzero: float
    unique: float
    largest_tie: int
    flags: tuple[str, ...]


def count(values: Floats) -> Floats:
    """Number of values along the last axis, as a double."""
    return np.asarray(values.shape[-1] - np.isnan(values).sum(axis=-1), dtype=np.float64)


def mean(values: Floats) -> Floats:
    """Arithmetic mean; NaN where there is no value."""
    with np.errstate(invalid="ignore"):
        return np.asarray(_total(values) / count(values))


def sd(values: Floats) -> Floats:
    """Sample standard deviation, divisor n - 1; NaN below two values."""
    n = count(values)
    centred = values - mean(values)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 1, np.sqrt(_total(centred * centred) / (n - 1)), np.nan)


def median(values: Floats) -> Floats:
    """The middle value, or the mean of the middle two; NaN where there is no value."""
    return _middle(np.sort(values, axis=-1), count(values))


def _middle(arranged: Floats, counts: Floats) -> Floats:
    n = counts.astype(np.intp)
    low = np.take_along_axis(arranged, np.maximum((n - 1) // 2, 0)[..., None], axis=-1)
    high = np.take_along_axis(arranged, np.minimum(n // 2, arranged.shape[-1] - 1)[..., None], axis=-1)
    return np.asarray(np.where(n > 0, (low[..., 0] + high[..., 0]) / 2, np.nan))


def shape(values: Floats) -> tuple[Floats, Floats]:
    """Skewness and excess kurtosis, bias-corrected.

    With centred values c: g1 = sqrt(n) sum(c^3) / sum(c^2)^1.5, skew = g1 sqrt(n(n-1)) / (n-2), from n = 3 on;
    r = n sum(c^4) / sum(c^2)^2, kurtosis = ((n+1)(r-3) + 6)(n-1) / ((n-2)(n-3)), from n = 4 on. NaN below, and for
    a constant.
    """
    columns = values.reshape(-1, values.shape[-1])
    found = np.empty((5, len(columns)))
    for start in range(0, len(columns), BLOCK):
        found[:, start : start + BLOCK] = _power_sums(columns[start : start + BLOCK])
    n, second, third, fourth, varies = found.reshape(5, *values.shape[:-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        skew = np.sqrt(n) * third / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
        ratio = n * fourth / second**2
        kurtosis = ((n + 1) * (ratio - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    return np.where((varies > 0) & (n >= 3), skew, np.nan), np.where((varies > 0) & (n >= 4), kurtosis, np.nan)


def _power_sums(columns: Floats) -> Floats:
    """n, the sums of centred squares, cubes and fourth powers, and whether each column varies."""
    missing = np.isnan(columns)
    n = columns.shape[-1] - np.count_nonzero(missing, axis=-1)
    with np.errstate(invalid="ignore"):
        centred = columns - (np.where(missing, 0.0, columns).sum(axis=-1) / n)[:, None]
    np.copyto(centred, 0.0, where=missing)
    squares = centred * centred
    third, fourth = np.einsum("kp,kp->k", squares, centred), np.einsum("kp,kp->k", squares, squares)
    varies = apart(np.fmin.reduce(columns, axis=-1), np.fmax.reduce(columns, axis=-1))
    return np.stack((n, squares.sum(axis=-1), third, fourth, varies))


def outlying(skew: Floats, kurtosis: Floats, skew_limit: float = SKEW, kurtosis_limit: float = KURTOSIS) -> Bools:
    """Whether a distribution fails the test |skew| < limit or kurtosis < limit; undefined moments pass."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(skew) >= skew_limit) & (kurtosis >= kurtosis_limit))


def ties(arranged: Floats) -> tuple[Floats, Floats]:
    """Number of distinct values and size of the largest group of equals, of each sorted column (columns, places)."""
    counts = count(arranged).astype(np.intp)
    distinct, largest = np.zeros(len(arranged)), np.zeros(len(arranged))
    for position, (column, present) in enumerate(zip(arranged, counts, strict=True)):
        if present:
            edges = np.flatnonzero(column[1:present] != column[: present - 1]) + 1
            distinct[position] = edges.size + 1
            largest[position] = np.diff(edges, prepend=0, append=present).max()
    return distinct, largest


def describe(values: Floats, indicators: tuple[str, ...], periods: tuple[int, ...]) -> tuple[Statistic, ...]:
    """The table for `values` (periods, places, indicators), indicator by indicator and period by period."""
    tables = [_table(np.ascontiguousarray(period.T)) for period in values]
    return tuple(
        _line(code, period, {name: float(column[row]) for name, column in table.items()})
        for row, code in enumerate(indicators)
        for period, table in zip(periods, tables, strict=True)
    )


def _table(values: Floats) -> dict[str, Floats]:
    n = count(values)
    skew, kurtosis = shape(values)
    arranged = np.sort(values, axis=-1)
    distinct, largest = ties(arranged)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "n": n,
            "min": arranged[:, 0],
            "max": np.fmax.reduce(values, axis=-1),
            "mean": mean(values),
            "median": _middle(arranged, n),
            "sd": sd(values),
            "skew": skew,
            "kurtosis": kurtosis,
            "availability": n / values.shape[-1],
            "nonzero": 1 - (values == 0).sum(axis=-1) / n,
            "unique": distinct / n,
            "largest_tie": largest,
        }


def _line(indicator: str, period: int, row: dict[str, float]) -> Statistic:
    tests = {
        "availability": row["availability"] < AVAILABILITY,
        "zeros": row["nonzero"] < NONZERO,
        "unique": row["unique"] < UNIQUE,
        "outliers": abs(row["skew"]) > SKEW and row["kurtosis"] > KURTOSIS,
    }
    flags = tuple(name for name, raised in tests.items() if raised)
    n, largest_tie = int(row.pop("n")), int(row.pop("largest_tie"))
    return Statistic(indicator=indicator, period=period, n=n, largest_tie=largest_tie, flags=flags, **row)


def _total(values: Floats) -> Floats:
    return np.asarray(np.where(np.isnan(values), 0.0, values).sum(axis=-1))
