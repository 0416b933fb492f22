"""Several places on one scale, a row a subject: numbered marks, and a tick for the middle of the peers.

Marks carry the numbers of a list beside the picture, so neither colour nor shape has to be told apart. Where marks
would cover each other, the later one stands below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.frames import wrapped
from cityindex.charts.svg import LETTERS, PHONE, Caption, at, chart, element, share, text

HEAD, LANE, RADIUS, FOOT = 26, 22, 9, 22
FROM, TO = 3.5, 96.5
CLOSE = 6.5
"""Percent of the width within which marks would touch on a phone."""
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a row: its number in the list, its code, and what hovering over it says."""

    number: int
    value: float
    place: str
    said: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A subject with the places that have a value; `missing` is a word on those that do not."""

    label: str
    marks: Sequence[Mark]
    reference: float | None
    missing: str = ""


def lanes(rows: Sequence[Lane], caption: Caption, *, scale: tuple[float, float], source: Sequence[str]) -> str:
    """The rows on one scale from `scale[0]` to `scale[1]`; `source` are the lines below the picture."""
    pieces: list[str] = []
    top = 0.0
    for row in rows:
        placed = _placed(row.marks, scale)
        height = HEAD + LANE * (1 + max((lane for _, lane, _ in placed), default=0))
        pieces += _row(row, placed, top, scale)
        top += height
    pieces += _axis(top, scale)
    lines = [part for line in source for part in wrapped(line, PHONE, LETTERS)]
    for number, line in enumerate(lines, start=1):
        pieces.append(text(line, x=0, y=top + FOOT + 18 * number, class_="soft"))
    return chart(*pieces, height=top + FOOT + 18 * len(lines) + 6, caption=caption)


def _placed(marks: Sequence[Mark], scale: tuple[float, float]) -> list[tuple[float, int, Mark]]:
    """Every mark with where it stands and in which lane: the first in which nothing is close."""
    lanes_taken: list[list[float]] = []
    placed = []
    for mark in sorted(marks, key=lambda one: one.number):
        x = _x(mark.value, scale)
        lane = next((n for n, taken in enumerate(lanes_taken) if all(abs(x - one) >= CLOSE for one in taken)), None)
        if lane is None:
            lane = len(lanes_taken)
            lanes_taken.append([])
        lanes_taken[lane].append(x)
        placed.append((x, lane, mark))
    return placed


def _row(row: Lane, placed: Sequence[tuple[float, int, Mark]], top: float, scale: tuple[float, float]) -> list[str]:
    y = top + HEAD + RADIUS
    deep = max((lane for _, lane, _ in placed), default=0)
    pieces = [
        text(row.label, x=0, y=top + 17),
        element("line", class_="gridline", x1=at(FROM), x2=at(TO), y1=y, y2=y),
    ]
    if row.missing:
        pieces.append(text(row.missing, x="100%", y=top + 17, text_anchor="end", class_="soft"))
    if row.reference is not None:
        tick = at(_x(row.reference, scale))
        pieces.append(element("line", class_="reference", x1=tick, x2=tick, y1=y - 12, y2=y + 12 + LANE * deep))
    return pieces + [_mark(mark, x, y + LANE * lane) for x, lane, mark in placed]


def _mark(mark: Mark, x: float, y: float) -> str:
    return element(
        "g",
        element("circle", class_="mark mine" if mark.number == 1 else "mark", cx=at(x), cy=y, r=RADIUS),
        text(str(mark.number), x=at(x), y=y + 4.5, text_anchor="middle", class_="inside"),
        data_place=mark.place,
        data_say=mark.said,
    )


def _axis(top: float, scale: tuple[float, float]) -> list[str]:
    low, high = scale
    ticks = [low + part * (high - low) / QUARTERS for part in range(QUARTERS + 1)]
    lines = [element("line", class_="axis", x1=at(FROM), x2=at(TO), y1=top + 2, y2=top + 2)]
    return lines + [
        text(f"{tick:g}", x=at(_x(tick, scale)), y=top + 18, text_anchor="middle", class_="soft") for tick in ticks
    ]


def _x(value: float, scale: tuple[float, float]) -> float:
    return FROM + (TO - FROM) * share(value, *scale) / 100
