"""Headers, addresses and settings that keep readers safe."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys

import pytest
from flask.testing import FlaskClient

from cityindex.config import DEVELOPMENT_KEY, read_settings
from cityindex.errors import Invalid
from cityindex.web.permissions import PUBLIC, needs
from cityindex.web.security import embeddable, inline_script
from tests.web.conftest import MakeClient


def policy(client: FlaskClient, path: str = "/th/about/privacy") -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    return dict(rule.strip().split(" ", 1) for rule in header.split(";"))


def test_policy_allows_this_site_and_nothing_inline(client: FlaskClient) -> None:
    rules = policy(client)
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["object-src"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in str(rules)


def test_policy_allows_an_inline_script_by_its_hash(client: FlaskClient) -> None:
    client.application.add_url_rule("/inline", view_func=needs(PUBLIC)(lambda: str(inline_script("start(1)"))))
    digest = base64.b64encode(hashlib.sha256(b"start(1)").digest()).decode()
    assert policy(client, "/inline")["script-src"] == f"'self' 'sha256-{digest}'"
    assert client.get("/inline").text == "<script>start(1)</script>"


def test_inline_script_cannot_be_ended_from_within(client: FlaskClient) -> None:
    with client.application.test_request_context("/"), pytest.raises(Invalid):
        inline_script("x = '</SCRIPT><img>'")


def test_only_what_says_so_may_be_framed(client: FlaskClient) -> None:
    @needs(PUBLIC)
    def framed() -> str:
        embeddable()
        return "x"

    client.application.add_url_rule("/framed", view_func=framed)
    assert policy(client, "/framed")["frame-ancestors"] == "*"


def test_policy_knows_the_host_of_the_basemap(make_client: MakeClient) -> None:
    client = make_client(basemap_url="https://{s}.tiles.example/{z}/{x}/{y}.png")
    assert policy(client)["img-src"] == "'self' data: https://*.tiles.example"


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/th/about/privacy", "/th/nowhere", "/static/favicon.svg", "/health/live"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert len(headers["X-Request-ID"]) >= 8
        assert "Strict-Transport-Security" not in headers


def test_https_is_enforced_where_the_site_is_there(make_client: MakeClient) -> None:
    client = make_client(base_url="https://city.example/")
    answer = client.get("/th/about/privacy?a=1", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.location) == (308, "https://city.example/th/about/privacy?a=1")
    behind_proxy = client.get("/th/about/privacy", headers={"X-Forwarded-Proto": "https", "Host": "evil.example"})
    assert behind_proxy.status_code == 200
    assert "max-age=31536000" in behind_proxy.headers["Strict-Transport-Security"]
    assert client.application.config["SESSION_COOKIE_SECURE"] is True
    assert client.get("/health/live").status_code == 200


def test_absolute_links_come_from_the_setting(make_client: MakeClient) -> None:
    client = make_client(base_url="http://city.example")
    answer = client.get("/th/about/privacy", headers={"Host": "evil.example"})
    assert 'href="http://city.example/en/about/privacy"' in answer.text
    assert "evil" not in answer.text
    assert client.get("/", headers={"Host": "evil.example"}).location == "/th/"
    assert client.application.config["SESSION_COOKIE_SECURE"] is False


def test_site_below_a_path(make_client: MakeClient) -> None:
    client = make_client(base_url="http://gov.example/cities")
    for path in ("/cities/en/about/privacy", "/en/about/privacy"):  # a proxy may or may not take the prefix away
        page = client.get(path).text
        assert 'href="http://gov.example/cities/th/about/privacy"' in page
        assert 'href="/cities/en/about/contact"' in page


def test_production_needs_a_secret(make_client: MakeClient) -> None:
    with pytest.raises(Invalid, match="CITYINDEX_SECRET_KEY"):
        make_client(env="production")
    assert make_client(env="production", secret_key="x" * 40).get("/th/about/privacy").status_code == 200


def test_nobody_knows_the_key_of_a_site_without_settings() -> None:
    """It signs sessions: one that stood in the source would let anybody in as anybody."""
    command = [sys.executable, "-c", "from cityindex.config import DEVELOPMENT_KEY; print(DEVELOPMENT_KEY)"]
    keys = {subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)}
    assert len(keys) == 2
    assert read_settings({}).secret_key == DEVELOPMENT_KEY
    assert len(DEVELOPMENT_KEY) == 64
