"""The plans that places show to everybody: the list of the country, and each of them without its inner notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.errors import NotFound
from cityindex.formats.plan_sheets import STATUSES
from cityindex.formats.taken import Column
from cityindex.queries.observations.indicator_tables import Filter
from cityindex.queries.places.places import find_place, provinces
from cityindex.queries.plans.shown import ShownPlan, shown_places, shown_plans
from cityindex.web.addresses import absolute
from cityindex.web.filters import translated
from cityindex.web.language import language
from cityindex.web.links import here, page_links
from cityindex.web.participation import target_words
from cityindex.web.plans import view as plan_view
from cityindex.web.plans.summary import summary_of
from cityindex.web.plans.view import PlanView
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway, taken_as

plan_shown = Blueprint("plan_shown", __name__)
PAGE = 50
COLUMNS = (
    Column("line", "เลขที่", "Line", "whole"),
    Column("place", "รหัสพื้นที่", "Place"),
    Column("programme", "แผนงาน", "Programme"),
    Column("what", "โครงการหรือสิ่งที่จะทำ", "What is done"),
    Column("objective", "วัตถุประสงค์", "Objective"),
    Column("output", "เป้าหมาย (ผลผลิตของโครงการ)", "Output"),
    Column("outcome", "ผลที่คาดว่าจะได้รับ", "Expected result"),
    Column("owner", "หน่วยงานรับผิดชอบหลัก", "Office in charge"),
    Column("year", "ปีงบประมาณ ค.ศ.", "Fiscal year (common era)", "whole"),
    Column("year_be", "ปีงบประมาณ พ.ศ.", "Fiscal year (Buddhist era)", "whole"),
    Column("baht", "งบประมาณ", "Budget", "number", "บาท"),
    Column("ends", "เสร็จในปีงบประมาณ ค.ศ.", "Fiscal year in which it ends (common era)", "whole"),
    Column("indicator", "รหัสตัวชี้วัด", "Indicator"),
    Column("target", "เลขที่เป้าหมาย", "Target", "whole"),
    Column("strategy", "รหัสยุทธศาสตร์และแผนแม่บท", "Codes of strategies and master plans"),
    Column("status", "สถานะ", "Status"),
    Column("status_th", "สถานะ (ไทย)", "Status in Thai"),
    Column("evidence", "หลักฐาน", "Evidence"),
    Column("changed_at", "แก้ล่าสุดเมื่อ", "Changed at"),
)
"""A row a line and year of money; a line without money has one row. Inner notes are in none."""
LIST = (
    Column("place", "รหัสพื้นที่", "Place"),
    Column("name_th", "ชื่อพื้นที่", "Name in Thai"),
    Column("name_en", "ชื่อภาษาอังกฤษ", "Name in English"),
    Column("place_type", "ประเภท", "Type"),
    Column("province", "รหัสจังหวัด", "Code of the province"),
    Column("province_th", "จังหวัด", "Province in Thai"),
    Column("lines", "จำนวนโครงการ", "Lines", "whole"),
    *(
        Column(code, f"จำนวนโครงการ: {words['th']}", f"Lines: {words['en']}", "whole")
        for code, words in STATUSES.items()
    ),
    Column("first_year", "ปีงบประมาณแรก ค.ศ.", "First fiscal year (common era)", "whole"),
    Column("first_year_be", "ปีงบประมาณแรก พ.ศ.", "First fiscal year (Buddhist era)", "whole"),
    Column("last_year", "ปีงบประมาณสุดท้าย ค.ศ.", "Last fiscal year (common era)", "whole"),
    Column("last_year_be", "ปีงบประมาณสุดท้าย พ.ศ.", "Last fiscal year (Buddhist era)", "whole"),
    Column("baht", "งบประมาณรวม (ไม่รวมที่ยกเลิก)", "Budget, without what was given up", "number", "บาท"),
    Column("shown_since", "เปิดให้อ่านเมื่อ (UTC)", "Shown since (UTC)"),
    Column("changed_at", "แก้ล่าสุดเมื่อ (UTC)", "Changed at (UTC)"),
    Column("url", "ที่อยู่", "Address"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


class Wanted(Schema):
    """Which plans. `type` is a place type or one of its aliases."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    type = fields.String(load_default="", validate=validate.Length(max=50))
    province = fields.String(load_default="", validate=validate.Length(max=10))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@plan_shown.get("/plans/")
