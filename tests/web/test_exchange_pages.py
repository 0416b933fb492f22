"""Exchange on pages and in the API: what operators see, what a place sees and answers, and numbered changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from cityindex.models import Delivery, Place
from cityindex.queries.accounts.accounts import account
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.exchange.clients import Wish
from cityindex.services.exchange.deliveries import store_places
from cityindex.services.exchange.partner_comments import Comment, Commenter
from cityindex.services.exchange.signing import MANIFEST, RECEIPT
from cityindex.services.exchange.trail import Entry, head, note
from tests.integration import small
from tests.web.conftest import application_of, client_over
from tests.web.reading import table_of, text_of

EDITOR, ADMINISTRATOR, STRANGER, METHODOLOGIST = 1, 2, 3, 4
DRAFT = "nesdc-example"


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """A site with a published run, and a delivery under the agreement of the example that the partner has not taken."""
    small.published_run(engine)
    client = client_over(database_url)
    client.application.config["WTF_CSRF_ENABLED"] = False
    app = application_of(client)
    for role, place in (("editor", "M1"), ("administrator", None), ("editor", "M2"), ("methodologist", None)):
        app.accounts.add(NewAccount(f"{role}{place}@example.go.th", role, place), "test")
    with app.sessions() as session:
        place = session.scalars(select(Place.id).where(Place.code == "M1")).one()
        said = {"agreement": DRAFT, "sequence": 1, "sha256": "0" * 64, "trail": head(session).as_json()}
        rejected = [{"row": 3, "column": "place", "value": "9", "reason": "no place has this code", "cure": "correct"}]
        row = Delivery(
            agreement=DRAFT, direction="send", sequence=1, state="given-up", sha256="0" * 64, rows=7, by="scheduler",
            manifest=app.signing.sign(session, MANIFEST, said), error="401 the key has ended", tries=8, accepted=6,
            receipt=app.signing.sign(session, RECEIPT, {**said, "rejected": rejected}), rejected=1,
        )  # fmt: skip
        session.add(row)
        session.flush()
        store_places(session, row.id, (), [place] * 7)
        note(session, Entry("scheduler", DRAFT, "built", {"sequence": 1}, row.id))
        note(session, Entry("scheduler", DRAFT, "failed", {"sequence": 1, "error": "401 the key has ended"}, row.id))
        session.commit()
    yield client
    app.engine.dispose()


def become(client: FlaskClient, number: int) -> None:
    with application_of(client).sessions() as session:
        found = account(session, number)
        assert found is not None
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(account=number, epoch=found.epoch)


@pytest.mark.parametrize("language", ["th", "en"])
def test_operators_see_how_it_stands(site: FlaskClient, language: str) -> None:
    become(site, METHODOLOGIST)
    for path in ("", f"/{DRAFT}", "/deliveries/1"):
        assert site.get(f"/{language}/admin/exchange{path}").status_code == 200
    page = text_of(site.get("/en/admin/exchange").text)
    assert "draft: nothing is exchanged" in page
    assert "401 the key has ended" in page
    shown = table_of(site.get("/en/admin/exchange/deliveries/1").text, "Rows that were not taken")
    assert shown == [["3", "place", "9", "no place has this code", "correct"]]
    assert site.get("/en/admin/exchange/deliveries/9").status_code == 404
    assert site.get("/en/admin/exchange/nothing").status_code == 404


def test_who_may_publish_sends_again(site: FlaskClient) -> None:
    become(site, EDITOR)
    assert site.get("/en/admin/exchange").status_code == 403
    assert site.post("/en/admin/exchange/deliveries/1/replay").status_code == 403
    become(site, METHODOLOGIST)
    assert site.post("/en/admin/exchange/deliveries/1/replay").status_code == 303
    with application_of(site).sessions() as session:
        row = session.get_one(Delivery, 1)
        assert (row.state, row.tries, row.error) == ("waiting", 0, "")
    assert "told to send it again" in text_of(site.get("/en/admin/exchange/deliveries/1").text)
    application_of(site).exchange_trail.verify()


def test_the_people_of_a_place_see_who_was_given_what_and_answer(site: FlaskClient) -> None:
    app = application_of(site)
    key = app.clients.add(Wish("Partner", "Office", "test"), "test")
    catalogue = app.catalogue
    wide = replace(catalogue.agreement(DRAFT), indicators=("own_revenue",), status="active")
    app.__dict__["catalogue"] = replace(catalogue, agreements={DRAFT: wide})
    comment = Comment(DRAFT, "A-1", "M1", "own_revenue", 2023, "สูงผิดปกติ")
    assert app.partner_comments.add(comment, Commenter(key.client, "Partner")) == (1, True)
    become(site, EDITOR)
    assert "สูงผิดปกติ" in site.get("/en/assessments/").text
    page = site.get("/en/account/exchange/M1").text
    rows = table_of(page, "Who was given what")
    assert [(row[2], row[3]) for row in rows] == [("could not be sent", "7"), ("built", "7")]
    empty = site.post("/en/account/exchange/M1/1", data={"answer": " "})
    assert (empty.status_code, "Write a few words" in empty.text) == (422, True)
    assert site.post("/en/account/exchange/M1/1", data={"answer": "รวมเงินอุดหนุน"}).status_code == 303
    again = site.post("/en/account/exchange/M1/1", data={"answer": "อีกครั้ง"})
    assert (again.status_code, "in the meantime" in again.text) == (409, True)
    assert "รวมเงินอุดหนุน" in site.get("/th/account/exchange/M1").text
    assert "สูงผิดปกติ" not in site.get("/en/assessments/").text
    become(site, STRANGER)
    assert site.get("/en/account/exchange/M1").status_code == 404
    assert site.post("/en/account/exchange/M1/1", data={"answer": "x"}).status_code == 404
    assert "were exchanged under an agreement yet" in text_of(site.get("/en/account/exchange/M2").text)


def test_changes_are_numbered_and_come_once(site: FlaskClient) -> None:
    app = application_of(site)
    first = site.get("/api/v1/changes?lang=en").json
    assert [one["kind"] for one in first["items"]] == ["publication"], "the small world records by hand"
    assert first["items"][0]["period_be"] == small.PERIOD + 543
    last = first["items"][-1]["change"]
    assert site.get(f"/api/v1/changes?after={last}").json == {"items": [], "next": None}
    app.publishing.rollback("small", small.PERIOD, "test")
    [moved] = site.get(f"/api/v1/changes?after={last}").json["items"]
    assert (moved["change"], moved["action"], moved["run"]) == (last + 1, "rolled-back", None)
    page = site.get("/api/v1/changes?limit=1").json
    assert site.get(f"/api/v1/changes?limit=1&cursor={page['next']}").json["items"][0]["change"] == last + 1
    assert site.get("/api/v1/changes?after=-1").status_code == 400


def test_without_a_key_nothing_of_an_agreement_is_told(site: FlaskClient) -> None:
    for path in ("agreements", "deliveries", "comments"):
        answer = site.get(f"/api/v1/{path}")
        assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)
    assert site.post("/api/v1/deliveries", data=b"x").status_code == 401
    assert site.post("/api/v1/comments", json={}).status_code == 401
    keys = site.get("/.well-known/jwks.json").json["keys"]
    assert [set(one) for one in keys] == [{"crv", "x", "y", "kty", "kid", "use", "alg"}]
