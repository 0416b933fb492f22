"""What makes the gap between two places: bars to both sides of a middle, a row a part, and the whole at the end."""

from __future__ import annotations

from collections.abc import Sequence

from cityindex.charts.svg import Caption, at, chart, element, text
from cityindex.charts.waterfalls import Step

ROW, BAR, LABEL, HEAD = 42, 12, 20, 24


def gap_bars(steps: Sequence[Step], whole: Step, ends: tuple[str, str], caption: Caption, reach: float = 0.0) -> str:
    """`ends` say what bars to the left and to the right mean. `reach` is what half the width stands for, at least.

    All bars are on one scale around zero, so that pictures with the same `reach` can be compared.
    """
    reach = max([reach, *(abs(step.value) for step in (*steps, whole))]) or 1.0
    pieces = [
        text(ends[0], x=0, y=15, class_="soft"),
        text(ends[1], x="100%", y=15, text_anchor="end", class_="soft"),
    ]
    for number, step in enumerate((*steps, whole)):
        pieces += _row(step, HEAD + ROW * number, reach, step is whole)
    foot = HEAD + ROW * (len(steps) + 1)
    pieces.append(element("line", class_="reference", x1="50%", x2="50%", y1=HEAD, y2=foot))
    return chart(*pieces, height=foot, caption=caption)


def _row(step: Step, top: float, reach: float, last: bool) -> list[str]:
    width = 50 * abs(step.value) / reach
    start = 50.0 if step.value >= 0 else 50 - width
    strong = "strong" if last else None
    return [
        text(step.label, x=0, y=top + 15, class_=strong),
        text(step.shown, x="100%", y=top + 15, text_anchor="end", class_="strong"),
        element("rect", class_="track", y=top + LABEL, width="100%", height=BAR, rx=2),
        element(
            "rect", class_="mark mine" if last else "mark", x=at(start), y=top + LABEL, width=at(width), height=BAR
        ),
    ]
