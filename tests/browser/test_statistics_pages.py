"""Indicators, rankings, methods, data and networks as readers meet them: sound, on a phone, in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reader

pytestmark = pytest.mark.browser

PAGES = (
    "/indicators/",
    "/indicators/?aligned=MP18",
    "/indicators/waste_recycling_rate",
    "/indicators/human_achievement_index",
    "/indicators/pm25_annual_mean?place=D110001&place=D110002",
    "/indicators/pm25_annual_mean?place=D110001&tab=table",
    "/indicators/waste_per_head?tab=map",
    "/indicators/pm25_annual_mean?tab=about",
    "/indicators/scatter?x=total_revenue&y=livable-city/learning&place=D110001&log=x",
    "/frameworks/livable-city/2025?place=D110001",
    "/frameworks/livable-city/2025/movement",
    "/frameworks/",
    "/frameworks/livable-city",
    "/frameworks/local-capacity/2025?page=4",
    "/frameworks/livable-city/2025/what-if",
    "/frameworks/livable-city/2025/what-if?w_health=50&sort=up",
    "/methods/livable-city",
    "/methods/local-capacity",
    "/data",
    "/data/api",
    "/programmes/",
    "/programmes/digital-transformation",
    "/learning-cities",
    "/learning-cities/like-mine?place=D270004",
    "/compare",
    "/compare?place=D270004&q=ตัวอย่าง",
    "/compare?place=D270004&place=D390001&place=D390003&place=3500102",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(reader: Reader, path: str) -> None:
    reader.open(f"/en{path}")
    assert reader.faults() == []
    assert reader.elsewhere == []
    assert reader.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone_and_is_legible_in_the_dark(phone: Reader, path: str) -> None:
    phone.page.emulate_media(color_scheme="dark")
    phone.open(f"/th{path}")
    assert phone.width() == 360
    assert phone.faults() == []


def test_a_ranking_is_sorted_and_filtered_without_a_script(reader: Reader) -> None:
    page = reader.open("/en/frameworks/livable-city")
    page.get_by_role("link", name="Learning", exact=True).click()
    heading = page.locator("th[aria-sort]")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(heading).to_contain_text("Learning")
    page.get_by_label("Type").select_option("city-municipality")
    page.locator("main").get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("places fit; ranks are among all")
    assert "type=city-municipality" in page.url
    assert "sort=learning" in page.url


def test_weights_are_moved_without_a_script(reader: Reader) -> None:
    page = reader.open("/en/frameworks/livable-city")
    page.get_by_role("link", name="What if the weights were others?").click()
    page.get_by_label("Health and care").fill("60")
    page.get_by_role("button", name="Compute the ranking").click()
    expect(page.locator("h1")).to_contain_text("places would have another rank")
    expect(page.get_by_label("Health and care")).to_have_value("60")
    assert "w_health=60" in page.url
    page.get_by_label("Learning", exact=True).fill("-5")
    page.get_by_role("button", name="Compute the ranking").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a number from 0 to 100.")
    assert reader.faults() == []
    page.get_by_role("link", name="Back to the published weights").click()
    expect(page.locator("main")).to_contain_text("The ranking with the published weights")


def test_places_are_compared_without_a_script(reader: Reader) -> None:
    page = reader.open("/en/learning-cities/like-mine?place=D270004")
    page.locator("main").get_by_role("link", name="Compare").first.click()
    expect(page.locator("main ol.compare-places > li")).to_have_count(2)
    page.get_by_label("Add a place by name or code").fill("D390003")
    page.locator("main form.compare-search").get_by_role("button", name="Search").click()
    page.locator("main ul.found a").first.click()
    expect(page.locator("main ol.compare-places > li")).to_have_count(3)
    page.get_by_role("link", name="Put first").first.click()
    page.get_by_role("link", name="Remove from here").first.click()
    expect(page.locator("main ol.compare-places > li")).to_have_count(2)
    assert page.url.count("place=") == 2
    assert reader.complaints == []
