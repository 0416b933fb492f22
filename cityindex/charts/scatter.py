"""Places by two values: a mark for each, the places in question named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cityindex.charts.frames import wrapped
from cityindex.charts.histograms import Axis
from cityindex.charts.svg import LETTERS, PHONE, Caption, at, chart, element, share, stands_for, text

TOP, TALL, HEIGHT, LINE = 62, 360, 490, 18
"""There is room for two lines of words at the end of each axis."""
LEFT, RIGHT = 2.0, 98.0
GRID = 1000
"""Marks of many places stand on a grid this fine, and one mark stands for all on a point of it."""
SINGLE = 600
"""Up to as many places, each mark is its own and says whose it is; more are drawn as one path, some bytes a place."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place at its two values, on the scales of the axes; `said` is what pointing at it shows."""

    code: str
    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Named:
    """A place in question: its mark with the words beside it."""

    mark: Dot
    label: str


@dataclass(frozen=True, slots=True)
class Spots:
    """All places: the `named` ones, and the others as `marks`.

    None is a link: hundreds of stops for the Tab key would lie in a picture, and the table beside it has them.
    """

    marks: Sequence[Dot]
    named: Sequence[Named]


def scatter(spots: Spots, across: Axis, up: Axis, caption: Caption) -> str:
    """A mark for each place; the named ones lie on top."""
    marks = spots.marks
    pieces = [
        *_grid(across, up),
        *(_cloud(marks, across, up) if len(marks) > SINGLE else _singly(marks, across, up)),
        *(piece for one in spots.named for piece in _named(one, across, up)),
    ]
    return chart(*pieces, height=HEIGHT, caption=caption)


def _grid(across: Axis, up: Axis) -> Iterator[str]:
    for above, line in enumerate(reversed(wrapped(up.title, PHONE, LETTERS))):
        yield text(line, x=0, y=TOP - 30 - LINE * above, class_="soft")
    for value, words in up.ticks:
        y = _y(value, up)
        yield element("line", class_="gridline", x1=0, x2="100%", y1=y, y2=y)
        yield text(words, x=0, y=y - 4, class_="soft")
    for value, words in across.ticks:
        x = _x(value, across)
        anchor = "start" if x < 6 else "end" if x > 94 else "middle"
        yield element("line", class_="gridline", x1=at(x), x2=at(x), y1=TOP, y2=TOP + TALL)
        yield text(words, x=at(x), y=TOP + TALL + 20, text_anchor=anchor, class_="soft")
    for below, line in enumerate(wrapped(across.title, PHONE, LETTERS)):
        yield text(line, x="100%", y=TOP + TALL + 44 + LINE * below, text_anchor="end", class_="soft")


def _cloud(marks: Sequence[Dot], across: Axis, up: Axis) -> Iterator[str]:
    """Strokes without length, in a picture of its own that is stretched while the strokes keep their width."""
    spots = sorted(
        {(round(GRID * _x(one.x, across) / 100), round(GRID * (_y(one.y, up) - TOP) / TALL)) for one in marks}
    )
    path = "".join(f"M{x} {y}h0" for x, y in spots)
    dots = element("path", d=path, class_="cloud")
    view = {"viewBox": f"0 0 {GRID} {GRID}", "preserveAspectRatio": "none"}
    yield element("svg", dots, y=TOP, width="100%", height=TALL, overflow="visible", **view)


def _singly(marks: Sequence[Dot], across: Axis, up: Axis) -> Iterator[str]:
    for one in marks:
        yield _circle(one, across, up, 4.0, "point dot")


def _named(one: Named, across: Axis, up: Axis) -> Iterator[str]:
    x, y = _x(one.mark.x, across), _y(one.mark.y, up)
    anchor, shift = ("start", 9) if x < 60 else ("end", -9)
    label = text(one.label, x=at(x), y=y - 8, dx=shift, text_anchor=anchor, class_="strong named")
    yield _circle(one.mark, across, up, 7.0, "point place")
    yield label


def _circle(mark: Dot, across: Axis, up: Axis, radius: float, kind: str) -> str:
    spot = {"cx": at(_x(mark.x, across)), "cy": _y(mark.y, up), "r": radius}
    return element("circle", class_=kind, **spot, **stands_for(mark.code, mark.said))


def _x(value: float, axis: Axis) -> float:
    return LEFT + (RIGHT - LEFT) * share(value, axis.low, axis.high) / 100


def _y(value: float, axis: Axis) -> float:
    return TOP + TALL - TALL * share(value, axis.low, axis.high) / 100
