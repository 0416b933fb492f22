"""What a run would give were some figures recorded now. Computed to be looked at; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.formats.observations import ObservationTable
from cityindex.queries.observations.observations import CELL_STATUS
from cityindex.scoring.matrix import Panel
from cityindex.scoring.results import ScoreSet
from cityindex.services.runs.inputs import Inputs


@dataclass(frozen=True)
class Forecast:
    """`results` are of one period; their places stand in the order of `inputs`."""

    entry: FrameworkEntry
    inputs: Inputs
    results: ScoreSet


def with_figures(panel: Panel, figures: ObservationTable) -> Panel:
    """The panel as it would be with `figures`, of one period, recorded: they replace what is known of their cells."""
    row = _positions(panel.places, figures.places)[figures.place]
    column = _positions(panel.indicators, figures.indicators)[figures.indicator]
    known = (row >= 0) & (column >= 0)
    where = (panel.periods.index(int(figures.period[0])), row[known], column[known])
    values = panel.values.copy()
    status = np.zeros(values.shape, np.uint8) if panel.status is None else panel.status.copy()
    values[where], status[where] = figures.value[known], CELL_STATUS[figures.status[known]]
    return Panel(panel.places, panel.periods, panel.indicators, values, status, panel.attributes)


def _positions(ours: Sequence[str], theirs: Sequence[str]) -> NDArray[np.int64]:
    """Where each of `theirs` is among `ours`; -1 where it is not."""
    known = {code: position for position, code in enumerate(ours)}
    return np.array([known.get(code, -1) for code in theirs], np.int64)
