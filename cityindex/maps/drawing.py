"""The same map as a picture: SVG of the shapes and the legend, to stand in a frame with title, source and edition."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import shapely

from cityindex.charts.svg import element, text

WEST, NORTH = 97.0, 20.7
SQUEEZE = math.cos(math.radians(13.2))
"""A degree of longitude is shorter than one of latitude."""
UNITS = 1000
"""Of a path to a degree of latitude: whole numbers, some 110 m each."""
WIDTH, LEGEND, GAP = 760.0, 270.0, 20.0
TALLEST, LOWEST = 840.0, 320.0
LINE, SQUARE = 22.0, 60
LETTERS, SHORT = 34, 26
"""Letters to a line of the legend; of one that begins with a swatch, so that a count has room at its end."""
DARK = 125
"""Brightness, of 255, below which white words are read better than dark ones."""
INK, PAPER, LAND, EDGE = "#17233d", "#ffffff", "#f4f2ec", "#8a8f98"
HATCHES: Mapping[str, str] = {
    "none": f'<path d="M-1 7L7-1" stroke="{EDGE}"/>',
    "first": '<path d="M-1-1L7 7" stroke="#3b6fa0"/>',
    "second": '<path d="M-1-1L7 7" stroke="#3f8f56"/>',
    "standing": f'<circle cx="3" cy="3" r="1.3" fill="#fff" stroke="{INK}" stroke-width=".5"/>',
}

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape as the text of a path and the box around it, in units of the drawing."""

    path: str
    box: Box


@dataclass(frozen=True, slots=True)
class Look:
    """How a place is drawn: a colour, a hatch (`none`, `first`, `second`, `standing`) or both; pale where faint."""

    fill: str | None = None
    hatch: str = ""
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """A symbol in proportion to a number, or a dot: longitude, latitude, radius in pixels."""

    code: str
    longitude: float
    latitude: float
    radius: float
    look: Look


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend."""

    look: Look | None
    label: str
    count: str = ""


@dataclass(frozen=True)
class Picture:
    """What is drawn: how every place looks, symbols, and the legend, whose `said` is read by screen readers.

    `grid` holds the colours of nine classes of two variables, a row a class of the first, `axes` their names, and
    `counts` the places in each.
    """

    title: str
    said: str
    looks: Mapping[str, Look]
    keys: Sequence[Key]
    circles: Sequence[Circle] = ()
    grid: Sequence[Sequence[str]] = ()
    counts: Sequence[Sequence[int]] = ()
    axes: tuple[str, str] = ("", "")
    whole: bool = False
    """Whether the whole land is in the picture, wherever the places are."""


def outlines(shapes: Iterable[tuple[str, str]]) -> dict[str, Outline]:
    """Code and GeoJSON geometry of shapes as outlines by code."""
    pairs = list(shapes)
    geometries = shapely.from_geojson([geometry for _, geometry in pairs])
    return {code: _outline(geometry) for (code, _), geometry in zip(pairs, geometries, strict=True)}


def draw(picture: Picture, shapes: Mapping[str, Outline], land: Mapping[str, Outline]) -> str:
    """The map beside its legend. `shapes` may hold more than is shown; `land` is a quiet ground."""
    shown = {code: shapes[code] for code in picture.looks if code in shapes}
    shapes_of_all = () if picture.whole else shown.values()
    boxes = [one.box for one in shapes_of_all] or [one.box for one in land.values()]
    legend, needed = _legend(picture)
    frame = _fitted(_around(boxes, picture.circles), needed)
    wide = WIDTH if legend else frame.width
    parts = (
        element("title", escape(picture.title)),
        element("desc", escape(picture.said)),
        _patterns(1, ""),
        _patterns(frame.scale, "-on-map"),
        _ground(frame, land),
        _places(frame, picture, shown),
        legend,
    )
    size = {"width": wide, "height": round(frame.height), "viewBox": f"0 0 {wide:g} {frame.height:.0f}"}
    return element(
        "svg", *parts, role="img", aria_label=f"{picture.title}. {picture.said}", class_="map-picture", **size
    )


def _outline(geometry: Any) -> Outline:
    rings = [np.asarray(ring.coords) for part in shapely.get_parts(geometry) for ring in shapely.get_rings(part)]
    paths, corners = [], []
    for ring in rings:
        points = np.column_stack([(ring[:, 0] - WEST) * SQUEEZE, NORTH - ring[:, 1]]) * UNITS
        whole = np.rint(points).astype(int)
        corners.append(whole)
        steps = np.diff(whole, axis=0)
        kept = steps[(steps != 0).any(axis=1)]
        moves = "".join(f"{x}{' ' if y >= 0 else ''}{y}l" for x, y in kept.tolist()).rstrip("l")
        paths.append(f"M{whole[0, 0]} {whole[0, 1]}l{moves}z" if moves else f"M{whole[0, 0]} {whole[0, 1]}h1z")
    every = np.concatenate(corners)
    (left, top), (right, bottom) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    return Outline("".join(paths), (left, top, right, bottom))


def _point(longitude: float, latitude: float) -> tuple[float, float]:
    return (longitude - WEST) * SQUEEZE * UNITS, (NORTH - latitude) * UNITS


def _around(boxes: Sequence[Box], circles: Sequence[Circle]) -> Box:
    points = [_point(one.longitude, one.latitude) for one in circles]
    every = [*boxes, *((x, y, x, y) for x, y in points)]
    if not every:
        return (0, 0, 8_000, 15_000)
    left, top = min(one[0] for one in every), min(one[1] for one in every)
    right, bottom = max(one[2] for one in every), max(one[3] for one in every)
    room = max(right - left, bottom - top, 100) * 0.03
    return left - room, top - room, right + room, bottom + room


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the plane begins, pixels to its unit, and the size of the picture of it."""

    left: float
    top: float
    scale: float
    width: float
    height: float

    @property
    def transform(self) -> str:
        return f"translate({-self.left * self.scale:.2f} {-self.top * self.scale:.2f}) scale({self.scale:.6f})"


