"""Every error has a page in both languages and in the design of the site, and none tells what it should not."""

from __future__ import annotations

import re

import pytest
from flask import abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from cityindex import errors
from cityindex.web.permissions import PUBLIC, needs
from tests.web.conftest import MakeClient, application_of

STATUSES = (400, 403, 404, 405, 409, 410, 413, 429, 500, 503)


@pytest.fixture
def failing(make_client: MakeClient) -> FlaskClient:
    """A site with a page for every error, and production's way of dealing with them."""
    client = make_client()

    @client.application.get("/<any(th, en):language>/fail/<int:status>")
    @needs(PUBLIC)
    def fail(status: int) -> str:
        abort(status)

    @client.application.get("/<any(th, en):language>/raise/<name>")
    @needs(PUBLIC)
    def fail_by_name(name: str) -> str:
        raise {
            "Unexpected": ZeroDivisionError("secret detail"),
            "Database": OperationalError("SELECT secret", {}, Exception("password of the server")),
        }.get(name) or getattr(errors, name)("secret detail")

    return client


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_in_both_languages(failing: FlaskClient, status: int) -> None:
    pages = {language: failing.get(f"/{language}/fail/{status}") for language in ("th", "en")}
    assert {page.status_code for page in pages.values()} == {status}
    for language, page in pages.items():
        assert f'<html lang="{language}">' in page.text
        assert 'class="site-head"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
    titles = [page.text.split("<h1>")[1].split("</h1>")[0] for page in pages.values()]
    assert titles[0] != titles[1]
    assert any("ก" <= letter <= "๙" for letter in titles[0])
    assert not any("ก" <= letter <= "๙" for letter in titles[1])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Invalid", 400),
        ("Forbidden", 403),
        ("NotFound", 404),
        ("Conflict", 409),
        ("DefinitionError", 500),
        ("Unavailable", 503),
        ("Database", 503),
        ("Unexpected", 500),
    ],
)
def test_errors_of_the_project_have_a_status(failing: FlaskClient, name: str, status: int) -> None:
    answer = failing.get(f"/en/raise/{name}")
    assert answer.status_code == status
    assert "secret" not in answer.text
    assert "password" not in answer.text
    assert "Traceback" not in answer.text


def test_a_failure_shows_the_number_of_its_request(failing: FlaskClient) -> None:
    answer = failing.get("/th/raise/Unexpected", headers={"X-Request-ID": "abcdef-1234567"})
    assert answer.headers["X-Request-ID"] == "abcdef-1234567"
    assert "abcdef-1234567" in answer.text


def test_a_strange_request_id_is_not_repeated(failing: FlaskClient) -> None:
    answer = failing.get("/th/raise/Unexpected", headers={"X-Request-ID": "<script>alert(1)</script>"})
    assert "<script>" not in answer.text
    assert answer.headers["X-Request-ID"].isalnum()


def test_unavailable_says_when_to_come_back(failing: FlaskClient) -> None:
    assert int(failing.get("/th/raise/Unavailable").headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/en/places/a%00b", "/en/places/?q=%00", "/en/places/?q=a&q=%00"])
def test_a_character_that_no_text_has_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400


def test_a_form_with_a_character_that_no_text_has_is_refused(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/en/account/login", data={"email": "a\0@example.go.th", "password": "x"})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", [2**31, 10**20])
def test_a_number_that_no_row_has_leads_nowhere(client: FlaskClient, number: int) -> None:
    for path in (f"/en/assessments/{number}/", f"/en/reviews/{number}", f"/en/rounds/{number}"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("/en/frameworks/livable-city?sort=<blink>", 400, "cannot be read: sort."),
        ("/en/indicators/ita_score?tab=<blink>&page=0", 400, "cannot be read: tab, page."),
        ("/en/frameworks/livable-city/2025/what-if?w_<blink>=1&w_none=2", 400, "cannot be read: w_none."),
        ("/en/places/D110001?period=1999", 404, "Open the page as it usually is"),
        ("/en/frameworks/livable-city/1999", 404, "Open the page as it usually is"),
    ],
)
def test_an_address_that_cannot_be_meant_says_what_and_the_cure(
    demo_client: FlaskClient, asked: str, status: int, said: str
) -> None:
    answer = demo_client.get(asked)
    assert answer.status_code == status
    assert said in answer.text
    assert "<blink>" not in answer.text
    again = re.findall(r'<a class="button" href="([^"]+)">Open this page', answer.text)[0]
    assert demo_client.get(again, follow_redirects=True).status_code == 200


def test_years_of_either_era_are_read(demo_client: FlaskClient) -> None:
    buddhist, common = (demo_client.get(f"/en/places/D110001?period={year}").text for year in ("2568", "2025"))
    assert buddhist.replace("period=2568", "period=2025") == common


def test_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.post("/th/about/privacy")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_an_error_page_needs_no_database(make_client: MakeClient) -> None:
    client = make_client(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert client.get("/th/nowhere").status_code == 404
    assert client.get("/th/").status_code == 503
    application_of(client).engine.dispose()
