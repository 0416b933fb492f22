"""How all places lie on a scale, with one of them pointed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.svg import Caption, at, chart, element, handle, share, text

TOP, FOOT, HEIGHT = 26, 78, 102


@dataclass(frozen=True, slots=True)
class Pointed:
    """The place in question, with its words; None where it has no value."""

    value: float | None
    label: str
    place: str = ""
    """Its code."""
    say: str = ""
    """What hovering shows."""


def strip(
    counts: Sequence[int], mine: Pointed, caption: Caption, *, scale: tuple[float, float], ends: tuple[str, str]
) -> str:
    """How many places lie in each of as many equal classes of `scale`, with a pointer at `mine`.

    `ends` are the words at both ends of the scale.
    """
    tallest = max(counts, default=0) or 1
    own = None if mine.value is None else _class(mine.value, scale, len(counts))
    pieces = [_column(index, len(counts), count / tallest, index == own) for index, count in enumerate(counts) if count]
    pieces.append(element("line", class_="axis", x1=0, x2="100%", y1=FOOT, y2=FOOT))
    pieces += [
        text(ends[0], x=0, y=HEIGHT - 4, class_="soft"),
        text(ends[1], x="100%", y=HEIGHT - 4, text_anchor="end", class_="soft"),
    ]
    if mine.value is not None:
        pieces += _pointer(share(mine.value, *scale), mine)
    return chart(*pieces, height=HEIGHT, caption=caption)


def _column(index: int, of: int, part: float, mine: bool) -> str:
    height = max((FOOT - TOP) * part, 2.0)
    return element(
        "rect",
        class_="bin mine" if mine else "bin",
        x=at(100 * index / of),
        width=at(100 / of - 0.25),
        y=FOOT - height,
        height=height,
    )


def _pointer(x: float, mine: Pointed) -> list[str]:
    """A line with its words, which stay in the picture of a phone: in the middle third they have room on both sides."""
    anchor = "start" if 3 * x < 100 else "end" if 3 * x > 200 else "middle"
    return [
        element("line", class_="pointer", x1=at(x), x2=at(x), y1=TOP - 6, y2=FOOT),
        *handle(x, FOOT, mine.place, mine.say),
        text(mine.label, x=at(x), y=TOP - 11, text_anchor=anchor, class_="strong"),
    ]


def _class(value: float, scale: tuple[float, float], of: int) -> int:
    return min(int(share(value, *scale) / 100 * of), of - 1)
