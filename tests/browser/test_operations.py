"""The first administrator: from the command line to a published run, and back, as a person clicks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from cityindex.app import Application
from cityindex.cli import run as command_line
from tests.browser.conftest import Reader
from tests.serving import served

pytestmark = pytest.mark.browser
EMAIL, PASSWORD, PERIOD = "somsri@example.go.th", "ม้าเขียวกินทุเรียน", 2023


@pytest.fixture
def own_site(own_demo: Application) -> Iterator[str]:
    with served(own_demo.web()) as address:
        yield address


@pytest.fixture
def person(chromium: Browser, own_site: str) -> Iterator[Reader]:
    with closing(chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")) as context:
        yield Reader(context.new_page(), own_site)


@pytest.fixture
def link(own_demo: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The path of the link that `cityindex user add` gives."""
    monkeypatch.setattr("sys.argv", ["cityindex", "user", "add", EMAIL, "--role", "administrator", "--json"])
    with pytest.raises(SystemExit) as done:
        command_line(own_demo)
    assert done.value.code == 0
    url: str = json.loads(capsys.readouterr().out)["link"]
    return url.removeprefix("http://127.0.0.1:8000")


def sound(person: Reader) -> None:
    """Nothing is wrong with the page, here or on a phone."""
    assert person.faults() == []
    person.page.set_viewport_size({"width": 360, "height": 740})
    assert person.width() <= 360
    person.page.set_viewport_size({"width": 1280, "height": 800})


def test_from_the_command_line_to_a_published_run_and_back(own_demo: Application, person: Reader, link: str) -> None:
    run = own_demo.scoring.run("livable-city", PERIOD, "test")
    page = person.open(link.replace("/th/", "/en/"))
    sound(person)
    page.get_by_label("New password").fill("password1234")
    page.get_by_label("The same password again").fill("password1234")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Passwords like this are tried first")
    sound(person)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_contain_text("Sign in with it now")
    sound(person)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(EMAIL)
    sound(person)

    page.get_by_role("link", name="Operations").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=str(run), exact=True))
    expect(row).to_contain_text("not published")
    sound(person)
    row.get_by_role("link", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Publish run {run}?")
    sound(person)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Readers need this in Thai")
    sound(person)
    page.get_by_label("What changed, in Thai").fill("แก้จำนวนประชากรของสองเทศบาล")
    page.get_by_label("Why, in Thai").fill("ต้นทางแก้ไขข้อมูลเมื่อเดือนที่แล้ว")
    page.get_by_label("How sure its figures are").select_option("final")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_have_text(f"Run {run} is public now.")
    assert run_shown(own_demo) == run

    for name in ("Recordings", "Audit trail", "Accounts"):
        page.get_by_role("navigation", name="Operations").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        sound(person)
    page.get_by_role("navigation", name="Operations").get_by_role("link", name="Exchange").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exchange with partners")
    sound(person)
    page.get_by_role("link", name="Example of an agreement").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Indicators")
    sound(person)
    person.open("/en/admin/")
    row.get_by_role("link", name="Roll back").click()
    sound(person)
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("status")).to_contain_text("is public again")
    assert run_shown(own_demo) != run

    page.get_by_role("banner").get_by_role("link", name="My account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(EMAIL)
    assert [line for line in person.complaints if "422" not in line] == []
    assert person.elsewhere == []


def run_shown(own_demo: Application) -> int:
    """The run that a stranger's page of the ranking comes from."""
    page = own_demo.web().test_client().get(f"/en/frameworks/livable-city/{PERIOD}")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    (run,) = set(re.findall(r"version [\d.]+, run (\d+)", page.text))
    return int(run)


def test_the_thai_pages_are_sound(own_demo: Application, person: Reader, link: str) -> None:
    token = link.rsplit("/", 1)[1]
    own_demo.accounts.choose_password(token, PASSWORD)
    page = person.open("/th/account/login")
    sound(person)
    page.get_by_label("อีเมล").fill(EMAIL)
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ").click()
    page.wait_for_url("**/th/account/")
    paths = ("account/", "admin/", "admin/runs/1", "admin/recordings", "admin/trail", "admin/accounts")
    for path in (*paths, "admin/editions/livable-city/2023/rollback"):
        person.open(f"/th/{path}")
        sound(person)
    assert person.complaints == []
