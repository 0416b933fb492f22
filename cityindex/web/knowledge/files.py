"""Taking the knowledge bank along: the list that a search finds, and one item with its citation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.queries.knowledge.knowledge import ItemRecord, VersionRecord
from cityindex.queries.knowledge.search import Entry
from cityindex.web.addresses import absolute
from cityindex.web.knowledge.words import label
from cityindex.web.language import language
from cityindex.web.links import here
from cityindex.web.take_away.citing import SITE
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("item", "รายการ", "Item", "whole"),
    Column("identifier", "รหัส", "Identifier"),
    Column("version", "รุ่น", "Version", "whole"),
    Column("kind", "ประเภท", "Kind"),
    Column("title_th", "ชื่อ", "Title (Thai)"),
    Column("title_en", "ชื่อ (อังกฤษ)", "Title (English)"),
    Column("summary_th", "สาระสำคัญ", "Summary (Thai)"),
    Column("summary_en", "สาระสำคัญ (อังกฤษ)", "Summary (English)"),
    Column("creator", "ผู้สร้าง", "Creator"),
    Column("made_year", "ปีที่ทำ (ค.ศ.)", "Made in (common era)", "whole"),
    Column("made_year_be", "ปีที่ทำ (พ.ศ.)", "Made in (Buddhist era)", "whole"),
    Column("licence", "สัญญาอนุญาต", "Licence"),
    Column("language", "ภาษา", "Language"),
    Column("place", "รหัสพื้นที่", "Code of the place"),
    Column("place_th", "พื้นที่", "Place (Thai)"),
    Column("place_en", "พื้นที่ (อังกฤษ)", "Place (English)"),
    Column("themes", "หมวด", "Themes"),
    Column("indicators", "ตัวชี้วัด", "Indicators"),
    Column("areas", "ประเด็นเมืองแห่งการเรียนรู้", "Areas of learning cities"),
    Column("shown_since", "เผยแพร่ครั้งแรก (UTC)", "First shown at (UTC)"),
    Column("url", "ที่อยู่", "Address"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


def identifier(item_id: int) -> str:
    """The name of an item at every door."""
    return f"knowledge-{item_id}"


def list_taken(wanted: Mapping[str, Any], found: Callable[[], Iterable[Entry]], demo: bool) -> TakeAway:
    """What a search finds, whole."""
    given = {name: value for name, value in wanted.items() if value and name not in ("page",)}
    return TakeAway(
        name="knowledge",
        address=here(wanted, page=1),
        title=Text("คลังความรู้ของพื้นที่", "Knowledge of places"),
        columns=COLUMNS,
        rows=lambda: map(_row, found()),
        source=gettext("what places handed in and reviewers accepted"),
        licence=gettext("each item under the licence that stands in its row"),
        demo=demo,
        places="place",
        api=f"/api/v1/knowledge{'?' + urlencode(given) if given else ''}",
    )


def item_taken(one: ItemRecord, version: VersionRecord, entry: Entry) -> TakeAway:
    """One item in a version, as a row."""
    return TakeAway(
        name=identifier(one.id),
        address=url_for("knowledge.item", item_id=one.id, version=version.number),
        title=Text(version.title_th, version.title_en or version.title_th),
        columns=COLUMNS,
        rows=lambda: iter([_row(entry)]),
        source=version.creator,
        licence=label("licence", version.licence),
        demo=one.demo,
        places="place",
        api=f"/api/v1/knowledge/{one.id}",
    )


def citation(one: ItemRecord, version: VersionRecord, code: str) -> str:
    """Who made it, when, what it is called, and where it stands for ever: in Thai or English."""
    made = version.dated.year if version.dated else None
    year = {"th": str(buddhist_year(made)), "en": str(made)}[code] if made else {"th": "ม.ป.ป.", "en": "n.d."}[code]
    title = version.title_th if code == "th" else version.title_en or version.title_th
    number = {"th": f"รุ่นที่ {version.number}", "en": f"version {version.number}"}[code]
    where = absolute(url_for("knowledge.item", language=code, item_id=one.id, version=version.number))
    demo = {"th": " [ข้อมูลตัวอย่าง]", "en": " [demo data]"}[code] if one.demo else ""
    return f"{version.creator} ({year}). {title}{demo} ({number}). {SITE[code]}. {where}"


def citations(one: ItemRecord, version: VersionRecord) -> Sequence[tuple[str, str]]:
    """In both languages, that of the reader first."""
    order = sorted(("th", "en"), key=lambda code: code != language())
    return [(code, citation(one, version, code)) for code in order]


def _row(one: Entry) -> tuple[Any, ...]:
    tags: Iterator[str] = ("; ".join(one.tags.get(scheme, ())) for scheme in ("theme", "indicator", "area"))
    return (
        one.id, identifier(one.id), one.version, one.kind, one.title_th, one.title_en or None, one.summary_th,
        one.summary_en or None, one.creator, one.year, buddhist_year(one.year) if one.year else None, one.licence,
        one.language, one.place, one.name_th, one.name_en, *tags, one.first_at.isoformat(),
        absolute(url_for("knowledge.item", language=language(), item_id=one.id)), one.demo,
    )  # fmt: skip
