"""Ranks, percentiles, bands and peer groups. Ranks are of unrounded scores unless the framework declares decimals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.framework import Bands
from cityindex.scoring.matrix import Floats, Ints

Order = NDArray[np.intp]

UNRANKED = 0
LAST_KEY = np.iinfo(np.int64).max
NEGATIVE_MASK = np.int64(0x7FFF_FFFF_FFFF_FFFF)


def ascending(values: Floats) -> tuple[Order, Floats]:
    """Positions that sort a column ascending, without those of NaN, and the column so sorted; equal ones in any order.

    NumPy sorts numbers faster than it sorts positions. So each double becomes an integer of the same order whose last
    bits carry the position; columns where those bits decided between unequal values are sorted again.
    """
    count = values.size
    keys = (values + 0.0).view(np.int64)  # + 0.0 makes -0.0 equal to 0.0
    keys ^= (keys >> 63) & NEGATIVE_MASK
    absent = np.isnan(values)
    missing = int(np.count_nonzero(absent))
    if missing:
        keys[absent] = LAST_KEY
    mask = np.int64((1 << max(count - 1, 0).bit_length()) - 1)
    keys &= ~mask
    keys |= np.arange(count, dtype=np.int64)
    keys.sort()
    keys &= mask
    order = keys[: count - missing]
    arranged = values[order]
    if (arranged[1:] < arranged[:-1]).any():
        order = np.argsort(values, kind="stable")[: count - missing]
        arranged = values[order]
    return order, arranged


def ascending_ranks(values: Floats, ties: str = "min") -> Floats:
    """Rank 1 for the lowest of one column; NaN stays NaN.

    `ties`: equal values share the lowest (`min`), the highest (`max`) or the mean (`average`) of their ranks.
    """
    ranks = np.full(values.shape, np.nan)
    order, arranged = ascending(values)
    first, last = _runs(arranged)
    ranks[order] = {"min": first + 1, "max": last}.get(ties, (first + 1 + last) / 2)
    return ranks


def competition_ranks(scores: Floats, decimals: int | None = None, ties: str = "min") -> Ints:
    """Ranks of each column (the last axis), 1 for the highest: 1, 2, 2, 4. NaN is unranked (0).

    `decimals` rounds scores before they are compared; None compares them as they are. `ties` is `min` or `max`.
    """
    compared = -(scores if decimals is None else np.round(scores, decimals))
    ranks = np.zeros(scores.shape, dtype=np.int32)
    for column, out in zip(_columns(compared), _columns(ranks), strict=True):
        order, arranged = ascending(column)
        first, last = _runs(arranged)
        out[order] = first + 1 if ties == "min" else last
    return ranks


def _columns(values: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(-1, values.shape[-1])


def _runs(arranged: Floats) -> tuple[Order, Order]:
    """For a sorted column: where the run of equals of each entry starts, and where the next one starts."""
    positions = np.arange(arranged.size)
    differs = arranged[1:] != arranged[:-1]
    if differs.all():
        return positions, positions + 1
    starts = np.concatenate(([0], np.flatnonzero(differs) + 1))
    lengths = np.diff(starts, append=arranged.size)
    first = np.repeat(starts, lengths)
    return first, first + np.repeat(lengths, lengths)


def percentiles(ranks: Ints) -> Floats:
    """100 * (places behind) / (places ranked - 1) along the last axis; 100 where one place is ranked alone.

    Places that tie share the share of those behind the first of them. NaN where unranked.
    """
    ranked = ranks > UNRANKED
    count = ranked.sum(axis=-1, keepdims=True)
    behind = (count - ranks) / np.maximum(count - 1, 1)
    return np.where(ranked, np.where(count == 1, 100.0, 100.0 * behind), np.nan)


def bands(bands: Bands | None, scores: Floats, ranks: Ints) -> NDArray[np.int8]:
    """The band of each ranked place (-1: none), a position in `bands.names`.

    By score: the first cut that the score reaches (cuts descend). By share: the first band whose cumulated share of
    the ranked places holds the rank; places that tie are in the same band.
    """
    result = np.full(scores.shape, -1, dtype=np.int8)
    if bands is None:
        return result
    ranked = ranks > UNRANKED
    if bands.cuts is not None:
        found = np.searchsorted(-np.asarray(bands.cuts, dtype=np.float64), -scores, side="left")
    else:
        found = _share_bands(bands, ranks, ranked)
    result[ranked] = np.minimum(found, len(bands.names) - 1)[ranked]
    return result


def _share_bands(bands: Bands, ranks: Ints, ranked: NDArray[np.bool_]) -> Order:
    count = np.maximum(ranked.sum(axis=-1, keepdims=True), 1)
    # Shares like 0.1 are not exact doubles: a hair of tolerance keeps 10 of 100 in a band of 0.1.
    ends = np.cumsum(bands.share or (1.0,))[:-1] + 1e-9
    return np.asarray(np.searchsorted(ends, ranks / count, side="left"))


def group_ranks(scores: Floats, groups: Sequence[Any], decimals: int | None = None) -> tuple[Ints, Ints]:
    """Rank and number ranked inside each group, along the last axis of `scores`; no group, no rank (0, 0)."""
    ranks, sizes = np.zeros(scores.shape, dtype=np.int32), np.zeros(scores.shape, dtype=np.int32)
    for positions in _members(groups):
        inside = competition_ranks(scores[..., positions], decimals)
        ranks[..., positions] = inside
        sizes[..., positions] = (inside > UNRANKED).sum(axis=-1, keepdims=True)
    return ranks, sizes


def ranks_inside(ranks: NDArray[Any], groups: Sequence[Any]) -> NDArray[Any]:
    """Ranks inside each group of many rankings (runs, places) of all places; no group or rank, no rank (0).

    The same as `group_ranks` of the scores that gave the ranks, all runs together.
    """
    inside = np.zeros_like(ranks)
    for positions in _members(groups):
        own = ranks[:, positions]
        order = np.argsort(own, axis=1, kind="stable")
        arranged = np.take_along_axis(own, order, axis=1)
        first = np.broadcast_to(np.arange(1, own.shape[1] + 1, dtype=ranks.dtype), own.shape).copy()
        first[:, 1:][arranged[:, 1:] == arranged[:, :-1]] = 0  # who ties has the rank of the first of them
        np.maximum.accumulate(first, axis=1, out=first)
        first -= (own == UNRANKED).sum(axis=1, keepdims=True, dtype=ranks.dtype)  # those come first
        first[arranged == UNRANKED] = UNRANKED
        found = np.empty_like(own)
        np.put_along_axis(found, order, first, axis=1)
        inside[:, positions] = found
    return inside


def _members(groups: Sequence[Any]) -> Iterable[list[int]]:
    """The positions of each group; None is no group."""
    members: dict[Any, list[int]] = {}
    for place, group in enumerate(groups):
        if group is not None:
            members.setdefault(group, []).append(place)
    return members.values()
