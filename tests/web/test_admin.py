"""Operations in the browser: what they show, and that publishing does what was shown."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cityindex.models import AuditEvent, Publication, Recording
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services.accounts.accounts import NewAccount
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_permissions import become

EMAIL = "boss@example.go.th"
ROLLBACK = f"/en/admin/editions/small/{small.PERIOD}/rollback"


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """Two runs, the first one published; an administrator is signed in."""
    small.published_run(engine)
    small.scoring(engine).run("small", small.PERIOD, "test")
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    become(client, application_of(client).accounts.add(NewAccount(EMAIL, "administrator"), "test").account)
    yield client
    application_of(client).engine.dispose()


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Press the button of a page that asks to confirm."""
    hidden = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', client.get(path).text)
    assert len(hidden) == 2
    return client.post(path, data={**dict(hidden), **fields})


NOTE = {"what_th-2": "แก้ข้อมูลถนน", "why_th-2": "ต้นทางส่งมาใหม่"}


def rows(page: TestResponse) -> list[str]:
    """The rows of the table of a page, as words."""
    body = page.text.split("<tbody>")[1].split("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_publish_and_roll_back(site: FlaskClient, engine: Engine) -> None:
    assert ["not published" in row for row in rows(site.get("/en/admin/"))] == [True, False]
    page = site.get("/en/admin/runs/2/publish").text
    assert "No place changes its rank on the index." in page
    assert site.get("/en/admin/runs/2").status_code == 200
    assert send(site, "/en/admin/runs/2/publish", **NOTE).location == "/en/admin/"
    after = site.get("/en/admin/")
    assert "Run 2 is public now." in after.text
    assert [("Publish" in row, "Roll back" in row) for row in rows(after)] == [(False, True), (True, False)]
    assert "Run 1 is public again." in site.get(send(site, ROLLBACK).location).text
    assert "nothing of this framework and period is public" in site.get(ROLLBACK).text
    assert "nothing is public." in site.get(send(site, ROLLBACK).location).text
    assert site.get(ROLLBACK).status_code == 404
    with Session(engine) as session:
        moves = session.execute(select(Publication.action, Publication.run_id, Publication.by).order_by(Publication.id))
        assert [tuple(move) for move in moves][1:] == [
            ("published", 2, actor_of(1)),
            ("rolled-back", 1, actor_of(1)),
            ("rolled-back", None, actor_of(1)),
        ]


def test_looking_changes_nothing(site: FlaskClient, engine: Engine) -> None:
    def deeds() -> int:
        with Session(engine) as session:
            return len(session.scalars(select(AuditEvent.id)).all())

    before = deeds()
    for path in ("/en/admin/runs/2/publish", ROLLBACK):
        assert site.get(path).status_code == 200
        assert site.post(path).status_code == 400  # no token
    assert deeds() == before


def test_what_was_shown_must_still_hold(site: FlaskClient) -> None:
    """A button pressed twice, or by two people: the second is told, and nothing moves."""
    publish = "/en/admin/runs/2/publish"
    assert send(site, publish, **NOTE, **{"before-2": "77"}).status_code == 409
    assert send(site, ROLLBACK, before="77").status_code == 409
    assert send(site, publish, **NOTE).status_code == 303
    assert send(site, publish, **NOTE).status_code == 409
    assert send(site, ROLLBACK, before="1").status_code == 409
    assert application_of(site).publishing.standing("small", small.PERIOD) == (1, 2)


def test_unknown_runs_and_editions(site: FlaskClient) -> None:
    for path in (
        "/en/admin/runs/99",
        "/en/admin/runs/99/publish",
        "/en/admin/editions/none/2023/rollback",
        "/en/admin/?page=x",
    ):
        assert site.get(path).status_code in (400, 404)


def test_recordings_say_who_what_and_whence(site: FlaskClient, engine: Engine) -> None:
    with Session(engine) as session:
        session.add(
            Recording(
                recorded_by=actor_of(1),
                door="file",
                source="<b>กรมบัญชี</b>",
                file_name="f.csv",
                file_hash="ab" * 32,
                rows=1234,
            )
        )
        session.commit()
    page = site.get("/en/admin/recordings")
    assert f"{EMAIL} 1,234 &lt;b&gt;กรมบัญชี&lt;/b&gt; f.csv abababababab" in rows(page)[0]
    assert "no data" in rows(page)[1]  # an import that did not say


def test_the_trail_names_people_by_their_address(site: FlaskClient) -> None:
    send(site, "/en/admin/runs/2/publish", **NOTE)
    newest = rows(site.get("/en/admin/trail"))[0]
    assert f"{EMAIL} edition published small {small.PERIOD} run 2" in newest
    found = rows(site.get("/en/admin/trail?action=role+granted"))
    assert len(found) == 1
    assert f"role given {EMAIL} Administrator" in found[0]
    assert "No entry fits." in site.get("/en/admin/trail?q=nothing+like+it").text


def test_the_list_of_accounts(site: FlaskClient) -> None:
    accounts = application_of(site).accounts
    accounts.add(NewAccount("editor@example.go.th", "editor", "M1"), "test")
    accounts.add(NewAccount("gone@example.go.th", "reviewer"), "test")
    accounts.close("gone@example.go.th", "test")
    boss, editor, gone = rows(site.get("/en/admin/accounts"))
    assert f"{EMAIL} Administrator no password yet" in boss
    assert "Editor: Town M1" in editor
    assert "closed" in gone


def test_accounts_are_found_by_person_or_place_and_shown_page_by_page(
    site: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = application_of(site).accounts
    for number, role in enumerate(("editor", "approver", "editor")):
        accounts.add(NewAccount(f"p{number}@example.go.th", role, f"M{number}"), "test")
    path = "/en/admin/accounts"

    def found(query: str) -> list[str]:
        page = site.get(f"{path}?{query}")
        return [] if "Nobody fits." in page.text else [row.split()[0] for row in rows(page)]

    assert found("q=m1") == ["p1@example.go.th"]
    assert found("q=P2@EXAMPLE") == ["p2@example.go.th"]
    assert found("q=p2+M1") == []
    everybody = found("")
    assert len(everybody) == 4
    monkeypatch.setattr(sys.modules["cityindex.web.pages.admin"], "PAGE", 3)
    assert found("") + found("page=2") == everybody
    assert "Page 1 of 2" in site.get(path).text
    assert "Accounts, by e-mail address: 4" in site.get(path).text
    accounts.close("p1@example.go.th", "test")
    assert found("q=m1") == [], "a place finds those who act for it now"


@pytest.mark.parametrize("path", ["", "runs/2", "runs/2/publish", "recordings", "trail", "accounts"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_pages_cost_little(site: FlaskClient, language: str, path: str) -> None:
    with counted(application_of(site).engine) as said:
        page = site.get(f"/{language}/admin/{path}")
    assert page.status_code == 200
    assert len(said) <= MOST_QUERIES
    assert "Set-Cookie" not in page.headers or "private" in page.headers["Cache-Control"]


def test_a_run_that_scores_nobody_cannot_be_published(site: FlaskClient, engine: Engine) -> None:
    with Session(engine) as session:
        small.record(session, {(f"M{number}", code): None for number in range(8) for code in ("roads", "air")})
        small.record(session, {("50", "air"): None})
        session.commit()
    run = small.scoring(engine, method={"coverage": 1}).run("small", small.PERIOD, "test")
    page = site.get(f"/en/admin/runs/{run}/publish").text
    assert "there is nothing to publish" in page
    assert "<button>Publish</button>" not in page
    assert send(site, f"/en/admin/runs/{run}/publish").status_code == 409


def test_the_page_before_publishing_says_what_will_change(site: FlaskClient, engine: Engine) -> None:
    plan = {"plan": {"weights": {"noise": 0.5}}, "replications": 10}
    run = small.scoring(engine, version="2", uncertainty=plan).run("small", small.PERIOD, "test")
    page = " ".join(re.sub(r"<[^>]+>", " ", site.get(f"/en/admin/runs/{run}/publish").text).split())
    assert "Places ranked 8 now 8" in page
    assert re.search(r"Intervals of ranks places move by \d\.\d ranks on average now: none", page)
    assert "Version 2 now 1" in page
