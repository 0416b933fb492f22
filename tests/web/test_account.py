"""Signing in and out, links, passwords, cookies, and forms from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.accounts.attempts import FOR_ONE_ACCOUNT
from tests.web.conftest import MakeClient, application_of, client_over, counted

EMAIL, GOOD, OTHER = "boss@example.go.th", "correct horse battery", "ม้าเขียวกินทุเรียน"
LOGIN = "/en/account/login"


@pytest.fixture
def site(database_url: str) -> Iterator[FlaskClient]:
    client = client_over(database_url)
    yield client
    application_of(client).engine.dispose()


def add(client: FlaskClient, password: str | None = GOOD, role: str = "administrator") -> str:
    """An account; returns the token of its link, if it has one."""
    added = application_of(client).accounts.add(NewAccount(EMAIL, role, name="สมศรี", password=password), "test")
    return added.link.token if added.link else ""


def send(client: FlaskClient, path: str, page: str | None = None, **fields: str) -> TestResponse:
    """Fill in the form of a page and send it, as a browser would."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or path).text)
    assert token is not None
    return client.post(path, data={"csrf_token": token[1], **fields})


def sign_in(client: FlaskClient, password: str = GOOD, **more: str) -> TestResponse:
    return send(client, LOGIN, email=EMAIL, password=password, **more)


def cookie_of(answer: TestResponse) -> str:
    return next((value for name, value in answer.headers if name == "Set-Cookie"), "")


def test_in_and_out(site: FlaskClient) -> None:
    add(site)
    answer = sign_in(site)
    assert answer.status_code == 303
    assert answer.location == "/en/account/"
    page = site.get("/en/account/")
    assert "สมศรี" in page.text
    assert "Administrator" in page.text
    assert 'href="/en/admin/"' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert send(site, "/en/account/logout", "/en/account/").location == "/en/"
    assert site.get("/en/account/").location.startswith(LOGIN)


def test_a_link_lets_a_password_be_chosen(site: FlaskClient) -> None:
    path = f"/en/account/welcome/{add(site, None)}"
    first = site.get(path)
    assert EMAIL in first.text
    assert first.headers["Cache-Control"] == "private, no-store"
    for fields, words in (
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": GOOD, "again": OTHER}, "The two passwords differ"),
        ({"password": "password1234", "again": "password1234"}, "Passwords like this"),
    ):
        answer = send(site, path, **fields)
        assert answer.status_code == 422
        assert words in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert fields["password"] not in answer.text
    assert send(site, path, password=GOOD, again=GOOD).location == LOGIN
    assert "Your password is saved" in site.get(LOGIN).text
    assert site.get(path).status_code == 404
    assert "no longer works" in site.get(path).text
    assert sign_in(site).location == "/en/account/"


def test_wrong_password_and_unknown_address_give_the_same_page(site: FlaskClient) -> None:
    add(site)
    pages = []
    for email, password in ((EMAIL, "wrong"), ("nobody@example.go.th", GOOD)):
        answer = send(site, LOGIN, email=email, password=password)
        assert answer.status_code == 422
        pages.append(re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text).replace(email, "?"))
    assert pages[0] == pages[1]
    assert "is wrong" in pages[0]
    assert "wrong" not in re.findall(r'value="([^"]*)"', pages[0])


def test_too_many_tries(site: FlaskClient) -> None:
    for _ in range(FOR_ONE_ACCOUNT):
        assert sign_in(site, "wrong").status_code == 422
    answer = sign_in(site, "wrong")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "Wait a quarter of an hour" in answer.text


def test_the_nearest_proxy_says_who_tries(site: FlaskClient) -> None:
    """Behind a proxy of this network, readers are told apart by what it adds; what a reader claims is not believed."""
    from cityindex.web.reader import network_address

    def seen(direct: str, told: str) -> str:
        environ = {"REMOTE_ADDR": direct, "HTTP_X_FORWARDED_FOR": told}
        with site.application.test_request_context("/", environ_base=environ):
            return network_address()

    assert seen("127.0.0.1", "198.51.100.9, 203.0.113.7") == "203.0.113.7"
    assert seen("", "203.0.113.7") == "203.0.113.7"
    assert seen("127.0.0.1", "rubbish") == "127.0.0.1"
    assert seen("8.8.8.8", "203.0.113.7") == "8.8.8.8"


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil", "/\n/x", "[", ""]
)
def test_signing_in_leads_nowhere_else(site: FlaskClient, target: str) -> None:
    add(site)
    assert sign_in(site, next=target).location == "/en/account/"


