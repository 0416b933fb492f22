"""Proposals and sandboxes that a place writes: from the draft to the register, with what is refused on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from cityindex.database import make_engine
from cityindex.formats.tables import read_table
from cityindex.models import Place, Proposal, WrittenProposal
from cityindex.services.demo.removal import remove_demo
from cityindex.services.knowledge.proposals import ProposalsImport
from tests.web.conftest import application_of
from tests.web.test_knowledge import (
    COLLEAGUE,
    NEIGHBOUR,
    OFFICER,
    OTHER,
    REVIEWER,
    TOKEN,
    TOWN,
    WRITER,
    Site,
    site_over,
)

TITLE = "เปิดตลาดกลางคืนโดยไม่ต้องขออนุญาตรายวัน"
SAID = {
    "place": TOWN,
    "kind": "sandbox",
    "status": "trying",
    "title_th": TITLE,
    "summary": "ผู้ค้ายื่นครั้งเดียวต่อปี\n\nลองกับสามถนน",
    "rule": "เทศบัญญัติว่าด้วยตลาด ข้อ ๑๒",
    "since": "๑/๕/๒๕๖๘",
    "until": "2569",
    "theme": "economy",
}


@pytest.fixture
def site(engine: Engine, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = site_over(database_url, engine, str(tmp_path_factory.mktemp("evidence")))
    yield made
    application_of(made.client).engine.dispose()


@pytest.fixture
def small_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Over one of the databases: for what is not about the database."""
    url = request.getfixturevalue("spatialite_databases")()
    engine = make_engine(url)
    made = site_over(url, engine, str(tmp_path_factory.mktemp("evidence")))
    yield made
    application_of(made.client).engine.dispose()
    engine.dispose()


def post(site: Site, path: str, **fields: Any) -> Any:
    token = TOKEN.search(site.client.get("/en/account/").text)
    data = {"csrf_token": token[1] if token else "", **fields}
    return site.client.post(f"/en/proposing/{path}", data=data)


def shown(site: Site) -> Site:
    assert post(site.as_(WRITER), "new", **SAID).status_code == 303
    assert post(site, "1/submit").status_code == 303
    assert post(site.as_(REVIEWER), "1/accept", version="1").status_code == 303
    return site


