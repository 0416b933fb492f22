"""Classes of a choropleth: where the breaks are, how many places are in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

Classification = Literal["bands", "quantile", "equal"]
COLOURS = ("#e8e4a8", "#9fcaa6", "#55a5a6", "#2d6f94", "#23345f")
"""Low to high, as in the tokens of the site: told apart by the colour-blind and in grey."""


@dataclass(frozen=True, slots=True)
class Class:
    """From `low` on, below `high`; the highest class holds its upper end too."""

    low: float
    high: float
    colour: str
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The classes of a map, low to high, and the number of places without a value."""

    classes: tuple[Class, ...]
    missing: int

    @property
    def breaks(self) -> list[float]:
        """The lower ends of all classes but the lowest."""
        return [item.low for item in self.classes[1:]]


def classify(
    values: Sequence[float | None],
    breaks: Sequence[float],
    names: Sequence[str] = (),
    ends: tuple[float, float] | None = None,
) -> Scale:
    """Count `values` (None is missing) into the classes between ascending `breaks`.

    `ends` are those of the scale that the breaks belong to; without them, the lowest and highest value are the ends.
    """
    present = np.array([value for value in values if value is not None], dtype=float)
    missing = len(values) - len(present)
    if not len(present):
        return Scale((), missing)
    low, high = ends or (float(present.min()), float(present.max()))
    limits = [low, *(float(cut) for cut in breaks), high]
    position = np.searchsorted(limits[1:-1], present, side="right")
    counts = np.bincount(position, minlength=len(limits) - 1)
    colours = spread(len(limits) - 1)
    labels = names or [""] * len(colours)
    rows = zip(pairwise(limits), colours, counts, labels, strict=True)
    return Scale(tuple(Class(low, high, colour, int(n), name) for (low, high), colour, n, name in rows), missing)


def quantile_breaks(values: Sequence[float | None], count: int = len(COLOURS)) -> list[float]:
    """Breaks that put about as many places into each of `count` classes; fewer where values are tied."""
    present = np.array([value for value in values if value is not None], dtype=float)
    if len(present) < 2:
        return []
    # Nearest-rank: a break is a value that occurred.
    cuts = np.unique(np.quantile(present, np.arange(1, count) / count, method="higher"))
    return [float(cut) for cut in cuts if cut > present.min()]


def equal_breaks(values: Sequence[float | None], count: int = len(COLOURS)) -> list[float]:
    """Breaks at equal distances between the lowest and the highest value."""
    present = [value for value in values if value is not None]
    if not present or min(present) == max(present):
        return []
    return [float(cut) for cut in np.linspace(min(present), max(present), count + 1)[1:-1]]


def spread(count: int) -> list[str]:
    """`count` colours over the whole range, so that few classes are still told apart."""
    if count == 1:
        return [COLOURS[2]]
    return [COLOURS[round(index * (len(COLOURS) - 1) / (count - 1))] for index in range(count)]
