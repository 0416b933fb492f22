"""Answering on an old phone: 360 px, a line that drops, a session that ends, two people at once, and submitting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cityindex.queries.assessments.answers import answers_of, changes_of
from tests.browser.conftest import PATIENCE, Reader
from tests.conftest import MakeDatabase
from tests.integration import assessing
from tests.integration.assessing import PASSWORD, World
from tests.serving import served

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def world(spatialite_databases: MakeDatabase) -> Iterator[World]:
    world = assessing.prepared(spatialite_databases, sign_in=True)
    assessing.opened(world)
    yield world
    world.application.engine.dispose()


@pytest.fixture
def cut() -> list[str]:
    """Addresses whose next reply breaks off after its first bytes."""
    return []


@pytest.fixture
def own_site(world: World, cut: list[str]) -> Iterator[str]:
    site = world.application.web()
    whole = site.wsgi_app

    def broken_off(environ: Any, start_response: Any) -> Any:
        body = whole(environ, start_response)
        if environ["PATH_INFO"] not in cut:
            return body
        cut.remove(environ["PATH_INFO"])
        return [b"".join(body)[:10]]  # fewer than its Content-Length says

    site.wsgi_app = broken_off  # type: ignore[method-assign]
    with served(site) as address:
        yield address


class Phone(Reader):
    """Somebody of M1 with a phone, signed in."""

    def __init__(self, context: BrowserContext, site: str, who: str, number: int) -> None:
        super().__init__(context.new_page(), site)
        self.context, self.who, self.base = context, who, f"/en/assessments/{number}/"
        self.sign_in(self.page)

    def sign_in(self, page: Page) -> None:
        if "/account/login" not in page.url:
            page.goto(f"{self.site}/en/account/login")
        page.get_by_label("E-mail address").fill(f"{self.who}@example.go.th")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/login" not in url)

    def to(self, path: str) -> Page:
        return self.open(self.base + path)

    def question(self, code: str) -> Any:
        return self.page.locator(f"#q-{code}")

    def said(self, code: str) -> Any:
        return self.question(code).locator("[data-save-state]")

    def keeps(self, count: int) -> None:
        """Wait until so many drafts are kept on the phone: one whose answer was on its way is sent again, and goes."""
        drafts = "Object.keys(localStorage).filter(k => k.startsWith('cityindex-draft:')).length"
        self.page.wait_for_function(f"count => {drafts} === count", arg=count, timeout=PATIENCE)

    def sound(self) -> None:
        """Nothing is wrong with the page, and it is no wider than the phone."""
        assert self.faults() == []
        assert self.width() <= PHONE["width"]


@pytest.fixture
def number(world: World) -> int:
    return world.assessment_of("M1")


@pytest.fixture
def phones(chromium: Browser, own_site: str, number: int) -> Iterator[Any]:
    contexts: list[BrowserContext] = []

    def make(who: str = "editor", **options: Any) -> Phone:
        contexts.append(chromium.new_context(viewport=PHONE, has_touch=True, **options))
        return Phone(contexts[-1], own_site, who, number)

    yield make
    for context in contexts:
        with closing(context):
            pass


def stored(world: World, number: int) -> dict[str, Any]:
    with world.application.sessions() as session:
        return {code: one.value for code, one in answers_of(session, number).items() if one.value is not None}


def test_one_question_a_screen_each_answer_saved_by_itself(world: World, number: int, phones: Any) -> None:
    phone = phones()
    page = phone.open("/en/assessments/")
    phone.sound()
    page.get_by_role("main").get_by_role("link", name="Town M1").click()
    phone.sound()
    page.get_by_role("link", name="Policy and governance").click()
    expect(page.locator(".question:visible")).to_have_count(0)
    phone.sound()
    page.get_by_role("link", name="1.1 Does the municipality have a digital plan?").click()
    expect(page.locator(".question:visible")).to_have_count(1)
    phone.sound()
    phone.question("digital_plan").get_by_text("The plan has money in the budget.").click()
    expect(phone.said("digital_plan")).to_contain_text("Saved ")
    assert stored(world, number) == {"digital_plan": 3}
    expect(page.locator("[data-how-far]")).to_contain_text("1 of 2 applicable questions answered, 1 without evidence")
    phone.question("digital_plan").get_by_role("link", name="Next").click()
    expect(phone.question("data_officer")).to_be_visible()
    phone.question("data_officer").get_by_text("Yes", exact=True).click()
    phone.question("data_officer").get_by_label("Note (optional)").fill("คำสั่งที่ 12")
    phone.question("data_officer").get_by_role("button", name="Save and go on").click()
    expect(page).to_have_url(f"{phone.site}{phone.base}service#q-website")
    phone.question("website").get_by_text("Yes", exact=True).click()
    expect(phone.said("website")).to_contain_text("Saved ")
    phone.question("website").get_by_role("link", name="Next").click()
    expect(phone.question("online_services")).to_be_visible()  # it applies since a moment
    phone.question("online_services").get_by_label("Number").fill("๑๒")
    phone.question("online_services").get_by_label("Number").blur()
    expect(phone.said("online_services")).to_contain_text("Saved ")
    assert stored(world, number) == {"digital_plan": 3, "data_officer": "yes", "website": "yes", "online_services": 12}
    phone.keeps(0)
    assert (phone.complaints, phone.elsewhere) == ([], [])


def test_a_line_that_drops_loses_nothing(world: World, number: int, phones: Any) -> None:
    phone = phones()
    page = phone.to("service#q-website")
    phone.context.set_offline(True)
    phone.question("website").get_by_text("Yes", exact=True).click()
    expect(phone.said("website")).to_contain_text("No connection. Your answer is kept on this device")
    phone.question("website").get_by_role("link", name="Next").click()  # needs no line
    phone.question("channels").get_by_text("By LINE").click()
    phone.question("channels").get_by_text("At the counter").click()
    phone.question("channels").get_by_label("Note (optional)").fill("เขียนระหว่างไม่มีสัญญาณ")
    phone.question("channels").get_by_label("Note (optional)").blur()
    expect(page.locator("[data-waiting]")).to_contain_text("not sent yet: 2")
    phone.sound()
    phone.keeps(2)
    assert stored(world, number) == {}
    phone.context.set_offline(False)
    expect(phone.said("channels")).to_contain_text("Saved ")
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert stored(world, number) == {"website": "yes", "channels": ("counter", "line")}
    phone.keeps(0)
    expect(phone.question("online_services")).not_to_have_attribute("hidden", "")


def test_closed_while_offline_and_opened_again_later(world: World, number: int, phones: Any) -> None:
    phone = phones()
    phone.to("governance#q-digital_plan")
    phone.context.set_offline(True)
    phone.question("digital_plan").get_by_label("Note (optional)").fill("ยังไม่หาย")
    phone.question("digital_plan").get_by_text("A plan is being drafted.").click()
    expect(phone.said("digital_plan")).to_contain_text("kept on this device")
    phone.page.close()
    phone.context.set_offline(False)
    phone.page = phone.context.new_page()
    with phone.page.expect_response("**/governance/digital_plan"):
        phone.to("")  # the overview sends what waits, too
    expect(phone.page.locator("[data-waiting]")).to_be_hidden()
    assert stored(world, number) == {"digital_plan": 1}
    phone.to("governance#q-digital_plan")
    expect(phone.question("digital_plan").get_by_label("Note (optional)")).to_have_value("ยังไม่หาย")


def test_a_reply_that_is_lost_is_no_conflict_with_oneself(world: World, number: int, phones: Any) -> None:
    """The answer arrived, the reply did not: what was written after it follows without a question."""
    phone = phones()
    page = phone.to("governance#q-digital_plan")

    def swallow(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/governance/digital_plan", swallow, times=1)
    phone.question("digital_plan").get_by_text("A plan is being drafted.").click()
    expect(phone.said("digital_plan")).to_contain_text("kept on this device")
    assert stored(world, number) == {"digital_plan": 1}
    phone.question("digital_plan").get_by_text("The plan has money in the budget.").click()
    expect(phone.said("digital_plan")).to_contain_text("Saved ")
    assert stored(world, number) == {"digital_plan": 3}


def test_a_reply_that_breaks_off_is_asked_for_again(world: World, number: int, phones: Any, cut: list[str]) -> None:
    """Its head said that all is well, its end never came: the answer is neither lost nor called refused."""
    phone = phones()
    phone.to("governance#q-digital_plan")
    cut.append(f"{phone.base}governance/digital_plan")
    phone.question("digital_plan").get_by_text("The plan has money in the budget.").click()
    expect(phone.said("digital_plan")).to_contain_text("kept on this device")
    assert stored(world, number) == {"digital_plan": 3}
    expect(phone.said("digital_plan")).to_contain_text("Saved ")
    phone.keeps(0)
    with world.application.sessions() as session:
        assert len(changes_of(session, number)) == 1


def test_a_page_of_somebody_else_is_no_answer(world: World, number: int, phones: Any) -> None:
    """A hotel's page that asks to sign in, in the place of the reply: the line is not there yet."""
    phone = phones()
    page = phone.to("governance#q-digital_plan")
    page.route(
        "**/governance/digital_plan",
        lambda route: route.fulfill(body="<h1>Welcome</h1>", content_type="text/html"),
        times=1,
    )
    phone.question("digital_plan").get_by_text("The plan has money in the budget.").click()
    expect(phone.said("digital_plan")).to_contain_text("kept on this device")
    assert stored(world, number) == {}
    expect(phone.said("digital_plan")).to_contain_text("Saved ")
    assert stored(world, number) == {"digital_plan": 3}
    phone.keeps(0)


