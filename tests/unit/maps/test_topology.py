"""What is packed comes out again: the same rings, and every shared border once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from cityindex.maps.topology import DECIMALS, packed

Point = tuple[int, int]


def unpacked(body: dict[str, Any]) -> tuple[list[list[list[Point]]], list[list[Point]]]:
    """The rings of every shape and the lines, in steps of the grid: what `static/js/map-data.js` does."""
    flat, lines, x, y, i = body["lines"], [], 0, 0, 0
    while i < len(flat):
        count, i = flat[i], i + 1
        line = []
        for _ in range(count):
            x, y, i = x + flat[i], y + flat[i + 1], i + 2
            line.append((x, y))
        lines.append(line)
    coded, shapes, seen, i = body["shapes"], [], 0, 0
    while i < len(coded):
        rings, i = coded[i], i + 1
        shape = []
        for _ in range(rings):
            count, i = coded[i], i + 1
            ring: list[Point] = []
            for code in coded[i : i + count]:
                number = seen - (code >> 1)
                seen = max(seen, number + 1)
                line = lines[number][::-1] if code & 1 else lines[number]
                ring += line if not ring else line[1:]
            i += count
            shape.append(ring)
        shapes.append(shape)
    return shapes, lines


def rings_of(shape: Any) -> list[set[Point]]:
    rings = [ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part)]
    return [set(map(tuple, np.rint(np.array(ring.coords) * 10**DECIMALS).astype(int).tolist())) for ring in rings]


def same(shapes: list[Any]) -> list[list[Point]]:
    """Assert that shapes come out as they went in. Returns the lines."""
    out, lines = unpacked(packed(shapes))
    assert [[set(ring) for ring in shape] for shape in out] == [rings_of(shape) for shape in shapes]
    assert all(ring[0] == ring[-1] for shape in out for ring in shape)
    return lines


def test_a_border_between_two_is_sent_once() -> None:
    lines = same([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    edges = [frozenset(edge) for line in lines for edge in pairwise(line)]
    assert len(edges) == len(set(edges)) == 7


def test_islands_holes_and_an_enclave() -> None:
    hole = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    same([MultiPolygon([hole, box(5, 5, 6, 6)]), box(1, 1, 2, 2)])


def test_shapes_that_overlap_or_are_the_same_are_each_kept_whole() -> None:
    same([box(0, 0, 2, 2), box(1, 1, 3, 3), box(0, 0, 2, 2)])


def test_nothing_is_nothing() -> None:
    assert packed([]) == {"decimals": DECIMALS, "lines": [], "shapes": []}


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(2, 6), st.randoms(use_true_random=False))
def test_any_patchwork_comes_out_as_it_went_in(wide: int, high: int, random: Any) -> None:
    """Cells of a bent grid: neighbours share borders, every inner edge belongs to two of them."""
    corner = {
        (x, y): (100 + x + random.randint(-30, 30) / 100, 10 + y + random.randint(-30, 30) / 100)
        for x in range(wide + 1)
        for y in range(high + 1)
    }
    cells = [
        Polygon([corner[x, y], corner[x + 1, y], corner[x + 1, y + 1], corner[x, y + 1]])
        for x in range(wide)
        for y in range(high)
    ]
    lines = same(cells)
    edges = [frozenset(edge) for line in lines for edge in pairwise(line)]
    assert len(edges) == len(set(edges)) == wide * (high + 1) + high * (wide + 1)
