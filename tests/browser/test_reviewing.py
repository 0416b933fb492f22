"""Reviewing and running a round as people click it, with and without scripts, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cityindex.assessment.workflow import State
from cityindex.queries.assessments.rounds import assessment
from cityindex.services.assessments.described import Described
from tests import files
from tests.browser.conftest import MakeBrowser, Reader, let_in
from tests.conftest import MakeDatabase
from tests.integration.assessing import PERIOD, World, answer, answer_all, approve, opened, prepared, submit
from tests.serving import served

pytestmark = pytest.mark.browser

SignIn = Callable[..., Reader]


@pytest.fixture
def world(spatialite_databases: MakeDatabase, tmp_path: Path) -> Iterator[World]:
    """Two rounds: M1 was at level 1 and says 4 now, with a file of its own; M2 hands in gaps."""
    world = prepared(spatialite_databases, evidence_url=str(tmp_path / "evidence"))
    opened(world, PERIOD - 1)
    before = world.assessment_of("M1")
    answer_all(world, before, digital_plan="1")
    submit(world, before)
    approve(world, before)
    opened(world, PERIOD, second_share=1.0)
    number, other = world.assessment_of("M1"), world.assessment_of("M2")
    answer_all(world, number, digital_plan="4", by="editor")
    said = Described("แผนดิจิทัล.pdf", note="หน้า 12")
    evidence, editor = world.application.evidence, world.people["editor"]
    evidence.add_file(number, "digital_plan", BytesIO(files.pdf("Digital plan 2569")), said, editor)
    answer(world, other, "digital_plan", "2", by="other-editor")
    submit(world, number)
    submit(world, other, by="other-approver")
    yield world
    world.application.engine.dispose()


@pytest.fixture
def signed_in(world: World, browsers: MakeBrowser) -> Iterator[SignIn]:
    """A browser of somebody who has signed in, as wide as is said, with or without scripts."""
    app = world.application.web()
    with served(app) as address:

        def enter(name: str = "reviewer", width: int = 1280, scripts: bool = True) -> Reader:
            browser = browsers(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
            let_in(browser, app, address, world.people[name])
            return Reader(browser.new_page(), address)

        yield enter


def state(world: World, place: str) -> State:
    with world.application.sessions() as session:
        return assessment(session, world.assessment_of(place)).standing.state


def fits(reader: Reader) -> None:
    """Nothing is wrong with the page, and nothing hangs out of it."""
    assert reader.faults() == []
    assert reader.width() <= (reader.page.viewport_size or {})["width"]
    assert reader.complaints == []
    assert reader.elsewhere == []


def test_from_the_queue_to_approval(world: World, signed_in: SignIn) -> None:
    reader = signed_in()
    page = reader.open("/th/reviews/")
    fits(reader)
    row = page.get_by_role("row").filter(has_text="ระดับเปลี่ยนมากจากรอบก่อน")
    row.get_by_role("link").first.click()
    fits(reader)
    expect(page.get_by_role("heading", name="ดูตรงนี้ก่อน")).to_be_visible()
    card = page.locator("#q-digital_plan")
    expect(card).to_contain_text("รอบก่อนระดับ 1 รอบนี้ระดับ 4")
    expect(card.locator(".claimed")).to_contain_text("รายงานผลตามแผนทุกปี")
    with page.expect_response("**/preview") as shown:
        card.get_by_text("ดูที่นี่").click()
    assert shown.value.status == 200
    card.get_by_text("ปรับค่าหรือส่งกลับ").click()
    card.get_by_label("ค่าหลังการตรวจ").select_option("3")
    card.get_by_role("button", name="ปรับค่า").click()
    expect(card.get_by_role("alert")).to_contain_text("บอกเหตุผล")
    fits_after_error = reader.faults()
    assert fits_after_error == []
    reader.complaints.clear()  # the browser notes the status of the refused form
    expect(card.get_by_label("ค่าหลังการตรวจ")).to_have_value("3")
    card.get_by_label("เหตุผล ให้เทศบาลอ่าน").fill("รายงานมีเพียงปีเดียว")
    card.get_by_role("button", name="ปรับค่า").click()
    assert page.url.endswith("#q-data_officer")
    site_item = page.locator("#q-website")
    site_item.get_by_label("ที่อยู่เว็บที่เปิดตรวจ").fill("https://www.m1.go.th")
    site_item.get_by_role("button", name="ยอมรับ").click()
    page.get_by_role("button", name="ยอมรับทุกข้อที่ยังไม่ตัดสิน").click()
    fits(reader)
    page.get_by_role("button", name="ยอมรับทั้งหมด").click()
    page.get_by_role("button", name="เห็นชอบ").click()
    expect(page.get_by_role("status")).to_contain_text("เห็นชอบแล้ว")
    assert state(world, "M1") is State.APPROVED


def test_by_keyboard_alone_and_without_scripts_on_a_phone(world: World, signed_in: SignIn) -> None:
    reader = signed_in(width=360, scripts=False)
    page = reader.open(f"/en/reviews/{world.assessment_of('M2')}")
    assert reader.page.locator("main").bounding_box() is not None
    card = page.locator("#q-digital_plan")
    card.get_by_text("Adjust or return").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Attach the signed page")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#q-digital_plan .tag.verdict-return").first).to_be_visible()
    page.get_by_label("Message to the municipality").fill("One page is missing")
    page.get_by_role("button", name="Return to the municipality").click()
    assert state(world, "M2") is State.RETURNED


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_of_reviews_and_rounds_is_sound(world: World, signed_in: SignIn, width: int, language: str) -> None:
    number = world.assessment_of("M1")
    approve(world, number, digital_plan=("1", "ไม่พบ"))
    service, people = world.application.assessments, world.people
    service.appeal(number, {"digital_plan": "อยู่หน้า 9"}, people["approver"])
    with world.application.sessions() as session:
        round_id = assessment(session, number).round.id
    officer = signed_in("officer", width)
    paths = (
        "reviews/", f"reviews/{number}?all=1", f"reviews/{number}/appeal", "rounds/", f"rounds/{round_id}",
        f"rounds/{round_id}/close", f"rounds/{round_id}/publish",
    )  # fmt: skip
    for path in paths:
        officer.open(f"/{language}/{path}")
        fits(officer)
    reviewer = signed_in("reviewer", width)
    for path in ("reviews/", f"reviews/{world.assessment_of('M2')}", f"reviews/{world.assessment_of('M2')}/accept"):
        reviewer.open(f"/{language}/{path}")
        fits(reviewer)


def test_the_programme_office_gives_reviewers_and_time(world: World, signed_in: SignIn) -> None:
    with world.application.sessions() as session:
        round_id = assessment(session, world.assessment_of("M1")).round.id
    reader = signed_in("officer")
    page: Page = reader.open(f"/en/rounds/{round_id}")
    page.get_by_label("All 4 that are shown").check()
    page.get_by_label("Reviewer", exact=True).nth(1).select_option(label="คุณreviewer")
    page.get_by_role("button", name="Give the chosen ones").click()
    expect(page.get_by_role("status")).to_contain_text("Given to the reviewer: 4")
    page.get_by_label("Why").fill("Flood")
    page.get_by_label("Until when").fill("2099-01-31")
    page.get_by_label("All 4 that are shown").check()
    page.get_by_role("button", name="More time for the chosen ones").click()
    expect(page.get_by_role("status")).to_contain_text("More time for 2")
    fits(reader)
