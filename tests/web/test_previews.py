"""Before publication: a place sees its own results and nobody else's, objects, and is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import Letter, Membership, Place, Preview, Run
from cityindex.queries.places.places import find_place
from cityindex.queries.runs.previews import preview
from cityindex.services.accounts.accounts import NewAccount
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_permissions import become
from tests.web.test_releases import send, words

OWN, OTHER = "/en/previews/1/places/M1", "/en/previews/1/places/M2"
WRONG = {"node": "roads", "reason": "The <i>road</i> to the pier is missing"}


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """A public run, and a second one that is not; real places, so that letters are written."""
    small.published_run(engine)
    small.scoring(engine).run("small", small.PERIOD, "test")
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    yield client
    application_of(client).engine.dispose()


def person(site: FlaskClient, name: str, role: str, place: str | None = None) -> FlaskClient:
    made = site.application.test_client()
    become(made, application_of(site).accounts.add(NewAccount(f"{name}@example.go.th", role, place), "test").account)
    return made


def opened(site: FlaskClient, days: float = 20) -> FlaskClient:
    """The office, which has opened the second run for preview."""
    office = person(site, "boss", "administrator")
    application_of(site).previews.open(2, datetime.now(UTC) + timedelta(days=days), 1)
    return office


def kinds(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return sorted(session.scalars(select(Letter.kind).where(Letter.kind.not_in(["role", "invitation"]))))


def test_from_the_preview_to_the_answer(site: FlaskClient, engine: Engine) -> None:
    editor = person(site, "editor", "editor", "M1")
    office = person(site, "boss", "administrator")
    assert "Open for preview" in office.get("/en/admin/runs/2").text
    assert "Open for preview" not in office.get("/en/admin/runs/1").text  # it is public
    far = send(office, "/en/admin/runs/2/preview", until="2999-01-01")
    assert far.status_code == 422
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    done = send(office, "/en/admin/runs/2/preview", until=f"{day.year + 543}{day.isoformat()[4:]}")
    assert done.status_code == 303
    tasks = editor.get("/en/assessments/")
    assert "To look at before publication" in tasks.text
    assert f'href="{OWN}"' in tasks.text
    page = editor.get(OWN)
    assert "not published yet" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert send(editor, OWN, node="", reason="x").status_code == 422
    assert send(editor, OWN, node="roads", reason=" ").status_code == 422
    assert send(editor, OWN, **WRONG).status_code == 303
    assert send(editor, OWN, **WRONG).status_code == 409  # it is not answered yet
    mine = words(editor.get(OWN))
    assert "The &lt;i&gt;road&lt;/i&gt; to the pier is missing" in mine
    assert "to be answered by" in mine
    before = words(office.get("/en/admin/runs/2/publish"))
    assert "Objections that are not answered yet: 1." in before
    page = office.get("/en/admin/previews")
    (action,) = re.findall(r'action="([^"]+/admin/objections/\d+)"', page.text)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    for wrong in ({}, {"accepted": "yes", "answer": " "}, {"answer": "x"}):
        assert office.post(action, data={"csrf_token": token, **wrong}).status_code == 422
    answer = {"csrf_token": token, "accepted": "yes", "answer": "The figure is put right"}
    assert office.post(action, data=answer).status_code == 303
    assert office.post(action, data=answer).status_code == 409
    assert "accepted" in words(editor.get(OWN))
    assert "The figure is put right" in words(editor.get(OWN))
    assert "Objections that are not answered yet" not in office.get("/en/admin/runs/2/publish").text
    assert kinds(engine) == ["objected", "objection-answered", "preview"]
    told = [application_of(site).letters.hand_out(number, "test") for number in letters(engine)]
    assert any("The figure is put right" in one.text for one in told)


def letters(engine: Engine) -> list[int]:
    with Session(engine) as session:
        kinds = ["objected", "objection-answered", "preview"]
        return list(session.scalars(select(Letter.id).where(Letter.kind.in_(kinds))))


def test_nobody_else_sees_it(site: FlaskClient) -> None:
    office = opened(site)
    editor, advisor = person(site, "editor", "editor", "M1"), person(site, "advisor", "advisor", "M1")
    reviewer, stranger = person(site, "reviewer", "reviewer"), site.application.test_client()
    assert editor.get(OTHER).status_code == 404
    assert editor.get("/en/previews/9/places/M1").status_code == 404
    assert stranger.get(OWN).status_code == 303
    assert reviewer.get(OWN).status_code in (403, 404)
    assert advisor.get(OWN).status_code == 200
    assert "Send the objection" not in advisor.get(OWN).text
    assert advisor.post(OWN, data=WRONG).status_code in (400, 403)
    assert send(editor, OWN, **WRONG).status_code == 303
    others = person(site, "other", "editor", "M2")
    assert "pier" not in others.get(OTHER).text
    page = editor.get(OWN).text
    for name in ("Town M0", "Town M2", "Town M3"):
        assert name not in page
    assert office.get("/en/admin/previews").status_code == 200


def test_a_preview_ends_by_day_by_hand_and_by_publication(site: FlaskClient, engine: Engine) -> None:
    office = opened(site)
    editor = person(site, "editor", "editor", "M1")
    service = application_of(site).previews
    service.object(1, place_id(site), "works", "why", 1)
    with pytest.raises(Conflict, match="open for preview already"):
        service.open(2, datetime.now(UTC) + timedelta(days=3), 1)
    service.close(1, 1)
    with pytest.raises(Conflict, match="over already"):
        service.close(1, 1)
    over = words(editor.get(OWN))
    assert "The preview is over." in over
    assert "why" in over
    assert "Gives to the index" not in over
    with pytest.raises(Conflict, match="over"):
        service.object(1, place_id(site), "works", "why", 1)
    again = service.open(2, datetime.now(UTC) + timedelta(days=3), 1)
    with Session(engine) as session:
        session.get_one(Preview, again).until = datetime.now(UTC) - timedelta(seconds=1)
        session.commit()
    assert "Gives to the index" not in editor.get(f"/en/previews/{again}/places/M1").text
    third = service.open(2, datetime.now(UTC) + timedelta(days=3), 1)
    assert "Gives to the index" in editor.get(f"/en/previews/{third}/places/M1").text
    application_of(site).publishing.publish(2, "test")
    with Session(engine) as session:
        assert not preview(session, third, datetime.now(UTC)).open_now
    assert "To look at before publication" not in editor.get("/en/assessments/").text
    for run in (1, 2):
        with pytest.raises(Conflict):
            service.open(run, datetime.now(UTC) + timedelta(days=3), 1)
    assert office.get("/en/admin/previews").status_code == 200


def place_id(site: FlaskClient) -> int:
    with application_of(site).sessions() as session:
        return find_place(session, "M1").place.id


def test_a_cohort_looks_and_others_do_not(site: FlaskClient, engine: Engine) -> None:
    person(site, "boss", "administrator")
    editor, other = person(site, "editor", "editor", "M1"), person(site, "other", "editor", "M2")
    service, until = application_of(site).previews, datetime.now(UTC) + timedelta(days=3)
    with pytest.raises(Invalid, match="no place of this programme"):
        service.open(2, until, 1, "few")
    with Session(engine) as session:
        member = session.scalars(select(Place.id).where(Place.code == "M1")).one()
        session.add(Membership(programme="few", place_id=member, source="x"))
        session.commit()
    number = service.open(2, until, 1, "few")
    assert editor.get(f"/en/previews/{number}/places/M1").status_code == 200
    assert other.get(f"/en/previews/{number}/places/M2").status_code == 404
    with pytest.raises(NotFound, match="no preview"):
        service.object(number, place_id(site) + 1, "works", "why", 1)


def test_about_demo_data_nobody_is_written_to(site: FlaskClient, engine: Engine) -> None:
    with Session(engine) as session:
        session.get_one(Run, 2).demo = True
        session.commit()
    person(site, "editor", "editor", "M1")
    opened(site)
    application_of(site).previews.object(1, place_id(site), "works", "why", 1)
    assert kinds(engine) == []


@pytest.mark.parametrize("language", ["th", "en"])
def test_pages_cost_little(site: FlaskClient, language: str) -> None:
    office = opened(site)
    editor = person(site, "editor", "editor", "M1")
    application_of(site).previews.object(1, place_id(site), "works", "why", 1)
    paths = (
        (editor, OWN),
        (editor, "/en/assessments/"),
        (office, "/en/admin/previews"),
        (office, "/en/admin/runs/2/preview"),
    )
    for client, path in paths:
        with counted(application_of(site).engine) as said:
            page: TestResponse = client.get(path.replace("/en/", f"/{language}/"))
        assert page.status_code == 200, path
        assert len(said) <= MOST_QUERIES, (path, len(said))
