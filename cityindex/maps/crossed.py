"""Two variables in one map: three classes of each make nine, and what is missing of one, the other or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cityindex.maps.drawing import Look
from cityindex.maps.palettes import BIVARIATE

CLASSES = 3


@dataclass(frozen=True, slots=True)
class Crossed:
    """`counts[i][j]`: places in class i of the first variable and j of the second, low to high.

    `only_first` lack the second variable, `only_second` the first, `neither` both.
    """

    breaks: tuple[Sequence[float], Sequence[float]]
    counts: tuple[tuple[int, ...], ...]
    only_first: int
    only_second: int
    neither: int

    def look(self, first: float | None, second: float | None) -> Look:
        """How a place with these two values is drawn."""
        if first is None or second is None:
            return Look(None, "none" if first is second else "second" if first is None else "first")
        row, column = (
            sum(1 for cut in cuts if value >= cut) for cuts, value in zip(self.breaks, (first, second), strict=True)
        )
        return Look(self.colours[row][column])

    @property
    def colours(self) -> list[list[str]]:
        """A row a class of the first variable."""
        return [list(row) for row in BIVARIATE]


def crossed(
    first: Mapping[str, float | None],
    second: Mapping[str, float | None],
    breaks: tuple[Sequence[float], Sequence[float]],
) -> Crossed:
    """Count the places of `first` (by code) into the classes of both; a class begins with its lower break."""
    counts = np.zeros((CLASSES, CLASSES), dtype=int)
    gaps = {(True, False): 0, (False, True): 0, (False, False): 0}
    for code, one in first.items():
        other = second.get(code)
        if one is None or other is None:
            gaps[one is not None, other is not None] += 1
            continue
        row, column = (int(np.searchsorted(breaks[at], value, side="right")) for at, value in enumerate((one, other)))
        counts[row, column] += 1
    return Crossed(
        breaks, tuple(tuple(row) for row in counts.tolist()), gaps[True, False], gaps[False, True], gaps[False, False]
    )
