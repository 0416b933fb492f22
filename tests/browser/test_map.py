"""The map as a reader meets it: drawn offline, with its values, its words and its way to a place."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reader

VIEW = "/th/map?framework=livable-city&period=2025"


def drawn(reader: Reader, path: str) -> int:
    page = reader.open(path)
    canvas = page.locator(".folium-map[data-drawn]")
    expect(canvas).to_be_attached()
    return int(canvas.get_attribute("data-drawn") or 0)


def test_every_scored_place_with_a_shape_is_drawn_from_this_site_alone(reader: Reader) -> None:
    assert drawn(reader, VIEW) == 400
    assert reader.elsewhere == []
    assert reader.complaints == []


def test_a_place_says_its_name_value_and_year_and_leads_to_its_page(reader: Reader) -> None:
    drawn(reader, f"{VIEW}&province=50")
    page = reader.page
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    # Look over the map in steps, as somebody does who has not found the place yet.
    for step in range(900):
        page.mouse.move(box["x"] + box["width"] * (step % 30) / 30, box["y"] + box["height"] * (step // 30) / 30)
        if page.locator(".leaflet-tooltip").count():
            break
    said = page.locator(".leaflet-tooltip").inner_text()
    assert "ตัวอย่าง" in said
    assert "ปีงบประมาณ 2568" in said
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/th/places/D*")


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_map_page_is_accessible(reader: Reader, language: str) -> None:
    reader.open(f"/{language}/map")
    assert reader.faults() == []


def test_the_map_page_fits_a_phone(phone: Reader) -> None:
    drawn(phone, VIEW)
    assert phone.width() <= 360


def test_without_boundaries_the_data_stay_readable(reader: Reader) -> None:
    reader.page.route("**/map/boundaries/**", lambda route: route.abort())
    reader.open(VIEW)
    expect(reader.page.locator("#map-failed")).to_be_visible()
    expect(reader.page.locator("main table tbody tr").last).to_be_visible()
