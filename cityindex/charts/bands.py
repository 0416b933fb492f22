"""The middle of many places over periods: the median as a line in a band from the first to the third quartile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cityindex.charts.svg import Caption, at, chart, element, share, text

TOP, FOOT, HEIGHT = 24, 168, 222
LEFT, RIGHT = 6.0, 88.0


@dataclass(frozen=True, slots=True)
class Middle:
    """A period with the quartiles of its values; `period` and `shown` (the three of them) are words for the reader."""

    year: int
    period: str
    q1: float
    median: float
    q3: float
    shown: tuple[str, str, str]


def band(points: Sequence[Middle], caption: Caption) -> str:
    """Periods stand where their year is; where a year is missing, line and band break."""
    low, high = _span(points)
    spots = [(_x(point.year, points), point) for point in points]
    y = {point.year: tuple(_y(value, low, high) for value in (point.q1, point.median, point.q3)) for point in points}
    shapes = []
    for (x1, one), (x2, other) in pairwise(spots):
        if other.year - one.year > 1:
            continue
        (a1, a2, a3), (b1, b2, b3) = y[one.year], y[other.year]
        shapes.append(
            element("path", class_="spread", d=f"M{x1:.2f} {a1:.2f}L{x2:.2f} {b1:.2f}V{b3:.2f}L{x1:.2f} {a3:.2f}Z")
        )
        shapes.append(element("path", class_="curve", d=f"M{x1:.2f} {a2:.2f}L{x2:.2f} {b2:.2f}"))
    frame = {"viewBox": f"0 0 100 {HEIGHT}", "preserveAspectRatio": "none"}
    pieces = [element("svg", *shapes, width="100%", height=HEIGHT, **frame)] if shapes else []
    pieces.append(element("line", class_="axis", x1=0, x2="100%", y1=FOOT + 28, y2=FOOT + 28))
    for x, point in spots:
        pieces += _spot(x, y[point.year], point)
    return chart(*pieces, height=HEIGHT, caption=caption)


def _spot(x: float, y: tuple[float, ...], point: Middle) -> list[str]:
    lower, middle, upper = y
    return [
        element("line", class_="whisker", x1=at(x), x2=at(x), y1=lower, y2=upper),
        element("circle", class_="mark", cx=at(x), cy=middle, r=4.5),
        text(point.shown[2], x=at(x), y=upper - 7, text_anchor="middle", class_="soft"),
        text(point.shown[1], x=at(x + 1.6), y=middle - 9, class_="strong"),
        text(point.shown[0], x=at(x), y=lower + 17, text_anchor="middle", class_="soft"),
        text(point.period, x=at(x), y=HEIGHT - 6, text_anchor="middle", class_="soft"),
    ]


def _x(year: int, points: Sequence[Middle]) -> float:
    first, last = points[0].year, points[-1].year
    return (LEFT + RIGHT) / 2 if first == last else LEFT + (RIGHT - LEFT) * (year - first) / (last - first)


def _y(value: float, low: float, high: float) -> float:
    return FOOT - (FOOT - TOP) * share(value, low, high) / 100


def _span(points: Sequence[Middle]) -> tuple[float, float]:
    low, high = min(point.q1 for point in points), max(point.q3 for point in points)
    return (low, high) if high > low else (low - 1, high + 1)
