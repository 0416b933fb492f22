"""The shape of a place on its own, from GeoJSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from cityindex.charts.svg import element

WIDTH = 320.0
TALLEST = 1.4
"""A shape is never taller than this many times its width; a tall one is drawn narrower."""

Ring = Sequence[Sequence[float]]


def outline(geometry: Mapping[str, Any], *, title: str) -> str:
    """A Polygon or MultiPolygon as it looks from above; empty text where it has no extent."""
    rings = list(_rings(geometry))
    points = [point for ring in rings for point in ring]
    if not points:
        return ""
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * squeeze, north - south
    if wide <= 0 or high <= 0:
        return ""
    factor = WIDTH / max(wide, high / TALLEST)
    corners = ([((p[0] - west) * squeeze * factor, (north - p[1]) * factor) for p in ring] for ring in rings)
    path = "".join(map(_path, corners))
    frame = {"viewBox": f"-2 -2 {wide * factor + 4:.0f} {high * factor + 4:.0f}"}
    return element(
        "svg",
        element("title", escape(title)),
        element("path", d=path, fill_rule="evenodd", class_="mine"),
        class_="shape",
        role="img",
        aria_label=title,
        **frame,
    )


def _path(corners: Sequence[tuple[float, float]]) -> str:
    """A closed line; corners too near to each other to be told apart are drawn once."""
    written = (f"{x:.1f} {y:.1f}" for x, y in corners)
    return "M" + "L".join(spot for spot, _ in groupby(written)) + "Z"


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon
