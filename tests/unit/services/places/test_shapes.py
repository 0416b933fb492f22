"""Shapes: what can be taken, and simpler ones."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from cityindex.services.places.shapes import DETAILS, FINEST, as_multipolygons, fault, texts

BOW_TIE = Polygon([(100, 15), (101, 16), (101, 15), (100, 16)])


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "no geometry"),
        (Polygon(), "empty"),
        (Point(100, 15), "Point"),
        (LineString([(100, 15), (101, 15)]), "LineString"),
        (box(11133000, 1600000, 11134000, 1700000), "no longitudes"),
        (box(15, 100, 16, 101), "no longitudes"),
        (BOW_TIE, "Self-intersection at longitude and latitude 100.5 15.5"),
    ],
)
def test_what_cannot_be_taken(geometry: object, said: str) -> None:
    found = fault(geometry)
    assert found is not None
    assert said in found[0]
    assert found[1]


def test_areas_can_be_taken() -> None:
    assert fault(box(100, 15, 101, 16)) is None
    assert fault(MultiPolygon([box(100, 15, 101, 16), box(102, 15, 103, 16)])) is None


def wavy(left: float, right: float) -> Polygon:
    """A tile whose upper and lower borders are straight and whose sides wave."""
    rise = np.linspace(15, 16, 200)
    side = 0.003 * np.sin(rise * 60)
    up, down = np.column_stack([left + side, rise]), np.column_stack([right + side, rise])
    return Polygon([*up, *down[::-1]])


def test_shared_borders_stay_shared() -> None:
    tiles = np.array([wavy(100, 100.5), wavy(100.5, 101)], dtype=object)
    coarse = [shapely.from_geojson(text) for text in texts(tiles)[0]]
    assert sum(shapely.get_num_coordinates(coarse)) < sum(shapely.get_num_coordinates(tiles)) / 4
    assert shapely.coverage_is_valid(coarse)
    assert coarse[0].touches(coarse[1])


def test_overlapping_shapes_are_simplified_one_by_one() -> None:
    levels = texts(np.array([wavy(100, 100.5), wavy(100.4, 101)], dtype=object))
    sizes = [sum(len(text) for text in level) for level in levels]
    assert sizes[0] < sizes[1] < sizes[FINEST]
    assert all(shapely.from_geojson(text).is_valid for level in levels for text in level)


def test_no_shape_is_lost_however_small() -> None:
    speck = box(100, 15, 100.00003, 15.00003)
    for level in texts(np.array([speck, box(101, 15, 102, 16)], dtype=object)):
        assert shapely.from_geojson(level[0]).area > 0


def test_the_finest_is_the_shape_itself_to_five_decimals() -> None:
    text = texts(np.array([wavy(100, 100.5)], dtype=object))[FINEST][0]
    assert shapely.from_geojson(text).equals_exact(wavy(100, 100.5), 1e-5)
    numbers = [n for ring in json.loads(text)["coordinates"] for point in ring for n in point]
    assert all(round(n, DETAILS[FINEST].decimals) == n for n in numbers)


def test_everything_is_a_multipolygon_for_the_database() -> None:
    kinds = [shape.geom_type for shape in as_multipolygons([box(0, 0, 1, 1), MultiPolygon([box(0, 0, 1, 1)])])]
    assert kinds == ["MultiPolygon"] * 2
