"""A place beside its peers: where it is strong or weak, and what the best among them reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem
from cityindex.scoring import statistics
from cityindex.scoring.explain import gap
from cityindex.scoring.framework import Framework
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.results import ScoreSet

UPPER_QUARTER = 0.75


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A row of the tree for a place beside `n` peers with a score there, itself not among them.

    `percentile` is the share of the peers behind it, in percent, those level with it counting half. `difference` is
    its score less the peers' median; `contribution` what that gives or takes in the index, as part of the gap to a
    place with the peers' median in every indicator (NaN where one of the two has no index).
    """

    code: str
    score: float
    median: float
    percentile: float
    difference: float
    contribution: float
    n: int


@dataclass(frozen=True, slots=True)
class Frontier:
    """What `n` peers with a value reach in an indicator, in its own unit: the best, the 75th percentile, the median."""

    indicator: str
    best: float
    upper: float
    median: float
    n: int


def standpoints(frozen: Frozen, results: ScoreSet, row: Row, peers: Sequence[str]) -> tuple[Standpoint, ...]:
    """Every row where a place and at least one peer have a score, its greatest strength first, weaknesses at the end.

    Peers without a score of a row do not count in it. Raises `Invalid` for places that are not in the results, where
    no peer is left, and where a node compares all places.
    """
    scores = results.score[results.periods.index(row.period), _others(results, row.place, peers)]
    counts = (~np.isnan(scores)).sum(axis=0)
    medians = statistics.median(scores.T)
    effects = _effects(frozen, row, medians)
    found = [
        Standpoint(
            code=code,
            score=float(row.score[k]),
            median=float(medians[k]),
            percentile=_percentile(scores[:, k], float(row.score[k]), int(counts[k])),
            difference=float(row.score[k] - medians[k]),
            contribution=float(effects[k]),
            n=int(counts[k]),
        )
        for k, code in enumerate(results.nodes)
        if counts[k] and not np.isnan(row.score[k])
    ]
    by_difference = bool(np.isnan(effects).all())
    return tuple(sorted(found, key=lambda one: (-(one.difference if by_difference else one.contribution), one.code)))


def _percentile(peers: Floats, score: float, count: int) -> float:
    return 100 * float((peers < score).sum() + (peers == score).sum() / 2) / count


def _effects(frozen: Frozen, row: Row, medians: Floats) -> Floats:
    """What each row does to the gap between a place and one with the median of its peers in every indicator."""
    median = frozen.of_scores(row, medians[frozen.plan.leaf_rows])
    if np.isnan(row.score[0]) or np.isnan(median.score[0]):
        return np.full(medians.size, np.nan)
    return gap(frozen, row, median).effect


def frontier(
    framework: Framework, results: ScoreSet, period: int, peers: Sequence[str] | None = None
) -> tuple[Frontier, ...]:
    """The best and the 75th percentile of the peers (all ranked places, unless named), towards the better end.

    Percentiles are interpolated linearly. Indicators that no peer has are left out.
    """
    values = results.values[results.periods.index(period)][_chosen(results, period, peers)]
    found = []
    for column, code in zip(values.T, results.indicators, strict=True):
        sign = -1.0 if framework.indicators[code].direction == "lower" else 1.0
        known = sign * column[~np.isnan(column)]
        if known.size:
            upper, median = np.quantile(known, [UPPER_QUARTER, 0.5])
            best = float(known.max())
            found.append(Frontier(code, sign * best, sign * float(upper), sign * float(median), known.size))
    return tuple(found)


def _chosen(results: ScoreSet, period: int, peers: Sequence[str] | None) -> Bools:
    if peers is None:
        return np.asarray(results.rank[results.periods.index(period), :, 0] > 0)
    _known(results, peers)
    wanted = frozenset(peers)
    return np.array([name in wanted for name in results.places])


def _others(results: ScoreSet, place: str, peers: Sequence[str]) -> NDArray[np.intp]:
    _known(results, peers)
    others = [results.places.index(name) for name in dict.fromkeys(peers) if name != place]
    if not others:
        reason, cure = f"{place} has no peers", "give a group with other places"
        raise Invalid(f"{reason} ({cure})", [Problem(reason, cure, column="peers")])
    return np.array(others, dtype=np.intp)


def _known(results: ScoreSet, places: Sequence[str]) -> None:
    known = frozenset(results.places)
    problems = [
        Problem("is not among the places of the run", "name places of the run", column="place", value=name)
        for name in places
        if name not in known
    ]
    if problems:
        raise Invalid("; ".join(str(problem) for problem in problems), problems)
