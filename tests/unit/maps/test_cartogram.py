"""The grid of provinces: unique cells, all 77, and neighbours that stay neighbours; its drawing."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from shapely.geometry import shape

from cityindex.charts import Caption
from cityindex.maps.cartogram import INK, Cell, cartogram, letters_on, opened, tiles
from cityindex.resources import resource_root

CAPTION = Caption("Tiles", "what they show", ("source & edition",), "2025")
NEAR = 0.02
"""Degrees: shapes are generalised, and borders of neighbours have gaps."""


def neighbours() -> list[tuple[str, str]]:
    """Pairs of provinces that touch, by the shapes of the seeds."""
    file = resource_root("seeds") / "provinces.geojson"
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    areas = {one["properties"]["code"]: shape(one["geometry"]).buffer(NEAR / 2) for one in features}
    codes = sorted(areas)
    return [(a, b) for i, a in enumerate(codes) for b in codes[:i] if areas[a].intersects(areas[b])]


def test_every_province_has_a_cell_of_its_own() -> None:
    known = {line.split(",")[0] for line in (resource_root("seeds") / "provinces.csv").read_text().splitlines()[1:]}
    assert {tile.code for tile in tiles()} == known
    assert len(tiles()) == 77
    assert len({(tile.row, tile.column) for tile in tiles()}) == 77


@pytest.mark.parametrize("language", ["short_th", "short_en"])
def test_letters_name_one_province_each(language: str) -> None:
    letters = {getattr(tile, language) for tile in tiles()}
    assert len(letters) == 77
    assert all(len(word) == 2 for word in letters)


def test_neighbours_stay_neighbours() -> None:
    at = {tile.code: (tile.row, tile.column) for tile in tiles()}
    pairs = neighbours()
    apart = [max(abs(at[a][0] - at[b][0]), abs(at[a][1] - at[b][1])) for a, b in pairs]
    assert len(pairs) > 150
    assert sum(one == 1 for one in apart) / len(pairs) > 0.85
    assert max(apart) <= 3


def test_north_stays_north() -> None:
    file = json.loads((resource_root("seeds") / "provinces.geojson").read_text(encoding="utf-8"))
    middle = {one["properties"]["code"]: shape(one["geometry"]).centroid for one in file["features"]}
    at = {tile.code: (tile.row, tile.column) for tile in tiles()}
    for a, b in neighbours():
        if middle[a].y - middle[b].y > 0.8:
            assert at[a][0] <= at[b][0], (a, b)


def test_a_province_without_data_is_hatched_and_the_others_lead_on() -> None:
    svg = cartogram({"50": Cell("50", "#23345f", "A <b>", "/open", "ชม", chosen=True)}, CAPTION)
    root = ElementTree.fromstring(svg)
    (link,) = root.findall("a")
    assert (link.get("data-place"), link.get("data-say"), link.get("href")) == ("50", "A <b>", "/open")
    assert link.get("class") == "chosen"
    assert link[0].get("fill") == "#23345f"
    hatched = [one for one in root.findall("g") if one[0].get("fill") == "url(#no-data)"]
    assert len(hatched) == 76
    assert "source &amp; edition" in svg
    assert root.get("data-context") == "2025"


def test_cells_keep_their_order_row_by_row() -> None:
    root = ElementTree.fromstring(opened([Cell(str(n), "#9fcaa6", str(n), "/") for n in range(23)], CAPTION))
    spots = [(float(one[0].get("y", "")), float(one[0].get("x", ""))) for one in root.findall("a")]
    assert spots == sorted(spots)
    assert len(set(spots)) == 23
    assert [one.get("data-place") for one in root.findall("a")] == [str(n) for n in range(23)]


@pytest.mark.parametrize(("colour", "ink"), [("#e8e4a8", "on-light"), ("#23345f", "on-dark"), ("#2d6f94", "on-dark")])
def test_letters_are_read_on_their_colour(colour: str, ink: str) -> None:
    assert letters_on(colour) == ink
    assert set(INK) == {"on-light", "on-dark"}


def test_the_name_of_a_tile_begins_with_its_letters() -> None:
    cell = Cell("50", "#2d6f94", "Chiang Mai\nmedian 66.2", "/x", "CM")
    drawn = ElementTree.fromstring(cartogram({"50": cell}, CAPTION))
    assert [one.get("aria-label") for one in drawn.iter() if one.get("aria-label")][-1] == "CM, Chiang Mai, median 66.2"
