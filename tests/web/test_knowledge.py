"""The knowledge bank from the first draft to every door, with what is refused on the way, on both databases."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cityindex.services.accounts.accounts import NewAccount
from tests import files
from tests.integration.recording import add_places
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_permissions import become

TOWN, NEIGHBOUR = "4500101", "4500102"
PEOPLE = (("editor", TOWN), ("editor", NEIGHBOUR), ("reviewer", None), ("programme-officer", None), ("editor", TOWN))
WRITER, OTHER, REVIEWER, OFFICER, COLLEAGUE = range(1, 6)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TITLE = "ธนาคารขยะชุมชนเทศบาลตำบล"
SAID = {
    "place": TOWN,
    "kind": "story",
    "title_th": TITLE,
    "summary_th": "เด็กและผู้สูงอายุคัดแยกขยะที่ต้นทาง\n\nลดขยะได้ในสองปี",
    "creator": "กองสาธารณสุข",
    "dated": "๒๕๖๗",
    "licence": "CC-BY-4.0",
    "language": "th",
    "theme": "environment",
    "indicator": "waste_recycling_rate",
}


@dataclass
class Site:
    client: FlaskClient
    engine: Engine

    def as_(self, who: int) -> Site:
        become(self.client, who)
        return self

    def nobody(self) -> Site:
        with self.client.session_transaction() as cookie:
            cookie.clear()
        return self

    def get(self, path: str, language: str = "en") -> TestResponse:
        return self.client.get(f"/{language}/{path}")

    def post(self, path: str, **fields: Any) -> TestResponse:
        token = TOKEN.search(self.client.get("/en/account/").text)
        return self.client.post(f"/en/sharing/{path}", data={"csrf_token": token[1] if token else "", **fields})

    def shown(self) -> Site:
        """An item written, handed in and accepted."""
        assert self.as_(WRITER).post("new", **SAID).status_code == 303
        assert self.post("1/submit").status_code == 303
        assert self.as_(REVIEWER).post("1/accept", version="1").status_code == 303
        return self


def site_over(url: str, engine: Engine, folder: str) -> Site:
    with Session(engine) as session:
        add_places(session)
    client = client_over(url, evidence_url=folder)
    accounts = application_of(client).accounts
    for number, (role, place) in enumerate(PEOPLE):
        accounts.add(NewAccount(f"person{number}@example.go.th", role, place), "test")
    return Site(client, engine)


@pytest.fixture
def site(engine: Engine, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = site_over(database_url, engine, str(tmp_path_factory.mktemp("evidence")))
    yield made
    application_of(made.client).engine.dispose()


@pytest.fixture
def small_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Over one of the databases: for what is not about the database."""
    from cityindex.database import make_engine

    url = request.getfixturevalue("spatialite_databases")()
    engine = make_engine(url)
    made = site_over(url, engine, str(tmp_path_factory.mktemp("evidence")))
    yield made
    application_of(made.client).engine.dispose()
    engine.dispose()


def words(page: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.split("<main")[1]).split())