def _fitted(box: Box, needed: float) -> _Frame:
    width = WIDTH - LEGEND - GAP
    wide, tall = box[2] - box[0], box[3] - box[1]
    scale = min(width / wide, TALLEST / tall)
    height = max(tall * scale, LOWEST, needed)
    # In the middle of its room, whichever side is too long.
    return _Frame(box[0] - (width / scale - wide) / 2, box[1] - (height / scale - tall) / 2, scale, width, height)


def _patterns(scale: float, name_end: str) -> str:
    """Hatches that look alike under a drawing of any scale: a pattern shrinks with what it fills."""
    return element(
        "defs",
        *(
            element(
                "pattern",
                "" if name == "standing" else f'<rect width="6" height="6" fill="{PAPER}"/>',
                lines,
                id=f"map-{name}{name_end}",
                width=6,
                height=6,
                **{"patternUnits": "userSpaceOnUse", "patternTransform": f"scale({1 / scale:.5f})"},
            )
            for name, lines in HATCHES.items()
        ),
    )


def _ground(frame: _Frame, land: Mapping[str, Outline]) -> str:
    clip = element("clipPath", element("rect", width=frame.width, height=frame.height), id="map-frame")
    path = "".join(one.path for one in land.values())
    drawn = {"fill": LAND, "stroke": EDGE, "stroke_width": f"{0.8 / frame.scale:.2f}", "transform": frame.transform}
    ground = element("g", element("path", d=path, **drawn), clip_path="url(#map-frame)") if path else ""
    return element("defs", clip) + ground


def _places(frame: _Frame, picture: Picture, shown: Mapping[str, Outline]) -> str:
    shapes = [_shape(code, outline.path, picture.looks[code]) for code, outline in shown.items()]
    thin = {"stroke": "#5b6470", "stroke_width": f"{0.3 / frame.scale:.2f}", "fill_rule": "evenodd"}
    circles = [_circle(one, frame) for one in picture.circles]
    return element("g", element("g", *shapes, transform=frame.transform, **thin), *circles, clip_path="url(#map-frame)")


