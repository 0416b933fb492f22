"""Shares of a whole as rows of equal width: how places of a group spread over a ladder, lowest rung first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.svg import HATCH, Caption, at, chart, element, text

ROW, BAR, GAP = 50, 20, 22
ROOM = 7.0
"""Percent of the width that a number needs to stand in its part."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A group with the counts of its rungs; `shown` says how many there are in words."""

    label: str
    counts: Sequence[int]
    shown: str
    mine: bool = False


def stacks(items: Sequence[Stack], caption: Caption) -> str:
    """A row a group. Parts are coloured `rung-0`, `rung-1` …; a group without any place is hatched."""
    rows = [piece for index, item in enumerate(items) for piece in _row(item, index * ROW)]
    return chart(*rows, height=ROW * len(items), caption=caption)


def _row(item: Stack, top: float) -> list[str]:
    y, all_ = top + GAP, sum(item.counts)
    pieces = [
        text(item.label, x=0, y=top + 15, class_="strong" if item.mine else None),
        text(item.shown, x="100%", y=top + 15, text_anchor="end", class_="soft"),
    ]
    if not all_:
        return [*pieces, element("rect", y=y, width="100%", height=BAR, rx=2, fill=HATCH)]
    start = 0.0
    for number, count in enumerate(item.counts):
        width = 100 * count / all_
        if count:
            pieces.append(element("rect", class_=f"rung rung-{number}", x=at(start), y=y, width=at(width), height=BAR))
        if width >= ROOM:
            middle = at(start + width / 2)
            pieces.append(text(str(count), x=middle, y=y + 15, text_anchor="middle", class_=f"on-rung-{number}"))
        start += width
    return pieces
