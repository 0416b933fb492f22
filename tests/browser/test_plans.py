"""A plan on a phone in Thai: written, taken to Excel, brought back over a colleague's change, and printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cityindex.formats.plan_sheets import heading
from cityindex.queries.plans.plans import ActionRecord, plan_of
from cityindex.services.plans.lines import Change
from cityindex.services.plans.plans import line_of
from tests.browser.conftest import PHONE, MakeBrowser, Reader, let_in
from tests.databases import MakeDatabase
from tests.integration.assessing import World, prepared
from tests.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture
def world(spatialite_databases: MakeDatabase) -> Iterator[World]:
    made = prepared(spatialite_databases)
    yield made
    made.application.engine.dispose()


@pytest.fixture
def editor(world: World, browsers: MakeBrowser) -> Iterator[Reader]:
    app = world.application.web()
    with served(app) as address:
        browser = browsers(viewport=PHONE, has_touch=True)
        let_in(browser, app, address, world.people["editor"])
        yield Reader(browser.new_page(), address)


def only_line(world: World) -> ActionRecord:
    with world.application.sessions() as session:
        [line] = plan_of(session, world.places["M1"])
    return line


def sound(editor: Reader) -> None:
    editor.rest()
    assert editor.faults() == []
    assert editor.width() == 360


def test_a_plan_goes_out_and_comes_back_over_a_colleague(world: World, editor: Reader) -> None:
    page = editor.open("/th/places/M1/plan/new")
    page.fill("[name=what]", "ติดตั้งเครื่องวัดฝุ่น")
    page.fill("[name=owner]", "กองสาธารณสุข")
    page.fill("[name='budget:2027']", "๒๕๐,๐๐๐")
    page.fill("[name=fiscal_year]", "2571")
    page.fill("[name=strategy]", "NS5 MP18")
    sound(editor)
    page.click("form.fields button")
    sound(editor)
    before = only_line(world)
    assert (before.budgets, before.fiscal_year) == (((2027, 250_000.0),), 2028)

    with page.expect_download() as taken:
        page.click("a[href$='plan.xlsx']")
    book = load_workbook(BytesIO(Path(taken.value.path()).read_bytes()))
    columns = {cell.value: cell.column for cell in book.worksheets[0][1]}
    book.worksheets[0].cell(2, columns[heading("owner", "th")], "กองช่าง")
    book.worksheets[0].cell(2, columns[heading("budget:2028", "th")], "1,000")
    stream = BytesIO()
    book.save(stream)
    theirs = replace(line_of(before), owner="กองคลัง", progress="จ้างแล้ว")
    world.application.plans.save(world.places["M1"], Change(theirs, before.id, 1), world.people["colleague"])

    page.set_input_files("[name=file]", {"name": "plan.xlsx", "mimeType": "", "buffer": stream.getvalue()})
    page.click("form:has([name=file]) button")
    sound(editor)
    said = page.inner_text("main")
    assert "กองคลัง" in said
    assert "กองช่าง" in said
    page.check(f"[name='right-{before.id}-owner'][value=file]")
    page.click("main form button")
    sound(editor)
    after = only_line(world)
    assert (after.owner, after.progress) == ("กองช่าง", "จ้างแล้ว")
    assert after.budgets == ((2027, 250_000.0), (2028, 1000.0))

    editor.open("/th/places/M1/plan/summary")
    sound(editor)
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    assert printed.count(b"/Type /Page\n") == 1
    assert (editor.elsewhere, editor.complaints) == ([], [])
