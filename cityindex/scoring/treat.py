"""Treatment of outliers: what makes everybody else look alike is pulled in, and written down.

A distribution passes where |skewness| < 2 or kurtosis < 3.5. One that fails is winsorised, and where that does not help
(or the cap is 0), its logarithm is taken. What was done is kept as bounds, which other years, what-if and single places
reuse. Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 3 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cityindex.scoring import statistics
from cityindex.scoring.fits import references
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.plan import Column
from cityindex.scoring.results import Treatment
from cityindex.scoring.winsorise import capped, winsor_bounds
from cityindex.scoring.work import Work

FEWEST, FEWEST_DISTINCT = 20, 5
EXEMPT_TYPES = ("yes-no", "rubric")
LOGS = ("log", "log-directed", "log-directed-negative", "log-plus-one", "box-cox")
OTHERWISE = ("log", "log-directed", "log-plus-one", "box-cox", "none")
NOTHING = ("none", np.nan, np.nan)

Decision = tuple[str, float, float]
"""What is done to a column, and the bounds that it is done with."""


def logged(values: Floats, how: str, low: float, high: float, power: float = 0.0) -> Floats:
    """The logarithm that cures a skew, of values whose reference runs from `low` to `high`.

    `log`: ln(x - low + 0.01 (high - low)); `log-directed-negative`, for a tail on the left:
    -ln(high + 0.01 (high - low) - x); `log-plus-one`: ln(x - low + 1); `box-cox`: ((x - low + 1)^power - 1) / power,
    and the former for power 0.
    Values beyond the reference, where the logarithm would end, count as its end.
    """
    margin = 0.01 * (high - low)
    if how == "log-directed-negative":
        return np.asarray(-np.log(high + margin - np.minimum(values, high)))
    above = np.maximum(values, low) - low
    if how in ("log", "log-directed"):
        return np.asarray(np.log(above + margin))
    if how == "log-plus-one" or power == 0:
        return np.asarray(np.log(above + 1))
    return np.asarray(((above + 1) ** power - 1) / power)


def decide(column: Floats, options: Mapping[str, Any], moments: tuple[float, float]) -> Decision:
    """What to do to one reference column (missing values left out) that failed the test with these moments."""
    limits = float(options.get("skew", statistics.SKEW)), float(options.get("kurtosis", statistics.KURTOSIS))
    cap = capped(options.get("cap", 0.01), column.size)
    otherwise = str(options.get("otherwise", "log"))
    if cap > 0:
        low, high, passed = winsor_bounds(np.sort(column), cap, limits)
        if passed or otherwise == "none":
            return "winsorise", low, high
    if otherwise == "none":
        return NOTHING
    if otherwise == "log-directed" and moments[0] < 0:
        otherwise = "log-directed-negative"
    return otherwise, float(column.min()), float(column.max())


def clip_bounds(column: Floats, options: Mapping[str, Any]) -> Decision:
    """The percentiles `low` and `high` of a column, interpolated linearly; values beyond them count as they do."""
    low, high = np.quantile(column, [float(options["low"]), float(options["high"])])
    return ("clip", float(low), float(high)) if low < high else NOTHING


def apply_decision(values: Floats, decision: Decision, power: float) -> Floats:
    """The treated values; missing stays missing."""
    how, low, high = decision
    if how in LOGS:
        return logged(values, how, low, high, power)
    return values if how == "none" else np.clip(values, low, high)


@dataclass(frozen=True)
class _Part:
    """Columns of one rule, with the values that treatment is fitted on."""

    rule: Rule
    columns: list[int]
    items: list[Column]


def treat(work: Work) -> None:
    """Treat every indicator by its rule and write down what was done.

    Exempt are yes-no and rubric indicators, and references of fewer than 20 values or 5 different ones. A treatment
    that would leave fewer than two different values is not made.
    """
    parts = _parts(work)
    if parts:
        work.x = work.x.copy()
    reference = work.reference()
    for part in parts:
        before = reference[:, part.columns]
        codes = [item.code for item in part.items]
        over = part.rule.options.get("over", "period")

        def fit(
            part: _Part = part, before: Floats = before, over: Any = over
        ) -> tuple[Sequence[str], Mapping[str, Any]]:
            keys, used = references(before, over, work.periods)
            return keys, _fit(part, used)

        fitted = work.fits.fit("treat", codes, work.periods, fit)
        _apply(work, part, fitted, before)


def _parts(work: Work) -> list[_Part]:
    groups: dict[str, _Part] = {}
    for column, item in enumerate(work.plan.columns):
        if item.treat.method == "none" or item.indicator.type in EXEMPT_TYPES:
            continue
        part = groups.setdefault(
            repr((item.treat.method, sorted(item.treat.options.items()))), _Part(item.treat, [], [])
        )
        part.columns.append(column)
        part.items.append(item)
    return list(groups.values())


def _fit(part: _Part, reference: Floats) -> Mapping[str, Any]:
    shape = reference.shape[:2]
    method, low, high = np.full(shape, "none", dtype="<U24"), np.full(shape, np.nan), np.full(shape, np.nan)
    skew, kurtosis = statistics.shape(reference)
    options = part.rule.options
    limits = float(options.get("skew", statistics.SKEW)), float(options.get("kurtosis", statistics.KURTOSIS))
    failing = statistics.outlying(skew, kurtosis, *limits) if part.rule.method == "winsorise" else np.ones(shape, bool)
    for where in map(tuple, np.argwhere(failing)):
        column = reference[where]
        column = column[~np.isnan(column)]
        if not _treatable(column):
            continue
        if part.rule.method == "clip":
            method[where], low[where], high[where] = clip_bounds(column, options)
        else:
            found = decide(column, options, (float(skew[where]), float(kurtosis[where])))
            method[where], low[where], high[where] = found
    return {"method": method, "low": low, "high": high}


def _treatable(column: Floats) -> bool:
    if column.size < FEWEST:
        return False
    return int(np.unique(column).size) >= FEWEST_DISTINCT


def _apply(work: Work, part: _Part, fitted: Mapping[str, Any], before: Floats) -> None:
    shape = before.shape[:2]
    method, low, high = (np.broadcast_to(fitted[name], shape) for name in ("method", "low", "high"))
    power = float(part.rule.options.get("lambda", 0.5))
    treated = method != "none"
    after = before.copy() if treated.any() else before
    for when, position in np.argwhere(treated):
        decision = str(method[when, position]), float(low[when, position]), float(high[when, position])
        column = part.columns[position]
        work.x[when, column] = apply_decision(work.x[when, column], decision, power)
        after[when, position] = apply_decision(before[when, position], decision, power)
    pooled = len(fitted["method"]) == 1 and len(work.periods) > 1
    if pooled:
        before, after = (np.moveaxis(values, 1, 0).reshape(1, shape[1], -1) for values in (before, after))
    _write_down(work, part, (fitted, before, after), pooled)


def _write_down(work: Work, part: _Part, made: tuple[Mapping[str, Any], Floats, Floats], pooled: bool) -> None:
    """A line of the table of treatment for each indicator and reference."""
    fitted, before, after = made
    skew, kurtosis = statistics.shape(before)
    skew_after, kurtosis_after = skew.copy(), kurtosis.copy()
    treated = fitted["method"] != "none"
    if treated.any():
        skew_after[treated], kurtosis_after[treated] = statistics.shape(after[treated])
    points = _points(before, after)
    for where in np.ndindex(*treated.shape):
        when, position = where
        how = str(fitted["method"][where])
        bounded = how in ("winsorise", "clip")
        work.treated.append(
            Treatment(
                indicator=part.items[position].code,
                period=None if pooled else work.periods[when],
                method=how,
                points=int(points[where]) if bounded else 0,
                low=float(fitted["low"][where]) if bounded else None,
                high=float(fitted["high"][where]) if bounded else None,
                skew_before=float(skew[where]),
                skew_after=float(skew_after[where]),
                kurtosis_before=float(kurtosis[where]),
                kurtosis_after=float(kurtosis_after[where]),
            )
        )


def _points(before: Floats, after: Floats) -> Any:
    if before is after:
        return np.zeros(before.shape[:2], dtype=np.intp)
    changed: Bools = (before != after) & ~np.isnan(before)
    return changed.sum(axis=-1)
