"""Series that cannot be right as a whole, though each value could: a year copied from the last one, zeros for gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cityindex.formats.observations import ObservationTable
from cityindex.formats.problems import Problems
from cityindex.scoring.matrix import some

FEWEST = 10
"""Fewer values prove nothing."""
MANY_ZEROS, FEW_ZEROS = 0.2, 0.02
FEWEST_SERIES = 3
"""Where only two periods can be compared, so many indicators that repeat are no chance."""
MAXIMUM_CELLS = 1 << 25
"""Of the cube that is looked at; a sparse file of many periods is left alone."""


def warn_of_suspicions(table: ObservationTable, warnings: Problems) -> None:
    """Warnings for periods that repeat the one before, and for zeros that seem to stand for missing values."""
    if len(table.periods) * len(table.places) * len(table.indicators) > MAXIMUM_CELLS:
        return
    values, _ = table.cube()
    _warn_of_copies(table, values, warnings)
    _warn_of_zeros(table, values, warnings)


def _warn_of_copies(table: ObservationTable, values: NDArray[np.float64], warnings: Problems) -> None:
    """A period is a copy where every indicator that changes in other periods is the same as in the period before."""
    both = ~np.isnan(values[1:]) & ~np.isnan(values[:-1])
    changed = (both & (values[1:] != values[:-1])).any(axis=1)
    comparable = both.sum(axis=1) >= FEWEST
    alive = changed.any(axis=0) if len(table.periods) > 2 else np.full(len(table.indicators), True)
    for pair in range(len(table.periods) - 1):
        repeated = np.flatnonzero(comparable[pair] & ~changed[pair] & alive)
        others = np.flatnonzero(comparable[pair] & changed[pair])
        if not len(repeated) or (len(table.periods) == 2 and (len(repeated) < FEWEST_SERIES or len(others))):
            continue
        names = some([table.indicators[column] for column in repeated])
        reason = f"{table.periods[pair + 1]} repeats {table.periods[pair]} for every place in {names}"
        warnings.add(reason, "ask the source: a year seems to be copied from the one before", column="period")


def _warn_of_zeros(table: ObservationTable, values: NDArray[np.float64], warnings: Problems) -> None:
    """Zeros are suspicious in a period that has many where the indicator's other periods have next to none."""
    known = (~np.isnan(values)).sum(axis=1)
    share = (values == 0).sum(axis=1) / np.maximum(known, 1)
    many = (share >= MANY_ZEROS) & (known >= FEWEST)
    usual = ((share <= FEW_ZEROS) & (known >= FEWEST)).any(axis=0)
    for column in np.flatnonzero(many.any(axis=0) & usual):
        years = some([str(table.periods[period]) for period in np.flatnonzero(many[:, column])])
        zeros = int((values[many[:, column], :, column] == 0).sum())
        reason = f"{zeros} values are zero in {years}, and next to none in other periods"
        cure = "leave cells empty where the value is missing"
        warnings.add(reason, cure, column=table.indicators[column])
