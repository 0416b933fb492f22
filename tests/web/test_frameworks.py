"""Rankings: the headline adds up, rows come in their order, files are those of the run, for ever."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import openpyxl
import polars
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.queries.runs.scores import map_values
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, MakeClient, application_of, counted
from tests.web.reading import codes_of, figures, table_of, text_of

pytestmark = pytest.mark.both_databases

RANKING = "scores from 0 to 100"


def test_headline_is_the_answer(demo_client: FlaskClient, edition: Edition) -> None:
    page = demo_client.get("/en/frameworks/livable-city").text
    said = text_of(page)
    assert f"{edition.ranked} of {edition.places} places are ranked" in said
    assert f"{edition.places - edition.ranked} have too few figures to be ranked" in said
    assert "fiscal year 2025" in said
    assert f"run {edition.run}" in said
    assert "ปีงบประมาณ 2568" in text_of(demo_client.get("/th/frameworks/livable-city").text)
    bands = table_of(page, "Places by band")
    assert sum(figures(row[-1])[0] for row in bands) == edition.ranked


def test_ranking_holds_every_place_in_its_order(demo_client: FlaskClient, edition: Edition) -> None:
    places, rows = [], []
    for number in range(1, 5):
        page = demo_client.get(f"/en/frameworks/livable-city?page={number}").text
        places += codes_of(page)
        rows += table_of(page, RANKING)
    with application_of(demo_client).sessions() as session:
        stored = map_values(session, edition.run)
    assert len(places) == len(set(places)) == 400
    ranks = [stored[code].rank for code in places]
    ranked = [rank for rank in ranks if rank]
    assert ranked == sorted(ranked)
    assert ranks[len(ranked) :] == [None] * (400 - len(ranked)), "those without a rank come after"
    divider = [row for row in rows if row[0] == "Not ranked"]
    assert len(divider) == 1
    assert rows.index(divider[0]) == len(ranked)
    shown = next(row for row in rows if row[0].startswith("Demo"))
    assert figures(shown[2])[0] == pytest.approx(stored[places[0]].score, abs=0.051)


def test_ranking_is_filtered_and_sorted(demo_client: FlaskClient) -> None:
    cities = demo_client.get("/en/frameworks/livable-city?type=city_municipality").text
    rows = table_of(cities, RANKING)
    assert all("City municipality" in row[0] for row in rows)
    assert f"{len(rows)} places fit" in text_of(cities)
    by_learning = table_of(demo_client.get("/en/frameworks/livable-city?sort=learning").text, RANKING)
    learning = [figures(row[8])[0] for row in by_learning]
    assert learning == sorted(learning, reverse=True)
    up = table_of(demo_client.get("/en/frameworks/livable-city?sort=learning&order=asc").text, RANKING)
    assert figures(up[0][8])[0] < learning[-1]
    assert len(codes_of(demo_client.get("/th/frameworks/livable-city?province=50").text)) < 20
    assert codes_of(demo_client.get("/th/frameworks/livable-city?programme=unesco-gnlc").text) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("livable-city?sort=nothing", 400),
        ("livable-city?order=sideways", 400),
        ("livable-city?type=planet", 404),
        ("livable-city?programme=nothing", 404),
        ("livable-city?page=99", 404),
        ("livable-city?page=x", 400),
        ("nothing", 404),
        ("livable-city/1999", 404),
        ("livable-city/20x5", 404),
        ("nothing/2025", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(demo_client: FlaskClient, path: str, status: int) -> None:
    assert demo_client.get(f"/th/frameworks/{path}").status_code == status


def test_buddhist_years_lead_to_the_lasting_address(demo_client: FlaskClient) -> None:
    answer = demo_client.get("/th/frameworks/livable-city/2568?sort=name&type=x")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/th/frameworks/livable-city/2025?sort=name&type=x"
    lasting = 'rel="canonical" href="http://localhost/th/frameworks/livable-city/2025"'
    assert lasting in demo_client.get("/th/frameworks/livable-city").text
    assert demo_client.get("/th/frameworks/livable-city/9999999999").status_code in (400, 404)


def test_links_of_the_table_keep_what_is_chosen(demo_client: FlaskClient) -> None:
    page = demo_client.get("/en/frameworks/livable-city?province=50&sort=name").text
    assert "/en/frameworks/livable-city?province=50&amp;sort=safety&amp;order=desc" in page
    assert 'aria-sort="ascending"' in page


@pytest.mark.parametrize("kind", ["xlsx", "csv", "geojson", "parquet", "sdmx-csv", "zip"])
def test_files_hold_every_place_and_never_change(demo_client: FlaskClient, edition: Edition, kind: str) -> None:
    answer = demo_client.get(f"/th/frameworks/livable-city/2025/download/{edition.run}.{kind}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f"livable-city-2025-run{edition.run}." in answer.headers["Content-Disposition"]
    assert answer.headers["ETag"] == f'"livable-city-2025-{edition.run}-{kind}"', "the same from every process"
    part = demo_client.get(answer.request.path, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, answer.data[:10])
    assert len(_places(kind, answer.data)) == 400
    assert f"/th/frameworks/livable-city/2025/download/{edition.run}.{kind}" in demo_client.get("/th/data").text


def _places(kind: str, body: bytes) -> set[object]:
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return set(polars.read_parquet(io.BytesIO(archive.read("scores.parquet")))["place"])
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(body), read_only=True)["ranking"]
        return {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)}
    if kind == "geojson":
        return {feature["id"] for feature in json.loads(body)["features"]}
    if kind == "parquet":
        return set(polars.read_parquet(io.BytesIO(body))["place"])
    assert body.startswith(b"\xef\xbb\xbf") == (kind == "csv")
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
    return {row["place" if kind == "csv" else "REF_AREA"] for row in rows}


def test_only_editions_are_given_as_files(demo_client: FlaskClient, edition: Edition) -> None:
    base = "/th/frameworks/livable-city/2025/download"
    assert demo_client.get(f"{base}/999.csv").status_code == 404
    assert demo_client.get(f"{base}/{edition.run}.exe").status_code == 404
    assert demo_client.get(f"/th/frameworks/local-capacity/2025/download/{edition.run}.csv").status_code == 404


def test_citations_stand_in_both_languages(demo_client: FlaskClient) -> None:
    for language in ("th", "en"):
        said = text_of(demo_client.get(f"/{language}/frameworks/livable-city").text)
        assert re.search(
            r"ดัชนีเมืองน่าอยู่ ปีงบประมาณ 2568 \(รุ่น 2569\.1 ชุดคำนวณที่ \d+\) \[ชุดข้อมูล; ข้อมูลตัวอย่าง[^]]*\]\. http", said
        )
        assert re.search(
            r"Livable City Index, fiscal year 2025 \(version 2569\.1, run \d+\) \[Data set; Demo data[^]]*\]\. http",
            said,
        )


def test_scores_that_depend_on_the_year_say_so(world: FlaskClient, demo_client: FlaskClient) -> None:
    said = "Compare ranks over the years, not scores."
    assert said in world.get("/en/frameworks/small").text, "min-max over the period"
    assert said not in demo_client.get("/en/frameworks/livable-city").text, "fixed goalposts"


def test_small_world_is_ranked_on_both_databases(world: FlaskClient) -> None:
    page = world.get("/en/frameworks/small/2023").text
    assert "8 of 8 places are ranked" in text_of(page)
    assert [figures(row[1])[0] for row in table_of(page, RANKING)] == list(range(1, 9))
    assert world.get("/en/frameworks/small/2023?sort=works").status_code == 200
    assert world.get("/en/indicators/").status_code == 200


def test_unpublished_frameworks_say_so(make_client: MakeClient) -> None:
    demo_client = make_client()
    assert "No edition is published yet." in demo_client.get("/en/frameworks/livable-city").text
    assert "none published yet" in demo_client.get("/en/frameworks/").text
    assert demo_client.get("/en/frameworks/livable-city/2025").status_code == 404
    assert "No edition is published yet." in demo_client.get("/en/data").text


@pytest.mark.parametrize("language", ["th", "en"])
def test_pages_ask_the_database_little(demo_client: FlaskClient, language: str) -> None:
    pages = ("frameworks/", "frameworks/livable-city", "frameworks/livable-city?sort=learning&q=a&province=50", "data")
    for path in pages:
        with counted(application_of(demo_client).engine) as said:
            assert demo_client.get(f"/{language}/{path}").status_code == 200
        assert len(said) <= MOST_QUERIES, path


def test_how_ranks_changed_since_the_edition_before(demo_client: FlaskClient) -> None:
    said = text_of(demo_client.get("/en/frameworks/livable-city/2025").text)
    found = re.search(r"(\d+) places are ranked in both editions, (\d+) are newly ranked, (\d+) no longer", said)
    assert found
    with application_of(demo_client).sessions() as session:
        now, before = current_editions(session, "livable-city")[:2]
        old, new = ({code for code, one in map_values(session, run.run).items() if one.rank} for run in (before, now))
    assert [int(number) for number in found.groups()] == [len(old & new), len(new - old), len(old - new)]
    assert "Both editions were made by the same method" in said
    assert "How ranks changed" not in text_of(demo_client.get("/en/frameworks/livable-city/2021").text)


def test_moves_of_ranks_by_cause_where_the_method_changed(world: FlaskClient, engine: Engine) -> None:
    small.fill(engine, period=2024)
    tree = {"code": "index", "children": [{"indicator": "roads"}, {"indicator": "air", "weight": 3}]}
    run = small.scoring(engine, version="2", tree=tree).run("small", 2024, "test")
    small.publishing(engine).publish(run, "test")
    page = world.get("/en/frameworks/small/2024").text
    assert "The method changed from version 1 to version 2." in text_of(page)
    figures_, method, both = table_of(page, "Moves of ranks by cause")
    assert figures(both[2])[0] <= figures(figures_[2])[0] + figures(method[2])[0], "the longest move is made of both"
    for path in ("/en/places/M1/explain", "/th/places/M1/explain"):
        answer = world.get(path)
        assert answer.status_code == 200
    said = text_of(world.get("/en/places/M1/explain").text)
    assert "By the old method, the new figures would have put it on rank" in said
    assert "No longer in the method: water_per_head" in said
