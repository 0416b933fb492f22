"""Figures by hand, as people click it: the table, the upload, the confirmation, the decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from cityindex.app import Application
from cityindex.models import Observation, Place, Recording
from cityindex.services.accounts.accounts import NewAccount
from tests.browser.conftest import MakeBrowser, Reader, let_in
from tests.serving import served

pytestmark = pytest.mark.browser
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}

SignIn = Callable[..., Reader]


@pytest.fixture
def sign_in(own_demo: Application, browsers: MakeBrowser) -> Iterator[SignIn]:
    """A fictional town with an editor, an approver, and a reviewer of everybody; each at a screen of some size."""
    with own_demo.sessions() as session:
        demo = select(Place.code).where(Place.demo, Place.place_type == "town-municipality").order_by(Place.code)
        town = session.scalars(demo.limit(1)).one()
    people = {
        role: own_demo.accounts.add(NewAccount(f"the-{role}@example.go.th", role, place), "test").account
        for role, place in (("editor", town), ("approver", town), ("reviewer", None))
    }
    app = own_demo.web()
    with served(app) as address:

        def enter(role: str, language: str, size: dict[str, int], scripts: bool = True) -> Reader:
            browser = browsers(viewport=size, java_script_enabled=scripts)
            let_in(browser, app, address, people[role])
            person = Reader(browser.new_page(), address)
            person.open(f"/{language}/imports/")
            return person

        yield enter


def sound(person: Reader, size: dict[str, int]) -> None:
    assert person.faults() == []
    assert person.width() <= size["width"]
    assert person.complaints == []
    assert person.elsewhere == []


def template(page: Page, folder: Path) -> Path:
    """The table for local capacity, with one figure typed in as a person does it in Excel."""
    page.select_option("[name=framework]", "local-capacity")
    with page.expect_download() as coming:
        page.click("button[value=xlsx]")
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if str(cell.value).endswith("[own_revenue]"))
    sheet.cell(2, column).value = 900
    book.save(path)
    return path


@dataclass(frozen=True)
class Way:
    """How somebody looks at the site."""

    language: str
    size: dict[str, int]
    scripts: bool


WAYS = (Way("th", PHONE, True), Way("en", WIDE, True), Way("th", WIDE, False), Way("en", PHONE, False))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.language}-{way.size['width']}-{way.scripts}")
def test_from_the_table_to_the_decision(
    own_demo: Application,
    sign_in: SignIn,
    tmp_path: Path,
    way: Way,
) -> None:
    language, size, scripts = way.language, way.size, way.scripts
    words = {
        "th": ("ดูว่าอะไรจะเปลี่ยน", "ยืนยันตัวเลข", "รับตัวเลขนี้"),
        "en": ("See what would change", "Confirm the figures", "Accept the figures"),
    }
    look, confirm, accept = words[language]
    editor = sign_in("editor", language, size, scripts)
    page = editor.page
    filled = template(page, tmp_path)
    page.set_input_files("#f-file", filled)
    page.fill("#f-source", "บัญชีกองคลัง")
    page.get_by_role("button", name=look).click()
    address = page.url
    expect(page.locator("main")).to_contain_text("900")
    assert page.get_by_role("button", name=confirm).count() == 0
    if scripts:
        sound(editor, size)
    approver = sign_in("approver", language, size, scripts)
    approver.page.goto(address)
    approver.page.check("#f-sure")
    approver.page.get_by_role("button", name=confirm).click()
    if scripts:
        sound(approver, size)
    before = recorded(own_demo)
    reviewer = sign_in("reviewer", language, size, scripts)
    reviewer.page.get_by_role("link", name=address.rsplit("/", 1)[1], exact=True).click()
    reviewer.page.check("#f-sure")
    reviewer.page.get_by_role("button", name=accept).click()
    expect(reviewer.page.locator(".note.done")).to_be_visible()
    if scripts:
        sound(reviewer, size)
    assert recorded(own_demo) == (before[0] + 1, before[1] + 1)


def test_a_file_that_is_too_large_is_told_of_before_it_is_sent(sign_in: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as stream:
        stream.truncate(2 << 30)  # of holes: it takes no room
    page = sign_in("editor", "th", PHONE).page
    page.set_input_files("#f-file", file)
    expect(page.locator("#f-file-error")).to_contain_text("10 MB")
    page.fill("#f-source", "บัญชีกองคลัง")
    page.get_by_role("button", name="ดูว่าอะไรจะเปลี่ยน").click()
    assert page.url.endswith("/th/imports/")
    expect(page.locator("#f-source")).to_have_value("บัญชีกองคลัง")


def recorded(application: Application) -> tuple[int, int]:
    """How many observations and recordings there are."""
    with application.sessions() as session:
        counts = [session.scalar(select(func.count()).select_from(model)) or 0 for model in (Observation, Recording)]
    return counts[0], counts[1]
