"""Colours of maps: ramps that the colour-blind and a grey printer tell apart, and two ramps around a middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

SITE = "site"
DIVERGING = "puor"
PALETTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SITE: ("#e8e4a8", "#9fcaa6", "#55a5a6", "#2d6f94", "#23345f"),
        "ylgnbu": ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"),
        "viridis": ("#fde725", "#a0da39", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327e", "#440154"),
        "cividis": ("#fee838", "#d2c060", "#a69d75", "#7d7c78", "#575d6d", "#2a3f6d", "#00224e"),
        "greys": ("#f0f0f0", "#d0d0d0", "#a8a8a8", "#7c7c7c", "#525252", "#252525"),
        DIVERGING: ("#b35806", "#e08214", "#fdb863", "#f7f0e4", "#b2abd2", "#8073ac", "#542788"),
    }
)
"""Low to high, light to dark; by the names of ColorBrewer and matplotlib, turned so that dark is much.

`puor` is dark at both ends and light in its middle.
"""

BIVARIATE = (
    ("#e8e8e8", "#b5c0da", "#6c83b5"),
    ("#b8d6be", "#90b2b3", "#567994"),
    ("#73ae80", "#5a9178", "#2a5a5b"),
)
"""Three by three after Joshua Stevens: a row a class of the first variable, a column a class of the second."""


def ramp(name: str, count: int) -> list[str]:
    """`count` colours over the whole range of a palette, so that few classes are still told apart."""
    anchors = PALETTES[name]
    if count == 1:
        return [anchors[len(anchors) // 2]]
    return [_between(anchors, step / (count - 1)) for step in range(count)]


def around(breaks: Sequence[float], middle: float) -> list[str]:
    """Colours of the classes between `breaks`: of one hue below the middle, of another from it on.

    The classes next to the middle are the lightest on their side; where the middle is inside a class, that class has
    the neutral colour.
    """
    below = sum(1 for cut in breaks if cut <= middle)
    on_break = middle in breaks
    under, over = (below, len(breaks) + 1 - below) if on_break else (below, len(breaks) - below)
    anchors = PALETTES[DIVERGING]
    dark, light = 0.0, 0.36
    low = [_between(anchors, dark + (light - dark) * step / max(under - 1, 1)) for step in range(under)]
    high = [_between(anchors, 1 - dark - (light - dark) * step / max(over - 1, 1)) for step in range(over)]
    neutral = [] if on_break else [anchors[len(anchors) // 2]]
    return [*low, *neutral, *reversed(high)]


def _between(anchors: Sequence[str], share: float) -> str:
    place = share * (len(anchors) - 1)
    left = min(int(place), len(anchors) - 2)
    part = place - left
    mixed = (
        round(a + (b - a) * part) for a, b in zip(_channels(anchors[left]), _channels(anchors[left + 1]), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
