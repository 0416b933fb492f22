"""Denominators: totals become comparable between large and small places (step 1 of the data, before anything else)."""

from __future__ import annotations

import numpy as np

from cityindex.scoring.derive import Source
from cityindex.scoring.fill import latest
from cityindex.scoring.matrix import Bytes, CellStatus, Floats
from cityindex.scoring.plan import Column
from cityindex.scoring.work import Work


def per_unit(values: Floats, denominator: Floats, per: float) -> Floats:
    """x / (denominator / per), element by element; missing where the denominator is missing or 0."""
    usable = np.where(denominator == 0, np.nan, denominator)
    return np.asarray(values / (usable / per))


def denominate(work: Work, source: Source) -> None:
    """Divide the indicators that declare a denominator: by its value of the same period, else the place's attribute,
    else its latest value within the `max_age` of its fill rule, and say how often each was used.
    """
    for column, item in enumerate(work.plan.columns):
        if item.indicator.denominator is None:
            continue
        values, status = _lagged(work, source, item)
        work.x[:, column] = per_unit(work.x[:, column], values, item.indicator.per)
        current = work.status[:, column]
        np.maximum(current, np.where(current < CellStatus.NOT_APPLICABLE, status, 0), out=current)


def _lagged(work: Work, source: Source, item: Column) -> tuple[Floats, Bytes]:
    name = str(item.indicator.denominator)
    found, known = source.get(name)
    values, status = found.copy(), known.copy()
    wanted = ~np.isnan(work.x[:, work.plan.columns.index(item)])
    zeros = int((wanted & (values == 0)).sum())
    if zeros:
        work.warnings.append(f"«{item.code}»: its denominator {name} is 0 in {zeros} cells, which are missing")
    earlier = _carry(work, name, values, status)
    unmatched = int((wanted & np.isnan(values)).sum())
    if earlier:
        work.lookups.setdefault(name, {})["earlier"] = earlier
    if unmatched:
        work.warnings.append(f"«{item.code}»: no denominator {name} for {unmatched} values, which are missing")
    return values, status


def _carry(work: Work, name: str, values: Floats, status: Bytes) -> int:
    """Carry a denominator forward within its fill rule's age; how many cells that was."""
    framework = work.plan.framework
    indicator = framework.indicators.get(name)
    rule = (indicator.fill if indicator else None) or framework.method.fill
    if rule.method != "latest":
        return 0
    filled = latest(values[:, None], work.periods, rule.options.get("max_age"))[:, 0]
    taken = np.isnan(values) & ~np.isnan(filled)
    values[taken], status[taken] = filled[taken], CellStatus.FILLED
    return int(taken.sum())
