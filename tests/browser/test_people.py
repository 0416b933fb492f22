"""People's pages as a person sees them: invited, with a second step, and with a session that ends in mid-form."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.accounts.totp import code_at, step_at
from tests.browser.conftest import Reader
from tests.conftest import MakeDatabase
from tests.integration import small
from tests.serving import served

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
LIST = "อีเมล,ชื่อ,บทบาท,รหัสพื้นที่\nnew@example.go.th,มานี,ผู้กรอกข้อมูล,M2\nreviewer@example.ac.th,ดร.ปิติ,reviewer,10\n"
BUTTON = "main form.fields button"


@pytest.fixture(scope="module")
def site(spatialite_databases: MakeDatabase) -> Iterator[str]:
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": spatialite_databases()}))
    small.fill(application.engine)
    for name, role, place in (("boss", "administrator", None), ("editor", "editor", "M1")):
        application.accounts.add(NewAccount(f"{name}@example.go.th", role, place, "", PASSWORD), "test")
    with served(application.web()) as address:
        yield address
    application.engine.dispose()


@pytest.fixture
def person(chromium: Browser, site: str) -> Iterator[Reader]:
    with closing(chromium.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")) as context:
        yield Reader(context.new_page(), site)


def sign_in(page: Page, name: str) -> None:
    page.fill("#f-email", f"{name}@example.go.th")
    page.fill("#f-password", PASSWORD)
    page.click(BUTTON)


def sound(person: Reader, what: str) -> None:
    assert person.faults() == [], what
    assert person.width() <= 360, what


def test_from_a_list_to_a_link(person: Reader, tmp_path: Path) -> None:
    page = person.open("/th/account/login")
    sign_in(page, "boss")
    sound(person, "account")
    file = tmp_path / "list.csv"
    for text, what in ((LIST + "nobody,,king,\n", "problems"), (LIST, "plan")):
        file.write_text(text, encoding="utf-8")
        page = person.open("/th/admin/invitations")
        page.set_input_files("#f-file", file)
        page.click(BUTTON)
        sound(person, what)
    page.click("main form.block button")
    sound(person, "invited")
    with page.expect_download() as download:
        page.click("main form.block button")
    assert download.value.suggested_filename == "links.xlsx"
    for path in ("/en/admin/people", "/th/admin/people", "/th/admin/letters", "/en/admin/accounts"):
        person.open(path)
        sound(person, path)
    assert person.elsewhere == []


def test_a_session_that_ends_in_mid_form_loses_nothing(person: Reader) -> None:
    page = person.open("/en/account/login")
    sign_in(page, "editor")
    page.click("text=Set a second step")
    secret = page.inner_text("main ol code")
    sound(person, "second step")
    page.fill("#f-code", code_at(secret, step_at(time.time())))
    page.click(BUTTON)
    codes = page.locator("main .codes code").all_inner_texts()
    sound(person, "recovery codes")
    person.open("/en/account/hand-over/M1")
    sound(person, "handing over")
    page.fill("#f-email", "next@example.go.th")
    page.fill("#f-name", "คนถัดไป")
    page.context.clear_cookies()
    page.click(BUTTON)
    assert "Nothing is lost" in page.inner_text("main")
    sound(person, "signing in again")
    sign_in(page, "editor")
    sound(person, "code")
    page.fill("#f-code", codes[0])
    page.click(BUTTON)
    sound(person, "what was kept")
    page.click("text=Send it")
    assert "It is handed over" in page.inner_text("main")


@pytest.mark.parametrize("path", ["/th/account/forgotten", "/en/account/data", "/th/account/erase"])
def test_pages_are_sound(person: Reader, path: str) -> None:
    page = person.open("/en/account/login")
    sign_in(page, "boss")
    person.open(path)
    sound(person, path)