def test_two_people_see_both_answers_and_choose(world: World, number: int, phones: Any) -> None:
    phone = phones()
    page = phone.to("governance#q-digital_plan")
    assessing.answer(world, number, "digital_plan", "1", by="colleague", note="ยังร่าง")
    phone.question("digital_plan").get_by_text("The plan has money in the budget.").click()
    box = phone.question("digital_plan").get_by_role("alert")
    expect(box).to_contain_text("Saved by Editor คุณcolleague: 1: A plan is being drafted. — ยังร่าง")
    expect(box).to_contain_text("Yours: 3 The plan has money in the budget.")
    phone.sound()
    assert stored(world, number) == {"digital_plan": 1}
    page.reload()  # both are still there
    expect(box).to_contain_text("ยังร่าง")
    box.get_by_role("button", name="Save mine").click()
    expect(phone.said("digital_plan")).to_contain_text("Saved ")
    assert stored(world, number) == {"digital_plan": 3}

    assessing.answer(world, number, "digital_plan", "4", by="colleague")
    phone.question("digital_plan").get_by_text("There is no plan.").click()
    box.get_by_role("button", name="Take the other").click()
    expect(
        phone.question("digital_plan").get_by_role("radio", name="4 Its results are reported every year.")
    ).to_be_checked()
    expect(box).to_be_hidden()
    assert stored(world, number) == {"digital_plan": 4}
    phone.keeps(0)
    with world.application.sessions() as session:
        assert [one.value for one in changes_of(session, number, "digital_plan")] == [4, 3, 1]


