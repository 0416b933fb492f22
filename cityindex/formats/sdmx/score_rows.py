"""Scores of an edition as the rows of their dataflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.formats.statuses import letters


@dataclass(frozen=True, eq=False)
class Scores:
    """Some places and nodes of an edition. Arrays are (places, nodes); NaN and rank 0 are missing.

    `intervals` are the ends of each place's rank at the top node (None: there is none); `top` says which columns are
    of that node.
    """

    period: int
    version: str
    demo: bool
    mark: str
    places: Sequence[str]
    nodes: Sequence[str]
    top: NDArray[np.bool_]
    score: NDArray[np.float64]
    coverage: NDArray[np.float64]
    rank: NDArray[np.int32]
    flag: NDArray[np.uint8]
    intervals: Sequence[tuple[int | None, int | None]]


def score_frame(scores: Scores) -> pl.DataFrame:
    """A row a place and node, with the columns of the data structure but for FREQ."""
    count, width = len(scores.places), len(scores.nodes)
    of_node = np.tile(np.arange(width), count)
    value = pl.Series(scores.score.ravel()).fill_nan(None)
    return pl.DataFrame(
        {
            "REF_AREA": pl.Series(scores.places, dtype=pl.String).gather(np.repeat(np.arange(count), width)),
            "INDICATOR": pl.Series(scores.nodes, dtype=pl.String).gather(of_node),
            "TIME_PERIOD": pl.Series(np.full(count * width, scores.period, np.int32)),
            "OBS_VALUE": value,
            "OBS_STATUS": _letters(scores, value.is_null()),
            "COVERAGE": pl.Series(scores.coverage.ravel()).fill_nan(None),
            "RANK": _positive(scores.rank.ravel()),
            "RANK_LOW": _positive(_ends(scores, 0)),
            "RANK_HIGH": _positive(_ends(scores, 1)),
            "EDITION": pl.repeat(scores.version, count * width, eager=True, dtype=pl.String),
            "DEMO": pl.repeat("true" if scores.demo else None, count * width, eager=True, dtype=pl.String),
        }
    )


def _letters(scores: Scores, missing: pl.Series) -> pl.Series:
    known = [*letters(scores.mark), *letters(scores.mark, missing=True)]
    at = scores.flag.ravel().astype(np.uint32) + missing.to_numpy() * np.uint32(len(known) // 2)
    return pl.Series(known, dtype=pl.String).gather(at.astype(np.uint32))


def _ends(scores: Scores, end: int) -> NDArray[np.int64]:
    ends = np.array([one[end] or 0 for one in scores.intervals], np.int64)
    return np.where(scores.top[None, :], ends[:, None], 0).ravel()


def _positive(numbers: NDArray[Any]) -> pl.Series:
    series = pl.Series(numbers.astype(np.int64))
    return series.set(series <= 0, None)
