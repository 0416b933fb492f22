"""Other weights for the parts of the index: a run aggregated and ranked anew, with all its parameters as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.aggregate import aggregate
from cityindex.scoring.fits import Fits
from cityindex.scoring.framework import Framework
from cityindex.scoring.matrix import Bools, Panel
from cityindex.scoring.pipeline import collect
from cityindex.scoring.plan import make_plan
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.results import Flag, Parameters, ScoreSet
from cityindex.scoring.shown import as_shown
from cityindex.scoring.work import start


def reweigh(
    framework: Framework,
    results: ScoreSet,
    weights: Mapping[str, float],
    attributes: Mapping[str, Sequence[Any]] | None = None,
) -> ScoreSet:
    """The results of a run as they would be with these weights of the children of the index.

    `weights` are by code, in the unit of the run's own; children that are not named keep theirs. `attributes` (one
    entry a place) are those that the run had. Indicators keep their scores: nothing is fitted. With the run's own
    weights its scores and ranks come out to the bit. Raises `Invalid` for a code that is no weighted child of the
    index, a negative or infinite weight, or only zeros.
    """
    shown = as_shown(framework)
    # What does not apply to a place's type says so in its status already.
    everywhere = {code: replace(item, applies_to=None) for code, item in shown.indicators.items()}
    shown = replace(shown, places=None, indicators=everywhere)
    parameters = _with(results.parameters, framework.tree.code, weights)
    plan = make_plan(shown)
    scores = results.score[..., plan.leaf_rows]
    taken = {name: tuple(column) for name, column in (attributes or {}).items()}
    panel = Panel(results.places, results.periods, results.indicators, scores, results.status, taken)
    work = start(plan, panel, Fits(parameters))
    work.values = np.ascontiguousarray(results.values[:, work.positions].transpose(0, 2, 1))
    work.constant = (results.flag[..., plan.leaf_rows] == Flag.NO_VARIATION).any(axis=1)
    work.screened = _screened(results)[:, work.positions]
    return collect(work, aggregate(work), results.periods)


def _with(parameters: Parameters, index: str, weights: Mapping[str, float]) -> Parameters:
    own = parameters.weights[index]
    problems = [
        Problem("has no weight in the index", f"name one of {', '.join(_weighted(own))}", column=code)
        for code in weights
        if not own.get(code)
    ]
    problems += [
        Problem("is no weight", "give 0 or a positive number", column=code, value=str(weight))
        for code, weight in weights.items()
        if not 0 <= weight < float("inf")
    ]
    merged = {**own, **weights}
    if not problems and not sum(merged.values()) > 0:
        problems = [Problem("all weights are 0", "give one part a weight above 0", column=index)]
    if problems:
        raise Invalid("; ".join(map(str, problems)), problems)
    return replace(parameters, weights={**parameters.weights, index: merged})


def _weighted(weights: Mapping[str, float]) -> list[str]:
    return [code for code, weight in weights.items() if weight > 0]


def _screened(results: ScoreSet) -> Bools:
    """The places (periods, places) that the run left without a rank though they have scores: those of its screen."""
    return np.asarray(((results.rank == UNRANKED) & ~np.isnan(results.score)).any(axis=-1))
