"""The maturity of one place as it may be taken away: its level by pillar, verified and claimed, beside its type's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex import calendars
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.editions import standing_edition
from cityindex.web.assessments.maturity_view import View
from cityindex.web.language import language, said_in
from cityindex.web.page import full_name
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("place", "รหัสพื้นที่", "Code of the place"),
    Column("name_th", "ชื่อพื้นที่ (ไทย)", "Name of the place (Thai)"),
    Column("name_en", "ชื่อพื้นที่ (อังกฤษ)", "Name of the place (English)"),
    Column("node", "รหัสด้าน", "Code of the pillar"),
    Column("node_th", "ด้าน (ไทย)", "Pillar (Thai)"),
    Column("node_en", "ด้าน (อังกฤษ)", "Pillar (English)"),
    Column("verified", "ค่าที่ผู้ตรวจรับรอง", "Verified", "number"),
    Column("claimed", "ค่าที่ประเมินตนเอง", "Claimed by itself", "number"),
    Column("type_median", "ค่ากลางของประเภทเดียวกัน", "Median of its type", "number"),
    Column("peers", "จำนวนที่เทียบ", "Places compared", "whole"),
)


def maturity_taken(place: PlaceRecord, view: View) -> TakeAway:
    """What the page of a place's maturity shows."""
    edition, entry = view.edition, view.entry
    top = view.ladder.top
    return TakeAway(
        name=f"{place.code}-{edition.framework}-{edition.period}",
        address=url_for("results.maturity", code=place.code, framework=edition.framework, period=edition.period),
        title=Text(*(said_in(code, lambda: _title(place, view)) for code in ("th", "en"))),
        columns=COLUMNS,
        rows=lambda: _rows(place, view),
        unit=gettext("average level, 0 to %(top)s", top=f"{top:g}") if top is not None else gettext("score"),
        periods=[edition.period],
        kind=entry.framework.period,
        status=gettext("verified by reviewers; what was claimed stands beside it"),
        edition=standing_edition(database(), edition.framework, edition.period, edition.run),
        entry=entry,
        demo=edition.demo,
        figure=lambda: view.chart,
        sheets=("results",),
        places="place",
        api=f"/api/v1/scores?framework={edition.framework}&period={edition.period}&place={place.code}",
    )


def _title(place: PlaceRecord, view: View) -> str:
    when = calendars.show_period(view.edition.period, view.entry.framework.period, language())
    return f"{full_name(place)}: {view.entry.name.get(language())} {when}"


def _rows(place: PlaceRecord, view: View) -> Iterator[tuple[Any, ...]]:
    for one in view.result.nodes:
        name = view.entry.node_name(one.code)
        median = None if view.few(one) else view.ladder.place(one.median)
        values = view.ladder.place(one.score), view.ladder.place(one.claimed), median, one.peers
        yield place.code, place.name_th, place.name_en, one.code, name.th, name.en, *values
