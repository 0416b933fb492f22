"""Writing SVG elements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

Tick = TypeVar("Tick")
TO_ESCAPE = re.compile(r"[&<>\"\n\r\t]")
PHONE, LETTERS, BOLD = 280, 14, 16
"""Pixels that a line of words may take, so that a phone cuts none off; the size of letters, and of bold ones, which
are wider.
"""
HATCH = "url(#no-data)"
"""Fill of what has no data; the pattern is in `templates/partials/patterns.html`, once a page."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What a screen reader says in place of a picture: what it is, and what it shows."""

    title: str
    description: str = ""
    source: tuple[str, ...] = ()
    """Lines under the picture, in those that write them inside."""
    context: str = ""
    """Said with every mark, such as the period."""


def element(name: str, *inside: str, **attributes: object) -> str:
    """`<name …>inside</name>`; `inside` is markup already. `class_` writes `class`, `stroke_width` `stroke-width`."""
    written = "".join([f" {_name(key)}={_quoted(value)}" for key, value in attributes.items() if value is not None])
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def thinned(ticks: Sequence[tuple[Tick, str]], most: int = 6) -> Sequence[tuple[Tick, str]]:
    """As many ticks, such as years, as have room for their words, the last one always among them."""
    step = max(-(-len(ticks) // most), 1)
    return ticks[::-1][::step][::-1]


def text(words: str, **attributes: object) -> str:
    return element("text", escape(words), **attributes)


def chart(*inside: str, height: float, caption: Caption) -> str:
    """The whole picture, as wide as its place."""
    return element(
        "svg",
        element("title", escape(caption.title)),
        element("desc", escape(caption.description)) if caption.description else "",
        *inside,
        class_="chart",
        role="img",
        width="100%",
        height=height,
        aria_label=". ".join(part for part in (caption.title, caption.description) if part),
    )


def picture(*inside: str, size: tuple[float, float], caption: Caption) -> str:
    """A picture with proportions of its own."""
    return element(
        "svg",
        element("title", escape(caption.title)),
        element("desc", escape(caption.description)) if caption.description else "",
        *inside,
        class_="chart drawn",
        role="img",
        aria_label=". ".join(part for part in (caption.title, caption.description) if part),
        data_context=caption.context or None,
        **{"viewBox": f"0 0 {size[0]:g} {size[1]:g}"},
    )


def stands_for(place: str, say: str) -> dict[str, str | None]:
    """Attributes of a mark that stands for a place (its code) or, where that is empty, only says something.

    `static/js/charts.js` shows `say` at it, and marks the same place wherever else it is on the page.
    """
    return {"data_place": place or None, "data_say": say or None}


def handle(x: float, y: float, place: str, say: str) -> list[str]:
    """What the pointer finds of a line that stands for a place, at `x` percent: the line alone is too thin."""
    if not (place or say):
        return []
    return [element("circle", class_="mark mine", cx=at(x), cy=y, r=6, **stands_for(place, say))]


def share(value: float, low: float, high: float) -> float:
    """Where `value` lies between `low` and `high`, in percent, kept within the picture."""
    if high <= low:
        return 50.0
    return min(max(100 * (value - low) / (high - low), 0.0), 100.0)


def at(percent: float) -> str:
    return f"{percent:.2f}".rstrip("0").rstrip(".") + "%"


@cache
def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _quoted(value: object) -> str:
    if isinstance(value, float):
        return '"' + f"{value:.2f}".rstrip("0").rstrip(".") + '"'
    said = str(value)
    return quoteattr(said) if TO_ESCAPE.search(said) else f'"{said}"'