def test_from_the_draft_to_every_door(site: Site) -> None:
    assert site.nobody().get("knowledge/1").status_code == 404
    site.as_(WRITER)
    assert site.post("new", **SAID, thanked="สมหญิง").status_code == 303
    assert site.nobody().get("knowledge/1").status_code == 404
    assert site.as_(REVIEWER).get("sharing/1").status_code == 404  # drafts are for their place
    assert site.as_(OTHER).get("sharing/1").status_code == 404
    assert site.as_(WRITER).post("1/submit").status_code == 303
    assert site.post("1/change", **SAID).status_code == 409  # it waits
    assert site.as_(REVIEWER).post("1/return", version="1", reason="").status_code == 422
    site.post("1/return", version="1", reason="Which school was it?")
    assert "Which school was it?" in site.as_(WRITER).get("sharing/1").text
    site.post("1/submit")
    site.as_(REVIEWER).post("1/accept", version="1")
    _at_every_door(site.nobody())
    # A new version: the old one stands until it is accepted, and stays readable after.
    site.as_(WRITER).post("1/change", **{**SAID, "title_th": "ธนาคารขยะรุ่นใหม่"}, thanked="สมหญิง")
    site.post("1/submit")
    assert TITLE in site.nobody().get("knowledge/1").text
    site.as_(OFFICER).post("1/accept", version="2")
    assert "รุ่นใหม่" in site.nobody().get("knowledge/1", "th").text
    assert TITLE in site.get("knowledge/1?version=1").text
    assert site.get("knowledge/1?version=3").status_code == 404
    assert "สมหญิง" in site.get(f"places/{TOWN}", "th").text
    site.as_(REVIEWER).post("1/hide", reason="a person is named")
    assert site.nobody().get("knowledge/1").status_code == 410
    assert "a person is named" not in site.get("knowledge/1").text
    assert "0" in words(site.get("results/"))
    assert site.get("knowledge/?format=csv").mimetype == "text/csv"  # a table without rows
    assert site.client.get("/api/v1/knowledge/1").status_code == 404


def _at_every_door(site: Site) -> None:
    for asked, many in (("ขยะ", 1), ("เทศบาล", 1), ("สูงอายุ ขยะ", 1), ("waste", 1), ("ถนน", 0), ("<script>", 0)):
        page = site.client.get("/th/knowledge/", query_string={"q": asked})
        assert page.status_code == 200
        assert ("/th/knowledge/1" in page.text) == bool(many), asked
        assert "<script>" not in page.text.split("<main")[1]
    assert "<mark>ขยะ</mark>" in site.client.get("/th/knowledge/", query_string={"q": "ขยะ"}).text
    assert "และ" in site.client.get("/th/knowledge/", query_string={"q": "และ"}).text
    feed = ElementTree.fromstring(site.get("knowledge/feed.atom", "th").data)
    assert [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}title")][1] == TITLE
    one = site.client.get("/api/v1/knowledge/1").json
    assert (one["identifier"], one["year"], one["year_be"]) == ("knowledge-1", 2024, 2567)
    assert [item["item"] for item in site.client.get("/api/v1/knowledge?q=ขยะ&theme=environment").json["items"]] == [1]
    package = site.client.get("/api/3/action/package_show?id=knowledge-1").json["result"]
    assert (package["title"], package["license_id"]) == (TITLE, "Creative Commons Attributions")
    turtle = site.client.get("/catalog/knowledge-1.ttl").text
    assert TITLE in turtle
    assert "creativecommons.org/licenses/by/4.0" in turtle
    lead = site.client.get("/catalog/knowledge-1", headers={"Accept": "text/html"})
    assert lead.location.endswith("/knowledge/1")
    assert TITLE in site.get("knowledge/1?format=csv").data.decode("utf-8-sig")
    assert "กองสาธารณสุข (2567)" in site.get("knowledge/1", "th").text


def test_what_cannot_be_is_answered_by_field_and_nothing_is_lost(small_site: Site) -> None:
    site = small_site.as_(WRITER)
    wrong = {**SAID, "licence": "", "title_th": "<b>x</b>", "dated": "31/2/2568", "kind": "film", "url": "javascript:x"}
    page = site.post("new", **wrong)
    assert page.status_code == 422
    for said in ("Choose a licence", "There is HTML", "cannot read this date", "no such choice", "not an address"):
        assert said in page.text, said
    assert "&lt;b&gt;x&lt;/b&gt;" in page.text
    assert "<b>x</b>" not in page.text
    assert SAID["creator"] in page.text
    assert site.post("new", **{**SAID, "place": "9999999"}).status_code == 422
    assert site.as_(WRITER).post("new", **{**SAID, "place": NEIGHBOUR}).status_code == 404
    for asked in ("page=0", "page=x", "q=" + "x" * 201):
        assert site.get(f"knowledge/?{asked}").status_code == 400
    assert site.get("knowledge/?page=2").status_code == 404
    assert site.get("knowledge/solved?place=x").status_code == 400
    assert site.get(f"knowledge/solved?place={TOWN}&indicator=nothing").status_code == 404


