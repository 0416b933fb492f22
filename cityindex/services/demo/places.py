"""Demo municipalities: fictional places in cells of real provinces. Every name says what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPoint, Polygon, affinity
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

NUMBER = 400
HEADS = ("city-municipality",) * 6 + ("town-municipality",) * 40
"""Types of the places that head a province; all others are subdistrict municipalities."""
REST = "subdistrict-municipality"
PEOPLE = {  # median, spread on the logarithm, least, most
    "city-municipality": (90_000, 0.35, 50_000, 250_000),
    "town-municipality": (22_000, 0.40, 10_000, 60_000),
    "subdistrict-municipality": (6_500, 0.50, 1_800, 25_000),
}
SIZE = {"city-municipality": 0.55, "town-municipality": 0.6, "subdistrict-municipality": 0.85}
"""How much of its cell a place fills, in length: the rest is countryside between places."""
REACH = 0.085
"""Degrees from its middle that no place goes beyond."""
WITHOUT_MUNICIPALITIES = ("10",)
"""Bangkok is a local government of its own."""
FILLERS = 6
"""Points a place: the more, the smaller its cell."""
CANDIDATES = 12
MARGIN = 0.003
"""Degrees between a cell and the border of its province, so that rounding cannot carry it across."""
KM_PER_DEGREE = 111.32

FIRST_WORDS = {
    "บ้าน": "Ban", "บาง": "Bang", "หนอง": "Nong", "ดอน": "Don", "โคก": "Khok", "วัง": "Wang", "ท่า": "Tha", "ห้วย": "Huai",
    "คลอง": "Khlong", "ทุ่ง": "Thung", "เขา": "Khao", "สวน": "Suan", "สระ": "Sa", "เกาะ": "Ko", "ป่า": "Pa",
}  # fmt: skip
SECOND_WORDS = {
    "ดาวเรือง": "Dao Rueang", "ดาวเหนือ": "Dao Nuea", "จันทร์ยิ้ม": "Chan Yim", "ตะวันอุ่น": "Tawan Un",
    "สายรุ้ง": "Sai Rung", "หมอกหวาน": "Mok Wan", "ฝนพรำ": "Fon Phram", "ลมโชย": "Lom Choi",
    "น้ำค้างใส": "Nam Khang Sai", "เมฆน้อย": "Mek Noi", "หิ่งห้อย": "Hing Hoi", "ผีเสื้อขาว": "Phisuea Khao",
    "นกกระจิบ": "Nok Krachip", "ปลาวาฬ": "Pla Wan", "กระต่ายขาว": "Kratai Khao", "แมวส้ม": "Maeo Som",
    "ช้างน้อย": "Chang Noi", "เต่ายิ้ม": "Tao Yim", "กบร้อง": "Kop Rong", "นกฮูก": "Nok Huk",
    "มะม่วงหวาน": "Mamuang Wan", "ขนมครก": "Khanom Khrok", "ข้าวหอม": "Khao Hom", "ชาเย็น": "Cha Yen",
    "น้ำผึ้ง": "Nam Phueng", "ใบเตย": "Bai Toei", "มะลิลา": "Mali La", "ทานตะวัน": "Than Tawan",
    "ดอกจาน": "Dok Chan", "ไผ่หวาน": "Phai Wan", "ว่าวลอย": "Wao Loi", "เรือกระดาษ": "Ruea Kradat",
    "โคมลอย": "Khom Loi", "ระฆังทอง": "Rakhang Thong", "หนังสือ": "Nangsue", "ดินสอ": "Dinso",
    "ตัวเลข": "Tua Lek", "แผนที่": "Phaen Thi", "กราฟแท่ง": "Krap Thaeng", "ร้อยละ": "Roi La",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """A fictional municipality. Its code starts with D and its province's two digits."""

    code: str
    place_type: str
    name_th: str
    name_en: str
    province: str
    latitude: float
    longitude: float
    area_km2: float
    population: int
    cell: Polygon


