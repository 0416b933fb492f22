"""Demo municipalities: cells inside their provinces, apart from each other; names and codes that say what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import STRtree, box

from cityindex.formats.features import read_features
from cityindex.resources import resource_root
from cityindex.services.demo.demo import generated_places
from cityindex.services.demo.places import WITHOUT_MUNICIPALITIES, DemoPlace, area_km2, demo_places
from cityindex.services.seeding import SHAPES


@pytest.fixture(scope="module")
def places() -> Sequence[DemoPlace]:
    return generated_places()


def test_there_are_four_hundred_in_plausible_proportion(places: Sequence[DemoPlace]) -> None:
    types = Counter(place.place_type for place in places)
    assert types == {"city-municipality": 6, "town-municipality": 40, "subdistrict-municipality": 354}


def test_no_province_is_left_out_but_bangkok(places: Sequence[DemoPlace]) -> None:
    features = read_features(resource_root("seeds") / SHAPES)
    provinces = {code for (code,) in features.properties}
    assert provinces - {place.province for place in places} == set(WITHOUT_MUNICIPALITIES)


def test_every_name_and_code_says_demo_and_is_unique(places: Sequence[DemoPlace]) -> None:
    assert all(place.name_th.startswith("ตัวอย่าง") and place.name_en.startswith("Demo ") for place in places)
    assert all(re.fullmatch(r"D\d{6}", place.code) and place.code[1:3] == place.province for place in places)
    for names in ({p.code for p in places}, {p.name_th for p in places}, {p.name_en for p in places}):
        assert len(names) == len(places)


def test_cells_are_inside_their_real_provinces(places: Sequence[DemoPlace]) -> None:
    features = read_features(resource_root("seeds") / SHAPES)
    shapes = {code: shape for (code,), shape in zip(features.properties, features.geometries, strict=True)}
    assert all(shapes[place.province].contains(place.cell) and place.cell.is_valid for place in places)


def test_cells_do_not_touch_each_other(places: Sequence[DemoPlace]) -> None:
    cells = [place.cell for place in places]
    one, other = STRtree(cells).query(cells, "intersects")
    assert (one == other).all()


def test_the_size_of_a_city_is_that_of_a_city(places: Sequence[DemoPlace]) -> None:
    assert all(place.population >= 50_000 for place in places if place.place_type == "city-municipality")
    assert all(1 < place.area_km2 < 500 for place in places)


def test_the_same_every_time() -> None:
    provinces = {"50": box(98, 18, 99, 19)}
    assert demo_places(provinces, 7, 10) == demo_places(provinces, 7, 10)
    assert demo_places(provinces, 7, 10) != demo_places(provinces, 8, 10)


def test_a_square_of_a_tenth_of_a_degree_at_the_equator() -> None:
    assert area_km2(box(100, -0.05, 100.1, 0.05)) == pytest.approx(123.92, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), number=st.integers(2, 12), width=st.floats(0.1, 2))
def test_any_seed_gives_cells_inside_and_apart(seed: int, number: int, width: float) -> None:
    provinces = {"50": box(98, 18, 98 + width, 19), "51": box(98 + width, 18, 100.5, 18.5)}
    places = demo_places(provinces, seed, number)
    assert len(places) == number
    assert all(provinces[place.province].contains(place.cell) for place in places)
    union = shapely.union_all([place.cell for place in places])
    assert union.area == pytest.approx(sum(place.cell.area for place in places))
