"""What many ranks come down to: for each place their percentiles, mean, and how often it was in each band."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.framework import Bands
from cityindex.scoring.matrix import Floats
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.study import Block, Ranks

PERCENTILES = (5, 25, 50, 75, 95)
TOP = 0.1
KEPT = 256 * 1024 * 1024
"""Bytes of ranks that are kept one by one; beyond, only how often each place had each rank."""
HAIR = 1e-9
"""Shares like 0.1 are not exact doubles: a hair keeps 10 of 100 in a band of 0.1."""


@dataclass(eq=False)
class Tally:
    """Ranks of `runs` runs by place, taken block by block in order.

    Percentiles are nearest-rank: a rank that is reported has occurred. All are over the runs in which the place is
    ranked.
    """

    nominal: Ranks
    runs: int
    counted: int
    bands: Bands | None = None
    kept_bytes: int = KEPT
    shift: Floats = field(init=False)

    def __post_init__(self) -> None:
        places = self.nominal.size
        width = np.int16 if places < 2**15 else np.int32
        self.keeps = self.runs * places * np.dtype(width).itemsize <= self.kept_bytes
        self.ranks: Ranks = np.zeros((self.runs, places) if self.keeps else (0, places), dtype=width)
        self.counts = np.zeros((places, 1 if self.keeps else places + 1), dtype=np.int32)
        self.shift = np.zeros(self.runs)
        self.top = np.zeros(places, dtype=np.int64)
        names = self.bands.names if self.bands else ()
        self.in_band = np.zeros((max(len(names) - 1, 0), places), dtype=np.int64)

    def add(self, block: Block) -> None:
        """Take in the next block."""
        self.shift[block.start : block.start + len(block.ranks)] = _shifts(block.ranks, self.nominal)
        if self.keeps:
            self.ranks[block.start : block.start + len(block.ranks)] = block.ranks
        ranks = block.ranks[: max(self.counted - block.start, 0)]
        if not len(ranks):
            return
        ranked = (ranks > UNRANKED).sum(axis=1)
        self.top += _within(ranks, np.ceil(TOP * ranked - HAIR))
        if self.bands is not None and self.bands.cuts is not None:
            self.in_band += block.reached
        elif self.bands is not None and self.bands.share is not None:
            ends = np.cumsum(self.bands.share)[:-1] + HAIR
            self.in_band += [_within(ranks, end * ranked) for end in ends]
        if not self.keeps:
            for times, column in zip(self.counts, np.ascontiguousarray(ranks.T), strict=True):
                times += np.bincount(column, minlength=times.size).astype(np.int32)  # noqa: PLW2901  (a view)

    def summary(self) -> dict[str, Any]:
        """By place: `ranked` (share of runs), `mean`, `percentiles` (5, places), `top`, `bands` (bands, places)."""
        sums, times, found = self._of_ranks() if self.keeps else self._of_counts()
        with np.errstate(invalid="ignore", divide="ignore"):
            reached = self.in_band / times
            top = self.top / times
            mean = sums / times
        names = self.bands.names if self.bands else ()
        ends = np.concatenate((reached, np.where(times > 0, 1.0, np.nan)[None])) if names else np.zeros((0, times.size))
        return {
            "ranked": times / self.counted,
            "mean": mean,
            "percentiles": found,
            "top": top,
            "band_share": np.diff(ends, axis=0, prepend=0.0),
        }

    def _of_ranks(self) -> tuple[NDArray[Any], NDArray[Any], Ranks]:
        columns = np.ascontiguousarray(self.ranks[: self.counted].T)
        return columns.sum(axis=1, dtype=np.int64), *percentiles_of(columns)

    def _of_counts(self) -> tuple[NDArray[Any], NDArray[Any], Ranks]:
        counts = self.counts[:, 1:]
        times = counts.sum(axis=1, dtype=np.int64)
        found = np.zeros((len(PERCENTILES), times.size), dtype=np.int32)
        for place, row in enumerate(counts):
            if times[place]:
                ends = np.cumsum(row)
                wanted = [nearest(share, times[place : place + 1])[0] for share in PERCENTILES]
                found[:, place] = np.searchsorted(ends, wanted) + 1
        return counts @ np.arange(1, counts.shape[1] + 1, dtype=np.int64), times, found


def percentiles_of(columns: Ranks) -> tuple[NDArray[Any], Ranks]:
    """How often each place is ranked, and the nearest-rank `PERCENTILES` (5, places) of its ranks, 0 where never.

    `columns` (places, runs) are sorted in place.
    """
    columns.sort(axis=1)
    runs = columns.shape[1]
    times = runs - (columns == UNRANKED).sum(axis=1)
    positions = np.stack([runs - times + nearest(share, times) - 1 for share in PERCENTILES])
    found = columns[np.arange(times.size), np.minimum(positions, runs - 1)]
    return times, np.where(times > 0, found, UNRANKED)


def nearest(share: int, times: NDArray[Any]) -> NDArray[Any]:
    """The position, from 1, of a percentile among so many sorted ranks: the least with that share at or below it."""
    return np.asarray(np.maximum(-(-share * times // 100), 1))


def _within(ranks: Ranks, limits: NDArray[Any]) -> NDArray[Any]:
    """How often each place is ranked at or above a limit that goes by run."""
    limits = np.floor(limits).astype(ranks.dtype)
    return np.asarray(((ranks <= limits[:, None]) & (ranks > UNRANKED)).sum(axis=0))


def _shifts(ranks: Ranks, nominal: Ranks) -> Floats:
    """The mean absolute shift of each run's ranks, over the places ranked in both; 0 where there is none."""
    found = np.empty(len(ranks))
    usual = nominal.astype(np.int32)
    for at, row in enumerate(ranks):
        both = (row > UNRANKED) & (usual > UNRANKED)
        found[at] = np.abs(row - usual).sum(where=both) / max(int(both.sum()), 1)
    return found
