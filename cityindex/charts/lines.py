"""A line over periods. A period without a value breaks the line; nothing is drawn through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cityindex.charts.svg import HATCH, Caption, at, chart, element, share, stands_for, text

TOP, FOOT, HEIGHT = 30, 132, 160
LEFT, RIGHT = 7.0, 93.0


@dataclass(frozen=True, slots=True)
class Point:
    """A value in a period; `period` and `shown` are words for the reader, `value` is None where there is no data.

    `low` and `high` are the ends of the interval of the value, where it has one.
    """

    period: str
    value: float | None
    shown: str
    place: str = ""
    """Whose value it is: a code, and in `say` what hovering shows."""
    say: str = ""
    low: float | None = None
    high: float | None = None


def line(
    points: Sequence[Point],
    caption: Caption,
    *,
    scale: tuple[float, float] | None = None,
    upward: bool = True,
) -> str:
    """Every point carries its value. `scale` is what foot and head of the picture stand for (default: the values').

    `upward=False` puts the small numbers on top, as for ranks.
    """
    ends = [end for point in points for end in (point.low, point.value, point.high) if end is not None]
    low, high = scale or _span(ends)
    spots = [
        (_x(index, len(points)), None if point.value is None else _y(point.value, low, high, upward), point)
        for index, point in enumerate(points)
    ]
    pieces = [element("line", class_="axis", x1=0, x2="100%", y1=FOOT + 6, y2=FOOT + 6)]
    pieces += [
        _whisker(x, _y(point.low, low, high, upward), _y(point.high, low, high, upward))
        for x, _, point in spots
        if point.low is not None and point.high is not None
    ]
    pieces.append(_curves([(x, y) for x, y, _ in spots]))
    for x, y, point in spots:
        pieces.extend(_spot(x, y, point))
    return chart(*pieces, height=HEIGHT, caption=caption)


def _whisker(x: float, y1: float, y2: float) -> str:
    return element("line", class_="whisker", x1=at(x), x2=at(x), y1=y1, y2=y2)


def _spot(x: float, y: float | None, point: Point) -> list[str]:
    label = text(point.period, x=at(x), y=HEIGHT - 4, text_anchor="middle", class_="soft")
    if y is None:
        hatch = element("rect", x=at(x - 3), width="6%", y=TOP, height=FOOT - TOP + 6, fill=HATCH)
        return [hatch, text(point.shown, x=at(x), y=TOP - 8, text_anchor="middle", class_="soft"), label]
    return [
        element("circle", class_="mark", cx=at(x), cy=y, r=4.5, **stands_for(point.place, point.say)),
        text(point.shown, x=at(x), y=y - 11, text_anchor="middle", class_="strong named"),
        label,
    ]


def _curves(spots: Sequence[tuple[float, float | None]]) -> str:
    """The strokes between neighbours that both have a value, in a picture of its own that may be stretched."""
    runs = [list(run) for present, run in groupby(spots, key=lambda spot: spot[1] is not None) if present]
    paths = [
        element("path", class_="curve", d="M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in run))
        for run in runs
        if len(run) > 1
    ]
    frame = {"viewBox": f"0 0 100 {HEIGHT}", "preserveAspectRatio": "none"}
    return element("svg", *paths, width="100%", height=HEIGHT, **frame) if paths else ""


def _x(index: int, count: int) -> float:
    return (LEFT + RIGHT) / 2 if count == 1 else LEFT + (RIGHT - LEFT) * index / (count - 1)


def _y(value: float, low: float, high: float, upward: bool) -> float:
    part = share(value, low, high) / 100
    return FOOT - (FOOT - TOP) * (part if upward else 1 - part)


def _span(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = 0.1 * (high - low) or abs(high) * 0.1 or 1.0
    return low - margin, high + margin
