"""Mistakes that readers report: without an account, answered by the right people, and told of beside the figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cityindex.errors import Unavailable
from cityindex.gateways.mail import Message
from cityindex.models import Letter, Mistake, now
from cityindex.services.participation.mistakes import KEPT, MOST_A_DAY
from tests.conftest import MakeDatabase
from tests.integration import small
from tests.web.conftest import application_of, client_over
from tests.web.test_previews import kinds, person
from tests.web.test_releases import send, words

VALUE = "/en/mistakes/report?place=M1&code=roads&period=2023"
SCORE = "/en/mistakes/report?place=M1&code=index&framework=small&period=2566"
VIEWS = (
    "/places/M1", "/places/M1/explain?framework=small", "/indicators/roads", "/indicators/roads?tab=table",
    "/frameworks/small/2023", "/compare?place=M1&place=M2", "/map?framework=small",
)  # fmt: skip
SAID = "It counts the <i>old</i> road twice, see the council's minutes"


class Post:
    """A mail server that can be away."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.away = False

    @contextmanager
    def connected(self) -> Iterator[object]:
        if self.away:
            raise Unavailable("away")
        yield self.sent.append


@pytest.fixture
def database_url(spatialite_databases: MakeDatabase) -> str:
    """One kind of database is enough: nothing here is about it."""
    return spatialite_databases()


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """A public run of real places, so that letters are written."""
    small.published_run(engine)
    client = client_over(database_url)
    known = small.catalogue()
    own = {code: replace(one, theme="safety") for code, one in known.frameworks["small"].indicators.items()}
    indicators = {**known.indicators, **own}
    application_of(client).__dict__["catalogue"] = replace(known, indicators=indicators)
    yield client
    application_of(client).engine.dispose()


def reported(site: FlaskClient, path: str = VALUE, **fields: str) -> TestResponse:
    return send(site.application.test_client(), path, said=SAID, **fields)


def test_a_value_is_reported_answered_by_its_place_and_told_of_beside_the_figure(
    site: FlaskClient, engine: Engine
) -> None:
    editor, other = person(site, "editor", "editor", "M1"), person(site, "other", "editor", "M2")
    reader = site.application.test_client()
    form = reader.get(VALUE)
    assert "no-store" in form.headers["Cache-Control"]
    assert "Town M1" in form.text
    assert send(reader, VALUE, said=" ").status_code == 422
    done = send(reader, VALUE, said=SAID)
    assert done.status_code == 303
    link = done.headers["Location"]
    page = reader.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "It is with the people of the place." in page.text
    assert "&lt;i&gt;old&lt;/i&gt;" in page.text
    assert "is being looked at already" in words(reader.get(VALUE))
    assert kinds(engine) == ["mistake"]
    tasks = editor.get("/en/assessments/").text
    assert "Mistakes that readers report" in tasks
    assert "/en/account/mistakes/1" in tasks
    assert "/en/account/mistakes/1" not in other.get("/en/assessments/").text
    assert other.get("/en/account/mistakes/1").status_code == 404
    one = "/en/account/mistakes/1"
    assert send(editor, one, answer="x").status_code == 422
    assert send(editor, one, accepted="yes", answer=" ").status_code == 422
    assert "Accepted corrections" not in reader.get("/en/places/M1").text
    assert send(editor, one, accepted="yes", answer="The right figure is 7; it comes in May").status_code == 303
    assert "You were right" in words(reader.get(link))
    for public in ("/en/places/M1", "/en/indicators/roads?tab=table&period=2023"):
        told = words(reader.get(public))
        assert "The right figure is 7; it comes in May" in told, public
        assert "still the one that was reported" in told, public
        assert "council" not in told, "what the reader wrote is not published"
    assert "correction-1" in reader.get("/en/places/M1").text
    assert "Mistakes that readers report" not in editor.get("/en/assessments/").text


def test_a_corrected_value_is_said_to_have_been_replaced(site: FlaskClient, engine: Engine) -> None:
    reported(site)
    application_of(site).mistakes.answer(1, True, "It is 7", "account 1")
    with Session(engine) as session:
        small.record(session, {("M1", "roads"): 7.0})
        session.commit()
    assert "Another figure has taken its place since." in words(site.get("/en/places/M1"))


