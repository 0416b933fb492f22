"""The whole way of one municipality, in Thai: invited, answering on a phone, returned, approved, published, seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cityindex.definitions.findings import At
from cityindex.definitions.loader import self_contained
from cityindex.definitions.yaml_ import located
from cityindex.queries.assessments.answers import answers_of
from tests.browser.conftest import Reader
from tests.conftest import MakeDatabase
from tests.integration import assessing
from tests.integration.assessing import PASSWORD, World
from tests.serving import served

pytestmark = pytest.mark.browser

PLACE = "M3"
LIST = (
    "อีเมล,ชื่อ,บทบาท,รหัสพื้นที่\n"
    f"new-editor@example.go.th,มานี มีนา,ผู้กรอกข้อมูล,{PLACE}\n"
    f"new-approver@example.go.th,ปิติ พอใจ,ผู้อนุมัติ,{PLACE}\n"
)
OWN_PASSWORD = "ตะเกียงสีน้ำเงินลอยในลำธาร"
WELCOME = re.compile(r"/th/account/welcome/\S+")
LEVELS = [
    {"code": code, "from": low, "name": {"th": th, "en": en}}
    for code, low, th, en in (
        ("none", 0, "ยังไม่เริ่ม", "Not started"),
        ("first", 20, "เริ่มต้น", "Initial"),
        ("third", 60, "เป็นระบบ", "Defined"),
        ("last", 90, "ปรับปรุงต่อเนื่อง", "Optimizing"),
    )
]
PHONE, DESK = 360, 1280


@pytest.fixture
def world(spatialite_databases: MakeDatabase, tmp_path: Path) -> Iterator[World]:
    """The small round, in a framework that has names for levels."""
    world = assessing.prepared(spatialite_databases, sign_in=True, evidence_url=str(tmp_path / "evidence"))
    leveled = self_contained(
        located({**assessing.FRAMEWORK, "levels": LEVELS}, At("small-maturity.yaml", 1, "framework"))
    )
    catalogue = replace(assessing.catalogue(), frameworks={"small-maturity": leveled}, indicators=leveled.indicators)
    world.application.__dict__["catalogue"] = catalogue
    yield world
    world.application.engine.dispose()


@pytest.fixture
def own_site(world: World) -> Iterator[str]:
    with served(world.application.web()) as address:
        yield address


class Person(Reader):
    """Somebody with a browser of his own. Every page on the way is looked at by axe."""

    def __init__(self, page: Page, site: str, width: int) -> None:
        super().__init__(page, site)
        self.wide = width

    def to(self, path: str) -> Page:
        self.open(f"/th{path}")
        self.sound()
        return self.page

    def sound(self) -> None:
        """Nothing is wrong with the page, and it is no wider than the window."""
        assert self.faults() == [], self.page.url
        assert self.width() <= self.wide, self.page.url

    def press(self, selector: str) -> None:
        """Press what leads to another page, and look at that."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.sound()

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.to("/account/login")
        self.page.get_by_label("อีเมล").fill(email)
        self.page.get_by_label("รหัสผ่าน", exact=True).fill(password)
        self.press("main form.fields button")
        assert "/login" not in self.page.url

    def choose_password(self, link: str) -> None:
        self.open(link)
        self.sound()
        self.page.get_by_label("รหัสผ่านใหม่").fill(OWN_PASSWORD)
        self.page.get_by_label("รหัสผ่านเดิมอีกครั้ง").fill(OWN_PASSWORD)
        self.press("main form.fields button")

    def choose(self, question: str, value: str) -> None:
        """Tap an answer, as a thumb does: on its words."""
        self.page.locator(f"#q-{question} label:has(input[value='{value}'])").first.click()

    def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(300):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.page.url}: {self.page.inner_text('main')[:800]}")


@pytest.fixture
def person(chromium: Browser, own_site: str) -> Iterator[Callable[..., Person]]:
    with ExitStack() as open_ones:

        def make(width: int = DESK) -> Person:
            size = {"width": width, "height": 780}
            context = chromium.new_context(viewport=size, has_touch=width == PHONE, reduced_motion="reduce")
            open_ones.enter_context(closing(context))
            return Person(context.new_page(), own_site, width)

        yield make


