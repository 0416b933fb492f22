"""Whether the indicators of a node belong together, and how much each really counts.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 4 and 6; Cronbach (1951); Paruolo, Saisana
and Saltelli (2013) for importance against weight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.choices import UncertaintyPlan
from cityindex.scoring.correlations import pairwise, pearson
from cityindex.scoring.framework import Framework
from cityindex.scoring.matrix import Floats, Ints, Panel
from cityindex.scoring.pipeline import score
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.results import Parameters, ScoreSet
from cityindex.scoring.uncertainty import Request, study_of
from cityindex.scoring.weigh import components


@dataclass(frozen=True, eq=False)
class Reliability:
    """Cronbach's alpha of `n` places; by column, its correlation with the sum of the others, and alpha without it."""

    alpha: float
    n: int
    with_rest: Floats
    without: Floats


def cronbach(values: Floats) -> Reliability:
    """alpha = k / (k - 1) (1 - trace / sum of the covariance) on standardised columns of `values` (places, columns).

    Standardised, the covariance is the correlation matrix and its trace k. Over places without a gap. Raises `Invalid`
    for fewer than two columns, fewer than three such places, or a column that does not vary over them.
    """
    standard = _standard(_complete(values, 2))
    keep = [np.delete(np.arange(standard.shape[1]), k) for k in range(standard.shape[1])]
    rest = np.array([pearson(standard[:, k], standard[:, others].sum(axis=1)) for k, others in enumerate(keep)])
    without = np.array([_alpha(standard[:, others]) for others in keep])
    return Reliability(_alpha(standard), len(standard), rest, without)


def _alpha(standard: Floats) -> float:
    k = standard.shape[1]
    if k < 2:
        return float("nan")
    return float(k / (k - 1) * (1 - k / (standard.T @ standard / (len(standard) - 1)).sum()))


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0, ddof=1))


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of `n` places: `eigenvalues`, descending, their `shares` of the variance, and `loadings`
    (columns, components): correlations of the columns with the components, eigenvector times root of eigenvalue.
    """

    eigenvalues: Floats
    shares: Floats
    loadings: Floats
    n: int


def principal_components(values: Floats) -> Components:
    """Components of the correlation matrix of `values` (places, columns), over places without a gap.

    Signs are such that each component's loadings have a positive sum. Raises `Invalid` as `cronbach` does.
    """
    complete = _complete(values, 2)
    eigenvalues, vectors = components(complete)
    lengths = np.sqrt(np.maximum(eigenvalues, 0.0))
    return Components(eigenvalues, eigenvalues / eigenvalues.sum(), vectors * lengths, len(complete))


def _complete(values: Floats, least: int) -> Floats:
    complete: Floats = values[~np.isnan(values).any(axis=1)]
    if values.shape[1] >= least and len(complete) >= 3 and (complete.max(axis=0) > complete.min(axis=0)).all():
        return complete
    reason = f"{len(complete)} places have all {values.shape[1]} columns, or one does not vary"
    cure = f"give at least {least} columns that vary, with 3 complete places"
    raise Invalid(f"{reason} ({cure})", [Problem(reason, cure)])


@dataclass(frozen=True, slots=True)
class Importance:
    """A child's nominal weight among its siblings beside its importance: the squared correlation with its parent.

    `share` is the importance as a share of its siblings' sum, on the footing of `weight`.
    """

    code: str
    parent: str
    weight: float
    importance: float
    share: float
    n: int


def importance(results: ScoreSet, period: int) -> tuple[Importance, ...]:
    """Nominal weight against effective importance of every row below the index, in the order of the tree."""
    scores = np.ascontiguousarray(results.score[results.periods.index(period)].T)
    squared = np.full(len(results.nodes), np.nan)
    counts = np.zeros(len(results.nodes), dtype=np.int32)
    for row, parent in enumerate(results.parents):
        if parent >= 0:
            r, counts[row] = pairwise(scores[row], scores[parent], "pearson")
            squared[row] = r * r
    sums = {parent: np.nansum(squared[np.array(results.parents) == parent]) for parent in set(results.parents)}
    return tuple(
        Importance(
            code=results.nodes[row],
            parent=results.nodes[parent],
            weight=float(results.weights[row]),
            importance=float(squared[row]),
            share=float(squared[row] / sums[parent]) if sums[parent] > 0 else float("nan"),
            n=int(counts[row]),
        )
        for row, parent in enumerate(results.parents)
        if parent >= 0
    )


@dataclass(frozen=True, slots=True)
class RankShift:
    """How far ranks move without an indicator: mean and largest absolute shift over `n` places ranked both times."""

    indicator: str
    mean: float
    largest: int
    n: int


def leave_one_out(
    framework: Framework, panel: Panel, period: int, parameters: Parameters | None = None
) -> tuple[RankShift, ...]:
    """The rank shift of the index without each indicator that counts; those alone in their node take the node along.

    The weights of the siblings are shared anew, and everything else is computed anew but for frozen `parameters`. An
    indicator that is the whole tree is left out. Raises `Invalid` where the framework cannot do without one.
    """
    nominal = score(framework, panel, parameters, (period,))
    asked = Request(UncertaintyPlan(leave_out=True), 1, 0, period)
    study = replace(study_of(framework, panel, asked, nominal), parameters=parameters)
    if len(study.design.counted) < 2:
        return ()
    full = nominal.rank[0, np.argsort(nominal.places), 0]
    found = {}
    for rows, ranks, _ in study.ranks(study.design.each_left_out()):
        found.update(
            {row: _shift(study.design.counted[row], full, rank) for row, rank in zip(rows, ranks, strict=True)}
        )
    return tuple(found[row] for row in sorted(found))


def _shift(code: str, full: Ints, ranks: Ints) -> RankShift:
    both = (full > UNRANKED) & (ranks > UNRANKED)
    shifts = np.abs(full[both].astype(np.int32) - ranks[both])
    mean, largest = (float(shifts.mean()), int(shifts.max())) if both.any() else (float("nan"), 0)
    return RankShift(code, mean, largest, int(both.sum()))
