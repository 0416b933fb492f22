"""Why a place has its score, as it may be taken away: what every part gives, in full precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.errors import NotFound
from cityindex.formats.taken import Column
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.explanations import Explanation
from cityindex.queries.runs.place_scores import PlaceEdition
from cityindex.web.editions.explain_view import Why
from cityindex.web.filters import number, percent
from cityindex.web.places.columns import NAME_COLUMNS, NODE_COLUMNS
from cityindex.web.take_away.menu import TakeAway
from cityindex.web.words import result_unit

COLUMNS = (
    *NAME_COLUMNS,
    *NODE_COLUMNS,
    Column("contribution", "คะแนนที่ให้", "Points it gives to the index", "number"),
    Column("weight", "น้ำหนักในคะแนนนี้", "Weight in this score", "number"),
    Column("score", "คะแนน", "Score", "number"),
    Column("peer_median_score", "ค่ากลางคะแนนของกลุ่มเทียบ", "Median score of the peers", "number"),
    Column("difference", "ต่างจากค่ากลาง", "Score less that median", "number"),
    Column("effect", "ผลต่อคะแนนรวม", "What the difference does to the index", "number"),
    Column("value", "ค่า", "Value", "number"),
    Column("peer_median_value", "ค่ากลางของค่าในกลุ่มเทียบ", "Median value of the peers", "number"),
    Column("unit", "หน่วยของค่า", "Unit of the value"),
    Column("peers", "จำนวนแห่งในกลุ่มเทียบ", "Peers", "whole"),
)


def taken_of(
    place: PlaceRecord, edition: PlaceEdition, entry: FrameworkEntry, found: Explanation, why: Why
) -> TakeAway:
    """The parts of a score; below every node they sum to what it gives."""
    low, high = entry.framework.scale
    return TakeAway(
        name=f"{place.code.lower()}-{edition.framework}-{edition.period}-why",
        address=url_for("places.explain", code=place.code, framework=edition.framework, period=edition.period),
        title=Text(
            f"ทำไมได้คะแนนนี้: {place.name_th}, {entry.name.th}",
            f"Why this score: {place.name_en or place.name_th}, {entry.name.en}",
        ),
        columns=COLUMNS,
        rows=lambda: _rows(place, entry, found),
        unit=gettext(
            "points (%(low)s to %(high)s); values in the indicator's own unit", low=number(low), high=number(high)
        ),
        periods=(edition.period,),
        kind=entry.framework.period,
        coverage=gettext("%(share)s of the weight of all indicators", share=percent(edition.index.coverage)),
        edition=edition.edition,
        entry=entry,
        demo=edition.demo or place.demo,
        figure=lambda: str(why.chart),
        api=f"/api/v1/scores?framework={edition.framework}&period={edition.period}&place={place.code}",
    )


def _rows(place: PlaceRecord, entry: FrameworkEntry, found: Explanation) -> Iterator[Sequence[Any]]:
    for one in found.pieces:
        name, described = _name(entry, one.node.code), entry.indicators.get(one.node.code)
        yield (
            place.code, place.name_th, place.name_en, one.node.code, name.th, name.en, one.node.level,
            one.contribution, one.weight, one.score, one.median, one.difference, one.effect, one.value,
            one.value_median, result_unit(described) if described and one.node.is_indicator else None, one.n,
        )  # fmt: skip


def _name(entry: FrameworkEntry, code: str) -> Text:
    try:
        return entry.node_name(code)
    except NotFound:
        return Text(code, code)