def test_a_wrong_answer_is_explained_beside_it(world: World, number: int, phones: Any) -> None:
    assessing.answer(world, number, "website", "yes")
    phone = phones()
    phone.to("service#q-online_services")
    field = phone.question("online_services").get_by_label("Number")
    field.fill("1,200")
    field.blur()
    expect(phone.question("online_services").get_by_role("alert")).to_contain_text(
        "This could be read as 1200 or as 1.200."
    )
    field.fill("120")
    field.blur()
    expect(phone.said("online_services")).to_contain_text("Saved ")
    assert stored(world, number) == {"website": "yes", "online_services": 120}
    phone.question("online_services").get_by_text("We do not know").click()
    expect(field).to_have_value("")
    expect(phone.said("online_services")).to_contain_text("Saved ")
    assert stored(world, number)["online_services"] == "do-not-know"


def test_a_session_that_ends_in_mid_answer_loses_nothing(world: World, number: int, phones: Any) -> None:
    phone = phones()
    page = phone.to("governance#q-digital_plan")
    phone.context.clear_cookies()
    phone.question("digital_plan").get_by_label("Note (optional)").fill("พิมพ์ไว้ยาวมาก")
    phone.question("digital_plan").get_by_text("The plan has money in the budget.").click()
    expect(phone.said("digital_plan")).to_contain_text("You have been signed out. Your answer is kept on this device")
    phone.sound()
    with phone.context.expect_page() as opened:
        phone.said("digital_plan").get_by_role("link", name="Sign in (new page)").click()
    opened.value.wait_for_load_state()
    phone.sign_in(opened.value)
    opened.value.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(phone.said("digital_plan")).to_contain_text("Saved ", timeout=15_000)
    assert stored(world, number) == {"digital_plan": 3}
    phone.question("digital_plan").get_by_text("There is no plan.").click()
    expect(phone.said("digital_plan")).to_contain_text("Saved ")
    assert stored(world, number) == {"digital_plan": 0}