def test_from_an_invitation_to_the_public_page(world: World, person: Callable[..., Person], tmp_path: Path) -> None:
    round_id = assessing.opened(world)
    number = world.assessment_of(PLACE)
    public = f"/places/{PLACE}/maturity"

    def stored() -> dict[str, Any]:
        with world.application.sessions() as session:
            return {code: one.value for code, one in answers_of(session, number).items() if one.value is not None}

    office = person()
    links = invited(office, tmp_path)
    editor, approver = person(PHONE), person(PHONE)
    for who, name in ((editor, "new-editor"), (approver, "new-approver")):
        who.choose_password(links[f"{name}@example.go.th"])
        who.sign_in(f"{name}@example.go.th", OWN_PASSWORD)

    answered_with_a_line_that_drops(editor, number, stored)
    submitted(approver, number, 1)
    reviewer = person()
    reviewer.sign_in("reviewer@example.go.th")
    returned(reviewer, number)

    page = editor.to(f"/assessments/{number}/")
    expect(page.locator("main")).to_contain_text("ไม่เห็นลายเซ็น")
    page = editor.to(f"/assessments/{number}/governance#q-digital_plan")
    expect(page.locator("#q-digital_plan")).to_contain_text("ไม่เห็นลายเซ็น")
    editor.choose("digital_plan", "2")
    editor.until(lambda: stored()["digital_plan"] == 2)
    submitted(approver, number, 2)
    approved(reviewer, number)

    nobody = person(PHONE)
    answer = nobody.page.goto(f"{nobody.site}/th{public}")
    assert answer is not None
    assert answer.status == 404  # approved is not published
    officer = person()
    officer.sign_in("officer@example.go.th")
    officer.to(f"/rounds/{round_id}")
    officer.to(f"/rounds/{round_id}/publish")
    officer.press("main form button")

    # digital_plan 2 of 5, an officer, a website, 12 of 20 services: ((0.4 + 1) / 2 + (1 + 0.6) / 2) / 2 = 75
    page = nobody.to(public)
    expect(page.get_by_role("heading", level=1)).to_contain_text("เป็นระบบ")
    expect(page.locator("dl.facts").first).to_contain_text("75")
    editor.to(f"/assessments/{number}/results")
    for who in (office, editor, approver, reviewer, officer):
        assert who.elsewhere == []
    assert [one for one in (*editor.complaints, *approver.complaints) if "ERR_INTERNET_DISCONNECTED" not in one] == []


def invited(office: Person, folder: Path) -> dict[str, str]:
    """The administrator invites by a list; the links are in the letters. The path of each, by address."""
    office.sign_in("administrator@example.go.th")
    page = office.to("/admin/invitations")
    file = folder / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    page.set_input_files("#f-file", file)
    office.press("main form.fields button")
    office.press("main form.block button")
    links = {}
    for name in ("new-editor", "new-approver"):
        address = f"{name}@example.go.th"
        office.to("/admin/letters")
        office.press(f"tr:has(th:text-is('{address}')) form button")
        found = WELCOME.search(page.inner_text("pre.letter"))
        assert found
        links[address] = found[0]
    return links


def answered_with_a_line_that_drops(editor: Person, number: int, stored: Callable[[], dict[str, Any]]) -> None:
    """An answer with a line, some without one, which are sent when it is back."""
    editor.to("/assessments/")
    editor.press(f"main a[href$='/assessments/{number}/']")
    page = editor.to(f"/assessments/{number}/governance#q-digital_plan")
    editor.choose("digital_plan", "3")
    editor.until(lambda: stored() == {"digital_plan": 3})
    page = editor.to(f"/assessments/{number}/service#q-website")
    page.context.set_offline(True)
    editor.choose("website", "yes")
    expect(page.locator("#q-website [data-save-state]")).to_contain_text("เครื่องนี้")
    editor.sound()
    assert stored() == {"digital_plan": 3}
    page.context.set_offline(False)
    editor.until(lambda: stored() == {"digital_plan": 3, "website": "yes"})
    expect(page.locator("[data-waiting]")).to_be_hidden()
    page = editor.to(f"/assessments/{number}/service#q-online_services")
    field = page.locator("#q-online_services input[inputmode]").first
    field.fill("๑๒")
    field.blur()
    editor.until(lambda: stored().get("online_services") == 12)
    editor.to(f"/assessments/{number}/governance#q-data_officer")
    editor.choose("data_officer", "yes")
    editor.until(lambda: stored().get("data_officer") == "yes")
    editor.to(f"/assessments/{number}/submit")  # what is left to do: only the approver submits
    assert editor.page.locator("main input[name=seal]").count() == 0


def submitted(approver: Person, number: int, time: int) -> None:
    approver.to(f"/assessments/{number}/")
    approver.press(f"main a[href$='/assessments/{number}/submit']")
    approver.press("main form:has(input[name=seal]) button")
    expect(approver.page.get_by_role("heading", level=1)).to_have_text(f"ใบรับการส่งครั้งที่ {time}")


def returned(reviewer: Person, number: int) -> None:
    """One answer goes back with its reason; the rest is accepted."""
    page = reviewer.to("/reviews/")
    reviewer.press(f"main a[href$='/reviews/{number}']")
    card = page.locator("#q-digital_plan")
    if not card.locator("details.answer-of").evaluate("one => one.open"):
        card.locator("summary").first.click()
    card.locator("form.verdict summary").click()
    card.locator("#r-digital_plan").fill("ไม่เห็นลายเซ็น")
    with page.expect_navigation():
        card.locator("button[value=return]").click()
    reviewer.sound()
    reviewer.press("form[action$='/accept'] button")
    reviewer.press("main form button")
    reviewer.press("form[action*='/return'] button")
    expect(page.get_by_role("status").first).to_contain_text("แจ้งเทศบาลแล้ว")


def approved(reviewer: Person, number: int) -> None:
    """Only what has changed is open; what was decided on the rest stands."""
    page = reviewer.to(f"/reviews/{number}")
    with page.expect_navigation():
        page.locator("#q-digital_plan button[value=accept]").click()
    reviewer.sound()
    reviewer.press("form[action*='/approve'] button")
    expect(page.get_by_role("status").first).to_contain_text("แจ้งเทศบาลแล้ว")
