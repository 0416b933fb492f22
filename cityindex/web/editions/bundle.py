"""An edition as one archive: the words that it carries, in both languages, whoever asks first."""

from __future__ import annotations

from pathlib import Path

from cityindex import calendars
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.formats.bundles import BundleWords, write_bundle
from cityindex.formats.exports import EditionTable
from cityindex.queries.places.place_shapes import shapes_of
from cityindex.queries.runs.edition_tables import DEMO, edition_table
from cityindex.queries.runs.editions import Edition, definition_of
from cityindex.web.editions.view import cited_edition, entry_of
from cityindex.web.session import database
from cityindex.web.take_away.citing import bibtex, citation
from cityindex.web.take_away.words import boundary_words

READ_ME = """# {th} {period_th} / {en}, {period_en}

{demo}รุ่น {version} ชุดคำนวณที่ {run} / version {version}, run {run}

| ไฟล์ / file | มีอะไร | what is in it |
|---|---|---|
| scores.csv, scores.parquet | คะแนน อันดับ และค่า ทุกพื้นที่และทุกรายการ | scores, ranks and values of every place and node |
| values.csv | ค่าของตัวชี้วัดในหน่วยของตัวเอง | values of indicators in their own unit |
| nodes.csv | โครงสร้าง น้ำหนัก หน่วย แหล่งที่มา | the tree, weights, units, sources |
| dictionary.csv | ความหมายของทุกคอลัมน์ | what every column means |
| boundaries.gpkg | แนวเขต เฉพาะพื้นที่ที่มี | boundaries, where there are any |
| definition.yaml | นิยามที่ใช้คำนวณ | the definition that was computed with |
| CITATION.txt, CITATION.bib | วิธีอ้างอิง | how to cite |
| LICENCE.txt | สัญญาอนุญาต | licence |
| manifest.json | จำนวนแถว ขนาด และ SHA-256 ของทุกไฟล์ | rows, size and SHA-256 of every file |

ช่องว่างคือไม่มีข้อมูล ไม่ใช่ศูนย์ / An empty cell is missing, never zero.
"""
LICENCE = """ตัวเลขอยู่ภายใต้สัญญาอนุญาตของแหล่งที่มา: / Figures remain under the licence of their source:

{lines}
"""
SILENT = "แหล่งที่มาไม่ได้ระบุสัญญาอนุญาต / not stated by the source"


def write(edition: Edition, file: Path) -> None:
    """The archive of an edition."""
    entry = entry_of(edition)
    table = edition_table(database(), edition, geometry=True)
    cited = cited_edition(entry, edition)
    words = BundleWords(
        read_me=_read_me(entry, edition),
        citation="\n\n".join(citation(cited, code) for code in ("th", "en")) + "\n",
        bibtex=bibtex(cited, f"{edition.framework}-{edition.period}-run{edition.run}"),
        licence=LICENCE.format(lines="\n".join([*_licences(entry, dict(table.about)["source"]), *_boundaries(table)])),
        definition=definition_of(database(), edition.definition),
        made_at=edition.made_at,
    )
    write_bundle(table, words, file)


def _read_me(entry: FrameworkEntry, edition: Edition) -> str:
    kind = entry.framework.period
    return READ_ME.format(
        th=entry.name.th,
        en=entry.name.en,
        period_th=calendars.show_period(edition.period, kind, "th"),
        period_en=calendars.show_period(edition.period, kind, "en"),
        version=edition.version,
        run=edition.run,
        demo=f"**{DEMO}**\n\n" if edition.demo else "",
    )


def _licences(entry: FrameworkEntry, sources: str) -> list[str]:
    """A line a source of the definition with its licence, then the sources as they were reported."""
    known = {one.source.name.en: one.source for one in entry.indicators.values() if one.source}
    lines = [
        f"- {source.name.th} / {source.name.en}: "
        + (f"{source.licence.th} / {source.licence.en}" if source.licence else SILENT)
        for _, source in sorted(known.items())
    ]
    return [*lines, f"- ตามที่นำเข้า / as imported: {sources}"]


def _boundaries(table: EditionTable) -> list[str]:
    """Where the boundaries are from, and the day they hold from."""
    sources = shapes_of(database(), table.places["place"]).sources
    return [f"- แนวเขต / boundaries: {boundary_words(*one)}" for one in sources]
