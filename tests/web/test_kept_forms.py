"""A form that meets an ended session is not lost, and is nobody else's way in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from cityindex.services.accounts.accounts import NewAccount
from tests.integration import small
from tests.web.conftest import application_of, client_over
from tests.web.test_account import EMAIL, GOOD

PATH = "/en/account/hand-over/M1"
WRITTEN = {"email": "next@example.go.th", "name": 'มานี <b>\n"ดี"', "choice": ["a", "b"]}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    small.fill(engine)
    client = client_over(database_url)
    application_of(client).accounts.add(NewAccount(EMAIL, "approver", "M1", password=GOOD), "test")
    yield client
    application_of(client).engine.dispose()


def fields(page: str, action: str) -> list[tuple[str, str]]:
    """The hidden fields of the form with an action."""
    form = re.search(rf'<form [^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form is not None
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form[0], re.DOTALL)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


def login(site: FlaskClient, page: str) -> str:
    sent = dict(fields(page, "/en/account/login")) | {"email": EMAIL, "password": GOOD}
    return site.post("/en/account/login", data=sent, headers=OURS).text


def test_what_was_written_is_sent_after_signing_in(site: FlaskClient) -> None:
    met = site.post(PATH, data={**WRITTEN, "csrf_token": "old"}, headers=OURS)
    assert met.status_code == 401
    assert "Nothing is lost" in met.text
    assert "no-store" in met.headers["Cache-Control"]
    page = login(site, met.text)
    assert "Send what you wrote" in page
    sent = fields(page, PATH)
    assert sent[1:] == [
        ("email", "next@example.go.th"),
        ("name", 'มานี <b>\n"ดี"'),
        ("choice", "a"),
        ("choice", "b"),
    ]
    assert "มานี <b>" not in page
    done = site.post(PATH, data={name: value for name, value in sent}, headers=OURS)
    assert done.location == "/en/account/"


def test_a_wrong_password_in_between_loses_nothing(site: FlaskClient) -> None:
    met = site.post(PATH, data=WRITTEN, headers=OURS)
    sent = dict(fields(met.text, "/en/account/login")) | {"email": EMAIL, "password": "wrong"}
    again = site.post("/en/account/login", data=sent, headers=OURS)
    assert again.status_code == 422
    assert len(fields(login(site, again.text), PATH)) == 5


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_form_from_elsewhere_is_not_kept(site: FlaskClient, headers: dict[str, str]) -> None:
    """Or a page of another site could have its form sent with the rights of whoever signs in."""
    answer = site.post(PATH, data=WRITTEN, headers=headers)
    assert answer.status_code == 303
    assert answer.location == "/en/account/login"


def test_older_browsers_say_where_a_form_comes_from_in_another_way(site: FlaskClient) -> None:
    assert site.post(PATH, data=WRITTEN, headers={"Origin": "http://localhost"}).status_code == 401


@pytest.mark.parametrize("data", [{"password": "x", "a": "b"}, {"old": "x"}, {"code": "123456"}, {"a": "x" * 200_001}])
def test_secrets_and_floods_are_not_kept(site: FlaskClient, data: dict[str, str]) -> None:
    assert site.post("/en/account/password", data=data, headers=OURS).status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_is_sent_to_this_site_only(site: FlaskClient, target: str) -> None:
    page = site.get("/en/account/login").text
    sent = {
        "csrf_token": dict(fields(page, "/en/account/login"))["csrf_token"],
        "kept": json.dumps([target, [["a", "b"]], False]),
        "email": EMAIL,
        "password": GOOD,
    }
    answer = site.post("/en/account/login", data=sent, headers=OURS)
    assert answer.location == "/en/account/"


@pytest.mark.parametrize("packed", ["", "x", "[]", "[1]", '["/x",1,2]', '["/x",[["a"]],0]', "null"])
def test_what_nobody_packed(site: FlaskClient, packed: str) -> None:
    page = site.get("/en/account/login").text
    token = dict(fields(page, "/en/account/login"))["csrf_token"]
    sent = {"csrf_token": token, "kept": packed, "email": EMAIL, "password": GOOD}
    assert site.post("/en/account/login", data=sent).location == "/en/account/"


def test_signed_in_again_in_another_window(site: FlaskClient) -> None:
    """The session is another, so the form's token is worth nothing: what was written is offered, not lost."""
    login(site, site.get("/en/account/login").text)
    answer = site.post(PATH, data={**WRITTEN, "csrf_token": "of the session before"}, headers=OURS)
    assert answer.status_code == 400
    assert len(fields(answer.text, PATH)) == 5
    plain = site.post(PATH, data={**WRITTEN, "csrf_token": "of the session before"})
    assert "This form has expired" in plain.text


def test_a_script_is_told_that_nobody_is_signed_in(site: FlaskClient) -> None:
    for more in ({"json": {}}, {"data": {}, "headers": {"Accept": "application/json"}}):
        answer = site.post(PATH, **more)
        assert answer.status_code == 401
        assert answer.json == {"error": "signed-out", "login": "/en/account/login"}
