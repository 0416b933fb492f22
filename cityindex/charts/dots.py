"""A dot for every place on one scale, stacked where they are many: thousands of marks, and none lies on another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cityindex.charts.histograms import Axis, Missing
from cityindex.charts.svg import HATCH, Caption, element, picture, share, text

WIDTH, ROOM, FROM = 960.0, 828.0, 860.0
"""The scale takes the first part of the width; from `FROM` on stand the places without a value."""
TOP, TALLEST, UNDER, LINE = 34.0, 320.0, 48.0, 20.0
SIZES = (12.0, 10.0, 8.0, 6.0, 5.0, 4.0, 3.0, 2.5)
"""Diameters of a dot; the largest with which the tallest stack is no higher than `TALLEST` is taken."""
OTHERS = -1
"""The class of places that the filter leaves out: drawn as peers, in grey."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place with a value; `kind` is its class, from the lowest (0), or `OTHERS`."""

    value: float
    place: str
    say: str
    kind: int
    label: str = ""
    """Said beside the dot: of the place in question only."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """How dots are laid out: the diameter, the distance of two in a stack, and column and row of each."""

    size: float
    step: float
    spots: tuple[tuple[int, int], ...]

    @property
    def crowded(self) -> bool:
        """Whether dots of a stack lie partly on each other, for they are too many."""
        return self.step < self.size


def stacked(values: Sequence[float], low: float, high: float) -> Stacked:
    """Columns as wide as a dot, filled from below in the order of `values`."""
    for size in SIZES:
        columns = [_column(value, low, high, size) for value in values]
        tallest = max(Counter(columns).values(), default=1)
        if tallest * size <= TALLEST:
            break
    heights: Counter[int] = Counter()
    spots = []
    for column in columns:
        spots.append((column, heights[column]))
        heights[column] += 1
    return Stacked(size, min(size, TALLEST / tallest), tuple(spots))


def dots(
    items: Sequence[Dot],
    axis: Axis,
    colours: Sequence[str],
    caption: Caption,
    *,
    missing: Missing,
) -> str:
    """`colours` are those of the classes, low to high; `axis.most` is not said."""
    # Those that the filter leaves out stand on top of the others.
    ordered = sorted(items, key=lambda dot: (dot.kind == OTHERS, dot.value))
    laid = stacked([dot.value for dot in ordered], axis.low, axis.high)
    foot = TOP + max((row + 1 for _, row in laid.spots), default=1) * laid.step + 4
    pieces = _groups(ordered, laid, colours, foot)
    pieces.append(element("line", class_="axis", x1=0, x2=ROOM, y1=foot, y2=foot))
    pieces += _ticks(axis, foot)
    if missing.count:
        pieces += _missing(missing, foot)
    end = foot + UNDER
    pieces += [text(line, x=0, y=end + LINE * (at + 0.6), class_="soft") for at, line in enumerate(caption.source)]
    return picture(*pieces, size=(WIDTH, end + LINE * len(caption.source)), caption=caption)


def _groups(ordered: Sequence[Dot], laid: Stacked, colours: Sequence[str], foot: float) -> list[str]:
    """Dots of a class share their colour, so that each costs few bytes; the place in question is drawn last."""
    placed = [
        (dot, (column + 0.5) * laid.size, foot - (row + 0.5) * laid.step - 1)
        for dot, (column, row) in zip(ordered, laid.spots, strict=True)
    ]
    radius = laid.size / 2 - min(0.5, laid.size / 10)
    groups = []
    for kind, run in groupby(placed, key=lambda one: one[0].kind):
        drawn = "".join(_dot(*one, radius) for one in run if not one[0].label)
        colour = {"class_": "others"} if kind == OTHERS else {"fill": colours[kind]}
        groups.append(element("g", drawn, **colour))
    for dot, x, y in placed:
        if dot.label:
            groups += _pointed(dot, x, y, max(radius, 5.0), foot)
    return groups


def _dot(dot: Dot, x: float, y: float, radius: float) -> str:
    return element("circle", cx=x, cy=y, r=radius, data_place=dot.place, data_say=dot.say)


def _pointed(dot: Dot, x: float, y: float, radius: float, foot: float) -> list[str]:
    anchor = "start" if x < ROOM / 3 else "end" if x > 2 * ROOM / 3 else "middle"
    return [
        element("line", class_="pointer", x1=x, x2=x, y1=TOP - 14, y2=foot),
        text(dot.label, x=x, y=TOP - 19, text_anchor=anchor, class_="strong"),
        element("circle", class_="mine", cx=x, cy=y, r=radius, data_place=dot.place, data_say=dot.say),
    ]


def _ticks(axis: Axis, foot: float) -> list[str]:
    pieces = [text(axis.title, x=0, y=foot + 40, class_="soft")]
    for value, words in axis.ticks:
        x = ROOM * share(value, axis.low, axis.high) / 100
        anchor = "start" if x < 20 else "end" if x > ROOM - 20 else "middle"
        pieces.append(element("line", class_="axis", x1=x, x2=x, y1=foot, y2=foot + 4))
        pieces.append(text(words, x=x, y=foot + 19, text_anchor=anchor, class_="soft"))
    return pieces


def _missing(missing: Missing, foot: float) -> list[str]:
    """Places without a value have no place on the scale: a hatched field says how many they are."""
    top = min(TOP + 18, foot - 20)
    return [
        element("rect", x=FROM, width=WIDTH - FROM, y=top, height=foot - top, fill=HATCH, class_="tile"),
        text(missing.shown, x=WIDTH, y=top - 6, text_anchor="end", class_="strong"),
        text(missing.label, x=WIDTH, y=foot + 19, text_anchor="end", class_="soft"),
    ]


def _column(value: float, low: float, high: float, size: float) -> int:
    return min(int(share(value, low, high) / 100 * ROOM / size), int(ROOM / size) - 1)