def test_its_place_may_take_down_what_it_shared(small_site: Site) -> None:
    site = small_site.shown()
    assert site.as_(OTHER).post("1/hide", reason="x").status_code == 404
    assert site.as_(WRITER).post("1/hide", reason=" ").status_code == 422
    assert site.post("1/hide", reason="a photo shows a child").status_code == 303
    assert site.nobody().get("knowledge/1").status_code == 410
    assert site.as_(WRITER).post("1/show").status_code == 403  # a reviewer shows it again
    assert "a photo shows a child" in site.as_(REVIEWER).get("sharing/1").text


def test_files_are_taken_for_what_they_are(small_site: Site) -> None:
    site = small_site.as_(WRITER)
    site.post("new", **{**SAID, "kind": "data-set"})
    assert "needs its file" in site.post("1/submit").text
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as made:
        made.writestr("a.txt", "x")
    page = site.post("1/files", file=(io.BytesIO(package.getvalue()), "report.docx"))
    assert (page.status_code, "package of files" in page.text) == (422, True)
    page = site.post("1/files", file=(io.BytesIO(b"<html><script>x</script>"), "page.pdf"))
    assert (page.status_code, "web page" in page.text) == (422, True)
    assert site.post("1/files", file=(io.BytesIO(files.pdf()), "คู่มือ.pdf")).status_code == 303
    assert site.nobody().get("knowledge/1/files/1").status_code == 404
    assert site.as_(OTHER).get("sharing/1/files/1").status_code == 404
    assert site.as_(WRITER).get("sharing/1/files/1").data == files.pdf()
    site.post("1/submit")
    site.as_(REVIEWER).post("1/accept", version="1")
    answer = site.nobody().get("knowledge/1/files/1")
    assert answer.data == files.pdf()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    # A new version without the file leaves the old one with it.
    site.as_(WRITER).post("1/files/1/remove")
    assert site.nobody().get("knowledge/1/files/1").status_code == 200


def test_nobody_decides_on_his_own_and_two_people_lose_nothing(small_site: Site) -> None:
    site = small_site.as_(OFFICER)
    assert site.post("new", **SAID).status_code == 303
    site.post("1/submit")
    assert site.post("1/accept", version="1").status_code == 403
    site.as_(REVIEWER).post("1/accept", version="1")
    assert site.post("1/accept", version="1").status_code == 303  # pressed twice
    assert "decided already" in site.get("sharing/1").text
    site.as_(WRITER).post("1/change", **SAID)
    seen = re.search(r'name="seen" id="f-changed" value="([^"]+)"', site.get("sharing/1/change").text)
    assert seen is not None
    site.as_(COLLEAGUE).post("1/change", **{**SAID, "title_th": "ของเพื่อน"}, seen=seen[1])
    page = site.as_(WRITER).post("1/change", **{**SAID, "title_th": "ของฉัน"}, seen=seen[1])
    assert (page.status_code, "ของฉัน" in page.text) == (409, True)
    assert "ของเพื่อน" in site.get("sharing/1", "th").text


def test_a_contributor_is_named_only_as_he_wishes(small_site: Site) -> None:
    site = small_site.shown()
    assert "With thanks" not in site.nobody().get("knowledge/1").text
    assert site.as_(COLLEAGUE).post("1/thanks", thanked="ฉัน").status_code == 403  # wrote nothing of it
    assert site.as_(WRITER).get("sharing/1/certificate.pdf").status_code == 404
    site.post("1/thanks", thanked="สมหญิง ใจดี")
    assert "สมหญิง ใจดี" in site.nobody().get("knowledge/1").text
    site.as_(WRITER).post("1/thanks", thanked="")
    assert "สมหญิง" not in site.nobody().get("knowledge/1").text
    site.as_(WRITER).post("1/thanks", thanked="สมหญิง ใจดี")
    application_of(site.client).personal_data.erase(WRITER)
    assert "สมหญิง" not in site.nobody().get("knowledge/1").text


