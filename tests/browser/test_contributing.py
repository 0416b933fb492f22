"""What people give and get, clicked on a phone: knowledge and its thanks, proposals, and mistakes in figures."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from cityindex.app import Application
from cityindex.models import Place, Pull
from cityindex.services.accounts.accounts import NewAccount
from tests import files
from tests.browser.conftest import PHONE, MakeBrowser, Reader, let_in
from tests.serving import served

pytestmark = pytest.mark.browser
TITLE, SUMMARY = "ธนาคารขยะของชุมชนริมคลอง", "เด็กและผู้สูงอายุคัดแยกขยะที่ต้นทาง"
SEND = "main form:has(textarea) button"
Enter = Callable[..., Reader]


@pytest.fixture
def town(own_demo: Application) -> str:
    with own_demo.sessions() as session:
        demo = select(Place.code).where(Place.demo, Place.place_type == "town-municipality").order_by(Place.code)
        return session.scalars(demo.limit(1)).one()


@pytest.fixture
def enter(own_demo: Application, town: str, browsers: MakeBrowser) -> Iterator[Enter]:
    """Somebody at a phone: an editor of a fictional town, a reviewer, an administrator, or just a reader."""
    people = {
        role: own_demo.accounts.add(NewAccount(f"the-{role}@example.go.th", role, place), "test").account
        for role, place in (("editor", town), ("reviewer", None), ("administrator", None))
    }
    app = own_demo.web()
    with served(app) as address:

        def at_phone(role: str, path: str, scripts: bool = True) -> Reader:
            browser = browsers(viewport=PHONE, java_script_enabled=scripts)
            if role in people:
                let_in(browser, app, address, people[role])
            person = Reader(browser.new_page(), address)
            person.open(path)
            return person

        yield at_phone


def sound(person: Reader, what: str) -> None:
    """The console may complain of the answer 422 itself, of nothing else."""
    person.rest()
    assert person.faults() == [], what
    assert person.width() <= PHONE["width"], what
    assert [line for line in person.complaints if "422" not in line] == [], what
    assert person.elsewhere == [], what


def press(page: Page, ending: str) -> None:
    page.click(f"main form[action$='{ending}'] button")


def zipped(folder: Path) -> Path:
    file = folder / "คู่มือ.docx"
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as made:
        made.writestr("a.txt", "x")
    file.write_bytes(package.getvalue())
    return file


def test_from_a_draft_to_thanks_and_a_certificate(enter: Enter, town: str, tmp_path: Path) -> None:
    editor = enter("editor", "/th/sharing/new")
    page = editor.page
    page.select_option("#f-kind", "story")
    written = {"title_th": TITLE, "summary_th": SUMMARY, "creator": "กองสาธารณสุข", "thanked": "สมหญิง ใจดี"}
    for name, text in written.items():
        page.fill(f"#f-{name}", text)
    page.click("main form.fields button")  # without a licence
    expect(page.locator("#e-licence")).to_be_visible()
    for name, text in written.items():
        expect(page.locator(f"#f-{name}")).to_have_value(text)
    sound(editor, "no licence")
    page.select_option("#f-licence", "CC-BY-4.0")
    page.click("main form.fields button")
    page.set_input_files("#f-file", zipped(tmp_path))
    press(page, "/files")
    expect(page.locator("#f-file-error")).to_be_visible()
    expect(page.locator("main")).to_contain_text(SUMMARY)
    sound(editor, "a package under the name of a document")
    (tmp_path / "คู่มือ.pdf").write_bytes(files.pdf())
    page.set_input_files("#f-file", tmp_path / "คู่มือ.pdf")
    press(page, "/files")
    press(page, "/submit")
    sound(editor, "handed in")
    reviewer = enter("reviewer", "/en/sharing/")
    reviewer.page.get_by_role("link", name=TITLE).first.click()
    sound(reviewer, "to decide")
    press(reviewer.page, "/accept")
    sound(reviewer, "decided")
    page.reload()
    certificate = page.context.request.get(editor.site + str(page.get_attribute("a[href$='certificate.pdf']", "href")))
    assert (certificate.status, certificate.body()[:4]) == (200, b"%PDF")
    anybody = enter("nobody", f"/th/places/{town}")
    expect(anybody.page.locator("section[aria-labelledby=shared]")).to_contain_text("สมหญิง ใจดี")
    anybody.page.get_by_role("link", name=TITLE).click()
    expect(anybody.page.locator("main")).to_contain_text("คู่มือ.pdf")
    sound(anybody, "shown")


def test_a_sandbox_is_written_without_scripts_and_decided_on(enter: Enter) -> None:
    page = enter("editor", "/en/proposing/new", scripts=False).page
    page.select_option("#f-kind", "sandbox")
    page.select_option("#f-status", "trying")
    page.fill("#f-title_th", TITLE)
    page.fill("#f-summary", SUMMARY)
    page.click("main form.fields button")
    expect(page.locator("#e-rule")).to_be_visible()
    expect(page.locator("#f-summary")).to_have_value(SUMMARY)
    page.fill("#f-rule", "เทศบัญญัติว่าด้วยขยะ")
    page.fill("#f-since", "1/5/2568")
    page.click("main form.fields button")
    press(page, "/submit")
    reviewer = enter("reviewer", "/th/proposing/")
    sound(reviewer, "waiting")
    reviewer.page.get_by_role("link", name=TITLE).first.click()
    sound(reviewer, "to decide")
    press(reviewer.page, "/accept")
    sound(reviewer, "decided")
    reviewer.page.click(".page-head a[href*='/proposals/']")
    expect(reviewer.page.locator("main")).to_contain_text("1 พ.ค. 2568")
    sound(reviewer, "in the register")
    editor = enter("editor", "/th/proposing/new")
    sound(editor, "the form")
    editor.page.click("main form.fields button")  # the browser itself asks for what is missing
    assert editor.page.url.endswith("/proposing/new")


def test_a_mistake_goes_from_a_figure_to_its_answer_beside_it(enter: Enter, own_demo: Application, town: str) -> None:
    reader = enter("nobody", f"/th/places/{town}")
    reader.page.locator("main a[href*='/mistakes/report']").first.click()
    sound(reader, "the form")
    reader.page.evaluate("document.querySelector('main textarea').form.noValidate = true")
    reader.page.click(SEND)
    expect(reader.page.locator("main .error").first).to_be_visible()
    sound(reader, "nothing was said")
    reader.page.fill("main textarea", "รายได้นี้เป็นของปีก่อน")
    reader.page.click(SEND)
    expect(reader.page.locator("main")).to_contain_text("รายได้นี้เป็นของปีก่อน")
    sound(reader, "sent")
    with own_demo.sessions() as session:
        report = {"new": 3, "read": 3, "other_series": 0, "places_left_out": 0}
        failed = {"reason": "the service did not answer", "problems": []}
        facts = {"mapping": "nso-density", "version": "1", "url": "https://example.org/sdmx", "by": "test"}
        session.add(Pull(**facts, outcome="recorded", said=json.dumps(report)))
        session.add(Pull(**facts, outcome="unreachable", said=json.dumps(failed)))
        session.commit()
    keeper = enter("administrator", "/en/admin/exchange/pulls/nso-density")
    expect(keeper.page.locator("main")).to_contain_text("the service did not answer")
    sound(keeper, "pulls")
    keeper.open("/th/admin/mistakes")
    sound(keeper, "all reports")
    keeper.page.locator("main tbody th a").first.click()
    sound(keeper, "to answer")
    editor = enter("editor", keeper.page.url.removeprefix(keeper.site))
    for person in (editor, keeper):  # it is with the people of the place, or with those who keep the figures
        if person.page.locator("#f-answer").count():
            person.page.check("input[name=accepted][value=yes]")
            person.page.fill("#f-answer", "ตัวเลขที่ถูกจะขึ้นในเดือนหน้า")
            person.page.locator("main form.fields button").first.click()
            sound(person, "answered")
            break
    reader.page.reload()
    expect(reader.page.locator("main")).to_contain_text("ตัวเลขที่ถูกจะขึ้นในเดือนหน้า")
    sound(reader, "the answer")
    other = enter("nobody", f"/th/places/{town}")  # the first one keeps pages for a minute
    expect(other.page.locator("main")).to_contain_text("ตัวเลขที่ถูกจะขึ้นในเดือนหน้า")


def test_from_a_weak_figure_to_whoever_improved_it(reader: Reader) -> None:
    reader.page.set_viewport_size(PHONE)
    page = reader.open("/th/places/D400001")
    page.locator("main a[href*='/knowledge/solved']").first.click()
    sound(reader, "who solved this before")
    page = reader.open("/en/results/")
    page.locator("section[aria-labelledby=moved] td a[href*='change=rose']").first.click()
    expect(page.locator("#f-change")).to_have_value("rose")
    sound(reader, "movement")
