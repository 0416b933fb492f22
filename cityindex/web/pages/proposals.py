"""Policy proposals, sandboxes, mechanisms and innovations by place, as their lists gave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.errors import NotFound
from cityindex.formats.taken import Column
from cityindex.queries.knowledge.proposals import ProposalRecord, Wish, proposal, proposals, story_of
from cityindex.queries.places import places as place_queries
from cityindex.web.links import here, page_links
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway, taken_as

register = Blueprint("proposals", __name__)
PAGE, EVERYTHING = 50, 100_000
COLUMNS = (
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
    Column("rule", "กฎที่เปลี่ยน", "Rule that it changes"),
    Column("summary", "สาระสำคัญ", "Summary"),
    Column("evidence", "หลักฐาน", "Evidence"),
    Column("outcome", "ผล", "Outcome"),
    Column("url", "ที่อยู่", "Address"),
    Column("source", "แหล่งที่มา", "Source"),
    Column("imported_at", "นำเข้าเมื่อ (UTC)", "Imported at (UTC)"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


class Wanted(Schema):
    """Which of them."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    kind = fields.String(load_default="", validate=validate.Length(max=32))
    status = fields.String(load_default="", validate=validate.Length(max=32))
    province = fields.String(load_default="", validate=validate.Length(max=2))
    place = fields.String(load_default="", validate=validate.Length(max=32))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@register.get("/proposals/")
def index() -> ResponseReturnValue:
    session, wanted = database(), checked(Wanted(), request.args)
    wish = Wish(wanted["q"], wanted["kind"], wanted["status"], wanted["province"], wanted["place"])
    found = proposals(session, wish, PAGE, PAGE * (wanted["page"] - 1))
    taken = _taken(wanted, wish, found.items)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    pages = max(-(-found.total // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    return render_template(
        "pages/proposals/index.html",
        found=found,
        wanted=wanted,
        filtered=any(value for name, value in wanted.items() if name != "page"),
        provinces=place_queries.provinces(session),
        kinds=_items("proposal-kinds"),
        statuses=_items("proposal-statuses"),
        pages=pages,
        page_link=page_links(wanted),
        taken=taken if found.total else None,
    )


@register.get("/proposals/<int:proposal_id>")
def one(proposal_id: int) -> str:
    found = proposal(database(), proposal_id)
    return render_template(
        "pages/proposals/one.html",
        one=found,
        story=story_of(database(), proposal_id),
        kinds=_items("proposal-kinds"),
        statuses=_items("proposal-statuses"),
    )


def _items(codelist: str) -> Mapping[str, Any]:
    return application().catalogue.codelist(codelist).items


def _taken(wanted: Mapping[str, Any], wish: Wish, shown: Iterable[ProposalRecord]) -> TakeAway:
    items = list(shown)
    return TakeAway(
        name="proposals",
        address=here(wanted, page=1),
        title=Text("ข้อเสนอและพื้นที่ทดลองเชิงนโยบาย", "Policy proposals and sandboxes"),
        columns=COLUMNS,
        rows=lambda: _rows(proposals(database(), wish, EVERYTHING).items),
        source="; ".join(dict.fromkeys(one.source for one in items)) or gettext("lists that were imported"),
        licence=gettext("as the owner of each list says; it stands in the source"),
        demo=any(one.demo for one in items),
        places="place",
    )


def _rows(items: Iterable[ProposalRecord]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        length = {"year": 4, "month": 7, "day": 10}[one.precision]
        yield (
            one.list, one.code, one.kind, one.title_th, one.title_en or None, one.place, one.name_th, one.area or None,
            one.status, one.since.isoformat()[:length] if one.since else None,
            buddhist_year(one.since.year) if one.since else None, one.rule or None, one.summary or None,
            one.evidence or None, one.outcome or None, one.url, one.source, one.imported_at.isoformat(), one.demo,
        )  # fmt: skip
