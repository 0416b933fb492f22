"""Asking for access, deciding on it, making and revoking keys, and who read what."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from cityindex.queries.accounts.accounts import account
from cityindex.queries.accounts.clients import clients
from cityindex.services.accounts.accounts import NewAccount
from cityindex.web.api import usage
from tests.integration import small
from tests.web.conftest import application_of, client_over
from tests.web.reading import table_of, text_of

EDITOR, ADMINISTRATOR, STRANGER = 1, 2, 3
METHODS = {"get", "post"}
ASKED = {"name": "Dashboard", "organisation": "NESDC", "purpose": "a dashboard", "scope": "assessments:follow"}


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    small.published_run(engine)
    client = client_over(database_url)
    client.application.config["WTF_CSRF_ENABLED"] = False
    accounts = application_of(client).accounts
    for role, place in (("editor", "M1"), ("administrator", None), ("editor", "M2")):
        accounts.add(NewAccount(f"{role}{place}@example.go.th", role, place), "test")
    yield client
    application_of(client).engine.dispose()


def become(client: FlaskClient, number: int) -> None:
    with application_of(client).sessions() as session:
        found = account(session, number)
        assert found is not None
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(account=number, epoch=found.epoch)


def test_from_asking_to_a_revoked_key(site: FlaskClient) -> None:
    become(site, EDITOR)
    assert site.post("/en/account/keys", data={**ASKED, "places": "M1, 50"}).status_code == 303
    page = text_of(site.get("/en/account/keys").text)
    assert "waits for a decision" in page
    assert "self-assessments: follow how far they are before they are published (place M1)" in page
    assert site.post("/en/account/keys/1/issue").status_code == 303  # not yet
    become(site, ADMINISTRATOR)
    assert "assessments:follow@50" in text_of(site.get("/en/admin/clients").text)
    decided = {"decision": "grant", "scopes": "assessments:follow@M1", "rate": "1200"}
    assert site.post("/en/admin/clients/1/decide", data=decided).status_code == 303
    assert site.post("/en/admin/clients/1/decide", data=decided).status_code == 409
    become(site, EDITOR)
    shown = site.post("/en/account/keys/1/issue", data={"days": "30"})
    secret = re.search(r"ci_[\w-]{40,}", shown.text)
    assert secret
    assert "no-store" in shown.headers["Cache-Control"]
    assert secret[0] not in site.get("/en/account/keys").text
    answer = site.get("/api/v1/places/M1", headers={"Authorization": f"Bearer {secret[0]}"})
    assert (answer.status_code, answer.headers["RateLimit-Limit"]) == (200, "1200")
    assert site.post("/en/account/keys/1/1/revoke").status_code == 303
    assert site.get("/api/v1/places", headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 401
    assert [row[-1][:7] for row in table_of(site.get("/en/account/keys").text, "Keys of Dashboard")] == ["revoked"]


def test_what_is_missing_is_said_and_what_was_typed_stays(site: FlaskClient) -> None:
    become(site, EDITOR)
    answer = site.post("/en/account/keys", data={**ASKED, "purpose": " ", "places": "nowhere"})
    assert answer.status_code == 422
    assert 'value="Dashboard"' in answer.text
    assert "Write what it reads the data for." in answer.text
    answer = site.post("/en/account/keys", data={**ASKED, "places": "nowhere"})
    assert "a place is given by its code" in answer.text
    with application_of(site).sessions() as session:
        assert clients(session) == ()


def test_another_s_client_is_not_there(site: FlaskClient) -> None:
    become(site, EDITOR)
    site.post("/en/account/keys", data=ASKED)
    become(site, STRANGER)
    assert "Dashboard" not in site.get("/en/account/keys").text
    for path in ("1/issue", "1/1/revoke", "9/issue"):
        assert site.post(f"/en/account/keys/{path}").status_code == 404


def test_a_refusal_tells_its_reason(site: FlaskClient) -> None:
    become(site, EDITOR)
    site.post("/en/account/keys", data=ASKED)
    become(site, ADMINISTRATOR)
    bad = {"decision": "grant", "scopes": "money:read", "rate": "1"}
    assert site.post("/en/admin/clients/1/decide", data=bad).status_code == 422
    assert site.post("/en/admin/clients/1/decide", data={**bad, "scopes": "", "rate": "x"}).status_code == 422
    site.post("/en/admin/clients/1/decide", data={"decision": "refuse", "reason": "ask NESDC"})
    become(site, EDITOR)
    page = text_of(site.get("/th/account/keys").text)
    assert "ask NESDC" in page
    assert "ไม่ได้รับอนุญาต" in page


def test_the_people_of_a_place_see_who_read_its_data(site: FlaskClient) -> None:
    for path in ("scores?place=M1", "places/M1", "scores", "places/M2"):
        site.get(f"/api/v1/{path}")
    site.application.extensions[usage.KEY].write()
    become(site, EDITOR)
    page = site.get("/en/account/use/M1").text
    alone = {(row[0], row[1], row[2]) for row in table_of(page, "for this place alone")}
    assert alone == {("without a key", "scores and ranks", "1"), ("without a key", "places", "1")}
    assert [row[:3] for row in table_of(page, "lists of many places")] == [["without a key", "scores and ranks", "1"]]
    become(site, STRANGER)
    assert site.get("/en/account/use/M1").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_guide_tells_every_address(demo_client: FlaskClient, language: str) -> None:
    page = demo_client.get(f"/{language}/data/api").text
    document = demo_client.get("/api/v1/openapi.json").json
    for path, known in document["paths"].items():
        for method in METHODS & set(known):
            assert f"<code>{method.upper()} {path}</code>" in page
            for one in known[method].get("parameters", []):
                assert f"<code>{one['name']}</code>" in page
    for example in re.findall(r'<p><a href="(/api/v1/[^"]+)"', page):
        assert demo_client.get(example).status_code in (200, 400, 401, 404), example
    assert "ci_sandbox" in page
    to = demo_client.get("/api/v1/docs", headers={"Accept-Language": language})
    assert (to.status_code, to.location) == (302, f"/{language}/data/api")


def test_the_words_of_the_document_are_all_translated(demo_client: FlaskClient) -> None:
    from cityindex.web.api.doc_words import WORDS

    document = demo_client.get("/api/v1/openapi.json").json
    said: set[str] = set()
    for known in document["paths"].values():
        for made in [known[method] for method in METHODS & set(known)]:
            said |= {made["summary"], *made["tags"], made.get("description", made["summary"])}
            said |= {one["description"] for one in (*known.get("parameters", ()), *made.get("parameters", ()))}
            said |= {one["description"] for status, one in made["responses"].items() if status != "200"}
    for name, schema in document["components"]["schemas"].items():
        if not name.startswith("Problem"):
            said |= {one["description"] for one in schema["properties"].values() if "description" in one}
    assert said == {str(one) for one in WORDS}
