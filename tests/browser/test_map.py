"""The map as a reader meets it: drawn offline, with its values, its words and its way to a place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import PATIENCE, Reader

VIEW = "/th/map?framework=livable-city&period=2025"


def drawn(reader: Reader, path: str) -> int:
    page = reader.open(path)
    canvas = page.locator(".folium-map[data-drawn]").first
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
    reader.page.route("**/map/shapes/**", lambda route: route.abort())
    reader.open(VIEW)
    expect(reader.page.locator("#map-failed")).to_be_visible()
    expect(reader.page.locator("main table tbody tr").last).to_be_visible()


def test_another_year_and_indicator_change_map_title_legend_table_and_address_at_once(reader: Reader) -> None:
    drawn(reader, VIEW)
    page = reader.page
    legend = page.locator("[data-part=legend]").inner_text()
    page.evaluate("window.sameDocument = true")
    page.locator("#f-node").select_option("environment")
    page.wait_for_url("**node=environment*")
    expect(page.locator("#map-said")).not_to_be_empty()
    page.locator("#f-slide").fill("0")
    page.locator("#f-slide").dispatch_event("change")
    page.wait_for_url("**period=2021*")
    expect(page.locator("h1")).to_have_text(page.locator("#f-node option:checked").inner_text().strip())
    expect(page.locator("[data-part=legend]")).not_to_have_text(legend)
    expect(page.locator("[data-part=head]")).to_contain_text("2564")
    assert page.evaluate("window.sameDocument") is True, "the page was not loaded anew"
    assert reader.complaints == []


def painted(reader: Reader) -> str:
    """What the map itself says of the first place in the table: its colours and these words are of the same values."""
    first = reader.page.locator("#map-table tr[data-place]").first.get_attribute("data-place")
    reader.page.evaluate("code => document.dispatchEvent(new CustomEvent('place:mark', {detail: code}))", first)
    return reader.page.locator(".leaflet-tooltip").inner_text()


def test_of_two_wishes_the_latest_counts_whichever_comes_first(reader: Reader) -> None:
    drawn(reader, VIEW)
    page, held = reader.page, list[Route]()
    years = page.locator("#f-period")
    page.route("**/map/values/**", lambda route: held.append(route), times=1)  # noqa: PLW0108  (a built-in takes no mark)
    with page.expect_request("**/map/values/**"):
        years.select_option("2021")
    years.select_option("2022")
    page.wait_for_url("**period=2022*")
    expect(page.locator("[data-part=head]")).to_contain_text("2565")
    with page.expect_response(held[0].request.url):
        held[0].continue_()
    reader.rest()
    assert "2565" in painted(reader)
    assert "period=2022" in page.url
    expect(page.locator("[data-part=head]")).to_contain_text("2565")
    assert years.input_value() == "2022"
    assert reader.complaints == []


@pytest.mark.parametrize("lost", ["**/map/values/**", "**/th/map?**"])
def test_what_cannot_be_loaded_changes_nothing_and_is_one_step_away(phone: Reader, lost: str) -> None:
    drawn(phone, VIEW)
    page = phone.page
    page.route(lost, lambda route: route.abort())
    page.locator("#f-period").select_option("2021")
    stays = page.locator("#map-stays")
    expect(stays).to_be_visible()
    assert page.locator("#f-period").input_value() == "2025"
    assert "2568" in page.locator("[data-part=head]").inner_text()
    assert "2568" in painted(phone)
    assert "period=2025" in page.url
    assert phone.faults() == []
    page.unroute(lost)
    stays.get_by_role("link").click()
    page.wait_for_url("**period=2021*")
    expect(stays).to_be_hidden()
    expect(page.locator("[data-part=head]")).to_contain_text("2564")
    assert "2564" in painted(phone)


def test_the_table_marks_a_place_on_the_map_and_elsewhere(reader: Reader) -> None:
    drawn(reader, VIEW)
    page = reader.page
    page.evaluate("document.addEventListener('place:mark', (event) => { window.markedPlace = event.detail; })")
    row = page.locator("#map-table tr[data-place]").first
    row.locator("a").focus()
    assert page.evaluate("window.markedPlace") == row.get_attribute("data-place")
    expect(page.locator(".leaflet-marks-pane path")).to_have_count(1)


def test_a_place_is_found_from_the_keyboard_and_said(reader: Reader) -> None:
    drawn(reader, VIEW)
    page = reader.page
    name = page.locator("#map-table tr[data-place] a").nth(7).inner_text()
    page.locator("#f-place").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("#map-said")).to_contain_text(name)
    expect(page.locator(".leaflet-tooltip")).to_contain_text(name)


@pytest.mark.parametrize(
    "view",
    ["&view=years", "&view=both&second=population", "&view=pair&second=environment", "&symbols=population&labels=on"],
)
def test_every_kind_of_map_is_drawn_accessible_and_fits(reader: Reader, phone: Reader, view: str) -> None:
    assert drawn(reader, VIEW + view) == 400
    assert reader.faults() == []
    assert drawn(phone, VIEW + view) == 400
    assert phone.width() <= 360
    assert reader.complaints + phone.complaints + reader.elsewhere == []


def test_two_maps_move_together(reader: Reader) -> None:
    drawn(reader, f"{VIEW}&view=pair&second=environment")
    page = reader.page
    before = page.evaluate("cityindexMap.views()")
    page.locator(".leaflet-control-zoom-in").nth(1).click()
    page.wait_for_function(
        """zoom => {
            const [first, second] = cityindexMap.views();
            return first[0] > zoom && first.every((part, at) => Math.abs(part - second[at]) < 0.01);
        }""",
        arg=before[0][0],
        timeout=PATIENCE,
    )


def test_the_embed_is_drawn(reader: Reader) -> None:
    assert drawn(reader, "/th/map/embed?framework=livable-city&period=2025") == 400
    assert reader.faults() == []
    assert reader.complaints + reader.elsewhere == []
