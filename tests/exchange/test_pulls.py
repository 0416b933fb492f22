"""Pulls from other services: our own SDMX service under another mapping, and one with the habits of StatHub."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from cityindex.app import Application
from cityindex.errors import Conflict, Invalid, Unavailable
from cityindex.jobs.registry import jobs_of
from cityindex.jobs.runner import Runner
from cityindex.models import Place, PlaceCode, Pull, Recording
from tests.conftest import MakeDatabase
from tests.exchange.two_sides import CODES, add_places, cells, record, site

PROVINCES = ("10", "50", "58")


def mapping(code: str, address: str, **more: Any) -> dict[str, Any]:
    """A mapping as its file says it (JSON is YAML)."""
    words = {"th": code, "en": code}
    density = {"indicator": "reported_population_density", "where": {"MEASURE": "DEN"}}
    households = {"indicator": "households_thousand", "where": {"MEASURE": "HH"}, "multiplier": 0.001}
    return {
        "mapping": code,
        "version": "1",
        "name": words,
        "status": "active",
        "service": {"name": words, "address": address, "api": "1", "format": "csv"},
        "flow": {"agency": "TNSO", "id": "DF_01POP_MID"},
        "place": {"dimension": "CWT", "leave_out": ["00"]},
        "period": {"dimension": "TIME_PERIOD", "era": "be", "from": 2020},
        "values": [density, {**households, "unit": {"UNIT_MEASURE": "HOUSEHOLD"}}],
        "frequency": "yearly",
        "verified": False,
        **more,
    }


HEAD = "DATAFLOW,CWT,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT,OBS_STATUS\n"


def rows(*lines: str) -> str:
    return HEAD + "".join(f"TNSO:DF_01POP_MID(1.0),{line}\n" for line in lines)


GOOD = rows(
    "10: กรุงเทพมหานคร,DEN: ความหนาแน่น,2566,3501.4,PERSON_KM2,0,A",
    "58: แม่ฮ่องสอน,DEN: ความหนาแน่น,2566,22.4,PERSON_KM2,0,A",
    "00: ทั่วราชอาณาจักร,DEN: ความหนาแน่น,2566,128.7,PERSON_KM2,0,A",
    "58: แม่ฮ่องสอน,HH: ครัวเรือน,2566,112.3,HOUSEHOLD,3,A",
    "58: แม่ฮ่องสอน,SEX: อื่น ๆ,2566,1,PERSON,0,A",
    "50: เชียงใหม่,DEN: ความหนาแน่น,2566,,PERSON_KM2,0,O",
)


@dataclass
class StatHub:
    """A service with the habits of the National Statistical Office: years of the Buddhist era, labels, `CWT`."""

    body: str = GOOD
    status: int = 200
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def serving(hub: StatHub) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(self.path)
            hub.headers = {"Accept": self.headers.get("Accept", "")}
            body = hub.body.encode()
            self.send_response(hub.status)
            if hub.status == 302:
                self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Type", "application/vnd.sdmx.data+csv")
            self.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/rest"
    server.shutdown()
    thread.join()
    server.server_close()


def own_site(url: str, folder: Path, mappings: list[dict[str, Any]]) -> Application:
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    for one in mappings:
        (folder / "mappings" / f"{one['mapping']}.yaml").write_text(json.dumps(one, ensure_ascii=False))
    app = site(url, folder)
    with app.sessions() as session:
        for code in PROVINCES:
            place = Place(
                code=code, place_type="province", name_th=code, name_sort=code, name_search=code, source="test"
            )
            place.codes = [PlaceCode(scheme="tis1099", code=code, in_force=True)]
            session.add(place)
        session.commit()
    return app


@dataclass
class World:
    app: Application
    hub: StatHub
    folder: Path


@pytest.fixture
def world(spatialite_databases: MakeDatabase, tmp_path: Path) -> Iterator[World]:
    hub = StatHub()
    with serving(hub) as address:
        draft = {"status": "draft", "mapping": "draft"}
        app = own_site(
            spatialite_databases(), tmp_path / "own", [mapping("nso", address), mapping("draft", address) | draft]
        )
        yield World(app, hub, tmp_path)
        app.engine.dispose()


def test_what_a_service_like_stathub_says_is_looked_through_recorded_and_kept_with_its_origin(world: World) -> None:
    seen = world.app.pulls.pull("nso", "test", dry_run=True)
    assert (seen.report.recording, cells(world.app, "households_thousand")) == (None, {})
    asked = urlsplit(world.hub.asked[0])
    assert asked.path == "/rest/data/TNSO,DF_01POP_MID,latest/all"
    assert parse_qs(asked.query)["startPeriod"] == ["2563"], "the service counts in the Buddhist era"
    assert "labels=id" in world.hub.headers["Accept"]
    done = world.app.pulls.pull("nso", "test")
    assert cells(world.app, "reported_population_density") == {
        ("reported_population_density", 2023, "10"): [3501.4],
        ("reported_population_density", 2023, "50"): [None],
        ("reported_population_density", 2023, "58"): [22.4],
    }
    assert cells(world.app, "households_thousand") == {("households_thousand", 2023, "58"): [112.3]}
    said = done.as_json()
    assert (said["other_series"], said["places_left_out"], said["new"]) == (1, 1, 4)
    assert said["taken"] == {"reported_population_density": 3, "households_thousand": 1}
    with world.app.sessions() as session:
        [kept] = session.scalars(select(Pull))
        [recording] = session.scalars(select(Recording))
    assert (kept.outcome, kept.recording_id, kept.sha256) == ("recorded", recording.id, done.fetched.sha256)
    assert (recording.door, recording.file_name, recording.file_hash) == ("exchange", kept.url, kept.sha256)
    assert kept.url.startswith("http://127.0.0.1:")
    assert kept.modified == "Sun, 01 Nov 2026 00:00:00 GMT"
    assert "TNSO DF_01POP_MID" in (recording.source or "")
    assert world.app.pulls.pull("nso", "test").outcome == "unchanged"
    world.hub.body = GOOD.replace("22.4", "23.1")
    assert world.app.pulls.pull("nso", "test").outcome == "recorded"
    assert cells(world.app, "reported_population_density")["reported_population_density", 2023, "58"] == [22.4, 23.1]


WRONG = [
    (GOOD.replace("HOUSEHOLD,3", "PERSON,3"), "the unit is another one"),
    (GOOD.replace("112.3,HOUSEHOLD,3", "112.3,HOUSEHOLD,x"), "no power of ten"),
    (GOOD.replace("112.3,HOUSEHOLD", '"112,3",HOUSEHOLD'), "no number as SDMX writes it"),
    (GOOD.replace("58: แม่ฮ่องสอน,DEN", "99: ที่ไหนสักแห่ง,DEN"), "99"),
    (GOOD.replace("2566", "2023"), "no Buddhist-era year"),
    (GOOD.replace("2566", "2560"), "not asked for"),
    (GOOD + GOOD.splitlines()[2] + "\n", "line 3 already"),
    (GOOD.replace("CWT", "PROVINCE"), "no such component"),
    (GOOD.replace("22.4", "-1"), "-1"),
    ("<html>busy</html>", ""),
    (HEAD, "no rows"),
]


@pytest.mark.parametrize(("body", "reason"), WRONG)
def test_what_cannot_be_taken_changes_nothing_and_is_written_down(world: World, body: str, reason: str) -> None:
    world.hub.body = body
    with pytest.raises(Invalid) as error:
        world.app.pulls.pull("nso", "test")
    told = " ".join([str(error.value), *map(str, error.value.problems)])
    assert reason in told, told
    assert cells(world.app, "households_thousand") == {}
    with world.app.sessions() as session:
        [kept] = session.scalars(select(Pull))
    assert (kept.outcome, kept.recording_id) == ("refused", None)
    assert json.loads(kept.said)["reason"]


def test_a_service_that_is_away_a_draft_and_a_file_that_was_fetched_by_hand(world: World) -> None:
    for status, kind in ((503, Unavailable), (429, Unavailable), (404, Invalid), (302, Invalid)):
        world.hub.status = status
        with pytest.raises(kind, match=str(status)):
            world.app.pulls.pull("nso", "test")
    with pytest.raises(Conflict, match="draft"):
        world.app.pulls.pull("draft", "test")
    world.hub.status = 200
    assert world.app.pulls.pull("draft", "test", dry_run=True).report.plan.changes == 4
    by_hand = world.folder / "stathub.csv"
    by_hand.write_text(GOOD, "utf-8")
    assert world.app.pulls.pull("nso", "test", file=by_hand).url == "file:stathub.csv"
    with world.app.sessions() as session:
        outcomes = list(session.scalars(select(Pull.outcome).order_by(Pull.id)))
    assert outcomes == ["unreachable", "unreachable", "refused", "refused", "recorded"]


def test_it_is_pulled_by_the_clock(world: World) -> None:
    jobs = {job.name: job for job in jobs_of(world.app)}
    assert "pull-nso" in jobs
    assert "pull-draft" not in jobs
    runner = Runner(world.app.schedules, {"pull-nso": lambda: jobs["pull-nso"].work(world.app)})
    world.app.schedules.ensure({"pull-nso": "* * * * *"})
    with world.app.sessions() as session:
        from datetime import timedelta

        from cityindex.models import Schedule

        session.get_one(Schedule, "pull-nso").since -= timedelta(minutes=5)
        session.commit()
    ended = runner.run_owed("pull-nso")
    assert ended is not None
    assert (ended.outcome, ended.said) == ("done", "recorded: 4 values")


@pytest.mark.parametrize(("api", "form"), [("1", "csv"), ("1", "xml"), ("2", "csv"), ("2", "xml")])
def test_our_own_service_is_read_cell_by_cell(
    spatialite_databases: MakeDatabase, tmp_path: Path, api: str, form: str
) -> None:
    """One site publishes, another one takes it by a mapping: every value is the same."""
    (tmp_path / "none").mkdir()
    ours = site(spatialite_databases(), tmp_path / "none")
    add_places(ours)
    record(ours, tmp_path, "own_revenue", 0.25, places=40)
    server = make_server("127.0.0.1", 0, ours.web(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/sdmx/{'2.1' if api == '1' else '3.0'}"
    words = {"th": "x", "en": "x"}
    one = mapping(
        "other",
        address,
        service={"name": words, "address": address, "api": api, "format": form},
        flow={"agency": "TH_CITYINDEX", "id": "DF_OBSERVATIONS"},
        place={"dimension": "REF_AREA", "scheme": "dla"},
        period={"dimension": "TIME_PERIOD", "era": "ce", "from": 2023},
        values=[{"indicator": "own_revenue", "where": {"INDICATOR": "own_revenue", "FREQ": "A"}}],
    )
    theirs = own_site(spatialite_databases(), tmp_path / "own", [one])
    try:
        add_places(theirs)
        done = theirs.pulls.pull("other", "test")
        wanted = {cell: values for cell, values in cells(ours, "own_revenue").items() if cell[1] == 2023}
        assert cells(theirs, "own_revenue") == wanted
        assert len(wanted) == 40
        assert CODES[0] in {cell[2] for cell in wanted}
        assert done.outcome == "recorded"
    finally:
        server.shutdown()
        thread.join()
        for app in (ours, theirs):
            app.engine.dispose()
