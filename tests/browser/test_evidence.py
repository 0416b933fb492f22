"""Evidence as a person attaches and looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import files
from tests.browser.conftest import MakeBrowser, Reader, let_in
from tests.conftest import MakeDatabase
from tests.integration.assessing import World, opened, prepared
from tests.serving import served

pytestmark = pytest.mark.browser

SignIn = Callable[..., Reader]


@pytest.fixture
def world(spatialite_databases: MakeDatabase, tmp_path: Path) -> Iterator[World]:
    world = prepared(spatialite_databases, evidence_url=str(tmp_path / "evidence"), evidence_file_mb="1")
    opened(world)
    yield world
    world.application.engine.dispose()


@pytest.fixture
def signed_in(world: World, browsers: MakeBrowser) -> Iterator[SignIn]:
    """A browser of somebody who has signed in, as wide as is said."""
    app = world.application.web()
    with served(app) as address:

        def enter(name: str = "editor", width: int = 1280) -> Reader:
            browser = browsers(viewport={"width": width, "height": 800})
            let_in(browser, app, address, world.people[name])
            return Reader(browser.new_page(), address)

        yield enter


def path(world: World, language: str = "th") -> str:
    return f"/{language}/assessments/{world.assessment_of('M1')}/evidence/question/digital_plan"


def form(page: Page) -> Locator:
    """The one for a file; the one for a link is beneath it."""
    return page.locator("form[enctype='multipart/form-data']")


def test_attach_look_and_remove(world: World, signed_in: SignIn) -> None:
    reader = signed_in()
    page = reader.open(path(world))
    page.get_by_text("แนบไฟล์", exact=True).click()
    form(page).get_by_label("ไฟล์", exact=True).set_input_files(
        {"name": "แผนดิจิทัล.pdf", "mimeType": "application/pdf", "buffer": files.pdf("Digital plan 2569")}
    )
    form(page).get_by_label("วันที่ของเอกสาร").fill("2025-09-30")
    form(page).locator("button").click()
    expect(page.get_by_role("status")).to_have_text("แนบไฟล์แล้ว")
    expect(page.get_by_text("ลงวันที่ 30 ก.ย. 2568")).to_be_visible()
    with page.expect_response("**/preview") as shown:
        page.get_by_text("ดูที่นี่").click()
    assert shown.value.status == 200
    assert shown.value.headers["content-type"] == "application/pdf"
    assert reader.faults() == []
    page.get_by_role("link", name="นำออก").click()
    assert reader.faults() == []
    page.get_by_role("button", name="นำออก").click()
    expect(page.get_by_text("ยังไม่มีหลักฐาน")).to_be_visible()
    assert reader.complaints == []
    assert reader.elsewhere == []


def test_too_large_is_said_before_it_is_sent(world: World, signed_in: SignIn) -> None:
    reader = signed_in(width=360)
    page = reader.open(path(world, "en"))
    page.get_by_text("Attach a file").click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    form(page).get_by_label("File", exact=True).set_input_files(
        {"name": "large.pdf", "mimeType": "application/pdf", "buffer": bytes(1_000_001)}
    )
    expect(page.get_by_text("This file is larger than 1 MB.")).to_be_visible()
    form(page).locator("button").click()
    assert "POST" not in sent
    form(page).get_by_label("File", exact=True).set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": files.png(40, 40)}
    )
    expect(page.get_by_text("This file is larger than 1 MB.")).to_be_hidden()
    form(page).locator("button").click()
    expect(page.get_by_role("status")).to_have_text("The file is attached.")
    page.get_by_text("Look at it here").click()
    image = page.get_by_role("img", name="photo.png")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    assert page.locator("main").evaluate("main => main.scrollWidth") <= 360
    assert reader.faults() == []
    assert reader.complaints == []


def test_what_is_refused_leads_to_its_field(world: World, signed_in: SignIn) -> None:
    reader = signed_in(width=360)
    page = reader.open(path(world))
    page.get_by_text("แนบไฟล์", exact=True).click()
    form(page).get_by_label("ไฟล์", exact=True).set_input_files(
        {"name": "แผน.pdf", "mimeType": "application/pdf", "buffer": files.WINDOWS_PROGRAM}
    )
    form(page).get_by_label("ให้ดูตรงไหน").fill("หน้า 12")
    form(page).locator("button").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(form(page).get_by_label("ไฟล์", exact=True)).to_be_focused()
    expect(form(page).get_by_label("ให้ดูตรงไหน")).to_have_value("หน้า 12")
    assert reader.faults() == []
    assert page.locator("main").evaluate("main => main.scrollWidth") <= 360
