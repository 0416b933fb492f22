"""Answering, submitting and following an assessment in the browser, by plain forms: nothing here needs a script."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cityindex.app import Application
from cityindex.calendars import day_of
from cityindex.models import now
from cityindex.queries.assessments.answers import answers_of, changes_of, comments_of
from cityindex.queries.assessments.rounds import assessment
from cityindex.services.assessments.assessments import Assessments
from tests.databases import MakeDatabase
from tests.integration import assessing
from tests.integration.assessing import World
from tests.web.conftest import MOST_QUERIES, Reader, application_of, client_over, counted
from tests.web.reading import text_of
from tests.web.test_permissions import become

JSON = {"Accept": "application/json"}


class Site:
    """The small round as one person after the other sees it."""

    def __init__(self, world: World) -> None:
        self.world = world
        app = world.application.web()
        app.config["WTF_CSRF_ENABLED"] = False
        app.test_client_class = Reader
        self.client = app.test_client()
        self.number = world.assessment_of("M1")

    def get(self, path: str = "", who: str = "editor", language: str = "en") -> TestResponse:
        become(self.client, self.world.people[who])
        return self.client.get(f"/{language}/assessments/{self.number}/{path}")

    def post(
        self, path: str, who: str = "editor", headers: dict[str, str] | None = None, **fields: Any
    ) -> TestResponse:
        become(self.client, self.world.people[who])
        return self.client.post(f"/en/assessments/{self.number}/{path}", data=fields, headers=headers)

    def answers(self) -> dict[str, Any]:
        with self.world.application.sessions() as session:
            return {code: one.value for code, one in answers_of(session, self.number).items()}


@pytest.fixture
def site(databases: MakeDatabase) -> Iterator[Site]:
    world = assessing.prepared(databases)
    assessing.opened(world)
    yield Site(world)
    world.application.engine.dispose()


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found
    return html.unescape(found[1])


def checked(page: TestResponse) -> list[str]:
    return re.findall(r'name="value" value="([^"]*)" checked', page.text)


def test_an_answer_is_saved_and_shown_again(site: Site) -> None:
    sent = site.post("governance/digital_plan", value="3", note=" หน้า 4 ", later="1", seen="0", then="next")
    assert sent.status_code == 303
    assert sent.location.endswith(f"/en/assessments/{site.number}/governance/data_officer")
    page = site.get("governance/digital_plan", "colleague")
    assert checked(page) == ["3"]
    assert "หน้า 4</textarea>" in page.text
    assert hidden(page, "seen") == "1"
    assert "คุณeditor" in text_of(page.text)  # who changed what
    assert re.search(r'name="later" value="1" checked', page.text)


def test_the_whole_section_comes_back_to_its_question(site: Site) -> None:
    sent = site.post("service/website", **{"value": "yes", "seen": "0", "from": "section"})
    assert sent.location.endswith(f"/{site.number}/service#q-website")
    sent = site.post("governance/data_officer", **{"value": "no", "seen": "0", "from": "section", "then": "next"})
    assert sent.location.endswith(f"/{site.number}/service#q-website")
    last = site.post("service/remarks", value="ไม่มี", seen="0", then="next")
    assert last.location.endswith(f"/assessments/{site.number}/")


def test_a_question_is_shown_once_it_applies(site: Site) -> None:
    def shown() -> set[str]:
        found = re.findall(r'data-question="(\w+)" data-section="\w+"( hidden)?', site.get("service").text)
        return {code for code, is_hidden in found if not is_hidden}

    assert shown() == {"website", "channels", "remarks"}
    site.post("service/website", value="yes", seen="0")
    assert shown() == {"website", "online_services", "hosting", "channels", "remarks"}
    site.post("service/website", value="no", seen="1")
    assert shown() == {"website", "channels", "remarks"}
    assert "does not apply" in text_of(site.get("service/hosting").text)


def test_an_answer_to_a_question_that_does_not_apply_is_kept_without_effect(site: Site) -> None:
    site.post("service/online_services", value="7", seen="0")
    assert site.answers() == {"online_services": 7}
    assert "0 of 5 applicable" in text_of(site.get().text)


def test_completeness_in_words(site: Site) -> None:
    assert "0 of 5 applicable questions answered" in text_of(site.get().text)
    site.post("governance/digital_plan", value="3", seen="0")
    site.post("governance/data_officer", value="no", seen="0")
    assert "2 of 5 applicable questions answered, 1 without evidence" in text_of(site.get().text)
    assert "ตอบแล้ว 2 จาก 5 ข้อที่เกี่ยวข้อง" in text_of(site.get(language="th").text)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("governance/digital_plan", "9", "This is not a level of this question."),
        ("governance/data_officer", "maybe", "This is not an answer of this question."),
        ("service/online_services", "1,200", "This could be read as 1200 or as 1.200."),
        ("service/online_services", "500", "This is above 200."),
        ("service/online_services", "สามสิบ", "This is not a number."),
    ],
)
def test_a_wrong_answer_is_explained_and_kept(site: Site, path: str, value: str, words: str) -> None:
    page = site.post(path, value=value, note="เหตุผล", seen="0")
    assert page.status_code == 422
    assert words in text_of(page.text)
    assert "เหตุผล</textarea>" in page.text
    if path.endswith("services"):
        assert f'value="{value}"' in page.text
    assert site.answers() == {}
    told = site.post(path, value=value, seen="0", headers=JSON)
    assert (told.status_code, told.json["state"]) == (422, "wrong")
    assert words in told.json["words"]


def test_a_note_that_is_too_long_is_kept(site: Site) -> None:
    page = site.post("governance/digital_plan", value="1", note="ก" * 5000, seen="0")
    assert page.status_code == 422
    assert "The note is too long." in text_of(page.text)
    assert "ก" * 5000 in page.text


def test_words_that_just_fit_are_taken_as_browsers_send_them(site: Site) -> None:
    """A browser counts the end of a line as one character and sends it as two."""
    words = ("ก" * 39 + "\r\n") * 99 + "จบ"
    assert len(words) > 4000 > len(words.replace("\r\n", "\n"))
    assert site.post("governance/digital_plan", value="3", seen="0", note=words).status_code == 303
    assert site.post("service/remarks", value=words, seen="0").status_code == 303
    site.post("governance/digital_plan/comments", text=words, audience="all")
    with site.world.application.sessions() as session:
        (comment,) = comments_of(session, site.number)
    assert comment.text.endswith("จบ")
    assert site.answers()["remarks"].endswith("จบ")


def test_every_page_says_the_version_of_the_questionnaire(site: Site) -> None:
    for path in ("", "governance", "governance/digital_plan", "print", "submit", "evidence/question/digital_plan"):
        assert "Version 2569.1" in site.get(path).text, path


def test_two_people_at_once_see_both_answers(site: Site) -> None:
    site.post("governance/digital_plan", value="3", note="ฉบับลงนาม", seen="0")
    page = site.post("governance/digital_plan", "colleague", value="1", note="ยังร่างอยู่", seen="0")
    assert page.status_code == 409
    words = text_of(page.text)
    assert "Somebody else answered this question in the meantime" in words
    assert "Editor คุณeditor: 3: The plan has money in the budget." in words
    assert "ฉบับลงนาม" in words
    assert checked(page) == ["1"]
    assert "ยังร่างอยู่</textarea>" in page.text
    assert site.answers() == {"digital_plan": 3}
    again = site.post("governance/digital_plan", "colleague", value="1", note="ยังร่างอยู่", seen=hidden(page, "seen"))
    assert again.status_code == 303
    assert site.answers() == {"digital_plan": 1}
    with site.world.application.sessions() as session:
        assert [one.value for one in changes_of(session, site.number)] == [1, 3]


def test_a_conflict_for_a_script(site: Site) -> None:
    site.post("service/channels", value=["line", "counter"], note="n", seen="0")
    told = site.post("service/channels", "colleague", value="traffy", seen="0", headers=JSON)
    assert told.status_code == 409
    assert told.json["state"] == "conflict"
    theirs = told.json["theirs"]
    assert (theirs["value"], theirs["note"], theirs["revision"]) == (["counter", "line"], "n", 1)
    assert theirs["who"] == "Editor คุณeditor"


def test_a_save_for_a_script(site: Site) -> None:
    told = site.post("service/website", value="yes", seen="0", headers=JSON)
    assert told.status_code == 200
    assert told.json["applies"][2:5] == ["website", "online_services", "hosting"]
    assert re.fullmatch(r"Saved \d\d:\d\d", told.json["at"])
    assert told.json["how_far"]["service"] == "1 of 5 applicable questions answered"
    assert (told.json["revision"], told.json["status"]) == (1, "answered")


def test_sent_twice_is_saved_once(site: Site) -> None:
    for _ in range(2):
        assert site.post("governance/digital_plan", value="3", seen="0").status_code == 303
        assert site.post("governance/digital_plan/comments", text="ดูหน้า 4", audience="all").status_code == 303
    with site.world.application.sessions() as session:
        assert len(changes_of(session, site.number)) == 1
        assert len(comments_of(session, site.number)) == 1


def test_an_answer_can_be_cleared(site: Site) -> None:
    site.post("governance/digital_plan", value="3", note="x", seen="0")
    site.post("governance/digital_plan", value="3", note="x", seen="1", clear="1")
    assert site.answers() == {"digital_plan": None}
    assert "0 of 5" in text_of(site.get().text)


def test_a_round_that_is_over_gives_back_what_was_typed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    later = now() + timedelta(days=40)
    site.world.application.__dict__["assessments"] = Assessments(site.world.application.sessions, lambda: later)
    monkeypatch.setattr("cityindex.web.assessments.words.now", lambda: later)
    monkeypatch.setattr("cityindex.web.assessments.answering.now", lambda: later)
    page = site.post("governance/digital_plan", value="2", note="ทำเสร็จแล้ว", seen="0")
    assert page.status_code == 409
    words = text_of(page.text)
    assert "The time for answering ended on" in words
    assert "What you wrote, to copy: 2: The mayor has put a plan in force. ทำเสร็จแล้ว" in words
    assert "<button>Save</button>" not in page.text
    assert site.answers() == {}
    told = site.post("governance/digital_plan", value="2", seen="0", headers=JSON)
    assert (told.status_code, told.json["state"]) == (409, "closed")
    assert "ask there" in told.json["words"]


def test_a_closed_round_says_so(site: Site) -> None:
    with site.world.application.sessions() as session:
        round_id = assessment(session, site.number).round.id
    site.world.application.rounds.close(round_id, None)
    tomorrow = now() + timedelta(days=1)
    site.world.application.__dict__["assessments"] = Assessments(site.world.application.sessions, lambda: tomorrow)
    page = site.post("governance/digital_plan", value="2", note="n", seen="0")
    assert page.status_code == 409
    assert "This round is closed" in text_of(page.text)


def test_submitted_takes_no_answers_and_says_who_has_it(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    page = site.post("governance/digital_plan", value="2", seen="1", note="ช้าไป")
    assert page.status_code == 409
    assert "ช้าไป" in text_of(page.text)
    hub = text_of(site.get().text)
    assert "With the reviewer since" in hub
    assert "Approver คุณapprover" in hub


def test_a_round_before_asks_for_a_word(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    assessing.approve(site.world, site.number)
    assessing.opened(site.world, assessing.PERIOD + 1)
    site.number = site.world.assessment_of("M1")
    page = site.get("governance/digital_plan")
    assert "In the round before it was: 3: The plan has money in the budget." in text_of(page.text)
    hub = site.get().text
    assert "(still true, or changed?): 7" in text_of(hub)
    assert "2 to confirm" in text_of(hub)
    assert "section-done" not in hub, "nobody has said anything yet"
    site.post("governance/digital_plan", value="3", note="", seen="1", still_true="1")
    site.post("governance/data_officer", value="no", note="", seen="1")
    assert "still true." in text_of(site.get("governance/digital_plan").text)
    assert "Changed since the round before." in text_of(site.get("governance/data_officer").text)
    hub = site.get().text
    assert "(still true, or changed?): 5" in text_of(hub)
    assert hub.count("section-done") == 1
    assert site.answers()["data_officer"] == "no"


def test_pages_ask_the_database_little(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    engine = application_of(site.client).engine
    for path in ("", "governance", "governance/digital_plan", "print", "submit"):
        site.get(path)
        become(site.client, site.world.people["editor"])
        with counted(engine) as said:
            site.client.get(f"/en/assessments/{site.number}/{path}")
        assert len(said) <= MOST_QUERIES, (path, said)


def test_a_form_from_before_signing_in_again_is_kept(databases: MakeDatabase) -> None:
    """The token of the page is of a session that is over: what was typed is shown, and sent with a click."""
    client = _with_tokens(databases)
    world = assessing.World(application_of(client), {}, {})
    page = client.get(PLAN)
    token = hidden(page, "csrf_token")
    become(client, 1)
    client.get(PLAN)
    lost = client.post(
        PLAN,
        data={"csrf_token": token, "value": "4", "note": "ไม่หาย", "seen": "0"},
        headers={"Origin": "http://localhost"},
    )
    assert lost.status_code == 400
    assert "ไม่หาย" in lost.text
    again = {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', lost.text)
    }
    assert client.post(PLAN, data=again).status_code == 303
    with world.application.sessions() as session:
        assert [one.note for one in answers_of(session, 2).values()] == ["ไม่หาย"]
    elsewhere = client.post(
        PLAN, data={"csrf_token": token, "value": "0", "seen": "1"}, headers={"Origin": "http://evil.example"}
    )
    assert elsewhere.status_code == 400
    assert 'name="value"' not in elsewhere.text
    world.application.engine.dispose()


def test_a_session_that_ended_keeps_the_form(databases: MakeDatabase) -> None:
    client = _with_tokens(databases)
    token = hidden(client.get(PLAN), "csrf_token")
    with client.session_transaction() as cookie:
        cookie.clear()
    lost = client.post(
        PLAN,
        data={"csrf_token": token, "value": "4", "note": "ไม่หาย", "seen": "0"},
        headers={"Origin": "http://localhost"},
    )
    assert lost.status_code == 401
    assert "ไม่หาย" in html.unescape(lost.text)
    told = client.post(PLAN, data={"value": "4", "seen": "0"}, headers=JSON)
    assert (told.status_code, told.is_json) == (401, True)
    application_of(client).engine.dispose()


PLAN = "/en/assessments/2/governance/digital_plan"


def _with_tokens(databases: MakeDatabase) -> FlaskClient:
    """A site whose forms need a token, with the editor of M1 signed in; her assessment is the second."""
    world = assessing.prepared(databases)
    assessing.opened(world)
    assert (world.people["editor"], world.assessment_of("M1")) == (1, 2)
    client = client_over(world.application.settings.database_url)
    _disposed(world.application)
    become(client, 1)
    return client


def _disposed(application: Application) -> None:
    application.engine.dispose()


def test_a_day_in_thailand(site: Site) -> None:
    """The due date is a day there, whatever the clock of the server says."""
    with site.world.application.sessions() as session:
        due = assessment(session, site.number).due
    assert due == day_of(now()) + timedelta(days=30)
    assert "30 days left" in text_of(site.get().text)


def test_the_enter_key_saves_what_is_typed(site: Site) -> None:
    """Whatever stands above it: `Still true` must not be what a browser presses for the reader."""
    form = site.get("service/online_services").text.split('class="answer-form"')[1]
    assert form[form.index("<button") :].startswith("<button hidden></button>")


def test_the_same_answers_in_the_order_of_another_form(site: Site) -> None:
    site.post("governance/digital_plan", value="3", note="มีแผน", seen="0")
    page = site.get().text
    assert "forms/DGA.xlsx" in page
    book = openpyxl.load_workbook(io.BytesIO(site.get("forms/DGA.xlsx").data))
    header, *rows = book.active.iter_rows(values_only=True)
    row = dict(zip(header, rows[0], strict=True))
    assert row["Item"] == "policy"
    assert row["Answer"].startswith("3")
    assert row["Note"] == "มีแผน"
    assert row["Verified"] is None
    assert site.get("forms/nothing.xlsx").status_code == 404
    assert site.get("forms/DGA.xlsx", who="reviewer").status_code in (403, 404)