def test_a_score_goes_to_whoever_keeps_the_figures(site: FlaskClient, engine: Engine) -> None:
    editor, keeper = person(site, "editor", "editor", "M1"), person(site, "keeper", "methodologist")
    link = reported(site, SCORE).headers["Location"]
    assert "It is with those who keep these figures." in site.get(link).text
    assert "to be answered by" in words(keeper.get("/en/admin/mistakes"))
    assert "/en/account/mistakes/1" in keeper.get("/en/assessments/").text
    assert "/en/account/mistakes/1" not in editor.get("/en/assessments/").text
    assert "Send the answer" not in editor.get("/en/account/mistakes/1").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', editor.get("/en/account/").text)[0]
    forced = editor.post("/en/account/mistakes/1", data={"csrf_token": token, "accepted": "no", "answer": "x"})
    assert forced.status_code == 404
    assert keeper.post("/en/account/mistakes/1/pass-on", data=_token(keeper)).status_code == 303
    assert "Send the answer" in editor.get("/en/account/mistakes/1").text
    assert send(keeper, "/en/account/mistakes/1", accepted="no", answer="It is as the method says").status_code == 303
    assert "It was looked at: the figure stays as it is." in words(site.get(link))
    assert "It is as the method says" not in site.get("/en/places/M1").text
    late = keeper.post("/en/account/mistakes/1", data={**_token(keeper), "accepted": "yes", "answer": "x"})
    assert late.status_code == 404


