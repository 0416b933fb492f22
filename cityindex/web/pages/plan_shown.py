"""The plan of a place as everybody may read it, where the place shows it: without its inner notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.errors import NotFound
from cityindex.formats.plan_sheets import STATUSES
from cityindex.formats.taken import Column
from cityindex.queries.places.places import find_place
from cityindex.web.links import here
from cityindex.web.participation import target_words
from cityindex.web.plans import view as plan_view
from cityindex.web.plans.summary import summary_of
from cityindex.web.plans.view import PlanView
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway, taken_as

plan_shown = Blueprint("plan_shown", __name__)
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


def _taken(view: PlanView) -> TakeAway:
    place = view.place
    return TakeAway(
        name=f"{place.code.lower()}-plan",
        address=here({}),
        title=Text(f"แผนปรับปรุง: {place.name_th}", f"Improvement plan: {place.name_en or place.name_th}"),
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
