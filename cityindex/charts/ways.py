"""The way of a place to a target, small enough for a row of a table: its values, and the straight line to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cityindex.charts.histograms import Axis
from cityindex.charts.svg import Caption, at, chart, element, stands_for, text
from cityindex.charts.trends import Frame, Reading, Series, curve, stretched, way_to

HEIGHT, FOOT = 40, 20.0
EDGE, ENDS = 7.0, (4.0, 95.0)
"""Pixels above and below, and percent of the width where the first and the last year stand."""
HALF = 5.0
"""Half of the mark of the target, in pixels."""


@dataclass(frozen=True, slots=True)
class Way:
    """`readings` in the order of years; `by` and `value` are of the target, `said` its words.

    `begin` is the year and value where the straight line begins; None where there is none.
    """

    readings: Sequence[Reading]
    by: int
    value: float
    said: str
    begin: tuple[int, float] | None = None
    code: str = ""
    ends: tuple[str, str] | None = None
    """Words for the first and the last year, written below where there is room."""


def way(one: Way, caption: Caption, height: float = HEIGHT) -> str:
    """Years keep their distance; a year without a value breaks the line of the values."""
    years = [*(reading.year for reading in one.readings), one.by]
    values = [*(reading.value for reading in one.readings), one.value]
    axis = Axis(min(values), max(values), (), "")
    left, right = ENDS
    foot = FOOT if one.ends else 0.0
    frame = Frame(range(min(years), max(years) + 1), axis, EDGE, right, left, height - foot - 2 * EDGE)
    lines = [way_to((one.by, one.value), one.begin, frame)] if one.begin else []
    lines += curve(Series("place", "", "", one.readings, one.code), frame)
    pieces = [stretched(lines, height), *_marks(one, frame), _target(one, frame), *_ends(one, height)]
    return chart(*pieces, height=height, caption=caption)


def _marks(one: Way, frame: Frame) -> Iterator[str]:
    for reading in one.readings:
        x, y = at(frame.x(reading.year)), frame.y(reading.value)
        yield element("circle", class_="point place", cx=x, cy=y, r=3, **stands_for(one.code, reading.said))


def _ends(one: Way, height: float) -> Iterator[str]:
    if one.ends:
        (left, right), (first, last) = ENDS, one.ends
        yield text(first, x=at(left), y=height - 4, text_anchor="start", class_="soft")
        yield text(last, x=at(right), y=height - 4, text_anchor="end", class_="soft")


def _target(one: Way, frame: Frame) -> str:
    """A square, so that it is no dot without colour either."""
    x, y = at(frame.x(one.by)), frame.y(one.value)
    size = {"width": 2 * HALF, "height": 2 * HALF}
    square = element("rect", class_="aim", x=-HALF, y=y - HALF, **size, **stands_for("", one.said))
    return element("svg", square, x=x, overflow="visible")
