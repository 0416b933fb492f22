"""The rules of aggregation: children's scores (children, places) and their weights (children) to the node's (places).

A NaN is a child that is not there: the weights of the others count alone. Every rule works place by place, so that a
place's score is the same to the bit whoever else is scored. A place without any child gets NaN.
Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cityindex.scoring.matrix import Floats

Options = Mapping[str, Any]
Rows = Floats


def weighted_sum(rows: Rows, weights: Floats) -> Floats:
    """sum w x, child by child in the order of the tree; NaN counts as 0."""
    filled = np.where(np.isnan(rows), 0.0, rows)
    total: Floats = filled[0] * weights[0]
    for row, weight in zip(filled[1:], weights[1:], strict=True):
        total += row * weight
    return total


def available_weight(rows: Rows, weights: Floats) -> Floats:
    """The sum of the weights of the children that are there, added in the order of the tree."""
    return weighted_sum((~np.isnan(rows)).astype(np.float64), weights)


def weighted_mean(rows: Rows, weights: Floats) -> Floats:
    """sum w x / sum w over the children that are there."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weighted_sum(rows, weights) / available_weight(rows, weights))


def between(result: Floats, rows: Rows) -> Floats:
    """Keep a mean within its smallest and largest child, which rounding may miss by a bit in the last place."""
    return np.clip(result, np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0))


def arithmetic(rows: Rows, weights: Floats, _: Options) -> Floats:
    """sum w x / sum w: full compensation."""
    return between(weighted_mean(rows, weights), rows)


def geometric(rows: Rows, weights: Floats, _: Options) -> Floats:
    """exp(sum w ln x / sum w), for x > 0; 0 where a child is 0."""
    with np.errstate(divide="ignore"):
        return between(np.exp(weighted_mean(np.log(rows), weights)), rows)


def harmonic(rows: Rows, weights: Floats, _: Options) -> Floats:
    """sum w / sum(w / x), for x > 0; 0 where a child is 0."""
    with np.errstate(divide="ignore"):
        return between(1 / weighted_mean(1 / rows, weights), rows)


def power(rows: Rows, weights: Floats, options: Options) -> Floats:
    """(sum w x^p / sum w)^(1/p); p = 0 is the geometric mean. A negative p needs x > 0, any other x >= 0."""
    p = float(options["p"])
    if p == 0:
        return geometric(rows, weights, options)
    with np.errstate(divide="ignore"):
        mean: Floats = weighted_mean(np.asarray(rows**p), weights)
        return between(np.asarray(mean ** (1 / p)), rows)


def plain_sum(rows: Rows, weights: Floats, _: Options) -> Floats:
    """sum x, without weights: leaves the scale of the children."""
    return _or_nan(weighted_sum(rows, np.ones_like(weights)), rows)


def product(rows: Rows, _weights: Floats, _: Options) -> Floats:
    """prod x, without weights: leaves the scale of the children."""
    return _or_nan(np.nanprod(rows, axis=0), rows)


def minimum(rows: Rows, _weights: Floats, _: Options) -> Floats:
    """The weakest link."""
    return np.asarray(np.fmin.reduce(rows, axis=0))


def median(rows: Rows, _weights: Floats, _: Options) -> Floats:
    """The middle child, or the mean of the middle two."""
    arranged = np.sort(rows, axis=0)
    n = (~np.isnan(rows)).sum(axis=0)
    low = np.take_along_axis(arranged, np.maximum((n - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(arranged, np.minimum(n // 2, len(rows) - 1)[None], axis=0)[0]
    return _or_nan((low + high) / 2, rows)


def mazziotta_pareto(rows: Rows, weights: Floats, options: Options) -> Floats:
    """m + sign * v / m, m the weighted mean and v the weighted variance of the children, which are 0 or more.

    Where all of them are 0, so is the result: what it tends to as they shrink together.

    `sign` -1 (default) takes away for uneven children, +1 adds. Source: De Muro, Mazziotta, Pareto (2011).
    """
    mean = between(weighted_mean(rows, weights), rows)  # even children have no variance, to the last bit
    variance = weighted_mean((rows - mean) ** 2, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        penalty = np.where(mean == 0, 0.0, variance / mean)
    return np.asarray(mean + float(options.get("sign") or -1) * penalty)


def copeland(rows: Rows, weights: Floats, _: Options) -> Floats:
    """Wins minus losses against every other place, by the weight of the children (that both have) where it is better.

    Ties count half for each; ordinal, and its work grows with the square of the places.
    """
    better = np.zeros((rows.shape[1], rows.shape[1]))
    for row, weight in zip(rows, weights, strict=True):
        difference = row[:, None] - row[None, :]
        better += weight * np.where(np.isnan(difference), 0.0, np.sign(difference))
    return _or_nan(np.sign(np.where(np.abs(better) < 1e-12 * weights.sum(), 0.0, better)).sum(axis=1), rows)


def _or_nan(result: Floats, rows: Rows) -> Floats:
    return np.where(np.isnan(rows).all(axis=0), np.nan, result)


RULES: Mapping[str, Callable[[Rows, Floats, Options], Floats]] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "power": power,
    "sum": plain_sum,
    "product": product,
    "minimum": minimum,
    "median": median,
    "mazziotta-pareto": mazziotta_pareto,
    "copeland": copeland,
}
OPTIONS: Mapping[str, frozenset[str]] = {"power": frozenset({"p"}), "mazziotta-pareto": frozenset({"sign"})}
LARGEST_COPELAND = 3_000


def floor_of(method: str, options: Options) -> tuple[float, bool] | None:
    """The number below which a rule has no answer, and whether that number itself has one; None where all have."""
    p = float(options["p"]) if method == "power" else None
    if method in ("geometric", "harmonic") or (p is not None and p <= 0):
        return 0.0, False
    return (0.0, True) if method == "mazziotta-pareto" or (p is not None and p != 1) else None
