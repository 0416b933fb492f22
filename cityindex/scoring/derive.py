"""Derived indicators, and where the names in formulas and denominators find their values.

A name means the observation of that place and period first, then the attribute of the place; `Source` counts which.
"""

from __future__ import annotations

import numpy as np

from cityindex.errors import DefinitionError
from cityindex.scoring import formula
from cityindex.scoring.framework import Framework, Indicator
from cityindex.scoring.matrix import Bytes, CellStatus, Floats
from cityindex.scoring.work import Work, gather

Looked = tuple[Floats, Bytes]


def figures(framework: Framework, code: str) -> frozenset[str]:
    """What an indicator is computed from in the end, by its formula and denominator; itself where it has no formula."""
    seen: set[str] = set()
    waiting = [code]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _operands(framework.indicators.get(name))
    derived = {name for name in seen if name in framework.indicators and framework.indicators[name].formula is not None}
    return frozenset(seen - derived)


def _operands(indicator: Indicator | None) -> list[str]:
    if indicator is None:
        return []
    named = formula.names(indicator.formula) if indicator.formula is not None else ()
    return [*named, *([indicator.denominator] if indicator.denominator else [])]


class Source:
    """Values (periods, places) of anything that a formula or a denominator may name, with their status."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.known: dict[str, Looked] = {}
        self.computing: list[str] = []

    def get(self, name: str) -> Looked:
        """Values and status of an indicator or attribute; derived indicators are computed, each once.

        Raises `DefinitionError` where formulas name one another in a circle.
        """
        if name not in self.known:
            indicator = self.work.plan.framework.indicators.get(name)
            derived = indicator is not None and indicator.formula is not None
            self.known[name] = self._derived(indicator) if indicator and derived else self._looked_up(name)
        return self.known[name]

    def _derived(self, indicator: Indicator) -> Looked:
        if indicator.code in self.computing:
            circle = " -> ".join([*self.computing, indicator.code])
            raise DefinitionError(f"formulas in a circle: {circle} (let one of them be measured)")
        self.computing.append(indicator.code)
        written = str(indicator.formula)
        operands = {name: self.get(name) for name in formula.names(written)}
        self.computing.pop()
        shape = self.work.screened.shape
        values = np.broadcast_to(
            formula.evaluate(written, {name: cells for name, (cells, _) in operands.items()}), shape
        )
        present = ~np.isnan([cells for cells, _ in operands.values()]).any(axis=0)
        self._warn_lost(indicator.code, int((present & np.isnan(values)).sum()))
        status = np.max([cells for _, cells in operands.values()], axis=0)
        return values, status

    def _warn_lost(self, code: str, lost: int) -> None:
        if lost:
            self.work.warnings.append(f"«{code}»: its formula has no answer in {lost} cells (a division by zero?)")

    def _looked_up(self, name: str) -> Looked:
        panel, positions = self.work.panel, self.work.positions
        column = panel.indicators.index(name) if name in panel.indicators else -1
        values: Floats = gather(panel.values, [column], positions, np.nan)[:, 0]
        status = np.zeros(values.shape, dtype=np.uint8)
        if panel.status is not None:
            status = gather(panel.status, [column], positions, CellStatus.NORMAL)[:, 0]
        observed = ~np.isnan(values)
        attribute = self._attribute(name)
        taken = ~observed & ~np.isnan(attribute)
        values[taken] = np.broadcast_to(attribute, values.shape)[taken]
        status[taken] = CellStatus.NORMAL
        self.work.lookups[name] = {"observation": int(observed.sum()), "attribute": int(taken.sum())}
        if not observed.any() and not taken.any():
            self.work.warnings.append(f"«{name}» is in a formula or denominator, but neither data nor places have it")
        return values, status

    def _attribute(self, name: str) -> Floats:
        cells = self.work.attributes.get(name)
        if cells is None:
            return np.full(len(self.work.places), np.nan)
        return np.array([number(cell) for cell in cells], dtype=np.float64)


def number(cell: object) -> float:
    """An attribute as a number; NaN for what is none."""
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
    return value if np.isfinite(value) else float("nan")


def derive(work: Work, source: Source) -> None:
    """Compute the derived indicators of the tree from the values of the panel, in their own units.

    A derived value is as good as the worst of its operands (estimated, inherited, …); missing operands give missing.
    """
    for column, item in enumerate(work.plan.columns):
        if item.indicator.formula is None:
            continue
        given = int((~np.isnan(work.x[:, column])).sum())
        if given:
            work.warnings.append(f"«{item.code}» is derived: {given} values of it in the data are not used")
        applies = work.status[:, column] != CellStatus.NOT_APPLICABLE
        values, status = source.get(item.code)
        work.x[:, column] = np.where(applies, values, np.nan)
        work.status[:, column] = np.where(applies, status, CellStatus.NOT_APPLICABLE)
