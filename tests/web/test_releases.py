"""Releases on pages: planned, published, corrected; and nothing of an unpublished run through any door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cityindex.models import PlannedRelease, Score
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.runs.publication import Terms
from cityindex.services.runs.releases import Approved
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_permissions import become

ATOM = "{http://www.w3.org/2005/Atom}"
NOTE = Terms("provisional", "แก้จำนวน<b>ถนน</b>", "ต้นทางส่งมาใหม่", "", "")
WORDS = "แก้จำนวน&lt;b&gt;ถนน&lt;/b&gt;"
SECRET = 987654.25
"""A figure of the unpublished runs only."""


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """Run 1 is public; run 2 of its period and run 3 of the next one are not. An administrator is signed in."""
    small.published_run(engine)
    with Session(engine) as session:
        figures = {
            (f"M{number}", code): 4.0 + number for number in range(8) for code in ("roads", "water", "population")
        }
        small.record(session, {("M1", "roads"): SECRET})
        small.record(session, {**figures, ("M1", "roads"): SECRET, ("50", "air"): 3.0}, period=small.PERIOD + 1)
        session.commit()
    for period in (small.PERIOD, small.PERIOD + 1):
        small.scoring(engine).run("small", period, "test")
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    become(
        client, application_of(client).accounts.add(NewAccount("boss@example.go.th", "administrator"), "test").account
    )
    yield client
    application_of(client).engine.dispose()


@pytest.fixture
def stranger(site: FlaskClient) -> FlaskClient:
    return site.application.test_client()


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    page = client.get(path)
    assert page.status_code == 200
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', page.text))
    return client.post(path, data={**hidden, **fields})


def words(page: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def correct(client: FlaskClient) -> None:
    application_of(client).releases.publish([Approved(2, 1, NOTE)], "test")


BOTH = "/en/admin/releases/new?run=2&run=3&run=2&run=x"
LATER = {"when": "later", "at": "2570-01-05T09:30", "announced": "1"}


def test_several_runs_are_planned_and_come_out(site: FlaskClient, stranger: FlaskClient, engine: Engine) -> None:
    page = words(site.get(BOTH))
    assert "Publish 2 runs?" in page
    assert "Readers are told what changed and why" in page
    refused = send(site, BOTH, **LATER)
    assert refused.status_code == 422
    assert "Readers need this in Thai" in refused.text
    assert 'value="2570-01-05T09:30"' in refused.text
    done = send(site, BOTH, **LATER, **{"what_th-2": "ถนน", "why_th-2": "ส่งใหม่", "mark-3": "provisional"})
    assert done.location == "/en/admin/releases"
    listed = words(site.get(done.location))
    assert "Planned for 5 Jan 2027 at 09:30" in listed
    assert listed.count("announced") == 2
    announced = words(stranger.get("/th/releases"))
    assert announced.count("5 ม.ค. 2570 เวลา 09:30 น.") == 2
    with Session(engine) as session:
        for plan in session.scalars(select(PlannedRelease)):
            plan.publish_at = datetime.now(UTC) - timedelta(minutes=1)
        session.commit()
    assert application_of(site).releases.publish_due().published == 2
    assert "provisional figures" in words(stranger.get(f"/en/frameworks/small/{small.PERIOD + 1}"))
    assert "No release is announced." in stranger.get("/en/releases").text
    assert listed_outcomes(site) == ["published", "published"]


def listed_outcomes(site: FlaskClient) -> list[str]:
    body = site.get("/en/admin/releases").text.split("<tbody>")[-1]
    return re.findall(r"<td>(published|cancelled|could not be published)", body)


def test_a_plan_is_cancelled_with_a_button(site: FlaskClient, stranger: FlaskClient) -> None:
    path = "/en/admin/runs/3/publish"
    assert send(site, path, **{**LATER, "announced": ""}).status_code == 303
    assert "No release is announced." in stranger.get("/en/releases").text
    page = site.get("/en/admin/releases")
    (button,) = re.findall(r'action="([^"]+/cancel)"', page.text)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    assert site.post(button).status_code == 400
    assert site.post(button, data={"csrf_token": token}).status_code == 303
    assert listed_outcomes(site) == ["cancelled"]
    assert site.post(button, data={"csrf_token": token}).status_code == 409


@pytest.mark.parametrize("at", ["", "soon", "2020-01-01T00:00", "2999-01-01T00:00", "25690-01-01T00:00"])
def test_moments_that_cannot_be_meant_are_asked_for_again(site: FlaskClient, at: str) -> None:
    page = send(site, "/en/admin/runs/3/publish", when="later", at=at)
    assert page.status_code == 422
    assert 'id="e-at"' in page.text


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"what_th", "why_th"}),
        ({"what_th": "x"}, {"why_th"}),
        ({"what_th": "x", "why_th": "y", "why_en": "z"}, {"what_en"}),
        ({"what_th": "x" * 2001, "why_th": "y"}, {"what_th"}),
    ],
)
def test_a_note_that_is_not_whole_is_asked_for_again(
    site: FlaskClient, fields: dict[str, str], wrong: set[str]
) -> None:
    page = send(site, "/en/admin/runs/2/publish", **{f"{name}-2": text for name, text in fields.items()})
    assert page.status_code == 422
    assert set(re.findall(r'id="e-(\w+)-2"', page.text)) == wrong


def test_choosing_nothing_leads_back(site: FlaskClient) -> None:
    assert site.get("/en/admin/releases/new").status_code == 303
    assert site.get("/en/admin/releases/new?run=99").status_code == 404
    many = "&".join(f"run={number}" for number in range(1, 50))
    assert site.get(f"/en/admin/releases/new?{many}").status_code == 400


def test_a_correction_is_told_wherever_its_figures_are(site: FlaskClient, stranger: FlaskClient) -> None:
    correct(site)
    ranking = f"/en/frameworks/small/{small.PERIOD}"
    for path in (ranking, "/en/places/M1", "/th/releases", f"/th/frameworks/small/{small.PERIOD}"):
        page = stranger.get(path)
        assert WORDS in page.text, path
        assert "<b>ถนน" not in page.text
        assert ("provisional figures" in page.text) or ("ตัวเลขเบื้องต้น" in page.text)
    assert f'href="{ranking}?run=1"' in stranger.get(ranking).text
    assert re.search(
        r"Before the correction this place had: score [\d.]+, rank \d", words(stranger.get("/en/places/M1"))
    )
    assert f"it corrects: {NOTE.what_th}" in words(stranger.get(f"{ranking}?run=1")).replace(
        "&lt;b&gt;", "<b>"
    ).replace("&lt;/b&gt;", "</b>")
    taken = stranger.get(f"{ranking}?format=csv").text
    assert NOTE.what_th in taken
    assert "provisional figures" in taken
    run = stranger.get("/api/v1/runs/2").json
    assert run is not None
    told = [run[name] for name in ("edition_status", "corrects", "what_changed_th", "what_changed_en", "why_th")]
    assert told == ["provisional", 1, NOTE.what_th, None, NOTE.why_th]
    assert stranger.get("/api/v1/runs/1").json["corrects"] is None  # type: ignore[index]


def test_files_of_an_edition_carry_its_status(site: FlaskClient, stranger: FlaskClient) -> None:
    correct(site)
    base = f"/en/frameworks/small/{small.PERIOD}/download"
    plain, sdmx = (stranger.get(f"{base}/2.{kind}").text for kind in ("csv", "sdmx-csv"))
    assert plain.splitlines()[0].endswith(",edition_status")
    assert all(line.endswith(",provisional") for line in plain.splitlines()[1:])
    column = sdmx.splitlines()[0].split(",").index("OBS_STATUS")
    statuses = {line.split(",")[column] for line in sdmx.splitlines()[1:]}
    assert "P" in statuses
    assert "A" not in statuses
    assert "A" in {line.split(",")[column] for line in stranger.get(f"{base}/1.sdmx-csv").text.splitlines()[1:]}
    assert NOTE.what_th in stranger.get(f"{base}/2.geojson").json["what_changed_th"]  # type: ignore[index]


def test_the_feed_is_atom(site: FlaskClient, stranger: FlaskClient) -> None:
    assert ElementTree.fromstring(client_feed(stranger)).find(f"{ATOM}entry") is not None
    correct(site)
    application_of(site).publishing.rollback("small", small.PERIOD, "test")
    send(site, "/en/admin/runs/3/publish", **LATER)
    feed = ElementTree.fromstring(client_feed(stranger))
    titles = [one.text or "" for one in feed.iterfind(f"{ATOM}entry/{ATOM}title")]
    assert [title.split(": ", 1)[1] for title in titles] == [
        "comes out on 5 Jan 2027 at 09:30 (Thai time)",
        "run 2 was withdrawn, run 1 is public again",
        "correction of run 1",
        "first edition",
    ]
    assert len({one.text for one in feed.iterfind(f"{ATOM}entry/{ATOM}id")}) == 4


def client_feed(client: FlaskClient) -> str:
    answer = client.get("/en/releases.atom")
    assert answer.mimetype == "application/atom+xml"
    return answer.text


@pytest.mark.parametrize("path", ["/th/releases", "/en/releases", "/en/releases.atom", "/en/admin/releases"])
def test_pages_cost_little(site: FlaskClient, path: str) -> None:
    with counted(application_of(site).engine) as said:
        assert site.get(path).status_code == 200
    assert len(said) <= MOST_QUERIES


DOORS = (
    "/en/", "/en/frameworks/", "/en/frameworks/small", "/en/frameworks/small/{year}", "/en/frameworks/small/{next}",
    "/en/frameworks/small/{year}?run={run}", "/en/frameworks/small/{next}?run={run}",
    "/en/frameworks/small/{year}?format=csv&run={run}", "/en/frameworks/small?format=csv", "/en/frameworks/?format=csv",
    "/en/frameworks/small/{year}/download/{run}.csv", "/en/frameworks/small/{next}/download/{run}.zip",
    "/en/frameworks/small/{next}/download/{run}.geojson", "/en/frameworks/small/{next}/download/{run}.sdmx-csv",
    "/en/places/M1", "/en/places/M1?framework=small&period={next}", "/en/places/M1?run={run}",
    "/en/places/M1?framework=small&period={next}&format=csv",
    "/en/places/M1/profile.xlsx?framework=small&period={next}",
    "/en/map?framework=small&node=index&period={next}", "/en/map?framework=small&node=index&period={year}&run={run}",
    "/en/map?framework=small&node=index&period={next}&format=geojson", "/en/map/embed?framework=small&period={next}",
    "/en/compare?place=M1&place=M2&framework=small&period={next}", "/en/compare?place=M1&place=M2&run={run}",
    "/en/data", "/en/releases", "/en/releases.atom", "/en/releases?format=csv", "/en/methods/small",
    "/api/v1/runs", "/api/v1/runs/{run}", "/api/v1/editions", "/api/v1/frameworks/small",
    "/api/v1/scores?framework=small&period={next}", "/api/v1/scores?framework=small&period={year}&place=M1",
    "/api/v1/places/M1", "/api/v1/places/M1/explanation?framework=small&period={next}",
    "/features/collections", "/features/collections/scores-small-{next}/items",
    "/features/collections/small-{next}/items?f=json", "/features/collections/small-{next}-{run}/items",
    "/sdmx/2.1/data/DF_SMALL/all/all", "/sdmx/2.1/data/DF_SMALL?startPeriod={next}", "/sdmx/2.1/dataflow",
    "/sdmx/2.1/data/DF_SMALL?includeHistory=true", "/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL/~/*",
    "/catalog.jsonld", "/catalog.ttl", "/api/3/action/package_list", "/api/3/action/package_search",
    "/api/v1/changes", "/api/v1/places/M1/similar",
)  # fmt: skip
"""Every way out of the site. Those of areas that this version has not answer 404, which tells nothing either."""


@pytest.mark.parametrize("run", [2, 3])
def test_nothing_of_an_unpublished_run_leaks(site: FlaskClient, stranger: FlaskClient, run: int) -> None:
    """Not before its moment, planned and announced or not; every door that knows it afterwards knew nothing before."""
    send(site, BOTH, **LATER, **{"what_th-2": "หลุดก่อนเวลา", "why_th-2": "ส่งใหม่"})
    scores = _scores(site, run)
    for door in DOORS:
        path = door.format(run=run, year=small.PERIOD, next=small.PERIOD + 1)
        page = stranger.get(path)
        assert page.status_code in (200, 301, 302, 308, 400, 404), path
        assert "หลุดก่อนเวลา" not in page.text, path
        if page.status_code == 200:
            found = scores & set(re.findall(r"\d+\.\d{6,}", page.text))
            assert not found, (path, found)
            assert f"run {run}" not in page.text, path
            assert f"run={run}" not in page.text.replace(path.replace("&", "&amp;"), ""), path


def _scores(site: FlaskClient, run: int) -> set[str]:
    """The scores of the run in full, as files and programs would say them; those of the public run are left out."""
    with application_of(site).sessions() as session:
        rows = session.execute(select(Score.run_id, Score.score).where(Score.score.is_not(None)))
        by_run: dict[int, set[str]] = {}
        for owner, score in rows:
            by_run.setdefault(owner, set()).add(repr(score))
    own = {text for text in by_run[run] - by_run[1] if re.fullmatch(r"\d+\.\d{6,}", text)}
    assert own
    return own


def test_what_is_public_afterwards_comes_through_the_doors(site: FlaskClient, stranger: FlaskClient) -> None:
    """The doors of the test before do show a run once it is published: it would have found it."""
    application_of(site).releases.publish([Approved(2, 1, NOTE), Approved(3, None, Terms())], "test")
    scores = _scores(site, 3)
    seen = set()
    for door in DOORS:
        page = stranger.get(door.format(run=3, year=small.PERIOD, next=small.PERIOD + 1))
        if page.status_code == 200 and page.mimetype not in ("application/zip",):
            seen |= {door} if scores & set(re.findall(r"\d+\.\d{6,}", page.text)) else set()
    ways = {door.split("?")[0].split("/")[1] for door in seen}
    assert ways >= {"en", "api", "sdmx", "features"}, seen