def test_somebody_else_on_the_same_phone_does_not_send_or_see_it(world: World, number: int, phones: Any) -> None:
    phone = phones()
    page = phone.to("governance#q-digital_plan")
    phone.context.clear_cookies()
    phone.question("digital_plan").get_by_text("A plan is being drafted.").click()
    expect(phone.said("digital_plan")).to_contain_text("You have been signed out.")
    other = phone.context.new_page()
    phone.who = "colleague"
    phone.sign_in(other)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(phone.said("digital_plan")).to_contain_text("Somebody else is signed in on this device now.", timeout=15_000)
    other.goto(f"{phone.site}{phone.base}governance#q-digital_plan")
    expect(other.locator("[data-waiting]")).to_be_hidden()
    assert stored(world, number) == {}
    phone.keeps(1)
    other.goto(f"{phone.site}/en/account/")
    other.on("dialog", lambda dialog: dialog.accept())
    other.get_by_role("button", name="Sign out", exact=True).click()
    other.wait_for_url(f"{phone.site}/en/")
    phone.keeps(0)


def test_looked_through_submitted_and_received(world: World, number: int, phones: Any) -> None:
    assessing.answer_all(world, number)
    editor = phones()
    editor.to("submit")
    expect(editor.page.get_by_text("Ask: คุณapprover.")).to_be_visible()
    editor.sound()
    phone = phones("approver")
    page = phone.to("")
    page.get_by_role("link", name="Look through and submit").click()
    expect(page.get_by_role("heading", name="Without evidence: 2")).to_be_visible()
    phone.sound()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of submission 1")
    phone.sound()
    page.get_by_role("link", name="To the overview").click()
    expect(page.get_by_text("With the reviewer since")).to_be_visible()
    phone.sound()
    assessing.approve(world, number, digital_plan=("1", "ยังไม่ลงนาม"))
    phone.to("results")
    phone.sound()
    page.get_by_role("link", name="Appeal", exact=True).click()
    phone.sound()
    page.get_by_label("Why the decision is not right").first.fill("ลงนามแล้ว")
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.get_by_text("An appeal is open.")).to_be_visible()
    phone.to("print")
    phone.sound()
    assert phone.complaints == []


def test_without_scripts_it_is_forms_and_pages(world: World, number: int, phones: Any) -> None:
    phone = phones(java_script_enabled=False)
    page = phone.to("governance#q-digital_plan")
    expect(page.locator(".question:visible")).to_have_count(1)
    phone.question("digital_plan").get_by_text("A plan is being drafted.").click()
    phone.question("digital_plan").get_by_role("button", name="Save and go on").click()
    expect(page).to_have_url(f"{phone.site}{phone.base}governance#q-data_officer")
    expect(phone.question("data_officer")).to_be_visible()
    assert stored(world, number) == {"digital_plan": 1}
    assessing.answer(world, number, "data_officer", "yes", by="colleague")
    phone.question("data_officer").get_by_text("No", exact=True).click()
    phone.question("data_officer").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else answered this question in the meantime")
    page.get_by_role("button", name="Save", exact=True).click()
    assert stored(world, number) == {"digital_plan": 1, "data_officer": "no"}
