"""Views to compare and to tell with: sound in both languages and widths, light, and working without a script."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Reader

pytestmark = pytest.mark.browser

MAP = "/map?framework=livable-city&period=2025"
PLACES = "place=D500001&place=D500002&place=D500003"
STORY = "/story?add=/th/map%3Fframework%3Dlivable-city"
PAGES = ("/map/crowd?province=50", f"/compare?{PLACES}", "/learning-cities", "/learning-cities/like-mine", STORY)
LIGHT = 300_000
"""Bytes, compressed, of a page with all it needs but the geometry."""
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 200);
})"""
SENT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(one => !one.name.includes('/map/shapes/')).reduce((sum, one) => sum + one.transferSize, 0)"""


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_view_is_sound_on_a_desk_and_on_a_phone(reader: Reader, language: str, path: str) -> None:
    reader.open(f"/{language}{path}")
    assert reader.faults() == []
    reader.page.set_viewport_size({"width": 360, "height": 740})
    assert reader.width() == 360
    assert reader.faults() == []
    assert (reader.elsewhere, reader.complaints) == ([], [])


@pytest.mark.parametrize("path", [MAP, f"/compare?{PLACES}", "/places/D500001", "/indicators/population"])
def test_a_view_is_light_and_nothing_moves_while_it_loads(phone: Reader, path: str) -> None:
    page = phone.open(f"/th{path}")
    assert page.evaluate(SHIFTS) < 0.1
    assert 0 < page.evaluate(SENT) < LIGHT
    assert phone.elsewhere == []


@pytest.mark.parametrize("how", ["click", "key"])
def test_a_province_opens_in_place_and_its_places_are_marked_in_all_pictures(reader: Reader, how: str) -> None:
    page = reader.open(f"/th{MAP}")
    page.locator("#crowd").scroll_into_view_if_needed()
    tile = page.locator('#crowd a[data-place="50"]')
    if how == "click":
        tile.click()
    else:
        tile.focus()
        page.keyboard.press("Enter")
    cells = page.locator("[data-crowd=cells] a[data-place^=D50]")
    expect(cells.first).to_be_visible()
    expect(page.locator("[data-crowd=cells] h3")).to_be_focused()
    expect(page.locator("[data-crowd=dots] svg")).to_be_visible()
    code = cells.first.get_attribute("data-place")
    cells.first.hover()
    expect(page.locator(f'[data-crowd=dots] [data-place="{code}"]')).to_have_class("marked")
    assert reader.faults() == []
    assert reader.complaints == []


def test_a_place_is_marked_in_a_picture_that_comes_later(reader: Reader) -> None:
    page, held = reader.page, list[Route]()
    page.route("**/crowd/dots?**", lambda route: held.append(route))  # noqa: PLW0108  (a built-in takes no mark)
    page.goto(f"{reader.site}/th{MAP}")
    page.locator("#crowd").scroll_into_view_if_needed()
    page.locator('#crowd a[data-place="50"]').click()
    cells = page.locator("[data-crowd=cells] a[data-place^=D50]")
    expect(page.locator("[data-crowd=cells] h3")).to_be_focused()
    code = cells.first.get_attribute("data-place")
    cells.first.focus()
    expect(cells.first).to_have_class(re.compile(r"\bmarked\b"))
    held[0].continue_()
    expect(page.locator(f'[data-crowd=dots] [data-place="{code}"]')).to_have_class("marked")
    assert reader.complaints == []


def test_a_story_is_made_and_changed_without_a_script(chromium: Browser, site: str) -> None:
    with closing(chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})) as context:
        page = context.new_page()
        page.goto(f"{site}/en/compare?{PLACES}")
        page.locator(".take-away > summary").click()
        page.get_by_role("link", name="Add to a story").click()
        page.get_by_label("Note on view 1").fill("Begin here")
        page.get_by_role("button", name="Keep the note").click()
        expect(page.locator(".story-note")).to_have_text("Begin here")
        page.get_by_label("Address of the view").fill(f"{site}/en/places/D500001")
        page.get_by_role("button", name="Add to the story").click()
        page.get_by_role("button", name="Move up").click()
        expect(page.locator(".story > li")).to_have_count(2)
        expect(page.locator(".story > li").last).to_contain_text("Begin here")
        page.get_by_role("button", name="Remove").first.click()
        expect(page.locator(".story > li")).to_have_count(1)


def test_a_map_without_a_script_is_a_picture_a_form_and_a_table(chromium: Browser, site: str) -> None:
    with closing(chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})) as context:
        page = context.new_page()
        page.goto(f"{site}/en{MAP}")
        still = page.locator(".map-still")
        still.scroll_into_view_if_needed()
        expect(still).to_be_visible()
        assert still.evaluate("image => image.complete && image.naturalWidth > 0")
        page.locator("#f-province").select_option("50")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("[data-part=head]")).to_contain_text("Chiang Mai")
        expect(page.locator("#map-table tbody tr").first).to_contain_text("Chiang Mai")
