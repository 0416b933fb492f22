"""A whole edition in one archive: scores, values, boundaries, definition, a dictionary of every column, checksums.

The same edition gives the same bytes: entries stand in a fixed order and bear the time of the run.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import yaml

from cityindex.calendars import buddhist_year
from cityindex.formats.exports import COLUMNS, EditionTable, NodeLine, write_parquet
from cityindex.formats.taken import Column, Fact, TakenTable, as_csv, as_gpkg

MANIFEST = "manifest.json"
PLACE_COLUMNS = (
    Column("place", "รหัสพื้นที่ (เก็บเป็นข้อความ)", "Code of the place (text, zeros count)"),
    Column("name_th", "ชื่อภาษาไทย", "Name in Thai"),
    Column("name_en", "ชื่อภาษาอังกฤษ", "Name in English"),
    Column("place_type", "ประเภทพื้นที่", "Type of the place"),
    Column("province", "รหัสจังหวัด", "Code of the province"),
)
SCORE_COLUMNS = {
    "period": Column("period", "ปี ค.ศ. ของปีงบประมาณ", "Year (common era) a fiscal year ends in", "whole"),
    "period_be": Column("period_be", "ปี พ.ศ.", "The same year in the Buddhist era", "whole"),
    "node": Column("node", "รหัสดัชนี ด้าน หรือตัวชี้วัด (ดู nodes.csv)", "Index, part or indicator (see nodes.csv)"),
    "level": Column("level", "ชั้นในโครงสร้าง 0 คือดัชนีรวม", "Level in the tree; 0 is the index", "whole"),
    "value": Column("value", "ค่าของตัวชี้วัดในหน่วยของตัวเอง", "Value of the indicator in its own unit", "number"),
    "score": Column("score", "คะแนน", "Score", "number"),
    "rank": Column("rank", "อันดับ 1 คือดีที่สุด", "Rank; 1 is the best", "whole"),
    "coverage": Column("coverage", "สัดส่วนน้ำหนักที่มีข้อมูล 0 ถึง 1", "Share of the weight with data, 0 to 1", "number"),
    "rank_low": Column("rank_low", "อันดับดีที่สุดใน 90 จาก 100 ครั้ง", "Best rank in 90 of 100 repetitions", "whole"),
    "rank_high": Column("rank_high", "อันดับแย่ที่สุดใน 90 จาก 100 ครั้ง", "Worst rank in 90 of 100 repetitions", "whole"),
    "imputed": Column("imputed", "สัดส่วนน้ำหนักที่เป็นค่าประมาณ 0 ถึง 1", "Estimated share of the weight, 0 to 1", "number"),
    "flag": Column("flag", "เหตุผลที่ไม่มีค่าหรือใช้ค่าแทน", "Why a value is missing or stands in"),
    "band": Column("band", "กลุ่มคะแนน", "Band"),
    "band_share": Column("band_share", "สัดส่วนครั้งที่อยู่ในกลุ่มนี้ 0 ถึง 1", "Repetitions in this band, 0 to 1", "number"),
    "framework": Column("framework", "รหัสดัชนี", "Code of the framework"),
    "version": Column("version", "รุ่นของวิธีคำนวณ", "Version of the method"),
    "run": Column("run", "ชุดคำนวณ", "Run that these are the results of", "whole"),
    "demo": Column("demo", "ข้อมูลตัวอย่าง ไม่เกี่ยวกับพื้นที่จริง", "Demo data about no real place", "truth"),
    "edition_status": Column("edition_status", "เบื้องต้นหรือสุดท้าย ว่างถ้าไม่ได้บอก", "provisional or final; empty if unsaid"),
    "unit": Column("unit", "รหัสหน่วย", "Code of the unit"),
}  # fmt: skip
NODE_WORDS = {
    "code": ("รหัส", "Code"),
    "level": ("ชั้นในโครงสร้าง", "Level in the tree"),
    "is_indicator": ("เป็นตัวชี้วัด", "It is an indicator"),
    "weight": ("น้ำหนักภายในด้าน", "Weight within its part"),
    "effective_weight": ("น้ำหนักต่อดัชนีรวม", "Weight in the index"),
    "name_th": ("ชื่อภาษาไทย", "Name in Thai"),
    "name_en": ("ชื่อภาษาอังกฤษ", "Name in English"),
    "unit": ("รหัสหน่วย", "Code of the unit"),
    "source": ("แหล่งที่มาตามนิยาม", "Source as defined"),
    "licence": ("สัญญาอนุญาตของแหล่งที่มา", "Licence of the source"),
}


@dataclass(frozen=True)
class BundleWords:
    """What an archive says of itself. `read_me` is in both languages; `definition` is the run's own, as JSON."""

    read_me: str
    citation: str
    bibtex: str
    licence: str
    definition: str
    made_at: datetime