def test_pages_ask_little(small_site: Site) -> None:
    site = small_site.shown().nobody()
    for path in ("knowledge/", "knowledge/?q=ขยะ", "knowledge/1", "proposals/", "results/"):
        site.get(path)
        with counted(application_of(site.client).engine) as statements:
            assert site.get(path).status_code == 200
        assert len(statements) <= MOST_QUERIES + 5, (path, len(statements))


def test_the_index_can_be_made_anew(site: Site) -> None:
    site.shown()
    assert application_of(site.client).knowledge.index() == 1
    assert "/th/knowledge/1" in site.nobody().client.get("/th/knowledge/", query_string={"q": "ขยะ"}).text


TOLD = "ลดได้ ๓๐% ด้วย Smart Bin ในปี 2567 บำบัดน้ำเสีย"
ASKED = (
    ("ขยะ", True), ("ก", False), ("ธนาคารขยะ", True), ("ธนาคาร ขยะ", True), ("เทศ บาล", True), ("เทศ บ้าน", False),
    ("30", True), ("๓๐", True), ("๒๕๖๗", True), ("smart bin", True), ("SMART", True), ("smartx", False),
    ("น\u0e4d\u0e49า", True), ("น\u0e49\u0e4dาเสีย", True), ('"ขยะ"', True), ("-ขยะ*", True), ("(ขยะ", True),
    ("ขยะ AND ถนน", False), ("ขยะ & ! | <-> :A", True), ("'; DROP TABLE place; --", False), ("\u0e48\u0e48", False),
    ("ขยะ\u200bชุมชน", True), ("\\", False), ("title:ขยะ", False), ("และ the", False),
)  # fmt: skip


def test_a_search_is_asked_in_any_writing_and_breaks_nothing(site: Site) -> None:
    site.as_(WRITER).post("new", **{**SAID, "summary_th": TOLD})
    site.post("1/submit")
    site.as_(REVIEWER).post("1/accept", version="1")
    for asked, found in ASKED:
        page = site.nobody().client.get("/th/knowledge/", query_string={"q": asked})
        assert (page.status_code, "/th/knowledge/1" in page.text) == (200, found), asked
        listed = site.client.get("/api/v1/knowledge", query_string={"q": asked})
        assert (listed.status_code, len(listed.json["items"])) == (200, int(found)), asked
    for asked, entries in (("ขยะ", 1), ("ถนน", 0), ("และ", 0)):
        feed = ElementTree.fromstring(site.client.get("/th/knowledge/feed.atom", query_string={"q": asked}).data)
        assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == entries
    for path in ("/th/knowledge/", "/th/knowledge/feed.atom", "/api/v1/knowledge"):
        assert site.client.get(path, query_string={"q": "ขยะ" * 3400}).status_code == 400


@pytest.mark.both_databases
def test_of_many_items_all_are_counted_and_what_was_not_weighed_is_said(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        site.as_(WRITER).post("new", **SAID)
        site.post(f"{number}/submit")
        site.as_(REVIEWER).post(f"{number}/accept", version="1")
    monkeypatch.setattr("cityindex.queries.knowledge.search.MOST", 1)
    monkeypatch.setattr(sys.modules["cityindex.web.pages.knowledge"], "PAGE", 1)
    assert "3 items" in words(site.nobody().get("knowledge/"))
    shown = [
        re.findall(r'<h2><a href="/en/knowledge/(\d)"', site.get(f"knowledge/?page={page}").text) for page in (1, 2, 3)
    ]
    assert shown == [["3"], ["2"], ["1"]]
    assert "More than 1 items" in words(site.get("knowledge/?q=ขยะ"))
    monkeypatch.setattr("cityindex.queries.knowledge.search.MOST", 1000)
    for most, said in ((3, site.engine.dialect.name == "postgresql"), (4, False)):
        monkeypatch.setattr("cityindex.queries.knowledge.search.RANKED", most)
        assert ("weighed among the newest" in words(site.get("knowledge/?q=ขยะ"))) == said