def index() -> ResponseReturnValue:
    session, wanted = database(), checked(Wanted(), request.args)
    if wanted["type"]:
        wanted["type"] = application().catalogue.place_type(wanted["type"])
    fitting = shown_places(session, Filter([wanted["type"]] if wanted["type"] else (), wanted["province"], wanted["q"]))
    pages = max(-(-len(fitting) // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    found = shown_plans(session, fitting[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]])
    taken = _list_taken(wanted, found, lambda: shown_plans(session, fitting))
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    types = application().catalogue.codelist("place-types").items
    return render_template(
        "pages/plans/country.html",
        found=found,
        total=len(fitting),
        wanted=wanted,
        filtered=any(wanted[name] for name in ("q", "type", "province")),
        types=[(code, translated(one.name)) for code, one in types.items() if code not in ("province", "district")],
        provinces=[(one.code, translated(one)) for one in provinces(session)],
        pages=pages,
        page_link=page_links(wanted),
        taken=taken if found else None,
        say=plan_view,
    )


@plan_shown.get("/places/<code>/plan/published")
def published(code: str) -> ResponseReturnValue:
    session = database()
    found = find_place(session, code)
    if found.redirected:
        return redirect(url_for("plan_shown.published", code=found.place.code), 301)
    view = plan_view.plan_shown(found.place)
    if not view.shown:
        raise NotFound(f"place {found.place.id} shows no plan")
    taken = _taken(view)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/plans/shown.html",
        place=found.place,
        view=view,
        summary=summary_of(view),
        taken=taken,
        say=plan_view,
        aims=target_words,
    )


def _list_taken(
    wanted: Mapping[str, Any], shown: Sequence[ShownPlan], every: Callable[[], Sequence[ShownPlan]]
) -> TakeAway:
    asked = {"place_type": wanted["type"], "province": wanted["province"], "q": wanted["q"]}
    query = urlencode({name: value for name, value in asked.items() if value})
    return TakeAway(
        name="plans",
        address=here(wanted, page=1),
        title=Text("แผนพัฒนาที่พื้นที่เปิดให้อ่าน", "Improvement plans that places show"),
        columns=LIST,
        rows=lambda: map(_list_row, every()),
        periods=sorted({when for one in shown for when in one.years}),
        source=gettext("what places have written themselves and show here"),
        licence=gettext("not stated"),
        demo=any(one.place.demo for one in shown),
        places="place",
        api=f"/api/v1/plans{'?' + query if query else ''}",
    )


def _list_row(one: ShownPlan) -> Sequence[Any]:
    place, first, last = one.place, min(one.years, default=None), max(one.years, default=None)
    return (
        place.code, place.name_th, place.name_en, place.place_type, place.province_code, place.province_th, one.lines,
        *(one.statuses.get(code, 0) for code in STATUSES), first, buddhist_year(first) if first else None, last,
        buddhist_year(last) if last else None, one.baht, one.since.isoformat(),
        one.changed_at.isoformat() if one.changed_at else None,
        absolute(url_for("plan_shown.published", language=language(), code=place.code)), place.demo,
    )  # fmt: skip


def _taken(view: PlanView) -> TakeAway:
    place = view.place
    return TakeAway(
        name=f"{place.code.lower()}-plan",
        address=here({}),
        title=Text(f"แผนพัฒนา: {place.name_th}", f"Improvement plan: {place.name_en or place.name_th}"),
        columns=COLUMNS,
        rows=lambda: _rows(view),
        periods=[when for when, _, _ in view.budgets if when],
        source=plan_view.source_words(place),
        demo=place.demo,
        api=f"/api/v1/places/{place.code}/plan",
    )


def _rows(view: PlanView) -> Iterator[Sequence[Any]]:
    for one in view.lines:
        money: Sequence[tuple[int, float | None]] = one.budgets or ((0, None),)
        for when, baht in money:
            yield (
                one.id, view.place.code, one.programme, one.what, one.objective, one.output, one.outcome, one.owner,
                when or None, buddhist_year(when) if when else None, baht, one.fiscal_year, one.indicator or None,
                one.target, one.strategy, one.status, STATUSES[one.status]["th"], one.evidence,
                one.changed_at.isoformat(),
            )  # fmt: skip
