"""Treatment of outliers: what makes everybody else look alike is pulled in, and written down.

A distribution passes where |skewness| < 2 or kurtosis < 3.5. One that fails is winsorised, and where that does not help
(or the cap is 0), its logarithm is taken. What was done is kept as bounds, which other years, what-if and single places
reuse. Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 3 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cityindex.scoring import statistics
from cityindex.scoring.fits import references
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Floats
from cityindex.scoring.plan import Column
from cityindex.scoring.results import Treatment
from cityindex.scoring.winsorise import capped, winsor_bounds
from cityindex.scoring.work import Work

FEWEST, FEWEST_DISTINCT = 20, 5
EXEMPT_TYPES = ("yes-no", "rubric")
LOGS = ("log", "log-directed", "log-directed-negative", "log-plus-one", "box-cox")
OTHERWISE = ("log", "log-directed", "log-plus-one", "box-cox", "none")
NOTHING = ("none", np.nan, np.nan)
UNTREATED = ("untreated", np.nan, np.nan)
"""What would leave fewer than two different values is not done, and this says so."""
AS_IT_IS = ("none", "untreated")

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


def decide(arranged: Floats, options: Mapping[str, Any], skew: float) -> Decision:
    """What to do to a sorted reference column (missing values left out) that failed the test, with this skew."""
    cap = capped(options.get("cap", 0.01), arranged.size)
    otherwise = str(options.get("otherwise", "log"))
    if cap > 0:
        low, high, passed = winsor_bounds(arranged, cap, _limits(options))
        done = (low, high) != (arranged[0], arranged[-1])
        if passed or otherwise == "none":
            return ("winsorise", low, high) if done else UNTREATED
    if otherwise == "none":
        return NOTHING
    if otherwise == "log-directed" and skew < 0:
        otherwise = "log-directed-negative"
    return otherwise, float(arranged[0]), float(arranged[-1])


def _limits(options: Mapping[str, Any]) -> tuple[float, float]:
    return float(options.get("skew", statistics.SKEW)), float(options.get("kurtosis", statistics.KURTOSIS))


def clip_bounds(column: Floats, options: Mapping[str, Any]) -> Decision:
    """The percentiles `low` and `high` of a column, interpolated linearly; values beyond them count as they do."""
    low, high = np.quantile(column, [float(options["low"]), float(options["high"])])
    return ("clip", float(low), float(high)) if low < high else UNTREATED


def apply_decision(values: Floats, decision: Decision, power: float) -> Floats:
    """The treated values; missing stays missing."""
    how, low, high = decision
    if how in LOGS:
        return logged(values, how, low, high, power)
    return values if how in AS_IT_IS else np.clip(values, low, high)


class _Shape:
    """Skewness and kurtosis, worked out once for values that are fitted on and then written down."""

    def __init__(self) -> None:
        self.values: Floats | None = None
        self.moments: tuple[Floats, Floats] | None = None

    def of(self, values: Floats) -> tuple[Floats, Floats]:
        if self.moments is None or values is not self.values:
            self.values, self.moments = values, statistics.shape(values)
        return self.moments


@dataclass(frozen=True)
class _Part:
    """Columns of one rule, with the values that treatment is fitted on."""

    rule: Rule
    columns: list[int]
    items: list[Column]
    shape: _Shape

    def fit(self, reference: Floats, periods: Sequence[int]) -> Callable[[], tuple[Sequence[str], Mapping[str, Any]]]:
        """Fits decisions to a reference (periods, columns, places), when it is called."""

        def fit() -> tuple[Sequence[str], Mapping[str, Any]]:
            keys, used = references(reference, self.rule.options.get("over", "period"), periods)
            return keys, _fit(self.rule, used, self.shape)

        return fit


def treat(work: Work) -> None:
    """Treat every indicator by its rule and write down what was done.

    Exempt are yes-no and rubric indicators, and references of fewer than 20 values or 5 different ones. A treatment
    that would leave fewer than two different values is not made, and the table says `untreated`.
    """
    parts = _parts(work)
    if parts:
        work.x = work.x.copy()
    reference = work.reference()
    for part in parts:
        before = reference[:, part.columns]
        fitted = work.fits.fit(
            "treat", [item.code for item in part.items], work.periods, part.fit(before, work.periods)
        )
        _apply(work, part, fitted, before)


def _parts(work: Work) -> list[_Part]:
    groups: dict[str, _Part] = {}
    for column, item in enumerate(work.plan.columns):
        if item.treat.method == "none" or item.indicator.type in EXEMPT_TYPES:
            continue
        key = repr((item.treat.method, sorted(item.treat.options.items())))
        part = groups.setdefault(key, _Part(item.treat, [], [], _Shape()))
        part.columns.append(column)
        part.items.append(item)
    return list(groups.values())


def _fit(rule: Rule, reference: Floats, known: _Shape) -> Mapping[str, Any]:
    shape = reference.shape[:2]
    method, low, high = np.full(shape, "none", dtype="<U24"), np.full(shape, np.nan), np.full(shape, np.nan)
    skew, kurtosis = known.of(reference)
    failing = np.ones(shape, dtype=np.bool_)
    if rule.method == "winsorise":
        failing = statistics.outlying(skew, kurtosis, *_limits(rule.options))
    for when, position in np.argwhere(failing):
        where = when, position
        arranged = np.sort(reference[where])
        arranged = arranged[: arranged.size - int(np.isnan(arranged).sum())]
        if arranged.size < FEWEST or np.count_nonzero(arranged[1:] != arranged[:-1]) < FEWEST_DISTINCT - 1:
            continue
        if rule.method == "clip":
            method[where], low[where], high[where] = clip_bounds(arranged, rule.options)
        else:
            method[where], low[where], high[where] = decide(arranged, rule.options, float(skew[where]))
    return {"method": method, "low": low, "high": high}


def _apply(work: Work, part: _Part, fitted: Mapping[str, Any], before: Floats) -> None:
    """Change the columns, period by period, and note each reference in the table."""
    shape = before.shape[:2]
    method, low, high = (np.broadcast_to(fitted[name], shape) for name in ("method", "low", "high"))
    power = float(part.rule.options.get("lambda", 0.5))
    for when, position in np.argwhere(~np.isin(method, AS_IT_IS)):
        decision = str(method[when, position]), float(low[when, position]), float(high[when, position])
        column = part.columns[position]
        work.x[when, column] = apply_decision(work.x[when, column], decision, power)
    pooled = len(fitted["method"]) < len(work.periods)
    _write_down(work, part, fitted, np.moveaxis(before, 1, 0).reshape(1, shape[1], -1) if pooled else before)


def _write_down(work: Work, part: _Part, fitted: Mapping[str, Any], before: Floats) -> None:
    """A line of the table of treatment for each reference and indicator."""
    pooled = len(before) < len(work.periods)
    power = float(part.rule.options.get("lambda", 0.5))
    moments = part.shape.of(before)
    for when, position in np.ndindex(*before.shape[:2]):
        where = when, position
        decision = str(fitted["method"][where]), float(fitted["low"][where]), float(fitted["high"][where])
        period = None if pooled else work.periods[when]
        skew, kurtosis = (float(moment[where]) for moment in moments)
        line = part.items[position].code, period, (skew, kurtosis)
        work.treated.append(_line(line, before[where], decision, power))


def _line(
    about: tuple[str, int | None, tuple[float, float]], column: Floats, decision: Decision, power: float
) -> Treatment:
    indicator, period, before = about
    how, low, high = decision
    after, points = before, 0
    if how not in AS_IT_IS:
        treated = apply_decision(column, decision, power)
        skew, kurtosis = statistics.shape(treated[None])
        after = float(skew[0]), float(kurtosis[0])
        points = int(((treated != column) & ~np.isnan(column)).sum())
    bounded = how in ("winsorise", "clip")
    return Treatment(
        indicator=indicator,
        period=period,
        method=how,
        points=points if bounded else 0,
        low=low if bounded else None,
        high=high if bounded else None,
        skew_before=before[0],
        skew_after=after[0],
        kurtosis_before=before[1],
        kurtosis_after=after[1],
    )
