"""Exports hold the published edition in full precision, in every format."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, box
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.errors import Invalid, NotFound
from cityindex.formats import exports
from cityindex.formats.atomic import atomically
from cityindex.formats.exports import FORMATS, EditionTable
from cityindex.models import Boundary, BoundarySet, BoundaryShape, Place
from cityindex.queries.runs.edition_tables import edition_table
from cityindex.queries.runs.editions import edition
from cityindex.queries.runs.scores import map_values
from tests.integration.small import PERIOD, fill, publishing, record, scoring

CONTRACT = ["place", "period", "node", "level", "value", "score", "rank", "coverage"]
SDMX = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,"
    "COVERAGE,RANK,RANK_LOW,RANK_HIGH,EDITION,DEMO"
)


def prepared(engine: Engine, demo: bool = False) -> EditionTable:
    """An edition of which M4 has no figures and M0 a boundary."""
    fill(engine, demo=demo)
    with Session(engine) as session:
        record(session, {("M4", code): None for code in ("roads", "water", "air")}, demo=demo)
        place = session.scalars(select(Place.id).where(Place.code == "M0")).one()
        sets = BoundarySet(level="municipality", source="x", fingerprint="f")
        session.add(sets)
        session.flush()
        shape = Boundary(set_id=sets.id, place_id=place, geom=from_shape(MultiPolygon([box(100, 13, 101, 14)]), 4326))
        session.add(shape)
        session.flush()
        for detail in range(3):
            text = json.dumps({"type": "Point", "coordinates": [100, detail]})
            session.add(BoundaryShape(boundary_id=shape.id, detail=detail, geometry=text))
        session.commit()
    publishing(engine).publish(scoring(engine).run("small", PERIOD, "test"), "test")
    with Session(engine) as session:
        return edition_table(session, edition(session, "small", PERIOD), geometry=True)


def test_csv(engine: Engine, tmp_path: Path) -> None:
    table = prepared(engine)
    FORMATS["csv"](table, tmp_path / "out.csv")
    raw = (tmp_path / "out.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    assert list(rows[0])[:8] == CONTRACT
    assert len(rows) == 8 * 6
    assert [row["place"] for row in rows] == sorted(row["place"] for row in rows)
    assert [row["node"] for row in rows[:6]] == ["index", "works", "roads", "water_per_head", "nature", "air"]
    with Session(engine) as session:
        run = edition(session, "small").run
        for node in ("index", "works", "roads", "air"):
            stored = map_values(session, run, node)
            for row in (row for row in rows if row["node"] == node):
                one = stored[row["place"]]
                assert (float(row["score"]) if row["score"] else None) == one.score
                assert (float(row["value"]) if row["value"] else None) == one.value
                assert (int(row["rank"]) if row["rank"] else None) == one.rank
                assert row["flag"] == one.flag
    missing = next(row for row in rows if row["place"] == "M4" and row["level"] == "0")
    assert (missing["score"], missing["rank"], missing["value"], missing["flag"]) == ("", "", "", "missing")
    assert {row["period"] for row in rows} == {"2023"}
    assert {row["demo"] for row in rows} == {"false"}
    assert {row["band"] for row in rows if row["level"] != "0"} == {""}


def test_parquet_is_the_same_to_the_bit(engine: Engine, tmp_path: Path) -> None:
    table = prepared(engine)
    FORMATS["parquet"](table, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(table.long)
    assert pl.read_parquet_metadata(tmp_path / "out.parquet")["cityindex:framework"] == "small"


def test_sdmx_csv(engine: Engine, tmp_path: Path) -> None:
    table = replace(prepared(engine), framework="local-capacity")
    FORMATS["sdmx-csv"](table, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == SDMX
    rows = list(csv.DictReader(lines))
    assert len(rows) == 48
    by_key = {(row["REF_AREA"], row["INDICATOR"]): row for row in rows}
    one = by_key["M0", "index"]
    assert one["STRUCTURE_ID"] == "TH_CITYINDEX:DF_LOCAL_CAPACITY(1.0.0)"
    keys = ("STRUCTURE", "ACTION", "FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_STATUS", "EDITION")
    assert [one[key] for key in keys] == ["dataflow", "I", "A", "M0", "index", "2023", "A", "1"]
    assert float(one["OBS_VALUE"]) == table.score[0, 0]
    assert by_key["M1", "air"]["OBS_STATUS"] == "E"
    assert (by_key["M4", "index"]["OBS_STATUS"], by_key["M4", "index"]["OBS_VALUE"]) == ("O", "")
    assert all((row["OBS_VALUE"] == "") == (row["OBS_STATUS"] in "OM") for row in rows)


def test_xlsx(engine: Engine, tmp_path: Path) -> None:
    table = prepared(engine, demo=True)
    FORMATS["xlsx"](table, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx", read_only=True)
    assert book.sheetnames == ["scores", "ranking", "indicators", "about"]
    scores = list(book["scores"].iter_rows(values_only=True))
    assert list(scores[0][:8]) == CONTRACT
    assert len(scores) == 49
    assert scores[1][5] == table.score[0, 0]
    ranking = list(book["ranking"].iter_rows(values_only=True))
    at = ranking[0].index("rank")
    ranks = [row[at] for row in ranking[1:]]
    assert ranks == [*sorted(ranks[:-1]), None]
    about = dict(book["about"].iter_rows(values_only=True, min_row=2))
    assert about["framework"] == "small"
    assert about["period"] == "2023 (พ.ศ. 2566)"
    assert about["source"] == "made up"
    assert "demonstration" in about["demo"]
    assert {"version", "run", "published_at", "licence", "data_sha256"} <= set(about)
    book.close()


def test_geojson(engine: Engine, tmp_path: Path) -> None:
    table = prepared(engine)
    FORMATS["geojson"](table, tmp_path / "out.geojson")
    collection = json.loads((tmp_path / "out.geojson").read_text())
    assert collection["type"] == "FeatureCollection"
    features = {feature["id"]: feature for feature in collection["features"]}
    assert len(features) == 8
    assert features["M0"]["geometry"]["coordinates"] == [100, 2]
    assert features["M1"]["geometry"] is None
    properties = features["M0"]["properties"]
    assert properties["score"] == table.score[0, 0]
    assert properties["score_works"] == table.score[0, 1]
    assert properties["demo"] is False
    assert features["M4"]["properties"]["rank"] is None


def test_demo_stands_on_every_row(engine: Engine) -> None:
    table = prepared(engine, demo=True)
    assert table.demo
    assert table.long["demo"].all()
    assert dict(table.about)["demo"]


def test_text_that_looks_like_a_formula_stays_text(engine: Engine, tmp_path: Path) -> None:
    table = prepared(engine)
    names = ("=1+1", *table.places["name_th"][1:])
    table = replace(table, places={**table.places, "name_th": names})
    FORMATS["xlsx"](table, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    cells = [cell for row in book["ranking"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert len(cells) == 1
    assert {cell.data_type for cell in cells} == {"s"}


def test_too_many_rows_for_a_sheet(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS", 48)
    with pytest.raises(Invalid, match="csv or parquet"):
        FORMATS["xlsx"](prepared(engine), tmp_path / "out.xlsx")


def test_a_failed_export_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("earlier")

    def fail() -> None:
        with atomically(file) as part:
            part.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert file.read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(NotFound, match="no folder"), atomically(tmp_path / "nowhere" / "out.csv"):
        pass
