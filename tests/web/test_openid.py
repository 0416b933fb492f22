"""Signing in by OpenID Connect, against a real provider on this machine that insists on PKCE and a nonce."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cityindex.config import OpenId, read_settings
from cityindex.errors import Forbidden, Invalid, Unavailable
from cityindex.gateways.openid import Begun, Provider
from cityindex.queries.accounts.accounts import account
from cityindex.queries.accounts.people import ways_in
from cityindex.services.accounts.accounts import NewAccount
from tests.conftest import MakeDatabase
from tests.web.conftest import application_of, client_over
from tests.web.test_account import GOOD, send

START, ME = "/en/account/openid", "somsri"
EMAIL = "boss@example.go.th"


@pytest.fixture
def site(spatialite_databases: MakeDatabase, provider: str) -> Iterator[FlaskClient]:
    settings = {
        "openid_issuer": provider,
        "openid_client_id": "city",
        "openid_client_secret": "s",
        "openid_name": "ThaID",
    }
    client = client_over(spatialite_databases(), **settings)
    person(provider, email=EMAIL, email_verified=True, name="สมศรี")
    yield client
    application_of(client).engine.dispose()


def person(provider: str, **claims: object) -> None:
    """What the provider says of `ME`."""
    requests.put(f"{provider}/users/{ME}", json=claims, timeout=30).raise_for_status()


def agree(url: str, who: str = ME) -> str:
    """Say at the provider who one is; the address that it sends the browser back to."""
    answer = requests.post(url, data={"sub": who}, allow_redirects=False, timeout=30)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def through(site: FlaskClient, start: str = START, who: str = ME) -> TestResponse:
    """The whole way: to the provider and back."""
    sent = site.get(start)
    assert sent.status_code == 303
    return site.get(agree(sent.location, who))


def add(site: FlaskClient, password: str | None = None) -> tuple[int, str]:
    added = application_of(site).accounts.add(NewAccount(EMAIL, "methodologist", password=password), "test")
    return added.account, added.link.token if added.link else ""


def name(site: FlaskClient, number: int) -> str:
    with application_of(site).sessions() as session:
        found = account(session, number)
        assert found is not None
        return found.name


def issuers(site: FlaskClient, number: int) -> tuple[str, ...]:
    with application_of(site).sessions() as session:
        return ways_in(session, number).issuers


def test_an_invited_address_that_the_provider_vouches_for(site: FlaskClient, provider: str) -> None:
    number, token = add(site)
    assert "Sign in with ThaID" in site.get("/en/account/login").text
    assert through(site, START + "?next=/en/admin/").location == "/en/admin/"
    assert issuers(site, number) == (provider,)
    assert name(site, number) == "สมศรี"
    assert site.get("/en/admin/").status_code == 200
    assert site.get(f"/en/account/welcome/{token}").status_code == 404  # the link is spent
    site.delete_cookie("session")
    person(provider, email="another@example.go.th", email_verified=True)  # the address may change: the person is known
    assert through(site).location == "/en/account/"


@pytest.mark.parametrize(
    "claims", [{"email": EMAIL}, {"email": EMAIL, "email_verified": False}, {"email_verified": True}]
)
def test_an_address_that_is_not_vouched_for_opens_nothing(
    site: FlaskClient, provider: str, claims: dict[str, object]
) -> None:
    person(provider, **claims)
    number, _ = add(site)
    assert through(site).location == "/en/account/login"
    assert "No account here is linked" in site.get("/en/account/login").text
    assert issuers(site, number) == ()


def test_an_account_with_a_password_is_not_opened_by_an_address(site: FlaskClient) -> None:
    number, _ = add(site, GOOD)
    assert through(site).location.endswith("/account/login")
    assert issuers(site, number) == ()


def test_a_stranger_gets_no_account(site: FlaskClient) -> None:
    assert through(site, who="stranger").location.endswith("/account/login")
    assert site.get("/en/account/").status_code == 303


def test_its_owner_links_and_unlinks_an_account(site: FlaskClient, provider: str) -> None:
    number, _ = add(site, GOOD)
    send(site, "/en/account/login", email=EMAIL, password=GOOD)
    assert through(site).location.endswith("/account/")
    assert issuers(site, number) == (provider,)
    site.delete_cookie("session")
    assert through(site).location == "/en/account/"
    send(site, "/en/account/openid/unlink", "/en/account/")
    assert issuers(site, number) == ()


def test_whoever_holds_the_link_may_come_without_any_address(site: FlaskClient, provider: str) -> None:
    """ThaID tells no address: the one-time link says whose account it is."""
    number, token = add(site)
    person(provider, name="สมศรี ใจดี")
    page = site.get(f"/en/account/welcome/{token}").text
    start = re.search(r'href="(/en/account/openid\?token=[^"]+)"', page)
    assert start is not None
    through(site, start[1])
    assert issuers(site, number) == (provider,)
    assert site.get("/en/account/").status_code == 200


def test_an_identity_belongs_to_one_account(site: FlaskClient) -> None:
    add(site)
    through(site)
    site.delete_cookie("session")
    application_of(site).accounts.add(NewAccount("two@example.go.th", "reviewer", password=GOOD), "test")
    send(site, "/en/account/login", email="two@example.go.th", password=GOOD)
    through(site)
    assert "linked to another account" in site.get("/en/account/").text


def test_the_way_back_works_once_and_for_this_browser_only(site: FlaskClient) -> None:
    add(site)
    back = agree(site.get(START).location)
    other = site.application.test_client()
    assert other.get(back).location.endswith("/account/login")
    assert other.get("/en/account/").status_code == 303
    forged = back.replace("state=", "state=x")
    site.get(forged)
    assert site.get("/en/account/").status_code == 303
    site.get(back)  # what was kept for it is gone
    assert site.get("/en/account/").status_code == 303


def test_what_is_asked_of_the_provider(site: FlaskClient) -> None:
    query = parse_qs(urlsplit(site.get(START).location).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["scope"] == ["openid profile email"]
    assert query["redirect_uri"] == ["http://localhost/th/account/openid/back"]
    assert all(len(query[one][0]) >= 32 for one in ("state", "nonce", "code_challenge"))


BACK = "http://localhost/back"


def gateway(provider: str, client: str = "city") -> Provider:
    return Provider(OpenId(provider, client, "s", "x"))


def test_without_the_right_verifier_or_nonce_nobody_comes_in(provider: str) -> None:
    """The provider refuses a wrong verifier; a wrong nonce, a wrong state and a token for others are refused here."""
    for change in ("verifier", "nonce", "state"):
        begun = gateway(provider).begin(BACK)
        answered = agree(begun.url)
        wrong = Begun(
            **{one: getattr(begun, one) for one in ("url", "state", "nonce", "verifier")} | {change: "x" * 50}
        )
        with pytest.raises(Forbidden):
            gateway(provider).finish(wrong, BACK, answered)
    begun = gateway(provider).begin(BACK)
    with pytest.raises(Forbidden):
        gateway(provider, "somebody-else").finish(begun, BACK, agree(begun.url))
    begun = gateway(provider).begin(BACK)
    assert gateway(provider).finish(begun, BACK, agree(begun.url)).subject == ME


def test_a_provider_that_does_not_answer(site: FlaskClient) -> None:
    with pytest.raises(Unavailable):
        gateway("http://127.0.0.1:9").begin(BACK)


def test_a_site_without_a_provider_has_no_such_page(client: FlaskClient) -> None:
    assert client.get(START).status_code == 404
    assert "openid" not in client.get("/en/account/login").text


@pytest.mark.parametrize(
    "settings", [{"ISSUER": "https://x"}, {"ISSUER": "http://x.example", "CLIENT_ID": "a", "CLIENT_SECRET": "b"}]
)
def test_settings_that_cannot_be(settings: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="OPENID"):
        read_settings({f"CITYINDEX_OPENID_{one}": value for one, value in settings.items()})
