"""The whole country in one small picture: land as a quiet ground, and a dot for every place, coloured by its class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from cityindex.charts.svg import Caption, element

WIDTH = 300.0
SOUTH, NORTH, WEST, EAST = 5.5, 20.6, 97.2, 105.8
"""Thailand, in degrees."""
SQUEEZE = math.cos(math.radians((SOUTH + NORTH) / 2))
"""A degree of longitude is shorter than one of latitude."""
FACTOR = WIDTH / ((EAST - WEST) * SQUEEZE)
HEIGHT = (NORTH - SOUTH) * FACTOR
NEAR = 2.0
"""Units of the picture, which are some pixels."""

Spot = tuple[float, float]


def land_path(geometries: Sequence[Mapping[str, Any]]) -> str:
    """The shapes of provinces (GeoJSON) as one path, as coarse as a picture of this size can show."""
    rings = (
        ring
        for shape in geometries
        for polygon in (shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]])
        for ring in polygon
    )
    paths = (_thinned([placed(point[0], point[1]) for point in ring]) for ring in rings)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in path) + "Z" for path in paths if len(path) > 3)


def _thinned(corners: Sequence[Spot]) -> list[Spot]:
    """The corners that are at least `NEAR` from the one kept before them; islets lose all but a few."""
    kept = [corners[0]]
    for corner in corners[1:]:
        if math.dist(corner, kept[-1]) >= NEAR:
            kept.append(corner)
    return kept


def country(
    land: str, classes: Sequence[Sequence[Spot]], missing: Sequence[Spot], caption: Caption, first: int = 1
) -> str:
    """`classes` hold the places (longitude, latitude) from the lowest to the highest class; `missing` have no score.

    The colour of the lowest class is `scale-` and `first`, that of the next one more.

    Every dot is a stroke without length, so that a place costs a dozen bytes.
    """
    dots = [_dots(spots, f"dots scale-{number}") for number, spots in enumerate(classes, start=first)]
    return element(
        "svg",
        element("title", escape(caption.title)),
        element("desc", escape(caption.description)),
        element("path", d=land, class_="land") if land else "",
        _dots([spot for spots in classes for spot in spots], "dots edge"),
        _dots(missing, "dots none"),
        *dots,
        class_="country",
        role="img",
        aria_label=f"{caption.title}. {caption.description}",
        **{"viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"},
    )


def _dots(spots: Sequence[Spot], class_: str) -> str:
    return element("path", d="".join(f"M{_written(x, y)}h0" for x, y in spots), class_=class_) if spots else ""


def _written(longitude: float, latitude: float) -> str:
    x, y = placed(longitude, latitude)
    return f"{x:.1f} {y:.1f}"


def placed(longitude: float, latitude: float) -> Spot:
    """Where a position lies in the picture."""
    return (longitude - WEST) * SQUEEZE * FACTOR, (NORTH - latitude) * FACTOR
