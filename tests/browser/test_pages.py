"""Every kind of page as readers meet it: sound, from one site only, on a phone, by keyboard, in the dark, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, Reader

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/places/",
    "/places/?q=ดาว&type=subdistrict-municipality",
    "/places/?q=ไม่มีที่ไหนชื่อนี้",
    "/places/D110001",
    "/places/D110001?framework=local-capacity&period=2023",
    "/places/D110001/explain",
    "/places/D110001/explain?framework=local-capacity&period=2023",
    "/places/57",
    "/places/3570102",
    "/questionnaires/",
    "/questionnaires/digital-maturity",
    "/questionnaires/digital-maturity?type=sao",
    "/questionnaires/digital-maturity/blank",
    "/about/privacy",
    "/about/licence",
    "/about/accessibility",
    "/about/contact",
)
LANGUAGES = ("th", "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone_and_is_sound_on_a_desk(phone: Reader, language: str, path: str) -> None:
    phone.open(f"/{language}{path}")
    assert phone.width() == 360
    phone.page.set_viewport_size(DESK)
    assert phone.faults() == []
    assert phone.elsewhere == []
    assert phone.complaints == []


def test_values_and_the_words_of_charts_are_in_sight_on_a_phone(phone: Reader) -> None:
    phone.open("/th/places/D110001")
    right = "found => Math.max(...found.map(one => one.getBoundingClientRect().right))"
    assert phone.page.locator("[aria-labelledby=indicators] td.number:nth-child(2)").evaluate_all(right) <= 345
    assert phone.page.locator("figure.figure svg text").evaluate_all(right) <= 345


@pytest.mark.parametrize(
    "path", ["/th/", "/en/places/D110001", "/th/places/D110001/explain", "/th/places/", "/en/about/licence"]
)
def test_a_page_is_legible_in_the_dark(reader: Reader, path: str) -> None:
    reader.page.emulate_media(color_scheme="dark")
    reader.open(path)
    assert reader.faults() == []


@pytest.mark.parametrize("path", ["/th/nowhere", "/en/places/nowhere"])
def test_an_error_page_is_sound(phone: Reader, path: str) -> None:
    phone.open(path)
    assert phone.faults() == []
    assert phone.elsewhere == []
    assert phone.width() == 360


def test_the_first_key_leads_to_the_content(reader: Reader) -> None:
    page = reader.open("/th/places/D110001")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_text("ข้ามไปยังเนื้อหา")
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_focus_is_seen(reader: Reader) -> None:
    page = reader.open("/th/")
    for _ in range(3):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"


def test_the_language_changes_and_the_page_stays(reader: Reader) -> None:
    page = reader.open("/th/places/?q=ดาว&province=57")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{reader.site}/en/places/?q=%E0%B8%94%E0%B8%B2%E0%B8%A7&province=57")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="ภาษาไทย").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")


def test_somebody_finds_a_place_and_its_rank(phone: Reader) -> None:
    page = phone.open("/th/")
    page.locator("#home-search").fill("ดอนตะวันอุน")  # without its tone mark
    page.locator(".hero button").click()
    page.locator("#found a").filter(has_text="ดอนตะวันอุ่น").first.click()
    expect(page.locator("#answer")).to_contain_text("อันดับ")
    expect(page.locator("#answer")).to_contain_text("จาก")


def test_demo_data_says_so_on_every_page(reader: Reader) -> None:
    for path in PAGES:
        page = reader.open(f"/en{path}")
        expect(page.locator(".ribbon")).to_contain_text("made-up")


def test_paper_has_no_navigation_and_says_where_it_comes_from(reader: Reader) -> None:
    reader.page.emulate_media(media="print", color_scheme="dark")
    page = reader.open("/en/places/D110001")
    for hidden in (".site-nav", ".language", ".site-foot", ".skip", "main form"):
        expect(page.locator(hidden).first).to_be_hidden()
    foot = page.locator(".print-foot")
    expect(foot).to_be_visible()
    expect(foot).to_contain_text(f"{reader.site}/en/places/D110001")
    expect(foot).to_contain_text("Livable City Index")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_letters_are_those_of_the_site(reader: Reader) -> None:
    page = reader.open("/th/")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(
        "document.fonts.check('17px \"City Text\"', 'ก') && document.fonts.check('17px \"City Text\"', 'a')"
    )
    loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').length")
    assert loaded >= 4
