"""Hovering over charts, by pointer and keyboard, and the same place marked everywhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader

HEARD = "() => { window.heard = []; document.addEventListener('place:mark', e => window.heard.push(e.detail)); }"


def first_place(reader: Reader) -> tuple[Page, str]:
    """The page of a place of the demo, and its code."""
    page = reader.open("/en/frameworks/livable-city/2025")
    page.locator('main th[scope="row"] a[href*="/places/"]').first.click()
    page.wait_for_load_state("networkidle")
    page.evaluate(HEARD)
    return page, page.url.split("/places/")[1].split("?")[0]


def test_the_keyboard_reaches_a_mark_and_escape_takes_its_words_away(reader: Reader) -> None:
    page, code = first_place(reader)
    mark = page.locator("svg.chart [data-say].mine").first
    mark.focus()
    tip = page.locator(".chart-tip")
    expect(tip).to_have_text(mark.get_attribute("data-say") or "nothing")
    assert mark.get_attribute("aria-label") == mark.get_attribute("data-say")
    assert page.evaluate("window.heard") == [code]
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(mark).to_be_focused()
    assert page.evaluate("window.heard") == [code, None]
    assert reader.complaints == []


def test_the_words_stay_while_the_pointer_is_on_them(reader: Reader) -> None:
    page, _ = first_place(reader)
    page.locator("svg.chart [data-say].mine").first.hover()
    tip = page.locator(".chart-tip")
    expect(tip).to_be_visible()
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()


def test_whatever_else_shows_a_place_marks_it_in_the_charts(reader: Reader) -> None:
    page, code = first_place(reader)
    tell = "code => document.dispatchEvent(new CustomEvent('place:mark', {detail: code}))"
    page.evaluate(tell, code)
    expect(page.locator("svg.chart .marked").first).to_have_attribute("data-place", code)
    page.evaluate(tell, None)
    expect(page.locator("svg.chart .marked")).to_have_count(0)


def test_a_page_with_marks_is_accessible(reader: Reader) -> None:
    first_place(reader)
    assert reader.faults() == []
