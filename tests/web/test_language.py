"""The language of a page is in its address; everything else follows from it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (None, "th"),
        ("*", "th"),
        ("fr, de;q=0.8", "th"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.5, th;q=0.9", "th"),
        ("th-TH, en;q=0.8", "th"),
        ("th;q=0.5, en;q=0.5", "th"),
    ],
)
def test_front_door_opens_in_the_language_of_the_browser(client: FlaskClient, wanted: str | None, given: str) -> None:
    answer = client.get("/", headers={"Accept-Language": wanted} if wanted else {})
    assert answer.status_code == 302
    assert answer.location == f"/{given}/"
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_page_says_its_language(client: FlaskClient) -> None:
    assert '<html lang="th">' in client.get("/th/about/privacy").text
    assert '<html lang="en">' in client.get("/en/about/privacy").text


def test_an_address_decides_before_the_browser(client: FlaskClient) -> None:
    assert '<html lang="th">' in client.get("/th/about/privacy", headers={"Accept-Language": "en"}).text


def test_other_languages_are_not_found(client: FlaskClient) -> None:
    assert client.get("/fr/about/privacy").status_code == 404


def test_switch_of_language_keeps_address_and_query(client: FlaskClient) -> None:
    page = client.get("/th/places/?q=%E0%B8%99%E0%B8%84%E0%B8%A3&type=sao").text
    assert 'href="/en/places/?q=%E0%B8%99%E0%B8%84%E0%B8%A3&amp;type=sao"' in page


def test_error_pages_have_the_switch_too(client: FlaskClient) -> None:
    assert 'href="/en/nowhere"' in client.get("/th/nowhere").text
    assert 'href="/th/"' in client.get("/nowhere", headers={"Accept-Language": "en"}).text


def test_slashes_as_in_the_list_of_pages(client: FlaskClient) -> None:
    assert client.get("/th").location.endswith("/th/")
    assert client.get("/th/places").location.endswith("/th/places/")
    assert client.get("/th/about/privacy/").status_code == 404
