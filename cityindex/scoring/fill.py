"""Fill across periods: a place's own values of other periods stand in for one that is missing.

All functions take (periods, …) with periods ascending and return a new array; what cannot be filled stays missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import CellStatus, Floats
from cityindex.scoring.work import Work


def latest(values: Floats, periods: Sequence[int], max_age: float | None = None) -> Floats:
    """The last value before, not older than `max_age` years (None: however old)."""
    result = values.copy()
    last, year = np.full_like(values[0], np.nan), np.full_like(values[0], -np.inf)
    for when, period in enumerate(periods):
        present = ~np.isnan(values[when])
        last = np.where(present, values[when], last)
        year = np.where(present, period, year)
        fresh = ~present & (period - year <= (np.inf if max_age is None else max_age))
        result[when][fresh] = last[fresh]
    return result


def constant(values: Floats, periods: Sequence[int], max_age: float | None = None) -> Floats:
    """The last value before; ahead of the first value, that one (a step function, flat at the ends)."""
    forward = latest(values, periods, max_age)
    backward = latest(forward[::-1], [-period for period in reversed(periods)], max_age)
    return backward[::-1]


def linear(values: Floats, periods: Sequence[int], max_age: float | None = None) -> Floats:
    """A straight line between the neighbours before and after; missing beyond the first and the last value."""
    years = np.asarray(periods, dtype=np.float64).reshape(-1, *[1] * (values.ndim - 1))
    before, after = latest(values, periods), latest(values[::-1], [-period for period in reversed(periods)])[::-1]
    known = np.where(np.isnan(values), np.nan, years)
    start, end = latest(known, periods), latest(known[::-1], [-period for period in reversed(periods)])[::-1]
    near = np.ones(values.shape, dtype=np.bool_) if max_age is None else np.fmin(years - start, end - years) <= max_age
    with np.errstate(invalid="ignore", divide="ignore"):
        between = before + (after - before) * ((years - start) / (end - start))
    return np.where(np.isnan(values) & near, between, values)


def linear_constant(values: Floats, periods: Sequence[int], max_age: float | None = None) -> Floats:
    """A straight line between neighbours, and the nearest value beyond the first and the last."""
    return constant(linear(values, periods, max_age), periods, max_age)


METHODS = {"latest": latest, "constant": constant, "linear": linear, "linear-constant": linear_constant}


def fill(work: Work) -> None:
    """Fill the indicators whose rule says so; cells that do not apply to their place stay empty."""
    for rule, columns in groups_of([column.fill for column in work.plan.columns]):
        if rule.method == "none" or len(work.periods) == 1:
            continue
        before = work.x[:, columns]
        after = METHODS[rule.method](before, work.periods, rule.options.get("max_age"))
        taken = np.isnan(before) & ~np.isnan(after) & (work.status[:, columns] != CellStatus.NOT_APPLICABLE)
        if not taken.any():
            continue
        work.x[:, columns] = np.where(taken, after, before)
        work.status[:, columns] = np.where(taken, CellStatus.FILLED, work.status[:, columns])


def groups_of(rules: list[Rule]) -> list[tuple[Rule, list[int]]]:
    """Columns that share a rule."""
    groups: dict[tuple[str, str], tuple[Rule, list[int]]] = {}
    for column, rule in enumerate(rules):
        key = rule.method, repr(sorted(rule.options.items()))
        groups.setdefault(key, (rule, []))[1].append(column)
    return list(groups.values())
