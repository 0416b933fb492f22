"""Bars from zero, with their labels above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.svg import HATCH, Caption, at, chart, element, share, stands_for, text

ROW, BAR, GAP = 46, 12, 24


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
    rows = [piece for index, item in enumerate(items) for piece in _row(item, index * ROW, scale)]
    return chart(*rows, height=ROW * len(items), caption=caption)


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


def _row(item: Bar, top: float, scale: tuple[float, float]) -> list[str]:
    mine = " mine" if item.mine else ""
    y = top + GAP
    label = text(item.label, x=0, y=16, class_="strong" if item.mine else None)
    pieces = [  # a label that is longer than its place ends before the value
        element("svg", label, y=top, width="68%" if item.value is None else "86%", height=GAP),
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
