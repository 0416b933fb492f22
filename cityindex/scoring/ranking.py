"""Positions among sorted reference values: what the ordinal normalisations are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from cityindex.scoring import statistics
from cityindex.scoring.matrix import Floats
from cityindex.scoring.rank import ascending


def sorted_columns(reference: Floats) -> Any:
    """An array (references, indicators) of sorted columns, missing values left out."""
    arranged = np.sort(reference, axis=-1)
    counts = statistics.count(reference).astype(np.intp)
    columns = np.empty(counts.shape, dtype=object)
    for where in np.ndindex(*counts.shape):
        columns[where] = arranged[where][: counts[where]]
    return columns


def turned(columns: Any) -> Any:
    """The sorted columns of the same values with the opposite sign."""
    result = np.empty(columns.shape, dtype=object)
    for where in np.ndindex(*columns.shape):
        result[where] = -columns[where][::-1]
    return result


def ranks_in(values: Floats, columns: Any, ties: str) -> tuple[Floats, Floats]:
    """Ascending ranks of `values` (periods, indicators, places) among sorted columns, and the sizes of the columns.

    Equal values share the lowest (`min`), the highest (`max`) or the mean (`average`) of their ranks.
    """
    columns = np.broadcast_to(columns, values.shape[:-1])
    ranks = np.empty(values.shape)
    sizes = np.empty(values.shape[:-1])
    for where in np.ndindex(*sizes.shape):
        ranks[where] = _rank_in(values[where], columns[where], ties)
        sizes[where] = columns[where].size
    return ranks, sizes


def shares(values: Floats, columns: Any, ties: str, variant: str) -> Floats:
    """Ranks as shares of the n reference values: `r-1/n-1`, `r/n` or `r-0.5/n`, kept within 0 and 1.

    NaN where there is no reference value.
    """
    ranks, sizes = ranks_in(values, columns, ties)
    n = np.where(sizes > 0, sizes, np.nan)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        if variant == "r-1/n-1":
            ranks, n = ranks - 1, n - 1
        share = (ranks - 0.5 if variant == "r-0.5/n" else ranks) / n
    return np.asarray(np.clip(share, 0.0, 1.0))


def _rank_in(values: Floats, column: Floats, ties: str) -> Floats:
    ranks = np.full(values.shape, np.nan)
    # Looking up sorted values walks the reference once, several times faster than jumping about in it.
    order, wanted = ascending(values)
    first = np.searchsorted(column, wanted, side="left") + 1.0 if ties != "max" else 0.0
    last = np.searchsorted(column, wanted, side="right") if ties != "min" else 0.0
    ranks[order] = (first + last) / 2 if ties == "average" else first + last
    return ranks
