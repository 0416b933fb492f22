"""Caches, compression, health and static files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from cityindex.web import __file__ as web_folder
from tests.web.conftest import MakeClient, application_of

STATIC = Path(web_folder).parent / "static"


def test_a_page_that_is_known_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/th/about/privacy")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in first.headers["Vary"]
    again = client.get("/th/about/privacy", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/en/about/privacy", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_pages_are_compressed(client: FlaskClient, encoding: str) -> None:
    plain = client.get("/th/about/privacy")
    packed = client.get("/th/about/privacy", headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    if encoding == "gzip":
        assert gzip.decompress(packed.data) == plain.data
    known = {"Accept-Encoding": encoding, "If-None-Match": packed.headers["ETag"]}
    assert client.get("/th/about/privacy", headers=known).status_code == 304


def test_no_page_sets_a_cookie(client: FlaskClient) -> None:
    for path in ("/th/", "/en/places/", "/th/about/contact", "/th/nowhere"):
        assert "Set-Cookie" not in client.get(path).headers


def test_static_files_are_named_by_their_content(client: FlaskClient) -> None:
    page = client.get("/th/about/privacy").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) > 2
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if "?v=" in address:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_files_of_a_page_come_as_one_and_their_links_lead_where_they_did(client: FlaskClient) -> None:
    page = client.get("/th/map").text
    styles = re.findall(r'href="(/static/bundle/[^"]*\.css\?v=\w{12})"', page)
    assert styles
    for address in styles:
        answer = client.get(address)
        assert "immutable" in answer.headers["Cache-Control"]
        assert "immutable" not in client.get(address.replace("?v=", "?v=old")).headers["Cache-Control"]
        for link in re.findall(r'url\("\.\./([^"#)]+)"\)', answer.text):
            assert (STATIC / link).is_file(), link


@pytest.mark.parametrize(
    "names", ["nothing.css", "base~nothing.css", "..%2Fbase.css", "base.exe", "~".join("a" * 17) + ".css"]
)
def test_a_bundle_holds_our_files_only(client: FlaskClient, names: str) -> None:
    assert client.get(f"/static/bundle/{names}").status_code == 404


def test_fonts_are_small_and_licensed() -> None:
    fonts = list(STATIC.rglob("*.woff2"))
    assert fonts
    assert sum(font.stat().st_size for font in fonts) <= 150_000
    assert all("SIL Open Font License" in (font.parent / "LICENSE").read_text() for font in fonts)


def test_style_names_only_files_that_are_there() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        for name in re.findall(r'url\("([^"#]+)"\)', sheet.read_text()):
            assert (sheet.parent / name).resolve().is_file(), f"{sheet.name}: {name}"


def test_colours_are_named_in_one_file() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        if sheet.name not in ("tokens.css", "print.css"):
            assert not re.findall(r"#[0-9a-fA-F]{3,6}\b", sheet.read_text()), sheet.name


def test_health(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "ok"}
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.headers["Cache-Control"]) == (200, "no-store")


def test_not_ready_before_the_migration(client: FlaskClient) -> None:
    with application_of(client).engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "cityindex db upgrade" in answer.json["reason"]
    assert client.get("/health/live").status_code == 200


def test_not_ready_without_a_database(make_client: MakeClient) -> None:
    client = make_client(database_url="postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "secret" not in answer.text


def test_files_for_crawlers_and_browsers(client: FlaskClient) -> None:
    assert client.get("/robots.txt").mimetype == "text/plain"
    assert client.get("/favicon.ico").mimetype == "image/svg+xml"
