"""What the figures of a run are like, how they go together, and how much its ranks depend on the method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import Invalid
from cityindex.formats.arrays import unpack_json
from cityindex.models import RunArray
from cityindex.queries.runs.arrays import RunArrays
from cityindex.queries.runs.dependence import Dependence, dependence
from cityindex.queries.runs.editions import run_record
from cityindex.queries.runs.frozen_runs import frozen_run
from cityindex.queries.runs.once_per_run import OncePerRun
from cityindex.scoring.correlations import Pair, Relation, between_siblings, with_family
from cityindex.scoring.matrix import Floats, Ints
from cityindex.scoring.multivariate import Importance, cronbach, importance
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.results import ScoreSet
from cityindex.scoring.statistics import Statistic
from cityindex.scoring.uncertainty import PERCENTILES

FIFTHS = 5
SURE = 0.9
"""A place keeps its band where it is in it in this share of the repetitions."""


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha of a node over the `n` places that have all its `parts`; None where it cannot be computed."""

    code: str
    parts: int
    alpha: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Width:
    """Intervals of the `n` places from rank `first` to `last`: how many ranks wide the middle and the widest are."""

    first: int
    last: int
    n: int
    median: float
    widest: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """`shift` is the mean absolute shift of ranks; `keep_band` places keep their band (None: there are no bands)."""

    shift: float
    median: float
    ranked: int
    keep_band: int | None
    widths: tuple[Width, ...]


@dataclass(frozen=True)
class Diagnostics:
    """`relations` are of every weighted row with its parent, `pairs` those siblings that say nearly the same."""

    statistics: tuple[Statistic, ...]
    relations: Mapping[str, Relation]
    pairs: tuple[Pair, ...]
    compared: int
    alphas: tuple[Alpha, ...]
    importance: Mapping[str, Importance]
    sensitivity: Sensitivity | None
    dependence: Dependence | None
    """What the ranking depends on; None for runs of the time before that was kept."""


def _diagnostics(session: Session, run_id: int) -> Diagnostics:
    results = _weighted(frozen_run(session, run_id).results)
    period = results.periods[0]
    parent = {code: results.nodes[above] for code, above in zip(results.nodes, results.parents, strict=True)}
    pairs = [pair for pair in between_siblings(results, period) if pair.n > 1]
    return Diagnostics(
        statistics=tuple(_statistic(row) for row in _stored_statistics(session, run_id)),
        relations={one.code: one for one in with_family(results, period) if one.above == parent[one.code] and one.n},
        pairs=tuple(pair for pair in pairs if pair.flag),
        compared=len(pairs),
        alphas=tuple(_alphas(results)),
        importance={one.code: one for one in importance(results, period) if one.n},
        dependence=dependence(session, run_id),
        sensitivity=_sensitivity(RunArrays(session, run_id), run_record(session, run_id).summary["uncertainty"]),
    )


diagnostics = OncePerRun(_diagnostics)
"""The diagnostics of a run: `diagnostics(session, run_id)`. Raises `NotFound`."""


def _weighted(results: ScoreSet) -> ScoreSet:
    """The results without the scores of rows that count for nothing: pilots say nothing about the index."""
    return replace(results, score=np.where(results.weights > 0, results.score, np.nan))


def _stored_statistics(session: Session, run_id: int) -> list[dict[str, object]]:
    packed = select(RunArray.data).where(RunArray.run_id == run_id, RunArray.name == "statistics")
    found: list[dict[str, object]] = unpack_json(session.execute(packed).scalar_one())
    return found


def _statistic(row: dict[str, object]) -> Statistic:
    numbers = {name: float("nan") if value is None else value for name, value in row.items()}
    return Statistic(**{**numbers, "flags": tuple(row["flags"])})  # type: ignore[arg-type]


def _alphas(results: ScoreSet) -> list[Alpha]:
    found = []
    for row, code in enumerate(results.nodes):
        children = [child for child, parent in enumerate(results.parents) if parent == row]
        there = [child for child in children if not np.isnan(results.score[0, :, child]).all()]
        if len(there) > 1:
            found.append(_alpha(code, results.score[0][:, there]))
    return found


def _alpha(code: str, scores: Floats) -> Alpha:
    try:
        found = cronbach(scores)
    except Invalid:
        complete = int((~np.isnan(scores).any(axis=1)).sum())
        return Alpha(code, scores.shape[1], None, complete)
    return Alpha(code, scores.shape[1], found.alpha, found.n)


def _sensitivity(arrays: RunArrays, said: Mapping[str, Any] | None) -> Sensitivity | None:
    if said is None:
        return None
    arrays.prefetch("rank", "rank_percentiles", "band_share", "band")
    ranks, percentiles = arrays["rank"][:, 0], arrays["rank_percentiles"]
    ends = percentiles[:, PERCENTILES.index(5)], percentiles[:, PERCENTILES.index(95)]
    sure = (ranks > UNRANKED) & (ends[0] > UNRANKED)
    if not sure.any():
        return None
    width = ends[1] - ends[0]
    return Sensitivity(
        shift=said["mean_rank_shift"],
        median=float(np.median(width[sure])),
        ranked=int(sure.sum()),
        keep_band=_keep_band(arrays["band"][sure], arrays["band_share"][sure]),
        widths=tuple(_widths(ranks[sure], width[sure])),
    )


def _keep_band(band: Ints, shares: Floats) -> int | None:
    if not shares.shape[1]:
        return None
    rows = np.flatnonzero(band >= 0)
    return int((shares[rows, band[rows]] >= SURE).sum())


def _widths(ranks: Ints, width: Ints) -> list[Width]:
    """By fifths of the ranking, the best first."""
    order = np.argsort(ranks, kind="stable")
    return [
        Width(
            int(ranks[part[0]]), int(ranks[part[-1]]), part.size, float(np.median(width[part])), int(width[part].max())
        )
        for part in np.array_split(order, min(FIFTHS, order.size))
    ]
