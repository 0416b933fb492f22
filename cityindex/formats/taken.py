"""What a page shows, as files: the same rows as CSV, XLSX, Parquet, GeoJSON and GeoPackage, each saying what it is.

CSV stays a plain table: what describes it stands in columns after those of the page, the same in every row.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import polars as pl
import pyogrio
import shapely
import xlsxwriter

from cityindex.errors import Invalid
from cityindex.formats.exports import SHEET_ROWS
from cityindex.formats.value_tables import BOM, FORMULA_STARTS

Kind = Literal["text", "number", "whole", "truth"]
TYPES: Mapping[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "number": pl.Float64,
    "whole": pl.Int64,
    "truth": pl.Boolean,
}
DIGEST = "taken"
"""Of the layer of a GeoPackage."""
WIDEST, NARROWEST = 60, 10


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code stands in files for programs, its names in Thai and English in those for people.

    `unit` is in words. Codes of places and the like are `text`, or a spreadsheet eats their zeros.
    """

    code: str
    th: str
    en: str
    kind: Kind = "text"
    unit: str = ""

    def name(self, language: str) -> str:
        return self.en if language == "en" else self.th


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so of the whole file: a code, what it is called, and what is so."""

    code: str
    name: str
    said: str


@dataclass(frozen=True, eq=False)
class TakenTable:
    """The table of a view. A missing cell is None, and stays empty. `language` is the reader's, for headings.

    `geometries` are GeoJSON texts, one a row, None where a place has no boundary; empty where rows are no places.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    facts: Sequence[Fact]
    language: str
    geometries: Sequence[str | None] = ()
    made_at: datetime | None = None
    """When its figures were made, for files that bear a time; the same figures then give the same bytes."""

    @cached_property
    def frame(self) -> pl.DataFrame:
        schema = {column.code: TYPES[column.kind] for column in self.columns}
        return pl.DataFrame(list(self.rows), schema, orient="row").with_columns(
            pl.col(pl.Float64).fill_nan(None),
        )


def as_csv(table: TakenTable) -> bytes:
    """UTF-8 with the mark that Excel needs for Thai; text that a spreadsheet would compute is led by an apostrophe."""
    known = {column.code for column in table.columns}
    constant = [pl.lit(fact.said).alias(fact.code) for fact in table.facts if fact.code not in known]
    risky = pl.col(pl.String).str.slice(0, 1).is_in(FORMULA_STARTS)
    safe = pl.when(risky).then(pl.lit("'") + pl.col(pl.String)).otherwise(pl.col(pl.String)).name.keep()
    body = table.frame.with_columns(constant).with_columns(safe).write_csv(line_terminator="\r\n")
    return (BOM + body).encode()


def as_parquet(table: TakenTable) -> bytes:
    """Numbers to the bit; what it is stands in the metadata, as `cityindex:<code>`."""
    stream = io.BytesIO()
    table.frame.write_parquet(stream, metadata={f"cityindex:{fact.code}": fact.said for fact in table.facts})
    return stream.getvalue()


def as_xlsx(table: TakenTable) -> bytes:
    """Three sheets: the table under headings of the reader's language, what its columns are, and what the file is.

    Raises `Invalid` where a sheet cannot hold the rows.
    """
    if len(table.rows) >= SHEET_ROWS:
        raise Invalid(f"{len(table.rows):,} rows do not fit on a sheet of XLSX: take the CSV or Parquet file")
    words = ("data", "columns", "about") if table.language == "en" else ("ข้อมูล", "คอลัมน์", "เกี่ยวกับ")
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": _said(table, "title"), "comments": _said(table, "source")})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for name, header, rows in zip(words, _headers(table), _bodies(table), strict=True):
            _fill(book.add_worksheet(name), header, list(rows), bold)
    return stream.getvalue()


def as_geojson(table: TakenTable) -> bytes:
    """A feature a row with the boundary of its place (null where there is none); what it is, beside the features."""
    head = json.dumps(
        {"type": "FeatureCollection", "about": {fact.code: fact.said for fact in table.facts}}, ensure_ascii=False
    )
    features = (
        f'{{"type":"Feature","geometry":{geometry or "null"},"properties":{json.dumps(row, ensure_ascii=False)}}}'
        for geometry, row in zip(table.geometries, table.frame.iter_rows(named=True), strict=True)
    )
    return (head[:-1] + ',"features":[' + ",\n".join(features) + "]}\n").encode()


def as_gpkg(table: TakenTable) -> bytes:
    """One layer in longitude and latitude; what it is stands in the metadata of the layer."""
    fields = [_field(table.frame[column.code]) for column in table.columns]
    shapes = shapely.from_geojson(np.array(table.geometries, object))
    with TemporaryDirectory(prefix="cityindex-gpkg-") as folder:
        file = Path(folder, "taken.gpkg")
        stamp = table.made_at and table.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
        pyogrio.raw.write(
            file,
            geometry=shapely.to_wkb(_many(shapes)),
            field_data=[values for values, _ in fields],
            field_mask=[mask for _, mask in fields],
            fields=[column.code for column in table.columns],
            layer=DIGEST,
            driver="GPKG",
            geometry_type="MultiPolygon",
            crs="EPSG:4326",
            layer_metadata={fact.code: fact.said for fact in table.facts},
        )
        return file.read_bytes()


WRITERS: Mapping[str, Callable[[TakenTable], bytes]] = {
    "xlsx": as_xlsx,
    "csv": as_csv,
    "parquet": as_parquet,
    "geojson": as_geojson,
    "gpkg": as_gpkg,
}


def _said(table: TakenTable, code: str) -> str:
    return next((fact.said for fact in table.facts if fact.code == code), "")


def _headers(table: TakenTable) -> tuple[tuple[str, ...], ...]:
    names = tuple(column.name(table.language) for column in table.columns)
    if table.language == "en":
        return names, ("column", "name (Thai)", "name (English)", "unit"), ("what", "text")
    return names, ("คอลัมน์", "ชื่อ (ไทย)", "ชื่อ (อังกฤษ)", "หน่วย"), ("เรื่อง", "ข้อความ")


def _bodies(table: TakenTable) -> tuple[Iterator[Sequence[Any]], ...]:
    return (
        table.frame.iter_rows(),
        ((column.code, column.th, column.en, column.unit) for column in table.columns),
        ((fact.name, fact.said) for fact in table.facts),
    )


def _fill(sheet: Any, header: Sequence[str], rows: Sequence[Sequence[Any]], bold: Any) -> None:
    sheet.write_row(0, 0, header, bold)
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if value is not None:
                sheet.write(number, at, value)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(header) - 1)
    for at, name in enumerate(header):
        longest = max([len(name), *(len(str(row[at])) for row in rows[:200])])
        sheet.set_column(at, at, min(max(longest + 2, NARROWEST), WIDEST))


def _field(values: pl.Series) -> tuple[Any, Any]:
    """A column as GDAL takes it, and where it is missing."""
    mask = values.is_null().to_numpy()
    if values.dtype == pl.String:
        return values.to_numpy().astype(object), mask
    return values.fill_null(0 if values.dtype != pl.Boolean else False).to_numpy(), mask


def _many(shapes: Any) -> Any:
    """Every shape as one of several parts, for a layer has one kind of shape."""
    parts = np.array(shapes, object)
    for at in np.flatnonzero(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON):
        parts[at] = shapely.multipolygons([parts[at]])
    return parts
