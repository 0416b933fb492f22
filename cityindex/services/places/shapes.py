"""Shapes of places: whether they can be taken, and simpler ones for maps, with shared borders still shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
POLYGONS = (3, 6)


@dataclass(frozen=True, slots=True)
class Detail:
    """`tolerance` and the last decimal are in degrees: 0.001 is some 110 m. No tolerance: as it came."""

    tolerance: float | None
    decimals: int


DETAILS = (Detail(0.01, 4), Detail(0.002, 4), Detail(None, 5))
"""From coarse (a national map) to fine (one place)."""
FINEST = len(DETAILS) - 1
ALONE = 0.4
"""Where shapes overlap each is simplified by itself, by distance instead of area: so much of the tolerance is alike."""


def fault(geometry: Any) -> tuple[str, str] | None:
    """Why a shape cannot be taken, and the cure; None where it can."""
    if geometry is None:
        return "it has no geometry that can be read", "draw it, or delete the feature"
    if geometry.is_empty:
        return "its geometry is empty", "draw it, or delete the feature"
    if shapely.get_type_id(geometry) not in POLYGONS:
        return f"it is a {geometry.geom_type}, not an area", "give polygons"
    west, south, east, north = geometry.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return "its coordinates are no longitudes and latitudes", "reproject the file to EPSG:4326 (longitude first)"
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry).replace("[", " at longitude and latitude ").rstrip("]")
        return f"its outline is invalid: {reason}", "repair it, in QGIS with «Fix geometries»"
    return None


def as_multipolygons(geometries: Sequence[Any]) -> Geometries:
    """Every shape as a MultiPolygon, as the database wants them."""
    return np.array([g if g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in geometries], object)


def texts(geometries: Geometries) -> list[list[str]]:
    """GeoJSON geometries for every level of `DETAILS`: a list of texts a level, in the order of `geometries`."""
    shared = bool(shapely.coverage_is_valid(geometries))
    finest = _rounded(geometries, DETAILS[FINEST].decimals)
    levels = [_simpler(geometries, detail, shared, finest) for detail in DETAILS]
    return [shapely.to_geojson(level).tolist() for level in levels]


def _simpler(geometries: Geometries, detail: Detail, shared: bool, finest: Geometries) -> Geometries:
    if detail.tolerance is None:
        return finest
    if shared:
        simple = shapely.coverage_simplify(geometries, detail.tolerance)
    else:
        simple = shapely.simplify(geometries, detail.tolerance * ALONE, preserve_topology=True)
    rounded = _rounded(simple, detail.decimals)
    # A shape that simplifying breaks stays as it came: better a few points too many than no shape.
    return np.where(_whole(rounded), rounded, finest)


def _rounded(geometries: Geometries, decimals: int) -> Geometries:
    """Rounded, apart from specks and slivers that rounding would break."""
    to_grid: Callable[[Any], Any] = lambda points: np.round(points, decimals)  # noqa: E731
    moved = shapely.transform(geometries, to_grid)
    kept = np.where(_whole(moved), moved, geometries)
    return np.asarray(shapely.remove_repeated_points(kept), dtype=object)


def _whole(geometries: Geometries) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_valid(geometries) & (shapely.area(geometries) > 0))
