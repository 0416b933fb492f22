"""Classes of a choropleth: where the breaks are, how many places are in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cityindex.maps.palettes import DIVERGING, SITE, around, ramp

CLASSES = 5
FEWEST, MOST = 2, 7
"""How many classes an eye tells apart on a map."""
MANY = 2_500
"""From so many different values on, natural breaks are looked for between every so many of them."""

Floats = NDArray[np.float64]
Values = Sequence[float | None]


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

    def colour_of(self, value: float) -> str:
        """The colour of the class that holds a value."""
        return self.colours[sum(1 for cut in self.breaks if value >= cut)]

    @property
    def colours(self) -> list[str]:
        return [item.colour for item in self.classes] or ramp(SITE, 1)


@dataclass(frozen=True, slots=True)
class Shades:
    """Which colours: the name of a palette and, for the one with two hues, the value where they part."""

    palette: str = SITE
    middle: float | None = None

    def colours(self, breaks: Sequence[float]) -> list[str]:
        if self.palette == DIVERGING and self.middle is not None:
            return around(breaks, self.middle)
        return ramp(self.palette, len(breaks) + 1)


def classify(
    values: Values,
    breaks: Sequence[float],
    names: Sequence[str] = (),
    ends: tuple[float, float] | None = None,
    shades: Shades | None = None,
) -> Scale:
    """Count `values` (None is missing) into the classes between ascending `breaks`.

    `ends` are those of the scale that the breaks belong to; without them, the lowest and highest value or break are
    the ends.
    """
    present = known(values)
    missing = len(values) - len(present)
    if not len(present):
        return Scale((), missing)
    reached = [*present.tolist(), *breaks]
    low, high = ends or (min(reached), max(reached))
    limits = [low, *(float(cut) for cut in breaks), high]
    position = np.searchsorted(limits[1:-1], present, side="right")
    counts = np.bincount(position, minlength=len(limits) - 1)
    colours = (shades or Shades()).colours(breaks)
    labels = names or [""] * len(colours)
    rows = zip(pairwise(limits), colours, counts, labels, strict=True)
    return Scale(tuple(Class(low, high, colour, int(n), name) for (low, high), colour, n, name in rows), missing)


def known(values: Values) -> Floats:
    return np.array([value for value in values if value is not None], dtype=float)


def quantile_breaks(values: Values, count: int = CLASSES) -> list[float]:
    """Breaks that put about as many places into each of `count` classes; fewer where values are tied."""
    present = known(values)
    if len(present) < 2:
        return []
    # Nearest-rank: a break is a value that occurred.
    cuts = np.unique(np.quantile(present, np.arange(1, count) / count, method="higher"))
    return [float(cut) for cut in cuts if cut > present.min()]


def equal_breaks(values: Values, count: int = CLASSES) -> list[float]:
    """Breaks at equal distances between the lowest and the highest value."""
    present = known(values)
    if not len(present) or present.min() == present.max():
        return []
    return [float(cut) for cut in np.linspace(present.min(), present.max(), count + 1)[1:-1]]


def deviation_breaks(values: Values, count: int = CLASSES) -> list[float]:
    """Breaks at whole standard deviations around the mean: one of them for each class but the lowest.

    With an odd number of classes the mean lies in the middle one, with an even number on a break. Those outside the
    values are left out.
    """
    present = known(values)
    if len(present) < 2 or present.min() == present.max():
        return []
    steps = np.arange(1, count) - count / 2
    cuts = present.mean() + steps * present.std(ddof=1)
    return [float(cut) for cut in cuts if present.min() < cut <= present.max()]


def natural_breaks(values: Values, count: int = CLASSES) -> list[float]:
    """Breaks that make the squared distances within `count` classes smallest, and there is no better choice (Fisher).

    With more than `MANY` different values neighbours are taken together first, and the best is found between those.
    """
    present = known(values)
    distinct, weights = np.unique(present, return_counts=True)
    if len(distinct) <= count:
        return [float(value) for value in distinct[1:]]
    heads = np.arange(len(distinct))
    if len(distinct) > MANY:
        heads = np.unique(np.linspace(0, len(distinct) - 1, MANY).round().astype(int))
    sums = np.add.reduceat(np.array([weights, weights * distinct, weights * distinct**2]), heads, axis=1)
    return [float(distinct[heads[start]]) for start in _best_starts(sums, count)]


def _best_starts(sums: Floats, count: int) -> list[int]:
    """Where the classes but the first begin. `sums` are weight, sum and sum of squares of each value, in order."""
    weight, total, squares = np.hstack([np.zeros((3, 1)), sums.cumsum(axis=1)])
    size = len(weight) - 1

    def within(begin: NDArray[np.int64], end: int) -> Floats:
        n = weight[end] - weight[begin]
        return squares[end] - squares[begin] - (total[end] - total[begin]) ** 2 / n  # type: ignore[no-any-return]

    cost = np.array([np.inf, *(within(np.array([0]), end)[0] for end in range(1, size + 1))])
    chosen = np.zeros((count, size + 1), dtype=np.int64)
    for number in range(1, count):
        before, cost = cost, np.full(size + 1, np.inf)
        for end in range(number + 1, size + 1):
            begins = np.arange(number, end)
            options = before[begins] + within(begins, end)
            best = int(options.argmin())
            chosen[number, end], cost[end] = begins[best], options[best]
    starts, end = [], size
    for number in range(count - 1, 0, -1):
        end = int(chosen[number, end])
        starts.append(end)
    return starts[::-1]


METHODS: Mapping[str, Callable[[Values, int], list[float]]] = MappingProxyType(
    {
        "quantile": quantile_breaks,
        "equal": equal_breaks,
        "natural": natural_breaks,
        "deviation": deviation_breaks,
    }
)


def through(breaks: Sequence[float], middle: float) -> list[float]:
    """The breaks with one of them, the nearest, moved to the middle, so that a class ends there."""
    if not breaks:
        return [middle]
    nearest = min(range(len(breaks)), key=lambda at: abs(breaks[at] - middle))
    return sorted({*breaks[:nearest], middle, *breaks[nearest + 1 :]})
