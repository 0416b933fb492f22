"""The methods of normalisation: indicators in their own units become scores that can be averaged.

Every method is a pair. `fit` takes reference values (references, indicators, places) to parameters, arrays
(references, indicators); `apply` takes values (periods, indicators, places) and those parameters to normalised values.
Both see values already multiplied by the direction, so that higher is better. Missing stays missing.
Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 5 and table 15.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from cityindex.errors import DefinitionError, Invalid, Problem
from cityindex.scoring import ranking, statistics
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import ROUNDING, Bools, Floats, apart, some
from cityindex.scoring.transform import outside, transformed

Fitted = Mapping[str, Any]


@dataclass(frozen=True)
class Context:
    """What a method may know besides the values: whose columns they are, each one's rule, direction and transform.

    Columns handled together share every option but their own numbers (goalposts, target), which `each` holds.
    """

    codes: Sequence[str]
    each: Sequence[Rule]
    signs: Floats
    transforms: Sequence[str]
    places: Sequence[str] = ()
    attributes: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def option(self, name: str, default: Any = None) -> Any:
        """An option that all the columns share."""
        value = self.each[0].options.get(name)
        return default if value is None else value

    def directed(self, posts: Sequence[float]) -> Floats:
        """Numbers on the natural scale, one a column, transformed and directed as the values are: (1, columns)."""
        moved = [
            float(transformed(_checked(post, transform, code), transform))
            for post, transform, code in zip(posts, self.transforms, self.codes, strict=True)
        ]
        return np.array([moved]) * self.signs


@dataclass(frozen=True, slots=True)
class Normaliser:
    """`unit` methods give 0 to 1, which is put on the framework's scale afterwards; `varies` ones need two values.

    `own` are the options that may differ between columns handled together.
    """

    fit: Callable[[Floats, Context], Fitted]
    apply: Callable[[Floats, Fitted, Context], Floats]
    options: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    unit: bool = True
    varies: bool = True
    fitted: bool = True


def fit_minmax(reference: Floats, _: Context) -> Fitted:
    """The lowest and highest value of each column."""
    return {"low": np.fmin.reduce(reference, axis=-1), "high": np.fmax.reduce(reference, axis=-1)}


def apply_minmax(values: Floats, fitted: Fitted, _: Context) -> Floats:
    """(x - low) / (high - low). Values outside the reference are not clipped."""
    low = fitted["low"][..., None]
    result: Floats = values - low
    with np.errstate(invalid="ignore", divide="ignore"):
        result /= fitted["high"][..., None] - low
    return result


def apply_best(values: Floats, fitted: Fitted, _: Context) -> Floats:
    """Distance to the best: 1 - (max - x) / (max - min)."""
    high = fitted["high"][..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - (high - values) / (high - fitted["low"][..., None]))


def fit_posts(_: Floats, context: Context) -> Fitted:
    """The goalposts of the definition, transformed and directed; with groups, a pair for each group."""
    groups = context.option("goalposts")
    if groups is None:
        return _posts([rule.options for rule in context.each], context, "")
    fitted: dict[str, Any] = {}
    for group in groups:
        if group != "by":
            fitted.update(_posts([rule.options["goalposts"][group] for rule in context.each], context, f":{group}"))
    return fitted


def _posts(pairs: Sequence[Mapping[str, Any]], context: Context, suffix: str) -> dict[str, Floats]:
    first = context.directed([float(pair["low"]) for pair in pairs])
    last = context.directed([float(pair["high"]) for pair in pairs])
    # Lower is better: the directed high post is the lower of the two.
    return {f"low{suffix}": np.minimum(first, last), f"high{suffix}": np.maximum(first, last)}


def apply_posts(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """(x - low) / (high - low), clipped to 0 below (`lower`), to 1 above (`upper`), at `both` ends or at `none`.

    With goalposts by group, a place whose group has none is refused rather than left without a score.
    """
    apply = apply_minmax if "low" in fitted else _apply_group_posts
    result = apply(values, fitted, context)
    clip = context.option("clip", "both")
    if clip in ("both", "lower"):
        np.maximum(result, 0.0, out=result)
    if clip in ("both", "upper"):
        np.minimum(result, 1.0, out=result)
    return result


def _apply_group_posts(values: Floats, fitted: Fitted, context: Context) -> Floats:
    by = context.option("goalposts")["by"]
    groups = np.array([str(group) for group in context.attributes.get(by, ())])
    if not groups.size:
        _refuse(context, "over", f"its goalposts go by «{by}», which places do not have", f"give places `{by}`")
    result = np.full(values.shape, np.nan)
    for name in fitted:
        if name.startswith("low:"):
            inside = groups == name.removeprefix("low:")
            posts = {"low": fitted[name], "high": fitted[name.replace("low:", "high:", 1)]}
            result[..., inside] = apply_minmax(values[..., inside], posts, context)
    lost = ~np.isnan(values) & np.isnan(result)
    if lost.any():
        _, column, place = np.argwhere(lost)[0]
        reason = (
            f"no goalposts for {by} «{groups[place]}»: {_places(context, lost[:, column] & (groups == groups[place]))}"
        )
        _refuse(context, "goalposts", reason, "add them, or correct the places", int(column))
    return result


def fit_zscore(reference: Floats, _: Context) -> Fitted:
    """Mean and sample standard deviation (n - 1) of each column."""
    return {"mean": statistics.mean(reference), "sd": statistics.sd(reference)}


def apply_zscore(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """m + s (x - mean) / sd; m and s are the options `mean` (0) and `sd` (1)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = (values - fitted["mean"][..., None]) / fitted["sd"][..., None]
    return np.asarray(context.option("mean", 0.0) + context.option("sd", 1.0) * standard)


