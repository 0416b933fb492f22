"""Bars from zero, with their labels above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.frames import wrapped
from cityindex.charts.svg import HATCH, PHONE, Caption, at, chart, element, share, stands_for, text

ROW, BAR, GAP, LINE = 46, 12, 24, 19
BESIDE_VALUE, BESIDE_WORDS = 0.86, 0.68
"""Of the width, for a label beside a value, and beside the words that say that there is none."""
BOLD = 15
"""The size of letters that labels are broken for: the bold ones take as much room as plain ones of this size."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `value` is None where there is no data; `shown` is the value as the reader sees it, or those words.

    `reference` is a second value to compare with, drawn as a tick: the median of the peers, a target. `said` is what
    was claimed of the same thing, drawn as a ring.
    """

    label: str
    value: float | None
    shown: str
    reference: float | None = None
    mine: bool = False
    said: float | None = None
    place: str = ""
    """The place that the bar stands for (its code), and in `say` what hovering shows."""
    say: str = ""


def bars(items: Sequence[Bar], scale: tuple[float, float], caption: Caption) -> str:
    """Bars on one common scale that starts at the foot of `scale`. Missing values are hatched over the whole width."""
    pieces: list[str] = []
    top = 0
    for item in items:
        lines = _lines(item)
        pieces += _row(item, lines, top, scale)
        top += ROW + LINE * (len(lines) - 1)
    return chart(*pieces, height=top, caption=caption)


def meter(value: float | None, scale: tuple[float, float], reference: float | None = None) -> str:
    """A bar for a cell of a table, beside the number that it shows; a screen reader passes over it."""
    height = 14
    missing = value is None
    parts = [
        element(
            "rect", class_=None if missing else "track", width="100%", height=height, fill=HATCH if missing else None
        )
    ]
    if value is not None:
        parts.append(element("rect", class_="mark", width=at(share(value, *scale)), height=height))
    if reference is not None:
        parts.append(_tick(reference, scale, 0, height))
    return element("svg", *parts, class_="chart meter", width="100%", height=height, aria_hidden="true")


def _lines(item: Bar) -> list[str]:
    """The label as it fits a phone, for no reader can know what was cut off."""
    room = PHONE * (BESIDE_WORDS if item.value is None else BESIDE_VALUE)
    return wrapped(item.label, room, BOLD) or [""]


def _row(item: Bar, lines: Sequence[str], top: float, scale: tuple[float, float]) -> list[str]:
    mine = " mine" if item.mine else ""
    y = top + GAP + LINE * (len(lines) - 1)
    look = "strong" if item.mine else None
    pieces = [
        *(text(line, x=0, y=top + 16 + LINE * number, class_=look) for number, line in enumerate(lines)),
        text(item.shown, x="100%", y=top + 16, text_anchor="end", class_="soft" if item.value is None else "strong"),
    ]
    stands = stands_for(item.place, item.say)
    if item.value is None:
        hatched = element("rect", y=y, width="100%", height=BAR, rx=2, fill=HATCH, **stands)
        return [*pieces, hatched, *_ring(item.said, y, scale)]
    pieces.append(element("rect", class_="track", y=y, width="100%", height=BAR, rx=2))
    width = at(share(item.value, *scale))
    pieces.append(element("rect", class_=f"mark{mine}", y=y, width=width, height=BAR, rx=2, **stands))
    if item.reference is not None:
        pieces.append(_tick(item.reference, scale, y - 3, BAR + 6))
    return [*pieces, *_ring(item.said, y, scale)]


def _ring(value: float | None, top: float, scale: tuple[float, float]) -> list[str]:
    if value is None:
        return []
    return [element("circle", class_="ring", cx=at(share(value, *scale)), cy=top + BAR / 2, r=6)]


def _tick(value: float, scale: tuple[float, float], top: float, height: float) -> str:
    x = at(share(value, *scale))
    return element("line", class_="reference", x1=x, x2=x, y1=top, y2=top + height)
