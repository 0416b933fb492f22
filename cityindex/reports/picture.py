"""SVG to PNG by Chromium, which shapes Thai rightly: marks over marks, sara am, words as they are read."""

from __future__ import annotations

from cityindex.errors import Unavailable
from cityindex.reports.browser import CURE, alone, browser
from cityindex.reports.chromium import kept

_PAGE = (
    '<!doctype html><meta charset="utf-8"><style>html,body{{margin:0;background:#fff}}svg{{display:block}}</style>{svg}'
)


def svg_to_png(svg: str, width: int, height: int, scale: float = 1) -> bytes:
    """A picture that brings its styles and fonts with it; `width` and `height` are its own, in pixels before `scale`.

    One at a time on a machine. Raises `Unavailable` while others are made, or where there is no browser.
    """
    program = browser()
    if program is None:
        raise Unavailable(f"nothing on this machine makes pictures: {CURE}, or take the SVG")
    with alone():
        return kept.picture(program, _PAGE.format(svg=svg), (width, height), scale)