def demo_places(provinces: Mapping[str, BaseGeometry], seed: int, number: int = NUMBER) -> list[DemoPlace]:
    """`number` places in the shapes of `provinces` (by code, in degrees). The same seed gives the same places."""
    land = {code: _largest(shape) for code, shape in sorted(provinces.items()) if code not in WITHOUT_MUNICIPALITIES}
    rng = np.random.default_rng([seed, 0])
    head_of = dict(zip(rng.permutation(list(land)), HEADS, strict=False))
    names = _names(rng)
    places = []
    for (province, shape), count in zip(land.items(), _shares(land.values(), number), strict=True):
        types = [head_of.get(province, REST), *[REST] * (count - 1)]
        own = np.random.default_rng([seed, int(province)])
        for running, (place_type, (point, cell)) in enumerate(
            zip(types, _cells(shape, types, own), strict=True), start=1
        ):
            places.append(_place(f"D{province}{running:04d}", place_type, names.pop(), (point, cell), own))
    return places


def area_km2(shape: BaseGeometry) -> float:
    """Of a small shape in degrees, by the length of a degree at its latitude: good to one percent in Thailand."""
    return float(shape.area * KM_PER_DEGREE**2 * np.cos(np.radians(shape.centroid.y)))


def _place(
    code: str, place_type: str, name: tuple[str, str], where: tuple[Floats, Polygon], rng: np.random.Generator
) -> DemoPlace:
    (longitude, latitude), cell = where
    median, spread, least, most = PEOPLE[place_type]
    return DemoPlace(
        code=code,
        place_type=place_type,
        name_th=name[0],
        name_en=name[1],
        province=code[1:3],
        latitude=round(float(latitude), 4),
        longitude=round(float(longitude), 4),
        area_km2=round(area_km2(cell), 2),
        population=int(np.clip(rng.lognormal(np.log(median), spread), least, most)),
        cell=cell,
    )


def _names(rng: np.random.Generator) -> list[tuple[str, str]]:
    pairs = [
        (f"ตัวอย่าง{first_th}{second_th}", f"Demo {first_en} {second_en}")
        for (first_th, first_en), (second_th, second_en) in product(FIRST_WORDS.items(), SECOND_WORDS.items())
    ]
    return [pairs[index] for index in rng.permutation(len(pairs))]


def _shares(shapes: Iterable[Polygon], number: int) -> list[int]:
    """`number` divided by the square roots of the areas (largest remainders), at least one each."""
    roots = np.sqrt([shape.area for shape in shapes])
    exact = (number - len(roots)) * roots / roots.sum()
    counts = np.floor(exact).astype(int)
    for index in np.argsort(counts - exact, kind="stable")[: number - len(roots) - counts.sum()]:
        counts[index] += 1
    return [int(count) + 1 for count in counts]


def _cells(land: Polygon, types: Sequence[str], rng: np.random.Generator) -> list[tuple[Floats, Polygon]]:
    """A point and its cell for each of `types`: Voronoi cells among many points, shrunk, inside `land`."""
    points = _spread(land, len(types) * FILLERS, rng)
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=land))
    inside = _largest(land.buffer(-MARGIN))
    found = []
    for place_type, point in zip(types, points, strict=False):
        cell = cells[shapely.contains_xy(cells, *point)][0]
        shrunk = affinity.scale(cell, SIZE[place_type], SIZE[place_type], origin=tuple(point))
        near = shrunk & shapely.Point(point).buffer(REACH, quad_segs=3)
        found.append((point, _largest(shapely.set_precision(near & inside, 1e-4))))
    return found


def _spread(land: Polygon, count: int, rng: np.random.Generator) -> Floats:
    """Points of `land` far from each other and from its border: each is the best of some. The first lie most freely."""
    chosen = np.empty((0, 2))
    core = _largest(land.buffer(-2 * MARGIN))
    border = core.exterior
    shapely.prepare([core, border])
    for _ in range(count):
        candidates = _random_points(core, CANDIDATES, rng)
        apart = np.linalg.norm(candidates[:, None] - chosen, axis=2).min(axis=1, initial=np.inf)
        inland = shapely.distance(border, shapely.points(candidates))
        chosen = np.vstack([chosen, candidates[np.argmax(np.minimum(apart, 2 * inland))]])
    return chosen


def _random_points(land: Polygon, count: int, rng: np.random.Generator) -> Floats:
    left, bottom, right, top = land.bounds
    points = np.empty((0, 2))
    while len(points) < count:
        more = rng.uniform((left, bottom), (right, top), (4 * count, 2))
        points = np.vstack([points, more[shapely.contains_xy(land, more)]])
    return points[:count]


def _largest(shape: BaseGeometry) -> Polygon:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area)