def test_signing_in_leads_back(site: FlaskClient) -> None:
    add(site)
    sent = site.get("/th/admin/trail?q=ก")
    assert sent.location.startswith("/th/account/login?next=")
    page = site.get(sent.location).text
    target = re.search(r'name="next" value="([^"]+)"', page)
    assert target is not None
    assert target[1] == "/th/admin/trail?q=ก"
    assert sign_in(site, next=target[1]).location == "/th/admin/trail?q=%E0%B8%81"


def test_a_site_in_a_folder_leads_back_into_it(make_client: MakeClient) -> None:
    client = make_client(base_url="http://city.example.go.th/index")
    assert client.get("/en/admin/").location == "/index/en/account/login?next=/index/en/admin/"


@pytest.mark.parametrize(
    "path", ["/en/account/login", "/en/account/logout", "/en/account/password", "/en/account/welcome/x"]
)
def test_a_form_from_elsewhere_is_refused(site: FlaskClient, path: str) -> None:
    add(site)
    sign_in(site)
    for data in ({}, {"csrf_token": "x", "email": EMAIL, "password": GOOD}):
        answer = site.post(path, data=data)
        assert answer.status_code == 400
        assert "This form has expired" in answer.text
    assert site.get("/en/account/").status_code == 200


def test_the_cookie(make_client: MakeClient) -> None:
    client = make_client(base_url="https://city.example.go.th", secret_key="k")
    add(client)
    first = client.get(LOGIN, headers={"X-Forwarded-Proto": "https"})
    token = re.search(r'name="csrf_token" value="([^"]+)"', first.text)
    assert token is not None
    headers = {"X-Forwarded-Proto": "https", "Referer": "https://city.example.go.th/"}
    answer = client.post(LOGIN, data={"csrf_token": token[1], "email": EMAIL, "password": GOOD}, headers=headers)
    set_cookie = cookie_of(answer)
    for rule in ("HttpOnly", "Secure", "SameSite=Lax", "Expires="):
        assert rule in set_cookie
    assert set_cookie.split(";")[0] != cookie_of(first).split(";")[0]


def test_a_token_of_before_signing_in_is_worth_nothing_after(site: FlaskClient) -> None:
    add(site)
    before = re.search(r'name="csrf_token" value="([^"]+)"', site.get(LOGIN).text)
    assert before is not None
    sign_in(site)
    assert site.post("/en/account/logout", data={"csrf_token": before[1]}).status_code == 400


def test_the_session_ends_after_twelve_hours_without_a_page(site: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    add(site)
    sign_in(site)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 11 * 3600)
    assert cookie_of(site.get("/en/account/"))  # renewed
    monkeypatch.setattr(time, "time", lambda: real + 22 * 3600)
    assert site.get("/en/account/").status_code == 200
    monkeypatch.setattr(time, "time", lambda: real + 35 * 3600)
    assert site.get("/en/account/").status_code == 303


@pytest.mark.parametrize("deed", ["close", "reset"])
def test_an_operator_ends_every_session(site: FlaskClient, deed: str) -> None:
    add(site)
    sign_in(site)
    getattr(application_of(site).accounts, deed)(EMAIL, "test")
    assert site.get("/en/account/").status_code == 303


def test_signing_out_everywhere(site: FlaskClient) -> None:
    add(site)
    sign_in(site)
    elsewhere = site.application.test_client()
    sign_in(elsewhere)
    assert send(site, "/en/account/sign-out-everywhere", "/en/account/").location == LOGIN
    assert elsewhere.get("/en/account/").status_code == 303


def test_changing_the_password(site: FlaskClient) -> None:
    add(site)
    sign_in(site)
    elsewhere = site.application.test_client()
    sign_in(elsewhere)
    page, path = "/en/account/", "/en/account/password"
    wrong = send(site, path, page, old="wrong", password=OTHER, again=OTHER)
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    done = send(site, path, page, old=GOOD, password=OTHER, again=OTHER)
    assert done.location == page
    assert "Your password is changed" in site.get(page).text
    assert elsewhere.get(page).status_code == 303


def test_public_pages_stay_public(site: FlaskClient) -> None:
    """No cookie and one copy for all, until somebody signs in; then his pages are his alone."""
    page = site.get("/en/about/privacy")
    assert 'href="/en/account/login"' in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "public, max-age=60"
    add(site)
    sign_in(site)
    mine = site.get("/en/about/privacy")
    assert 'href="/en/account/"' in mine.text
    assert mine.headers["Cache-Control"] == "private, no-store"
    with counted(application_of(site).engine) as said:
        site.get("/en/about/privacy")
    assert not any("account" in statement for statement in said)


def test_error_pages_know_who_is_signed_in_without_asking(site: FlaskClient) -> None:
    add(site)
    sign_in(site)
    with counted(application_of(site).engine) as said:
        page = site.get("/en/nowhere")
    assert page.status_code == 404
    assert "My account" in page.text
    assert not any("FROM account" in statement for statement in said)
