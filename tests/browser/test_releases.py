"""A release from the preview to the correction, as the office, a municipality and a reader see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from cityindex.app import Application
from cityindex.models import PlannedRelease
from cityindex.queries.runs.editions import current_editions
from cityindex.queries.runs.scores import Wanted, ranking
from cityindex.services.accounts.accounts import NewAccount
from tests.browser.conftest import Reader
from tests.serving import served

pytestmark = pytest.mark.browser
PASSWORD, FRAMEWORK = "ม้าเขียวกินทุเรียน", "learning-city"


@pytest.fixture
def own_site(own_demo: Application) -> Iterator[str]:
    with served(own_demo.web()) as address:
        yield address


def sound(person: Reader) -> None:
    """Nothing is wrong with the page, here or on a phone."""
    assert person.faults() == []
    person.page.set_viewport_size({"width": 360, "height": 740})
    assert person.width() <= 360
    person.page.set_viewport_size({"width": 1280, "height": 800})


def signed_in(person: Reader, own_demo: Application, account: NewAccount) -> Page:
    own_demo.accounts.add(account, "test")
    page = person.open("/en/account/login")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(account.email)
    return page


def test_from_the_preview_to_the_correction(own_demo: Application, chromium: Browser, own_site: str) -> None:
    with own_demo.sessions() as session:
        edition = current_editions(session, FRAMEWORK)[0]
        place = ranking(session, edition.run, Wanted()).rows[0].code
    run = own_demo.scoring.run(FRAMEWORK, edition.period, "test")
    with closing(chromium.new_context(reduced_motion="reduce")) as one, closing(chromium.new_context()) as two:
        office, town = Reader(one.new_page(), own_site), Reader(two.new_page(), own_site)
        desk = signed_in(office, own_demo, NewAccount("office@example.go.th", "administrator", password=PASSWORD))
        mine = signed_in(town, own_demo, NewAccount("town@example.go.th", "editor", place, password=PASSWORD))

        office.open(f"/en/admin/runs/{run}")
        desk.get_by_role("link", name="Open for preview").click()
        desk.get_by_label("Last day").fill(f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}")
        sound(office)
        desk.get_by_role("button", name="Open the preview").click()
        expect(desk.get_by_role("status")).to_have_text("The preview is open.")

        town.open("/en/assessments/")
        sound(town)
        mine.get_by_role("region", name="To look at before publication").get_by_role("link").click()
        mine.get_by_label("What is it about?").select_option(index=1)
        mine.get_by_label("What is wrong").fill("Our number of courses is from the year before")
        sound(town)
        mine.get_by_role("button", name="Send the objection").click()
        expect(mine.get_by_role("status")).to_contain_text("Your objection is sent")
        sound(town)

        office.open(f"/en/admin/runs/{run}/publish")
        desk.get_by_role("link", name="Answer them first").click()
        desk.get_by_label("Yes: the figure is corrected").check()
        desk.get_by_label("What follows, or why not").fill("It is put right with this edition")
        sound(office)
        desk.get_by_role("button", name="Answer").click()
        expect(desk.get_by_role("status")).to_contain_text("It is answered")
        mine.reload()
        expect(mine.get_by_text("It is put right with this edition")).to_be_visible()

        office.open(f"/en/admin/runs/{run}/publish")
        desk.get_by_label("What changed, in Thai").fill("แก้จำนวนหลักสูตรของหนึ่งเทศบาล")
        desk.get_by_label("Why, in Thai").fill("เทศบาลแจ้งก่อนเผยแพร่")
        desk.get_by_label("At a moment to come").check()
        desk.get_by_label("Day and time").fill(f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT09:30}")
        desk.get_by_role("button", name="Publish").click()
        expect(desk.get_by_role("status")).to_contain_text("Planned for")
        sound(office)
        comes_out(own_demo)
        assert_read(town, place)
        for person in (office, town):
            assert (person.complaints, person.elsewhere) == ([], [])


def comes_out(own_demo: Application) -> None:
    """Its moment has come."""
    with own_demo.sessions() as session:
        session.execute(update(PlannedRelease).values(publish_at=datetime.now(UTC) - timedelta(minutes=1)))
        session.commit()
    assert own_demo.releases.publish_due().published == 1


def assert_read(reader: Reader, place: str) -> None:
    """What anybody reads of the correction."""
    for path in (
        f"/th/frameworks/{FRAMEWORK}",
        f"/en/places/{place}?framework={FRAMEWORK}",
        "/th/releases",
        "/en/releases",
    ):
        page = reader.open(path)
        expect(page.get_by_text("แก้จำนวนหลักสูตรของหนึ่งเทศบาล").first).to_be_visible()
        sound(reader)
