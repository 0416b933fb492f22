"""Shapes as the lines between them: each border is sent once, whole numbers on a grid, as steps from point to point."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

DECIMALS = 4
"""The grid, in decimals of a degree: some 11 m."""
COARSE = 3
"""The grid of the coarsest shapes: some 110 m, which is no pixel of a map of the country."""
PACKED = (0, 1)
"""The levels of detail that maps fetch."""

Ints = NDArray[np.int64]
Line = list[int]
"""Numbers of corners."""
Walked = tuple[int, bool]
"""The number of a line, and whether it is walked backwards."""


@dataclass(frozen=True)
class _Corners:
    """The corners of all rings one after another, without the closing one; `ring` and `shape` number their owners."""

    points: Ints
    key: Ints
    ring: Ints
    shape_of_ring: Ints


def stored(texts: Sequence[str], detail: int) -> bytes:
    """Shapes of a level of detail, as the texts of GeoJSON geometries, packed and compressed."""
    body = packed(shapely.from_geojson(list(texts)).tolist(), COARSE if detail == 0 else DECIMALS)
    return gzip.compress(orjson.dumps(body), 9, mtime=0)


def with_codes(body: bytes, codes: Sequence[str | int]) -> bytes:
    """What was `stored`, as maps fetch it: JSON with the (packed) codes of its shapes, in their order."""
    return b'{"codes":' + orjson.dumps(list(codes)) + b"," + gzip.decompress(body)[1:]


def packed(geometries: Sequence[Any], decimals: int = DECIMALS) -> dict[str, Any]:
    """Polygons and multipolygons as `{"decimals", "lines", "shapes"}`, all flat lists of whole numbers.

    A hole is walked against its outer ring, so that it stays one where overlapping shapes are painted as one path.

    `lines`: for every line the number of its points and then the steps; the first step leads from the end of the line
    before (at first from 0, 0). `shapes`: for every shape the number of its rings, for every ring the number of its
    lines, and each line as `2 * (lines seen so far - its number) + (1 where it is walked backwards)`; a line that is
    met for the first time has the next number.
    """
    if not len(geometries):
        return {"decimals": decimals, "lines": [], "shapes": []}
    corners = _corners(shapely.orient_polygons(np.asarray(geometries, dtype=object)), decimals)
    lines, rings = _cut(corners, _meeting(corners))
    return {
        "decimals": decimals,
        "lines": _steps(corners.points, lines),
        "shapes": _shapes(rings, corners.shape_of_ring, len(geometries)),
    }


def _corners(geometries: NDArray[Any], decimals: int) -> _Corners:
    parts, shape_of_part = shapely.get_parts(geometries, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.rint(coordinates * 10**decimals).astype(np.int64)
    key = (points[:, 0] << 32) + points[:, 1]
    last = np.r_[ring[1:] != ring[:-1], True]
    # The closing corner goes, and so does one that falls on the next.
    kept = ~last & np.r_[key[1:] != key[:-1], True]
    points, key, ring = points[kept], key[kept], ring[kept]
    enough = np.bincount(ring, minlength=len(rings)) >= 3
    kept = enough[ring]
    number = np.cumsum(enough) - 1
    return _Corners(points[kept], key[kept], number[ring[kept]], shape_of_part[part_of_ring][enough])


def _meeting(corners: _Corners) -> NDArray[np.bool_]:
    """Where lines begin and end: at corners that do not always have the same two neighbours."""
    starts, sizes = _extents(corners.ring)
    position = np.arange(len(corners.key)) - np.repeat(starts, sizes)
    size, start = np.repeat(sizes, sizes), np.repeat(starts, sizes)
    before = corners.key[start + (position - 1) % size] if len(size) else corners.key
    after = corners.key[start + (position + 1) % size] if len(size) else corners.key
    low, high = np.minimum(before, after), np.maximum(before, after)
    _, same = np.unique(corners.key, return_inverse=True)
    count = int(same.max(initial=-1)) + 1
    differs = np.zeros(count, dtype=bool)
    for side in (low, high):
        one_of = np.zeros(count, dtype=np.int64)
        one_of[same] = side
        differs[same[one_of[same] != side]] = True
    return differs[same]


def _extents(ring: Ints) -> tuple[Ints, Ints]:
    starts = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]]) if len(ring) else np.zeros(0, np.int64)
    return starts, np.diff(np.r_[starts, len(ring)])


def _cut(corners: _Corners, meeting: NDArray[np.bool_]) -> tuple[list[Line], list[list[Walked]]]:
    """The lines, each once as corner numbers, and for every ring its lines in the order in which it walks them."""
    # Lists, not arrays: a line has three corners as a rule, and there are tens of thousands.
    keys, meets = corners.key.tolist(), meeting.tolist()
    numbers: dict[tuple[int, ...], Walked] = {}
    lines: list[Line] = []
    rings: list[list[Walked]] = []
    for start, size in zip(*(extent.tolist() for extent in _extents(corners.ring)), strict=True):
        walked = []
        for line in _stretches(start, size, keys, meets):
            name = tuple([keys[corner] for corner in line])
            backwards = _is_backwards(name)
            # A new line is written the way it is first walked.
            number, written = numbers.setdefault(name[::-1] if backwards else name, (len(lines), backwards))
            if number == len(lines):
                lines.append(line)
            walked.append((number, written != backwards))
        rings.append(walked)
    return lines, rings


def _stretches(start: int, size: int, keys: list[int], meets: list[bool]) -> Iterator[Line]:
    """A ring as stretches from one meeting to the next, both ends included; a ring without any is one closed line."""
    ring = list(range(start, start + size))
    cuts = [at for at in range(size) if meets[start + at]] or [min(range(size), key=lambda at: keys[start + at])]
    twice = ring + ring
    for begin, end in zip(cuts, [*cuts[1:], cuts[0] + size], strict=True):
        yield twice[begin : end + 1]


def _is_backwards(name: tuple[int, ...]) -> bool:
    first, last = (name[0], name[-1]) if name[0] != name[-1] else (name[1], name[-2])
    return first > last


def _steps(points: Ints, lines: Sequence[Line]) -> list[int]:
    if not lines:
        return []
    sizes = np.array([len(line) for line in lines])
    walked = points[np.fromiter(chain.from_iterable(lines), np.int64)]
    steps = np.diff(walked, axis=0, prepend=np.zeros((1, 2), np.int64))
    heads = np.cumsum(sizes) - sizes
    written: list[int] = np.insert(steps.reshape(-1), 2 * heads, sizes).tolist()
    return written


def _shapes(rings: Sequence[list[Walked]], shape_of_ring: Ints, count: int) -> list[int]:
    grouped: list[list[list[Walked]]] = [[] for _ in range(count)]
    for ring, shape in zip(rings, shape_of_ring.tolist(), strict=True):
        grouped[shape].append(ring)
    flat, seen = [], 0
    for group in grouped:
        flat.append(len(group))
        for ring in group:
            flat.append(len(ring))
            for number, backwards in ring:
                flat.append(2 * (seen - number) + backwards)
                seen = max(seen, number + 1)
    return flat