def write_bundle(table: EditionTable, words: BundleWords, file: Path) -> None:
    """Write the archive: each part is there with its rows, its size and its SHA-256 in `manifest.json`."""
    rows: dict[str, int] = {}
    listed: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, body in _parts(table, words, rows):
            archive.writestr(_entry(name, words.made_at), body)
            known = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            listed[name] = {**known, "rows": rows[name]} if name in rows else known
        manifest = {"about": dict(table.about), "demo": table.demo, "files": listed}
        archive.writestr(_entry(MANIFEST, words.made_at), json.dumps(manifest, ensure_ascii=False, indent=1))


def dictionary() -> list[tuple[str, Column]]:
    """Every column of every table of an archive: the file and the column."""
    place = {column.code: column for column in PLACE_COLUMNS}
    long = [{**place, **SCORE_COLUMNS}[name] for name in COLUMNS]
    nodes = [Column(name, *words) for name, words in NODE_WORDS.items()]
    return [
        *(("scores.csv, scores.parquet", column) for column in long),
        *(("values.csv", column) for column in _value_columns()),
        *(("nodes.csv", column) for column in nodes),
        *(("boundaries.gpkg", column) for column in PLACE_COLUMNS),
    ]


def _parts(table: EditionTable, words: BundleWords, rows: dict[str, int]) -> Iterator[tuple[str, bytes]]:
    """Names and bodies, in the order of the archive; `rows` learns how many rows a table has."""
    texts = {
        "README.md": words.read_me,
        "CITATION.txt": words.citation,
        "CITATION.bib": words.bibtex,
        "LICENCE.txt": words.licence,
        "definition.yaml": yaml.safe_dump(json.loads(words.definition), allow_unicode=True, sort_keys=False, width=120),
    }
    yield from ((name, text.encode()) for name, text in texts.items())
    yield "dictionary.csv", _csv(("file", "column", "kind", "thai", "english"), _dictionary_rows())
    yield "nodes.csv", _csv([field.name for field in fields(NodeLine)], map(astuple, table.nodes))
    rows |= {"nodes.csv": len(table.nodes), "scores.csv": table.long.height, "scores.parquet": table.long.height}
    yield "scores.csv", _scores(table)
    yield "scores.parquet", _parquet(table)
    values = _values(table)
    rows["values.csv"] = len(values.rows)
    yield "values.csv", as_csv(values)
    if any(table.geometries):
        rows["boundaries.gpkg"] = sum(shape is not None for shape in table.geometries)
        yield "boundaries.gpkg", as_gpkg(_boundaries(table, words.made_at))


def _scores(table: EditionTable) -> bytes:
    columns = {column.code: column for column in PLACE_COLUMNS} | SCORE_COLUMNS
    return as_csv(TakenTable([columns[name] for name in COLUMNS], table.long.rows(), (), "en"))


def _parquet(table: EditionTable) -> bytes:
    with TemporaryDirectory(prefix="cityindex-bundle-") as folder:
        file = Path(folder, "scores.parquet")
        write_parquet(table, file)
        return file.read_bytes()


def _values(table: EditionTable) -> TakenTable:
    """The values that there are, in their own unit; what is missing has no row."""
    units = {node.code: node.unit for node in table.nodes if node.is_indicator}
    there = table.long.filter(pl.col("value").is_not_null() & pl.col("node").is_in(list(units)))
    chosen = there.with_columns(
        period_be=pl.lit(buddhist_year(table.period)), unit=pl.col("node").replace_strict(units, default="")
    ).select([column.code for column in _value_columns()])
    return TakenTable(_value_columns(), chosen.rows(), (), "en")


def _value_columns() -> list[Column]:
    names = ("period", "period_be", "node", "value", "unit", "flag", "demo")
    return [PLACE_COLUMNS[0], *(SCORE_COLUMNS[name] for name in names)]


def _boundaries(table: EditionTable, made_at: datetime) -> TakenTable:
    rows = list(zip(*(table.places[column.code] for column in PLACE_COLUMNS), table.geometries, strict=True))
    known = [row for row in rows if row[-1] is not None]
    facts = [Fact(name, name, text) for name, text in table.about]
    return TakenTable(PLACE_COLUMNS, [row[:-1] for row in known], facts, "en", [row[-1] for row in known], made_at)


def _dictionary_rows() -> Iterator[tuple[str, ...]]:
    return ((file, column.code, column.kind, column.th, column.en) for file, column in dictionary())


def _csv(header: Any, rows: Any) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def _entry(name: str, made_at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_STORED if name.endswith((".parquet",)) else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
