"""A waterfall: how parts add up to a whole, one step a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from cityindex.charts.svg import Caption, at, chart, element, share, stands_for, text

ROW, BAR, GAP = 46, 12, 24


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the whole; `shown` is its value as the reader sees it. Parts below zero lead back."""

    label: str
    value: float
    shown: str
    place: str = ""
    """The place that the step stands for (its code), and in `say` what hovering shows."""
    say: str = ""


def waterfall(steps: Sequence[Step], total: Step, scale: tuple[float, float], caption: Caption) -> str:
    """Each part begins where those before it end; `total` is the last row, from zero.

    The axis holds zero, the head of `scale` and every step.
    """
    ends = [0.0, *accumulate(step.value for step in steps)]
    reach = (*ends, total.value)
    axis = min(0.0, *reach), max(scale[1], *reach)
    pieces = [
        piece
        for index, (step, span) in enumerate(zip(steps, pairwise(ends), strict=True))
        for piece in _row(step, index * ROW, span, axis, "mark")
    ]
    pieces += _row(total, len(steps) * ROW, (0.0, total.value), axis, "mark mine")
    return chart(*pieces, height=ROW * (len(steps) + 1), caption=caption)


def _row(step: Step, top: float, span: tuple[float, float], axis: tuple[float, float], kind: str) -> list[str]:
    low, high = (share(end, *axis) for end in sorted(span))
    y = top + GAP
    strong = "strong" if kind != "mark" else None
    return [
        text(step.label, x=0, y=top + 16, class_=strong),
        text(step.shown, x="100%", y=top + 16, text_anchor="end", class_="strong"),
        element("rect", class_="track", y=y, width="100%", height=BAR, rx=2),
        element(
            "rect",
            class_=kind,
            x=at(low),
            y=y,
            width=at(high - low),
            height=BAR,
            **stands_for(step.place, step.say),
        ),
    ]
