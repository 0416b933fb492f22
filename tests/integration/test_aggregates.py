"""Aggregates of TPMAP: shares of areas come in; small groups and whatever is about persons do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.errors import Invalid
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.formats.records import read_records
from cityindex.formats.tables import read_table
from cityindex.models import IndicatorKey, Observation, Place
from cityindex.services.knowledge.proposals import ProposalsImport
from cityindex.services.observations.aggregates import AggregatesImport, AggregatesReport
from cityindex.services.observations.observations import ObservationsImport
from cityindex.services.observations.small_groups import is_small
from tests.conftest import MakeDatabase
from tests.integration.recording import add_places

HEAD = "place,ปี,จำนวนสำรวจ,health,income\n"
NUMBER = "1103700123456"


class Site:
    def __init__(self, url: str, folder: Path) -> None:
        self.application = Application(read_settings({"CITYINDEX_DATABASE_URL": url}))
        self.folder = folder
        with self.application.sessions() as session:
            add_places(session)

    def bring(self, text: str, **how: Any) -> AggregatesReport:
        path = self.folder / ("a.json" if text.startswith("{") else "a.csv")
        path.write_text(text, encoding="utf-8")
        feed = self.application.catalogue.feed("tpmap")
        table = read_records(path, feed.records) if path.suffix == ".json" else read_table(path)
        return self.application.aggregates.import_feed(feed, table, AggregatesImport(path.name, "test", "t", **how))

    def stored(self) -> dict[tuple[str, str], tuple[float | None, str]]:
        query = (
            select(Place.code, IndicatorKey.code, Observation.value, Observation.status)
            .join(Observation, Observation.place_id == Place.id)
            .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        )
        with self.application.sessions() as session:
            return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(query)}


@pytest.fixture
def site(spatialite_databases: MakeDatabase, tmp_path: Path) -> Any:
    made = Site(spatialite_databases(), tmp_path)
    yield made
    made.application.engine.dispose()


def test_counts_become_shares_and_small_groups_stay_out(site: Site) -> None:
    found = site.bring(HEAD + "4500101,2566,1000,50,9\n4500102,๒๕๖๖,800,40,60\n6500103,2566,400,100,\n")
    stored = site.stored()
    assert stored["4500101", "poverty_health_rate"] == (5.0, "A")
    assert stored["4500101", "poverty_income_rate"] == (None, "Q")
    # One alone could be computed from the sum of its group: the next smallest goes with it.
    assert stored["4500102", "poverty_income_rate"] == (None, "Q")
    assert ("6500103", "poverty_income_rate") not in stored
    assert (found.suppressed, found.beside) == (2, 1)


def test_an_answer_of_a_service_is_read_like_a_file(site: Site) -> None:
    row = {"tambon_code": "4500101", "year": 2023, "surveyed": 1000, "income_poor": 0.0}
    site.bring(json.dumps({"data": [row]}))
    assert site.stored()["4500101", "poverty_income_rate"] == (0.0, "A")


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("place,ปี,surveyed,health,ชื่อ-นามสกุล\n4500101,2566,1000,50,x\n", 1, "ชื่อ-นามสกุล"),
        (f"place,ปี,surveyed,health,note\n4500101,2566,1000,50,{NUMBER}\n", 2, "note"),
        ("place,ปี,surveyed,health,note\n4500101,2566,1000,50,๑-๑๐๓๗-๐๐๑๒๓-๔๕-๖\n", 2, "note"),
        (f"place,ปี,surveyed,health,{NUMBER}\n4500101,2566,1000,50,x\n", 1, "column 5"),
    ],
)
def test_anything_about_persons_refuses_the_file(site: Site, text: str, row: int, column: str) -> None:
    with pytest.raises(Invalid) as refused:
        site.bring(text)
    assert [(one.row, one.column, one.value) for one in refused.value.problems] == [(row, column, "")]
    said = str(refused.value) + str(refused.value.problems)
    assert NUMBER not in said
    assert "๑๐๓๗" not in said
    with site.application.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Observation)) == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("9999999,2566,1000,50,50\n", "no place"),
        ("4500101,25,1000,50,50\n", "not a year"),
        ("4500101,2566,1000,1001,50\n", "larger than how many"),
        ("4500101,2566,,50,50\n", "how many were surveyed"),
        ("4500101,2566,1000,ห้าสิบ,50\n", "not a count"),
        ("4500101,2566,1000,50,50\n4500101,2566,1000,60,50\n", "this place and year"),
    ],
)
def test_every_wrong_row_is_named(site: Site, rows: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        site.bring(HEAD + rows)
    assert said in str(refused.value.problems)
    assert "ห้าสิบ" not in str(refused.value.problems)


@given(st.integers(0, 60), st.integers(0, 60))
def test_what_is_shown_never_tells_of_few(count: int, more: int) -> None:
    surveyed = count + more
    if not is_small(count, surveyed, 10):
        assert surveyed >= 10
        assert count == 0 or count >= 10
        assert count == 0 or more >= 10


def test_a_year_comes_as_one_file(site: Site) -> None:
    """Or the place that was shown first would tell of the small one beside it."""
    site.bring(HEAD + "4500101,2566,1000,50,80\n")
    with pytest.raises(Invalid) as refused:
        site.bring(HEAD + "4500102,2566,800,4,60\n")
    assert "4500101 for 2023" in str(refused.value.problems)
    site.bring(HEAD + "4500101,2566,1000,50,80\n4500102,2566,800,4,60\n", on_conflict="revise")
    in_force = Observation.superseded_by.is_(None), IndicatorKey.code == "poverty_health_rate"
    query = select(Observation.value).join(IndicatorKey, IndicatorKey.id == Observation.indicator_id).where(*in_force)
    with site.application.sessions() as session:
        assert session.scalars(query).all() == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "place,ปี,surveyed,health,note\n4500101,2566,1000,50,สมหญิง ใจดี\n",
        "place,ปี,surveyed,health,x\n4500101,2566,1000,50,081-234-5678\n",
        "place,ปี,surveyed,health,x\n4500101,2566,1000,50,1103700123456.0\n",
        "place,ปี,surveyed,health,x\n4500101,2566,1000,50,1.1037E+12\n",
        "place,ปี,surveyed,health,ชื่อตำบล\n4500101,2566,1000,50,1 1037 00123 45 6\n",
        '{"data": [{"place": "4500101", "year": 2023, "surveyed": 1000, "health": 50, "members": [{"n": "สมหญิง"}]}]}',
        "place,ปี,surveyed,health,Health\n4500101,2566,1000,50,50\n",
        "place,ปี,surveyed,health,สุขภาพ\n4500101,2566,1000,50,50\n",
        "place,ปี,surveyed,health\n4500101,2566,4,1\n4500101,2566,3,0\n",  # households
    ],
)
def test_what_might_be_about_persons_is_refused_in_any_disguise(site: Site, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        site.bring(text)
    said = str(refused.value) + str(refused.value.problems)
    assert not any(value in said for value in ("สมหญิง", "081", "1103", "1.1037", "1037 "))
    assert site.stored() == {}


def test_neither_the_source_nor_another_door_is_a_way_around(site: Site) -> None:
    feed = site.application.catalogue.feed("tpmap")
    path = site.folder / "a.csv"
    path.write_text(HEAD + "4500101,2566,1000,50,80\n", encoding="utf-8")
    how = AggregatesImport("a.csv", "test", f"จาก {NUMBER}")
    with pytest.raises(Invalid, match="holds a number of a person"):
        site.application.aggregates.import_feed(feed, read_table(path), how)
    path.write_text("place,period,poverty_health_rate\n4500101,2023,0.1\n", encoding="utf-8")
    table = read_observations(path, ReadOptions())
    with pytest.raises(Invalid) as refused:
        site.application.observations.record(table, ObservationsImport("a.csv", "test", "t"))
    assert "through a feed" in str(refused.value.problems)


LIST = "code,kind,place,title_th,status,since,rule\n"


def proposals(site: Site, text: str, **how: Any) -> Any:
    path = site.folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    request = ProposalsImport(path.name, "test", how.pop("source", "รายชื่อ 30 ก.ย. 2568"), "sandboxes", **how)
    return site.application.proposals.import_list(read_table(path), request)


def test_a_list_comes_in_and_what_it_said_before_is_kept(site: Site) -> None:
    from cityindex.queries.knowledge.proposals import Wish, story_of
    from cityindex.queries.knowledge.proposals import proposals as listed

    first = LIST + "S1,sandbox,4500101,ทดลองสวน,trying,2567,ระเบียบพัสดุ\nS2,,,อื่น,,,\n"
    assert proposals(site, first, kind="sandbox").counts["new"] == 2
    again = proposals(site, LIST + "S1,sandbox,4500101,ทดลองสวน,นำไปใช้แล้ว,2567,ระเบียบพัสดุ\n")
    assert again.counts["changed"] == 1
    with site.application.sessions() as session:
        found = listed(session, Wish(kind="sandbox"), 10)
        assert [(one.code, one.status) for one in found.items] == [("S1", "adopted"), ("S2", "unknown")]
        assert [one.status for one in story_of(session, found.items[0].id)] == ["trying"]
        assert listed(session, Wish(words="สวน"), 10).total == 1
        assert listed(session, Wish(place="4500101"), 10).total == 1


def test_a_list_with_anything_wrong_changes_nothing(site: Site) -> None:
    wrong = "S1,film,9999999,<b>x</b>,somehow,31/2/2568,\nS1,sandbox,,y,,,\n,sandbox,,z,,,\n"
    with pytest.raises(Invalid) as refused:
        proposals(site, LIST + wrong)
    columns = {(one.row, one.column) for one in refused.value.problems}
    assert columns >= {(2, "kind"), (2, "place"), (2, "title_th"), (2, "status"), (2, "since"), (4, "code")}
    with pytest.raises(Invalid, match="source"):
        proposals(site, LIST + "S1,sandbox,,y,,,\n", source=" ")
