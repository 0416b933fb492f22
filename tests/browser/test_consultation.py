"""A whole consultation on a phone, in both languages: asked, a letter, voices, an end, answers, and a target to see."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page
from sqlalchemy import select

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.models import Account
from cityindex.participation.questions import WORDS
from cityindex.queries.participation.consultations import ConsultationRecord, consultation
from cityindex.services.participation.voices import Given
from tests.browser.conftest import PHONE, MakeBrowser, Reader, let_in
from tests.mailbox import Box, free_port, post_office
from tests.serving import served

pytestmark = pytest.mark.browser

PLACES = {"th": ("D500001", "approver-open"), "en": ("D400001", "approver-returned")}
"""Whose residents are asked, and who asks them."""
TITLE = "สามเรื่องใดสำคัญที่สุด และควรไปถึงไหนภายในปี 2572"
SDMX_CSV = {"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"}
ASKED, OTHERS = 3, 9


@dataclass(frozen=True)
class City:
    """A site over the demo that sends real letters, which stand in `box`."""

    application: Application
    address: str
    box: Box


@pytest.fixture(scope="module")
def city(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    copy = tmp_path_factory.mktemp("city") / "demo.sqlite"
    shutil.copy(Path(demo_url.removeprefix("sqlite:///")), copy)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with post_office() as box:
        settings = {"DATABASE_URL": f"sqlite:///{copy}", "BASE_URL": address, "MAIL_URL": box.url}
        application = Application(read_settings({f"CITYINDEX_{name}": value for name, value in settings.items()}))
        with served(application.web(), port):
            yield City(application, address, box)
        application.engine.dispose()


class Person(Reader):
    """Somebody with a phone. Every page on the way is looked at."""

    def __init__(self, page: Page, site: str) -> None:
        super().__init__(page, site)
        self.kinds: set[str] = set()

    def to(self, address: str) -> Page:
        self.open(address.removeprefix(self.site))
        self.sound()
        return self.page

    def press(self, what: str, *, refused: bool = False) -> None:
        """Press a button or follow a link; where it is `refused`, the browser says so, and nothing else."""
        with self.page.expect_navigation():
            self.page.click(what)
        self.rest()
        if refused:
            assert [line for line in self.complaints if "422" not in line] == []
            assert len(self.complaints) == 1, "the form was taken"
            self.complaints.clear()
        self.sound()

    def sound(self) -> None:
        """Nothing is wrong with the page, it fits the phone, and it asked nobody else for anything.

        In Thai every page on the way is looked at by axe; in English, whose pages are built alike, each kind once.
        """
        kind = re.sub(r"\d+|/voice/\S+|#\S*", "", self.page.url)
        if "/th/" in self.page.url or kind not in self.kinds:
            assert self.faults() == [], self.page.url
            self.kinds.add(kind)
        assert self.width() == PHONE["width"], self.page.url
        assert (self.elsewhere, self.complaints) == ([], []), self.page.url


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_consultation_from_its_opening_to_a_target(city: City, browsers: MakeBrowser, language: str) -> None:
    code, account = PLACES[language]
    municipality = _municipality(city, browsers, account)
    asked = _opened(city, municipality, language, code)
    resident = Person(browsers(viewport=PHONE, has_touch=True).new_page(), city.address)
    _takes_part(city, resident, language, asked)
    _others_too(city, asked)
    _ends_and_answers(municipality, language, asked)
    # What a browser has read it keeps for a minute: another reader sees at once what was answered.
    _is_seen(Person(browsers(viewport=PHONE, has_touch=True).new_page(), city.address), language, asked)


def _municipality(city: City, browsers: MakeBrowser, account: str) -> Person:
    browser = browsers(viewport=PHONE, has_touch=True)
    with city.application.sessions() as session:
        number = session.scalars(select(Account.id).where(Account.email == f"{account}@demo.example")).one()
    let_in(browser, city.application.web(), city.address, number)
    return Person(browser.new_page(), city.address)


def _opened(city: City, municipality: Person, language: str, code: str) -> ConsultationRecord:
    """The municipality asks about the first indicators of its form."""
    page = municipality.to(f"/{language}/places/{code}/consultations/new")
    assert "2568" in page.inner_text("#f-topics") or "2025" in page.inner_text("#f-topics"), "of when the figures are"
    page.fill("#f-title", TITLE)
    page.fill("#f-period", "๒๕๗๒" if language == "th" else "2029")
    for topic in page.locator("[name=topic]").all()[:ASKED]:
        topic.check()
    page.locator("details").first.locator("summary").click()
    page.locator("details").first.locator("input").fill("99999999")
    municipality.press("form[method=post] button:not([class])", refused=True)
    assert page.locator("[aria-invalid], .error").count(), "a value that cannot be is refused beside its field"
    page.locator("[name^=own_]").first.fill("")
    municipality.press("form[method=post] button:not([class])")
    number = int(re.search(r"/consultations/(\d+)/keep", page.url)[1])  # type: ignore[index]
    with city.application.sessions() as session:
        return consultation(session, number)


def _takes_part(city: City, resident: Person, language: str, asked: ConsultationRecord) -> None:
    """From the page of the place to a voice that counts: what is shown is what was calculated when it was opened."""
    page = resident.to(f"/{language}/places/{asked.place.code}")
    resident.press(f"main a[href$='/consultations/{asked.id}']")
    resident.press("main a[href$='/take-part']")
    page.fill("#f-email", f"somchai-{language}@example.com")
    one, other = _sum(page.inner_text("label[for=f-answer]"), language)
    page.fill("#f-answer", str(one + other))
    resident.press("form.fields button")
    link = _link_in(city, language)
    page = resident.to(link)
    shown = page.inner_text("main")
    first = asked.topics[0]
    assert f"{first.behind:,}" in shown
    assert f"{first.peers:,}" in shown
    for topic in asked.topics:
        page.check(f"[name=t{topic.id}][value='{len(topic.offers) - 1}']")
    page.fill("#f-reason", "ถนนมืด <b>มาก</b>")
    resident.press("form:has(#f-reason) button", refused=True)
    assert page.input_value("#f-reason") == "ถนนมืด <b>มาก</b>"
    page.fill("#f-reason", "ถนนมืดมาก")
    resident.press("form:has(#f-reason) button")
    page = resident.to(link)
    assert page.is_checked(f"[name=t{first.id}][value='{len(first.offers) - 1}']")
    resident.press("form:has(#f-reason) button")


def _sum(question: str, language: str) -> tuple[int, int]:
    """The two numbers of the question, in the order in which they stand there."""
    names = {word: number for number, word in enumerate(WORDS[language])}
    found = re.findall("|".join(sorted(names, key=len, reverse=True)), question)
    assert len(found) == 2, question
    return names[found[0]], names[found[1]]


def _link_in(city: City, language: str) -> str:
    """The link of the newest letter, as a resident would tap it."""
    text = city.box.taken[-1].get_content()
    return re.search(rf"http://\S+/{language}/consultations/\d+/voice/\S+", text)[0]  # type: ignore[index]


def _others_too(city: City, asked: ConsultationRecord) -> None:
    for number in range(OTHERS):
        _, token = city.application.voices.invite(asked.id, f"resident-{number}@example.com")
        best = [(topic.id, topic.values[-1]) for topic in asked.topics]
        city.application.voices.give(asked.id, token, Given(best))


def _ends_and_answers(municipality: Person, language: str, asked: ConsultationRecord) -> None:
    """The reason is read, the consultation ended, and each outcome answered in another way."""
    page = municipality.to(f"/{language}/consultations/{asked.id}/keep")
    municipality.press("#reasons form.steps-row:has(button:not(.plain)) button")
    municipality.press("form[action$='/end'] button")
    adopted, changed, refused = asked.topics
    _answer(municipality, adopted.id, "adopted")
    assert page.locator(f"#topic-{adopted.id} .note.done").count() == 1
    _answer(municipality, changed.id, "changed", refused=True, value=f"{changed.values[0]:.10g}")
    assert page.locator(".note.wrong").count() == 1, "who changes it says why"
    page.fill(f"#reason-{changed.id}", "งบประมาณปีแรกทำได้เท่านี้ก่อน")
    municipality.press(f"#topic-{changed.id} form button")
    _answer(municipality, refused.id, "not-adopted", reason="เป็นหน้าที่ของหน่วยงานอื่น")
    assert page.locator(".topic .note.done").count() == ASKED


def _answer(municipality: Person, topic: int, verdict: str, *, refused: bool = False, **typed: str) -> None:
    page = municipality.page
    page.check(f"#topic-{topic} [value={verdict}]")
    for name, text in typed.items():
        page.fill(f"#{name}-{topic}", text)
    municipality.press(f"#topic-{topic} form button", refused=refused)


def _is_seen(resident: Person, language: str, asked: ConsultationRecord) -> None:
    """What was adopted is a target on every page, in every file and for programs; what was not is none."""
    adopted, changed, refused = asked.topics
    page = resident.to(f"/{language}/consultations/{asked.id}")
    assert "งบประมาณปีแรกทำได้เท่านี้ก่อน" in page.inner_text(f"#topic-{changed.id}")
    assert "ถนนมืดมาก" in page.inner_text("main")
    place = asked.place.code
    page = resident.to(f"/{language}/places/{place}")
    targets = page.locator("section:has(#targets)")
    assert targets.locator(f"a[href*='/indicators/{adopted.code}?']").count() >= 1
    page = resident.to(f"/{language}/indicators/{adopted.code}?place={place}")
    assert "2572" in page.inner_text("#targets") or "2029" in page.inner_text("#targets")
    file = requests.get(f"{resident.site}/{language}/places/{place}/targets?format=csv", timeout=10)
    rows = list(csv.DictReader(StringIO(file.content.decode("utf-8-sig"))))
    wanted = {adopted.code: adopted.values[-1], changed.code: float(f"{changed.values[0]:.10g}")}
    mine = {row["indicator"]: float(row["value"]) for row in rows if _of(row, asked, "place")}
    assert mine == wanted
    proposed = {row["indicator"] for row in rows if _of(row, asked, "residents")}
    assert proposed == {adopted.code, changed.code, refused.code}
    sdmx = requests.get(f"{resident.site}/sdmx/2.1/data/DF_TARGETS/A.{place}.", headers=SDMX_CSV, timeout=10)
    lines = csv.DictReader(StringIO(sdmx.text))
    told = {line["INDICATOR"]: float(line["OBS_VALUE"]) for line in lines if line["TIME_PERIOD"] == "2029"}
    assert told == wanted


def _of(row: dict[str, str], asked: ConsultationRecord, owner: str) -> bool:
    return row["owner"] == owner and row["consultation"] == str(asked.id)
