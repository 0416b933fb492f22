"""Taking the register of proposals along: what a search finds, and one line of it with all that it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.queries.knowledge.proposals import WRITTEN, ProposalRecord
from cityindex.web.addresses import absolute
from cityindex.web.knowledge.words import date_as_written
from cityindex.web.language import language
from cityindex.web.links import here
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("identifier", "รหัส", "Identifier"),
    Column("list", "รายชื่อ", "List"),
    Column("code", "รหัสในรายชื่อ", "Code in the list"),
    Column("kind", "ประเภท", "Kind"),
    Column("title_th", "ชื่อ", "Title (Thai)"),
    Column("title_en", "ชื่อ (อังกฤษ)", "Title (English)"),
    Column("place", "รหัสพื้นที่", "Code of the place"),
    Column("place_th", "พื้นที่", "Place (Thai)"),
    Column("area", "พื้นที่ตามรายชื่อ", "Area in the words of the list"),
    Column("status", "สถานะ", "Status"),
    Column("since", "ตั้งแต่", "Since"),
    Column("since_year_be", "ตั้งแต่ปี พ.ศ.", "Since year (Buddhist era)", "whole"),
    Column("until", "ถึง", "Until"),
    Column("themes", "หมวด", "Themes"),
    Column("rule", "กฎที่เปลี่ยน", "Rule that it changes"),
    Column("summary", "สาระสำคัญ", "Summary"),
    Column("evidence", "หลักฐาน", "Evidence"),
    Column("outcome", "ผล", "Outcome"),
    Column("url", "ที่อยู่", "Address"),
    Column("source", "แหล่งที่มา", "Source"),
    Column("origin", "ที่มา (imported = รายชื่อที่นำเข้า, written = พื้นที่เขียนเอง)", "Imported, or written by its place"),
    Column("imported_at", "นำเข้าหรือรับเผยแพร่เมื่อ (UTC)", "Imported or accepted at (UTC)"),
    Column("page", "หน้าเว็บ", "Page"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


def identifier(number: int) -> str:
    """The name of a line of the register at every door."""
    return f"proposal-{number}"


def list_taken(
    wanted: Mapping[str, Any], shown: Iterable[ProposalRecord], found: Callable[[], Iterable[ProposalRecord]]
) -> TakeAway:
    """What a search finds, whole; `shown` are those on the page."""
    items = list(shown)
    choices = ("q", "kind", "status", "place", "province", "theme", "origin")
    asked = {name: wanted[name] for name in choices if wanted[name]}
    return TakeAway(
        name="proposals",
        address=here(wanted, page=1),
        title=Text("ข้อเสนอและพื้นที่ทดลองเชิงนโยบาย", "Policy proposals and sandboxes"),
        columns=COLUMNS,
        rows=lambda: map(_row, found()),
        source="; ".join(dict.fromkeys(one.source for one in items)) or gettext("lists that were imported"),
        licence=gettext("as the owner of each list says (see the source); what places wrote is their own word"),
        api=f"/api/v1/proposals{'?' + urlencode(asked) if asked else ''}",
        demo=any(one.demo for one in items),
        places="place",
    )


def one_taken(one: ProposalRecord, version: int | None) -> TakeAway:
    """One line of the register, in a version where its place wrote it."""
    by_place = one.origin == WRITTEN
    return TakeAway(
        name=identifier(one.id),
        address=url_for("proposals.one", proposal_id=one.id, version=version),
        title=Text(one.title_th, one.title_en or one.title_th),
        columns=COLUMNS,
        rows=lambda: iter([_row(one)]),
        source=one.source,
        licence=gettext("the place's own word; it states no licence") if by_place else gettext("as the source says"),
        api=f"/api/v1/proposals/{one.id}",
        demo=one.demo,
        places="place" if one.place else "",
    )


def _row(one: ProposalRecord) -> tuple[Any, ...]:
    return (
        identifier(one.id), one.list, one.code, one.kind, one.title_th, one.title_en or None, one.place, one.name_th,
        one.area or None, one.status, date_as_written(one.since, one.precision) or None,
        buddhist_year(one.since.year) if one.since else None,
        date_as_written(one.until, one.until_precision) or None, "; ".join(one.themes.split()) or None,
        one.rule or None, one.summary or None, one.evidence or None, one.outcome or None, one.url, one.source,
        one.origin, one.imported_at.isoformat(),
        absolute(url_for("proposals.one", language=language(), proposal_id=one.id)), one.demo,
    )  # fmt: skip
