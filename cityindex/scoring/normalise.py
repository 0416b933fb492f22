"""The step of normalisation: every indicator by its own rule, columns that share a rule together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cityindex.scoring import normalisers as n
from cityindex.scoring.fits import Fits, references, refuse_frozen
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Bools, Floats, apart
from cityindex.scoring.normalisers import Context, Normaliser
from cityindex.scoring.work import Work

TIES = frozenset({"ties"})
NATURAL = {"low": "worst", "high": "best"}
DIRECTED = {there: here for here, there in NATURAL.items()}

NORMALISERS: Mapping[str, Normaliser] = {
    "min-max": Normaliser(n.fit_minmax, n.apply_minmax),
    "goalposts": Normaliser(
        n.fit_posts,
        n.apply_posts,
        options=frozenset({"clip", "goalposts"}),
        own=frozenset({"low", "high"}),
        varies=False,
        fitted=False,
    ),
    "z-score": Normaliser(n.fit_zscore, n.apply_zscore, options=frozenset({"mean", "sd"}), unit=False),
    "percentile-rank": Normaliser(n.fit_sorted, n.apply_percentile, options=TIES | {"variant", "reverse_after_rank"}),
    "rank": Normaliser(n.fit_sorted, n.apply_rank, options=TIES, unit=False),
    "borda": Normaliser(n.fit_sorted, n.apply_borda, options=TIES, unit=False),
    "exponential-rank": Normaliser(n.fit_sorted, n.apply_exponential, options=frozenset({"factor"}), unit=False),
    "distance-to-target": Normaliser(
        n.fit_target, n.apply_target, options=frozenset({"cap"}), own=frozenset({"target"}), varies=False
    ),
    "distance-to-reference": Normaliser(n.fit_reference, n.apply_reference, options=frozenset({"cap", "place"})),
    "distance-to-best": Normaliser(n.fit_minmax, n.apply_best),
    "ratio": Normaliser(n.fit_ratio, n.apply_ratio, options=frozenset({"to"}), unit=False),
    "above-mean": Normaliser(n.fit_mean, n.apply_above_mean, options=frozenset({"band"}), unit=False),
    "ladder": Normaliser(
        n.fit_ladder,
        n.apply_ladder,
        options=frozenset({"on", "thresholds", "levels", "boundary"}),
        unit=False,
        varies=False,
    ),
    "none": Normaliser(n.unfitted, lambda values, fitted, context: values, unit=False, varies=False, fitted=False),
}


@dataclass(frozen=True)
class Task:
    """Columns to normalise by one method: on what scale, and under which step their parameters are kept."""

    step: str
    context: Context
    periods: Sequence[int]
    scale: tuple[float, float]

    @property
    def rule(self) -> Rule:
        return self.context.each[0]


def normalise_columns(task: Task, values: Floats, reference: Floats, fits: Fits) -> tuple[Floats, Bools]:
    """Normalise `values` (periods, columns, places) with parameters fitted on `reference`, of the same shape.

    Returns the normalised values, and which columns (periods, columns) have no variation though there are values, here
    or in the reference: they have no score at all, and the caller leaves them out. A place scored alone with the
    parameters of a run so has the tree of that run.
    """
    method, signs = NORMALISERS[task.rule.method], task.context.signs
    directed = values if (signs > 0).all() else values * signs[:, None]

    def fit() -> tuple[Sequence[str], n.Fitted]:
        source = directed if reference is values else reference * signs[:, None]
        if not method.fitted:
            found = method.fit(source[:1], task.context)
            return ["all"], _turned({**found, **_about(task, _yes(source[:1]))}, NATURAL, signs)
        keys, used = references(source, task.rule.options.get("over", "period"), task.periods)
        varies = _varies(used) if method.varies else _yes(used)
        return keys, _turned({**method.fit(used, task.context), **_about(task, varies)}, NATURAL, signs)

    kept = fits.fit(task.step, task.context.codes, task.periods, fit)
    if not (np.asarray(kept.get("method", "")) == task.rule.method).all():
        refuse_frozen(f"those of {', '.join(task.context.codes)} are of another method")
    fitted = _turned(kept, DIRECTED, signs)
    result = method.apply(directed, fitted, task.context)
    if method.unit:
        result = put_on_scale(result, task.scale)
    constant = ~np.broadcast_to(fitted["varies"], values.shape[:2])
    if constant.any():
        constant = constant & (_seen(values) | _was_seen(fitted))
        result = np.where(constant[..., None], np.nan, result)
    return result, constant


def _about(task: Task, varies: Bools) -> n.Fitted:
    return {"method": np.full(varies.shape, task.rule.method), "varies": varies}


def _turned(fitted: n.Fitted, names: Mapping[str, str], signs: Floats) -> n.Fitted:
    """Fitted numbers from the directed scale to the natural one, on which they are kept, or back."""
    turned = {}
    for name, numbers in fitted.items():
        kind, _, group = name.partition(":")
        name_there = f"{names.get(kind, kind)}:{group}" if group else names.get(kind, kind)
        turned[name_there] = numbers * signs + 0.0 if numbers.dtype == np.float64 else numbers
    return turned


def put_on_scale(values: Floats, scale: tuple[float, float]) -> Floats:
    """l + (u - l) z for z between 0 and 1."""
    low, high = scale
    result: Floats = values * (high - low)
    result += low
    return result


def _varies(reference: Floats) -> Bools:
    return apart(np.fmin.reduce(reference, axis=-1), np.fmax.reduce(reference, axis=-1))


def _seen(values: Floats) -> Bools:
    """Whether any place has a value."""
    return np.asarray(~np.isnan(np.fmax.reduce(values, axis=-1)))


def _was_seen(fitted: n.Fitted) -> Bools:
    """Whether parameters were fitted on any value: numbers are there, and sorted values not none."""
    found: Bools = np.zeros(np.shape(fitted["varies"]), dtype=np.bool_)
    for numbers in fitted.values():
        if numbers.dtype == np.float64:
            found = found | ~np.isnan(numbers)
        elif numbers.dtype == object:
            found = found | np.vectorize(len, otypes=[np.bool_])(numbers)
    return found


def _yes(reference: Floats) -> Bools:
    return np.ones(reference.shape[:2], dtype=np.bool_)


def normalise(work: Work) -> None:
    """Normalise the whole cube, round where an indicator says so, and take out what does not vary."""
    reference = work.reference()
    result = np.empty_like(work.x)
    for columns in groups(work):
        task = _task(work, columns)
        whole = len(columns) == work.x.shape[1]
        values = work.x if whole else work.x[:, columns]
        seen = values if reference is work.x else reference[:, columns]
        result[:, columns], work.constant[:, columns] = normalise_columns(task, values, seen, work.fits)
    for column, item in enumerate(work.plan.columns):
        if item.indicator.round is not None:
            result[:, column] = np.round(result[:, column], item.indicator.round)
    work.x = result


def groups(work: Work) -> list[list[int]]:
    """Columns whose rules differ in nothing but their own numbers."""
    found: dict[str, list[int]] = {}
    for column, item in enumerate(work.plan.columns):
        own = NORMALISERS[item.normalise.method].own
        shared = sorted((name, repr(value)) for name, value in item.normalise.options.items() if name not in own)
        found.setdefault(f"{item.normalise.method} {shared}", []).append(column)
    return list(found.values())


def _task(work: Work, columns: Sequence[int]) -> Task:
    items = [work.plan.columns[column] for column in columns]
    context = Context(
        codes=[item.code for item in items],
        each=[item.normalise for item in items],
        signs=np.array([item.sign for item in items]),
        transforms=[item.indicator.transform for item in items],
        places=work.places,
        attributes=work.attributes,
    )
    return Task("normalise", context, work.periods, work.plan.framework.scale)
