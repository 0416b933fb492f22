"""How indicators go together: three correlations, pair by pair over the places that have both, with their number.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.matrix import Floats, Ints, apart
from cityindex.scoring.rank import ascending, ascending_ranks
from cityindex.scoring.results import ScoreSet

Whole = NDArray[np.int64]

REDUNDANT, CONFLICTING = 0.92, -0.4


def pearson(one: Floats, other: Floats) -> float:
    """sum(a b) / sqrt(sum a^2 sum b^2) of centred columns without gaps; NaN where one is constant or n < 2."""
    if one.size < 2 or not (_varies(one) and _varies(other)):
        return float("nan")
    a, b = one - one.mean(), other - other.mean()
    # Scaled first: squares of very small or large numbers would leave the range of doubles.
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def spearman(one: Floats, other: Floats) -> float:
    """Pearson's correlation of the ranks; equal values share the mean of theirs. NaN where one is constant."""
    if one.size < 2 or not (_varies(one) and _varies(other)):
        return float("nan")
    return pearson(ascending_ranks(one, "average"), ascending_ranks(other, "average"))


def kendall(one: Floats, other: Floats) -> float:
    """tau-b = (concordant - discordant) / sqrt((pairs - ties in a)(pairs - ties in b)), in n log n.

    Sorted by a and then b, the discordant pairs are the inversions of b (Knight, 1966). NaN where one is constant.
    """
    n = one.size
    if n < 2 or not (_varies(one) and _varies(other)):
        return float("nan")
    order = np.lexsort((other, one))
    a, b = _codes(one)[order], _codes(other)[order]
    pairs = n * (n - 1) // 2
    ties_a, ties_b = (_tied(np.bincount(codes).astype(np.int64)) for codes in (a, b))
    both = _tied(np.unique(a * (int(b.max()) + 1) + b, return_counts=True)[1].astype(np.int64))
    concordant_less_discordant = pairs - ties_a - ties_b + both - 2 * inversions(b)
    return float(concordant_less_discordant / (np.sqrt(pairs - ties_a) * np.sqrt(pairs - ties_b)))


def _varies(values: Floats) -> bool:
    return bool(apart(values.min(), values.max()))


def _codes(values: Floats) -> Whole:
    """Each value as the position of its group of equals, ascending."""
    order, arranged = ascending(values)
    codes = np.empty(values.size, dtype=np.int64)
    codes[order] = np.concatenate(([0], np.cumsum(arranged[1:] != arranged[:-1])))
    return codes


def _tied(counts: Whole) -> int:
    return int((counts * (counts - 1) // 2).sum())


def inversions(values: Whole) -> int:
    """How many pairs of whole numbers from 0 on stand in descending order: bit by bit, all blocks at once.

    Numbers that agree in their higher bits are in one block, in their order; a pair is inverted where the first has a
    1 in the highest bit in which they differ.
    """
    found = 0
    block = values
    for bit in reversed(range(int(values.max()).bit_length())):
        group, ones = block >> (bit + 1), (block >> bit) & 1
        so_far = np.cumsum(ones)
        starts = np.concatenate(([0], np.flatnonzero(group[1:] != group[:-1]) + 1))
        lengths = np.diff(starts, append=block.size)
        before = np.repeat(so_far[starts] - ones[starts], lengths)
        found += int(((so_far - before) * (1 - ones)).sum())
        block = block[np.argsort(block >> bit, kind="stable")]
    return found


METHODS: Mapping[str, Callable[[Floats, Floats], float]] = {
    "pearson": pearson,
    "spearman": spearman,
    "kendall": kendall,
}


@dataclass(frozen=True, eq=False)
class Correlations:
    """A table: `r` and `n` (rows, columns), the correlation and the number of places that it is over."""

    method: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    r: Floats
    n: Ints


def correlate(
    columns: Mapping[str, Floats], method: str = "pearson", others: Sequence[str] | None = None
) -> Correlations:
    """Correlations of columns (places) with one another, or with `others` among them; gaps are left out pair by pair.

    NaN where fewer than two places have both, or where one is constant over them.
    """
    rows, across = tuple(columns), tuple(columns) if others is None else tuple(others)
    r, n = np.full((len(rows), len(across)), np.nan), np.zeros((len(rows), len(across)), dtype=np.int32)
    for i, one in enumerate(rows):
        for j, other in enumerate(across):
            if others is None and j < i:
                r[i, j], n[i, j] = r[j, i], n[j, i]
                continue
            both = ~np.isnan(columns[one]) & ~np.isnan(columns[other])
            n[i, j] = both.sum()
            r[i, j] = METHODS[method](columns[one][both], columns[other][both])
    return Correlations(method, rows, across, r, n)


@dataclass(frozen=True, slots=True)
class Relation:
    """An indicator or node beside one above it: `flag` is `conflict` where it pulls against it, else empty."""

    code: str
    above: str
    r: float
    n: int
    flag: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two siblings: `flag` is `redundant` where they say nearly the same, else empty."""

    one: str
    other: str
    r: float
    n: int
    flag: str


def with_family(results: ScoreSet, period: int, method: str = "pearson") -> tuple[Relation, ...]:
    """Every row beside all the nodes above it, the parent first, by their scores; below -0.4 with it is a conflict."""
    scores = _columns(results, period)
    found = []
    for row, code in enumerate(results.nodes):
        above, parent = results.parents[row], results.parents[row]
        while above >= 0:
            r, n = pairwise(scores[row], scores[above], method)
            flag = "conflict" if above == parent and r < CONFLICTING else ""
            found.append(Relation(code, results.nodes[above], r, n, flag))
            above = results.parents[above]
    return tuple(found)


def between_siblings(results: ScoreSet, period: int, method: str = "pearson") -> tuple[Pair, ...]:
    """Every pair of children of one node, by their scores; |r| > 0.92 is redundant."""
    scores = _columns(results, period)
    found = []
    for one in range(len(results.nodes)):
        for other in range(one + 1, len(results.nodes)):
            if results.parents[one] == results.parents[other]:
                r, n = pairwise(scores[one], scores[other], method)
                flag = "redundant" if abs(r) > REDUNDANT else ""
                found.append(Pair(results.nodes[one], results.nodes[other], r, n, flag))
    return tuple(found)


def _columns(results: ScoreSet, period: int) -> Floats:
    return np.ascontiguousarray(results.score[results.periods.index(period)].T)


def pairwise(one: Floats, other: Floats, method: str) -> tuple[float, int]:
    both = ~np.isnan(one) & ~np.isnan(other)
    return METHODS[method](one[both], other[both]), int(both.sum())