def _shape(code: str, path: str, look: Look) -> str:
    drawn = {"d": path, "data_place": code}
    parts = []
    if look.fill:
        parts.append(element("path", fill=look.fill, fill_opacity=0.4 if look.faint else None, **drawn))
    if look.hatch:
        parts.append(element("path", fill=f"url(#map-{look.hatch}-on-map)", **drawn))
    return "".join(parts)


def _circle(one: Circle, frame: _Frame) -> str:
    x, y = _point(one.longitude, one.latitude)
    at = {"cx": (x - frame.left) * frame.scale, "cy": (y - frame.top) * frame.scale, "r": one.radius}
    return element(
        "circle",
        fill=one.look.fill or PAPER,
        fill_opacity=0.85,
        stroke=INK,
        stroke_width=0.6,
        data_place=one.code,
        **at,
    )


def _legend(picture: Picture) -> tuple[str, float]:
    """The legend at the right, and how high it is."""
    left = WIDTH - LEGEND
    parts, y = [], 0.0
    if picture.grid:
        parts.append(_nine(picture, left))
        y += 3 * SQUARE + 60 + 20 * (len(_axes(picture)) - 2)
    for key in picture.keys:
        lines = _wrapped(key.label, LETTERS)
        if key.count and len(lines[-1]) > SHORT:
            lines.append("")  # the count would stand on the words
        for at, line in enumerate(lines):
            y += LINE
            parts.append(_swatch(key.look, left, y) if key.look and at == 0 else "")
            parts.append(text(line, x=left + (34 if key.look else 0), y=y, font_size=14) if line else "")
        parts.append(text(key.count, x=WIDTH, y=y, font_size=14, text_anchor="end") if key.count else "")
    return "".join(parts), y + 10


def _swatch(look: Look, left: float, y: float) -> str:
    frame = {"x": left, "y": y - 13, "width": 24, "height": 16, "stroke": EDGE, "stroke_width": 0.7}
    parts = [element("rect", fill=look.fill or PAPER, fill_opacity=0.4 if look.faint else None, **frame)]
    if look.hatch:
        parts.append(element("rect", fill=f"url(#map-{look.hatch})", **frame))
    return "".join(parts)


def _nine(picture: Picture, left: float) -> str:
    words = _axes(picture)
    top = 4 + 20.0 * len(words)
    said = (text(words_, x=left, y=18 + 20 * at, font_size=13) for at, words_ in enumerate(words))
    cells = (
        _cell(left + SQUARE * column, top + SQUARE * (2 - row), colour, _count(picture, row, column))
        for row, colours in enumerate(picture.grid)
        for column, colour in enumerate(colours)
    )
    return "".join((*cells, *said))


def _axes(picture: Picture) -> list[str]:
    """The names of the two variables with the way in which they grow, on as many lines as they need."""
    named = zip("↑→", picture.axes, strict=True)
    return [line for arrow, name in named for line in _wrapped(f"{arrow} {name}", LETTERS)]


def _count(picture: Picture, row: int, column: int) -> str:
    return f"{picture.counts[row][column]:,}" if picture.counts else ""


def _cell(x: float, y: float, colour: str, count: str) -> str:
    """A square with the number of its places, white where the square is dark."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    ink = PAPER if 0.299 * red + 0.587 * green + 0.114 * blue < DARK else INK
    square = element("rect", x=x, y=y, width=SQUARE, height=SQUARE, fill=colour)
    middle = {"x": x + SQUARE / 2, "y": y + SQUARE / 2 + 5}
    return square + (text(count, font_size=14, text_anchor="middle", style=f"fill: {ink}", **middle) if count else "")


def _wrapped(words: str, letters: int) -> list[str]:
    """Lines of at most so many letters, cut at blanks, and in a long word where it has to be."""
    lines: list[str] = []
    for word in words.split():
        rest = word
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += " " + word
            continue
        while len(rest) > letters:
            lines.append(rest[:letters])
            rest = rest[letters:]
        lines.append(rest)
    return lines