def listed(site: Site, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.client.get(f"/api/v1/proposals?{query}").json["items"]
    return found


def test_from_the_draft_to_the_register_and_out_of_it(site: Site) -> None:
    assert post(site.as_(WRITER), "new", **SAID).status_code == 303
    assert site.as_(REVIEWER).get("proposing/1").status_code == 404  # drafts are for their place
    assert site.as_(OTHER).get("proposing/1").status_code == 404
    assert post(site.as_(WRITER), "1/submit").status_code == 303
    assert post(site, "1/change", **SAID).status_code == 409  # it waits
    assert listed(site.nobody()) == []
    assert "1 proposal to decide on" in site.as_(REVIEWER).get("assessments/").text
    assert "to decide on" not in site.as_(OTHER).get("assessments/").text
    assert post(site.as_(REVIEWER), "1/return", version="1", reason=" ").status_code == 422
    post(site, "1/return", version="1", reason="Which street?")
    assert "Which street?" in site.as_(WRITER).get("proposing/1").text
    assert "1 proposal came back" in site.get("assessments/").text
    post(site, "1/submit")
    assert TITLE in site.as_(OFFICER).get("proposing/", "th").text
    post(site.as_(REVIEWER), "1/accept", version="1")
    [line] = listed(site.nobody(), "origin=written&theme=economy&kind=sandbox")
    assert (line["since"], line["until"], line["themes"]) == ("2025-05-01", "2026", ["economy"])
    assert listed(site, "origin=imported") == []
    page = site.get("proposals/1", "th").text
    assert "พื้นที่" in page
    assert "As imported" not in site.get("proposals/1").text
    assert "itself" in site.get("proposals/1").text
    # An outcome: the old version stands until it is accepted, and stays readable after.
    ended = {**SAID, "status": "ended", "outcome": "ผู้ค้าเพิ่มขึ้น 14 ราย", "title_th": "ตลาดกลางคืน"}
    assert post(site.as_(WRITER), "1/change", **ended).status_code == 303
    post(site, "1/submit")
    assert TITLE in site.nobody().get("proposals/1", "th").text
    post(site.as_(OFFICER), "1/accept", version="2")
    assert [one["status"] for one in listed(site.nobody())] == ["ended"]
    newest = site.get("proposals/1").text
    assert "14 ราย" in newest
    assert "Being tried" in newest.split("What was said before")[1]
    assert TITLE in site.get("proposals/1?version=1", "th").text
    assert "earlier version" in site.get("proposals/1?version=1").text
    assert site.get("proposals/1?version=3").status_code == 404
    assert site.get("proposals/1?version=x").status_code == 400
    # Its place withdraws it; a reviewer shows it again; both know why.
    assert post(site.as_(WRITER), "1/hide", reason="the council voted again").status_code == 303
    gone = site.nobody().get("proposals/1")
    assert (gone.status_code, "voted again" in gone.text) == (410, False)
    assert listed(site) == []
    assert "voted again" in site.as_(REVIEWER).get("proposing/1").text
    assert post(site.as_(WRITER), "1/show").status_code == 403
    post(site.as_(REVIEWER), "1/show")
    assert [one["proposal"] for one in listed(site.nobody())] == [1]


def test_what_cannot_be_is_answered_by_field_and_nothing_is_lost(small_site: Site) -> None:
    site = small_site.as_(WRITER)
    bare = {"place": TOWN, "kind": "sandbox", "status": "not-adopted", "until": "x", "theme": "nothing"}
    page = post(site, "new", **bare, url="javascript:x", evidence="<b>ดูนี่</b>")
    assert page.status_code == 422
    for said in (
        "Write a title in Thai", "nobody understands", "Name the rule", "Say since when", "good or bad",
        "cannot read this date", "no such choice", "not an address", "There is HTML",
    ):  # fmt: skip
        assert said in page.text, said
    assert "&lt;b&gt;ดูนี่&lt;/b&gt;" in page.text
    for wrong, said in (
        ({"until": "30/4/2568"}, "before its beginning"),
        ({"kind": "mechanism"}, "no such choice"),  # these come in lists only
        ({"status": "unknown"}, "no such choice"),
        ({"summary": "ก" * 8001}, "too long"),
        ({"place": "9999999"}, "no place with this code"),
    ):
        page = post(site, "new", **{**SAID, **wrong})
        assert (page.status_code, said in page.text) == (422, True), wrong
    assert post(site, "new", **{**SAID, "until": "2568-05"}).status_code == 303  # ends in the month in which it begins
    assert post(site, "new", **{**SAID, "place": NEIGHBOUR}).status_code == 404
    assert site.nobody().get("proposals/?origin=x").status_code == 400


def test_nobody_decides_on_his_own_and_two_people_lose_nothing(small_site: Site) -> None:
    site = shown(small_site)
    post(site.as_(WRITER), "1/change", **SAID)
    seen = re.search(r'name="seen" id="f-changed" value="([^"]+)"', site.get("proposing/1/change").text)
    assert seen is not None
    post(site.as_(COLLEAGUE), "1/change", **{**SAID, "title_th": "ของเพื่อน"}, seen=seen[1])
    page = post(site.as_(WRITER), "1/change", **{**SAID, "title_th": "ของฉัน"}, seen=seen[1])
    assert (page.status_code, "ของฉัน" in page.text) == (409, True)
    assert "ของเพื่อน" in site.get("proposing/1", "th").text
    assert post(site, "1/accept", version="2").status_code == 403
    post(site, "1/submit")
    post(site, "1/submit")  # pressed twice
    assert "decided already" in site.get("proposing/1").text
    post(site, "1/withdraw")
    assert post(site, "1/discard").status_code == 303
    assert site.nobody().get("proposals/1").status_code == 200  # what was accepted stays


def test_what_is_imported_stays_apart(small_site: Site, tmp_path: Path) -> None:
    site = shown(small_site)
    path = tmp_path / "list.csv"
    path.write_text("code,kind,title_th,themes,until\nS1,sandbox,ทดลองสวน,environment,2570\n", encoding="utf-8")
    proposals = application_of(site.client).proposals
    proposals.import_list(read_table(path), ProposalsImport("list.csv", "x", "รายชื่อ 2568"))
    with pytest.raises(Exception, match="another name"):
        proposals.import_list(read_table(path), ProposalsImport("list.csv", "x", "รายชื่อ", list="written here"))
    assert {one["origin"]: one["themes"] for one in listed(site.nobody())} == {
        "written": ["economy"], "imported": ["environment"],
    }  # fmt: skip
    text = site.get("proposals/").text
    assert "1 of them written here by their places" in text
    assert "As imported from a list" in site.get("proposals/2").text
    assert "written" in site.get("proposals/?format=csv&origin=written").text
    assert "ทดลองสวน" not in site.get("proposals/?format=csv&origin=written").text


def test_demo_proposals_go_with_the_demo(site: Site) -> None:
    engine = application_of(site.client).engine
    with Session(engine) as session:
        session.execute(update(Place).values(demo=True))
        session.commit()
    shown(site)
    with Session(engine) as session:
        assert session.scalars(select(Proposal.demo)).all() == [True]
    remove_demo(sessionmaker(engine), "test")
    with Session(engine) as session:
        for kind in (Proposal, WrittenProposal):
            assert session.scalar(select(func.count()).select_from(kind)) == 0


def test_what_is_shown_has_one_name_at_every_door(small_site: Site) -> None:
    site = shown(small_site)
    one = site.nobody().client.get("/api/v1/proposals/1").json
    assert (one["identifier"], one["title_th"], one["page"].endswith("/proposals/1")) == ("proposal-1", TITLE, True)
    package = site.client.get("/api/3/action/package_show?id=proposal-1").json["result"]
    assert (package["title"], package["notes"].startswith(SAID["summary"][:10])) == (TITLE, True)
    turtle = site.client.get("/catalog/proposal-1.ttl").text
    assert TITLE in turtle
    lead = site.client.get("/catalog/proposal-1", headers={"Accept": "text/html"})
    assert lead.location.endswith("/proposals/1")
    page = site.get("proposals/1").text
    assert "proposal-1" in page
    file = site.get("proposals/1?format=csv", "th").data.decode("utf-8-sig")
    assert TITLE in file
    assert "proposal-1" in file
    assert TITLE in site.get("proposals/?format=csv", "th").data.decode("utf-8-sig")
    assert "Register of policy proposals" in site.client.get("/catalog/proposals.ttl").text
    assert [one["proposal"] for one in listed(site, "q=ตลาดกลางคืน")] == [1]
    assert listed(site, "q=ถนนคนเดิน") == []
    found = site.client.get("/th/knowledge/", query_string={"q": "ตลาดกลางคืน"}).text
    assert "/th/proposals/1" in found
    assert "/th/proposals/1" not in site.client.get("/th/knowledge/?q=ตลาดกลางคืน&kind=story").text
    # What is taken down is behind no door.
    post(site.as_(WRITER), "1/hide", reason="the council voted again")
    assert site.nobody().client.get("/api/v1/proposals/1").status_code == 404
    for name in ("proposal-1", "proposals"):
        assert site.client.get(f"/catalog/{name}.ttl").status_code == 404
        assert site.client.get(f"/api/3/action/package_show?id={name}").status_code == 404
    assert "/th/proposals/1" not in site.client.get("/th/knowledge/", query_string={"q": "ตลาดกลางคืน"}).text
