"""The list of published editions as it may be taken away: what there is, how many places, and where its files are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.queries.runs.editions import Edition
from cityindex.web.addresses import absolute
from cityindex.web.editions.view import entry_of
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("framework", "รหัสดัชนี", "Code of the framework"),
    Column("name_th", "ชื่อ (ไทย)", "Name (Thai)"),
    Column("name_en", "ชื่อ (อังกฤษ)", "Name (English)"),
    Column("period", "ปี ค.ศ.", "Period (common era)", "whole"),
    Column("period_be", "ปี พ.ศ.", "Period (Buddhist era)", "whole"),
    Column("version", "รุ่น", "Version"),
    Column("run", "ชุดคำนวณที่", "Run", "whole"),
    Column("published", "เผยแพร่เมื่อ", "Published"),
    Column("places", "จำนวนพื้นที่", "Number of places", "whole"),
    Column("scored", "มีคะแนน", "Places with a score", "whole"),
    Column("ranked", "จัดอันดับแล้ว", "Places with a rank", "whole"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
    Column("csv", "ที่อยู่ไฟล์ CSV", "Address of the CSV"),
    Column("zip", "ที่อยู่ไฟล์ทั้งหมด", "Address of everything"),
)


def catalogue_taken(editions: Sequence[Edition], name: str, address: str) -> TakeAway:
    """The editions in force. `name` and `address` are of the page that lists them."""
    return TakeAway(
        name=name,
        address=address,
        title=Text("ข้อมูลที่เผยแพร่แล้ว", "Published editions"),
        columns=COLUMNS,
        rows=lambda: [_row(one) for one in editions],
        periods=[one.period for one in editions],
        source=gettext("this site; the source of the figures stands in each file"),
        licence=gettext("as each source says; see the files"),
        demo=any(one.demo for one in editions),
        api="/api/v1/frameworks",
    )


def _row(one: Edition) -> tuple[Any, ...]:
    name = entry_of(one).name
    about = one.framework, name.th, name.en, one.period, buddhist_year(one.period), one.version, one.run
    counts = one.published_at.date().isoformat(), one.places, one.scored, one.ranked, one.demo
    return *about, *counts, *(_address(one, kind) for kind in ("csv", "zip"))


def _address(one: Edition, kind: str) -> str:
    return absolute(url_for("frameworks.download", code=one.framework, period=one.period, run=one.run, kind=kind))
