"""Files of a view, opened by readers that are not ours, hold the same rows and say what they are."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.formats import taken
from cityindex.formats.taken import WRITERS, Column, Fact, TakenTable, as_csv, as_xlsx

COLUMNS = (
    Column("place", "รหัสพื้นที่", "Place"),
    Column("name", "ชื่อ", "Name"),
    Column("value", "ค่า", "Value", "number", "baht"),
    Column("rank", "อันดับ", "Rank", "whole"),
    Column("demo", "ตัวอย่าง", "Demo", "truth"),
)
ROWS = (
    ("0512345", "เทศบาลตำบลน้ำปู่", 0.1 + 0.2, 1, False),
    ("0500001", '=HYPERLINK("http://x")', None, None, False),
    ("0500002", "@SUM(1)", float("nan"), 3, True),
    ("BMA", None, -4.0, 4, None),
)
FACTS = (Fact("title", "ชื่อเรื่อง", "+ รายได้ต่อหัว"), Fact("source", "แหล่งที่มา", "กรมส่งเสริมการปกครองท้องถิ่น"))
SQUARE = '{"type":"Polygon","coordinates":[[[100,13],[101,13],[101,14],[100,14],[100,13]]]}'
TWO = '{"type":"MultiPolygon","coordinates":[[[[1,1],[2,1],[2,2],[1,1]]],[[[5,5],[6,5],[6,6],[5,5]]]]}'
TABLE = TakenTable(COLUMNS, ROWS, FACTS, "th", (SQUARE, None, TWO, None))
EXPECTED = [("0512345", 0.1 + 0.2, 1), ("0500001", None, None), ("0500002", None, 3), ("BMA", -4.0, 4)]


def test_csv_is_read_by_polars_and_excel_reads_its_thai() -> None:
    body = as_csv(TABLE)
    assert body.startswith(b"\xef\xbb\xbf")
    read = pl.read_csv(body, schema_overrides={"place": pl.String})
    assert read.select("place", "value", "rank").rows() == EXPECTED
    assert read["source"].to_list() == [FACTS[1].said] * 4, "what describes the file stands in columns"
    assert read["name"].to_list() == ["เทศบาลตำบลน้ำปู่", '\'=HYPERLINK("http://x")', "'@SUM(1)", None]
    assert set(read["title"]) == {"'+ รายได้ต่อหัว"}
    assert ",-4.0,4," in body.decode(), "a negative number is no formula"


def test_xlsx_has_headings_of_the_reader_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(TABLE)))
    data, columns, about = (list(sheet.iter_rows(values_only=True)) for sheet in book)
    assert book.sheetnames == ["ข้อมูล", "คอลัมน์", "เกี่ยวกับ"]
    assert data[0] == tuple(column.th for column in COLUMNS)
    assert [(row[0], row[3]) for row in data[1:]] == [(place, rank) for place, _, rank in EXPECTED]
    assert [row[2] for row in data[1:]] == [0.3, None, None, -4], "Excel holds fifteen digits"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert columns[3] == ("value", "ค่า", "Value", "baht")
    assert about[1:] == [(fact.name, fact.said) for fact in FACTS]
    assert openpyxl.load_workbook(io.BytesIO(as_xlsx(TakenTable(COLUMNS, (), FACTS, "en")))).sheetnames[0] == "data"


def test_parquet_keeps_every_bit_and_says_what_it_is() -> None:
    body = WRITERS["parquet"](TABLE)
    assert pl.read_parquet(io.BytesIO(body)).select("place", "value", "rank").rows() == EXPECTED
    assert pl.read_parquet_metadata(io.BytesIO(body))["cityindex:source"] == FACTS[1].said


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_features_are_read_by_gdal(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"taken.{kind}"
    file.write_bytes(WRITERS[kind](TABLE))
    meta, _, wkb, columns = pyogrio.raw.read(file)
    read = dict(zip(meta["fields"].tolist(), columns, strict=True))
    assert read["place"].tolist() == [row[0] for row in EXPECTED]
    assert [None if np.isnan(value) else value for value in read["value"]] == [row[1] for row in EXPECTED]
    shapes = shapely.from_wkb(wkb)
    assert [shape is not None for shape in shapes] == [True, False, True, False]
    assert shapes[0].bounds == (100, 13, 101, 14)
    assert shapely.get_num_geometries(shapes[2]) == 2
    if kind == "geojson":
        assert json.loads(file.read_text("utf-8"))["about"]["source"] == FACTS[1].said
    else:
        assert meta["crs"] == "EPSG:4326"
        assert pyogrio.read_info(file)["layer_metadata"]["source"] == FACTS[1].said


def test_the_same_figures_give_the_same_bytes() -> None:
    stamped = replace(TABLE, made_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    first = WRITERS["gpkg"](stamped)
    assert b"2026-01-02T03:04:05" in first
    assert WRITERS["gpkg"](stamped) == first


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken, "SHEET_ROWS", 4)
    with pytest.raises(Invalid, match="CSV or Parquet"):
        as_xlsx(TABLE)


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_infinity=False)),
        min_size=1,
        max_size=20,
    )
)
def test_csv_brings_back_any_text_and_number(rows: list[tuple[str, Any]]) -> None:
    table = TakenTable((Column("text", "ก", "a"), Column("number", "ข", "b", "number")), rows, (), "th")
    read = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))[1:]
    for (text, number), (again, value) in zip(rows, read, strict=True):
        assert again == (f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text)
        assert value == "" if number != number else float(value) == number  # noqa: PLR0124 (not a number)