def _token(client: FlaskClient) -> dict[str, str]:
    return {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/en/account/").text)[0]}


def test_what_is_about_no_place_is_for_the_keeper_alone(site: FlaskClient) -> None:
    editor, keeper = person(site, "editor", "editor", "M1"), person(site, "keeper", "methodologist")
    assert reported(site, "/en/mistakes/report?code=roads").status_code == 303
    assert editor.get("/en/account/mistakes/1").status_code == 404
    assert keeper.get("/en/account/mistakes/1").status_code == 200
    assert keeper.post("/en/account/mistakes/1/pass-on", data=_token(keeper)).status_code == 409


def test_every_view_leads_to_the_form_and_programs_are_told_where_it_is(site: FlaskClient) -> None:
    for view in VIEWS:
        page = site.get(f"/en{view}")
        links = re.findall(r'href="(/en/mistakes/report[^"]*)"', page.text)
        assert (page.status_code, bool(links)) == (200, True), view
        assert site.get(links[-1].replace("&amp;", "&")).status_code == 200, links[-1]
    for listing in ("scores?framework=small", "observations?indicator=roads"):
        answer = site.get(f"/api/v1/{listing}")
        template = re.findall(r'"([^"]+)"; rel="report-mistake"', answer.headers["Link-Template"])[0]
        item = answer.json["items"][0]
        form = site.get(template.format(**item))
        assert form.status_code == 200, template
        assert "What is wrong?" in words(form).replace("ผิดอย่างไร", "What is wrong?")


def test_machines_and_crowds_are_held_off(site: FlaskClient, engine: Engine) -> None:
    assert reported(site, website="https://example.com").status_code == 422
    assert reported(site, email="no address").status_code == 422
    for _ in range(10):
        assert reported(site).status_code == 303
    assert reported(site).status_code == 429
    with Session(engine) as session:
        assert session.query(Mistake).count() == 10
        example = session.get_one(Mistake, 1)
        names = [column.key for column in Mistake.__table__.columns if column.key not in ("id", "link_hash")]
        for number in range(MOST_A_DAY):
            session.add(Mistake(link_hash=str(number), **{name: getattr(example, name) for name in names}))
        session.commit()
    application_of(site).mistakes.attempts.secret = b"another address"
    assert reported(site).status_code == 429


def test_what_cannot_be_meant_is_answered_and_nothing_reflected(site: FlaskClient) -> None:
    for path, status in (
        ("/en/mistakes/report?code=nothing", 404),
        ("/en/mistakes/report?code=roads&place=Nowhere<bad>", 404),
        ("/en/mistakes/report?code=roads&framework=small", 200),
        ("/en/mistakes/report?code=nothing&framework=small", 404),
        ("/en/mistakes/report?code=roads&framework=other", 404),
        ("/en/mistakes/report?code=index&framework=small&period=1999", 404),
        ("/en/mistakes/report?code=roads&period=soon<bad>", 400),
        ("/en/mistakes/report?code=index&framework=small&run=9", 404),
        ("/en/mistakes/not-a-link", 404),
    ):
        page = site.get(path)
        assert page.status_code == status, path
        assert "<bad>" not in page.text
    assert "Which one?" in words(site.get("/en/mistakes/report?place=เทศบาล&code=roads"))


def test_the_answer_is_sent_once_and_the_address_forgotten(site: FlaskClient, engine: Engine) -> None:
    service, post = application_of(site).mistakes, Post()
    service.mail = post  # type: ignore[assignment]
    reported(site, email="Reader@Example.org ")
    reported(site, email="second@example.org")
    service.answer(1, True, "It is 7", "account 1")
    post.away = True
    assert service.tell().waiting == 1
    later = now() + timedelta(minutes=5)
    service.clock = lambda: later
    post.away = False
    assert (service.tell().sent, service.tell().sent) == (1, 0)
    [letter] = post.sent
    assert letter.to == "reader@example.org"
    assert "It is 7" in letter.text
    assert "ขอบคุณ" in letter.text
    with Session(engine) as session:
        assert list(session.scalars(select(Mistake.email).order_by(Mistake.id))) == [None, "second@example.org"]


def test_an_address_is_forgotten_by_link_and_old_words_by_the_clock(site: FlaskClient, engine: Engine) -> None:
    service = application_of(site).mistakes
    link = reported(site, email="reader@example.org").headers["Location"]
    reader = site.application.test_client()
    assert "Delete my e-mail address" in reader.get(link).text
    assert reader.post(f"{link}/forget", data=_form_token(reader, link)).status_code == 303
    assert "Delete my e-mail address" not in reader.get(link).text
    for _ in range(2):
        reported(site)
    service.answer(1, True, "It is 7", "account 1")
    service.answer(2, False, "It is right", "account 1")
    later = datetime.now(UTC) + KEPT + timedelta(days=1)
    service.clock = lambda: later
    assert service.forget() == 2
    with Session(engine) as session:
        kept = [(row.id, row.said) for row in session.scalars(select(Mistake).order_by(Mistake.id))]
    assert kept == [(1, ""), (3, SAID)]
    assert "It is 7" in site.get("/en/places/M1").text


def test_the_same_form_sent_twice_is_one_report_and_leads_to_it(site: FlaskClient, engine: Engine) -> None:
    reader = site.application.test_client()
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', reader.get(VALUE).text))
    first, again = (reader.post(VALUE, data={**hidden, "said": SAID}) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert again.headers["Location"].endswith(hidden["link"])
    other = reader.post(VALUE, data={**hidden, "said": "Something else"})  # by the way back of the browser
    assert other.headers["Location"] != first.headers["Location"]
    own = reader.post(VALUE, data={**hidden, "said": SAID, "link": "a"})
    assert not own.headers["Location"].endswith("/a"), "nobody chooses a secret that is guessed"
    with Session(engine) as session:
        assert session.scalars(select(Mistake.said).order_by(Mistake.id)).all() == [SAID, "Something else", SAID]
    wrong = reader.post(VALUE, data={**hidden, "said": ""})
    assert f'value="{hidden["link"]}"' in wrong.text, "it stays the same form"


def _form_token(client: FlaskClient, path: str) -> dict[str, str]:
    return {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[0]}


def test_people_get_one_letter_a_day_and_what_is_in_it(site: FlaskClient, engine: Engine) -> None:
    person(site, "editor", "editor", "M1")
    for _ in range(3):
        reported(site)
    assert kinds(engine) == ["mistake"]
    with Session(engine) as session:
        [row] = session.scalars(select(Letter).where(Letter.kind == "mistake"))
        assert "Town M1" in json.loads(row.details)["place_en"]
    text = application_of(site).letters.hand_out(row.id, "test").text
    assert "A reader says" in text
    assert "/th/assessments/" in text


def test_objections_are_tasks_of_the_keeper_and_their_answers_of_the_place(site: FlaskClient, engine: Engine) -> None:
    small.scoring(engine).run("small", small.PERIOD, "test")
    keeper, editor = person(site, "keeper", "methodologist"), person(site, "editor", "editor", "M1")
    service = application_of(site).previews
    service.open(2, datetime.now(UTC) + timedelta(days=9), 1)
    from tests.web.test_previews import place_id

    service.object(1, place_id(site), "works", "The pier is missing", 1)
    assert "The pier is missing" in words(keeper.get("/en/assessments/"))
    service.answer(1, True, "It is put right", 1)
    assert "The pier is missing" not in words(keeper.get("/en/assessments/"))
    assert "Your objections before publication" in words(editor.get("/en/assessments/"))
