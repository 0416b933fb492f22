"""Shares of a whole as rows of equal width: how places of a group spread over a ladder, lowest rung first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.frames import wrapped
from cityindex.charts.svg import BOLD, HATCH, PHONE, Caption, at, chart, element, text

ROW, BAR, GAP, LINE = 50, 20, 22, 18
BESIDE = 0.7
"""Share of the width that a label may take beside the number of places."""
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
    pieces: list[str] = []
    top = 0
    for item in items:
        lines = wrapped(item.label, PHONE * BESIDE, BOLD) or [""]
        pieces += _row(item, lines, top)
        top += ROW + LINE * (len(lines) - 1)
    return chart(*pieces, height=top, caption=caption)


def _row(item: Stack, lines: Sequence[str], top: float) -> list[str]:
    y, all_ = top + GAP + LINE * (len(lines) - 1), sum(item.counts)
    look = "strong" if item.mine else None
    pieces = [
        *(text(line, x=0, y=top + 15 + LINE * number, class_=look) for number, line in enumerate(lines)),
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