def fit_target(reference: Floats, context: Context) -> Fitted:
    """The worst reference value and the target; a target that is not better than the worst value is refused."""
    low = np.fmin.reduce(reference, axis=-1)
    targets = context.directed([float(rule.options["target"]) for rule in context.each])
    high = np.broadcast_to(targets, low.shape)
    wrong = np.flatnonzero((high <= low).any(axis=0))
    if wrong.size:
        reason = "no value is on the far side of its target, so there is no distance to it"
        _refuse(context, "target", reason, "set a target better than the worst value", int(wrong[0]))
    return {"low": low, "high": high}


def apply_target(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """(x - min) / (target - min) for higher is better, (max - x) / (max - target) for lower; `cap` stops at 1."""
    result = apply_minmax(values, fitted, context)
    return np.minimum(result, 1.0) if context.option("cap", False) else result


def fit_reference(reference: Floats, context: Context) -> Fitted:
    """The worst value and the value of the reference place, which must be there and better than the worst."""
    name = str(context.option("place"))
    cure = "name a place with a value, better than the worst"
    if name not in context.places:
        _refuse(context, "place", f"the reference place «{name}» is not among the places scored", cure)
    low = np.fmin.reduce(reference, axis=-1)
    high = reference[..., context.places.index(name)]
    wrong = np.flatnonzero((~apart(low, high) & ~np.isnan(low)).any(axis=0))
    if wrong.size:
        reason = f"the reference place «{name}» has no value, or the worst one"
        _refuse(context, "place", reason, cure, int(wrong[0]))
    return {"low": low, "high": high}


def apply_reference(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """Distance to a reference place: 1 - (ref - x) / (ref - min); `cap` stops at 1."""
    result = apply_best(values, fitted, context)
    return np.minimum(result, 1.0) if context.option("cap", False) else result


def fit_ratio(reference: Floats, context: Context) -> Fitted:
    """The best, mean or worst reference value of each column, on the natural scale; 0 is refused."""
    to = context.option("to", "best")
    pick = {"best": np.fmax.reduce, "worst": np.fmin.reduce}.get(to)
    found = statistics.mean(reference) if pick is None else pick(reference, axis=-1)
    wrong = np.flatnonzero((found == 0).any(axis=0))
    if wrong.size:
        _refuse(context, "to", f"its {to} value is 0: there is no ratio to it", "take another method", int(wrong[0]))
    return {"reference": found}


def apply_ratio(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """x / reference; where lower is better, reference / x, and then an x of 0 is refused. Ratio scales only."""
    lower = context.signs < 0
    natural = values * context.signs[:, None]
    reference = (fitted["reference"] * context.signs)[..., None]
    wrong = np.flatnonzero((natural == 0).any(axis=(0, 2)) & lower)
    if wrong.size:
        places = _places(context, (natural == 0)[:, wrong[0]])
        _refuse(context, "ratio", f"a value of 0 has no ratio: {places}", "take another method", int(wrong[0]))
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(lower[:, None], reference / natural, natural / reference))


def fit_mean(reference: Floats, context: Context) -> Fitted:
    """The mean of each column on the natural scale, which must be positive."""
    found = statistics.mean(reference)
    wrong = np.flatnonzero((found * context.signs <= 0).any(axis=0))
    if wrong.size:
        reason = "its mean is not positive, so values cannot be compared with a share of it"
        _refuse(context, "above-mean", reason, "take another method", int(wrong[0]))
    return {"mean": found}


def apply_above_mean(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """+1 where x / mean > 1 + band, -1 where x / mean < 1 - band, else 0; signs change where lower is better.

    What differs from the end of the band by its last bits lies on it: a mean is a quotient of sums.
    """
    band = context.option("band", 0.0) + ROUNDING
    ratio = values / fitted["mean"][..., None]
    steps = np.where(ratio > 1 + band, 1.0, np.where(ratio < 1 - band, -1.0, 0.0)) * context.signs[:, None]
    return np.where(np.isnan(values), np.nan, steps + 0.0)


def fit_sorted(reference: Floats, _: Context) -> Fitted:
    """The reference values themselves, sorted, missing ones left out."""
    return {"sorted": ranking.sorted_columns(reference)}


def apply_percentile(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """(r - 1) / (n - 1), r the ascending rank among the n reference values; or the variants r/n and (r-0.5)/n.

    `ties`: `min` (default) or `average`. `reverse_after_rank` ranks lower-is-better columns upwards and takes 1 minus
    the share, which differs where values tie. A value outside the reference gets 0 or 1 at most.
    """
    ties, variant = context.option("ties", "min"), context.option("variant", "r-1/n-1")
    result = ranking.shares(values, fitted["sorted"], ties, variant)
    lower = np.flatnonzero(context.signs < 0)
    if context.option("reverse_after_rank", False) and lower.size:
        turned = ranking.turned(fitted["sorted"][:, lower])
        result[:, lower] = 1 - ranking.shares(-values[:, lower], turned, ties, variant)
    return result


def apply_rank(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """The ascending rank r among the reference values, 1 for the worst."""
    return ranking.ranks_in(values, fitted["sorted"], context.option("ties", "min"))[0]


def apply_borda(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """r - 1: how many reference values each one beats."""
    return apply_rank(values, fitted, context) - 1


def apply_exponential(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """-f ln(1 - R (1 - exp(-100 / f))), R = (n + 1 - rank) / n with rank 1 for the best; f is `factor`, 23.

    Gives 0 to 100 and spreads the best. Source: English Indices of Deprivation.
    """
    factor = float(context.option("factor", 23.0))
    share = ranking.shares(values, fitted["sorted"], "max", "r/n")
    return np.asarray(-factor * np.log(1 - share * (1 - np.exp(-100 / factor))))


def fit_ladder(reference: Floats, context: Context) -> Fitted:
    """What a ladder on percentiles needs; one on values needs nothing."""
    return {} if context.option("on", "value") == "value" else fit_sorted(reference, context)


def apply_ladder(values: Floats, fitted: Fitted, context: Context) -> Floats:
    """The level for the number of thresholds exceeded (`boundary: lower`) or reached (`upper`).

    On values, thresholds are on the natural scale and exceeding means being better; on percentiles they are in
    percent of 100 r / n. `levels` go from no threshold passed upwards; without them the level is the number passed.
    """
    raw = sorted(float(threshold) for threshold in context.option("thresholds"))
    levels = np.array(sorted(context.option("levels") or range(len(raw) + 1)), dtype=np.float64)
    side = "right" if context.option("boundary", "lower") == "upper" else "left"
    if "sorted" in fitted:
        compared = 100 * ranking.shares(values, fitted["sorted"], "min", "r/n")
        rungs = [np.array(raw)] * len(context.codes)
    else:
        compared = values
        posts = np.concatenate([context.directed([threshold] * len(context.codes)) for threshold in raw])
        rungs = list(np.sort(posts, axis=0).T)
    passed = np.stack([np.searchsorted(rung, compared[:, i], side=side) for i, rung in enumerate(rungs)], axis=1)  # type: ignore[call-overload]
    return np.where(np.isnan(compared), np.nan, levels[np.minimum(passed, levels.size - 1)])


def unfitted(_values: Floats, _: Context) -> Fitted:
    """Nothing is taken from the data."""
    return {}


def _checked(post: float, transform: str, code: str) -> Floats:
    value = np.float64(post)
    if outside(np.asarray(value), transform):
        reason, cure = f"{post:g} cannot be transformed by {transform}", "give numbers above 0, on the natural scale"
        raise DefinitionError(f"«{code}»: {reason} ({cure})", [Problem(reason, cure, column=code, value=f"{post:g}")])
    return np.asarray(value)


def _places(context: Context, cells: Bools) -> str:
    """The places of some cells (periods, places) of a column, for a message."""
    return some([context.places[place] for place in np.flatnonzero(cells.any(axis=0)).tolist()])


def _refuse(context: Context, key: str, reason: str, cure: str, column: int = 0) -> NoReturn:
    code = context.codes[column]
    raise Invalid(f"«{code}»: normalise: {reason} ({cure})", [Problem(reason, cure, column=f"{code}.normalise.{key}")])
