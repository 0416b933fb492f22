"""A comparison as it may be taken away: a row for every place and result, with the peers' medians beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.errors import NotFound
from cityindex.formats.taken import Column
from cityindex.queries.runs.scores import NodeResult
from cityindex.web.compare.choice import Choice
from cityindex.web.compare.view import Column as Side
from cityindex.web.compare.view import View
from cityindex.web.filters import number, translated
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("place", "รหัสพื้นที่", "Place code"),
    Column("place_th", "ชื่อไทย", "Name in Thai"),
    Column("place_en", "ชื่ออังกฤษ", "Name in English"),
    Column("place_type", "ประเภท", "Type"),
    Column("node", "รหัสเรื่องหรือตัวชี้วัด", "Node or indicator"),
    Column("node_th", "เรื่องหรือตัวชี้วัด", "Its name in Thai"),
    Column("node_en", "เรื่องหรือตัวชี้วัด (อังกฤษ)", "Its name in English"),
    Column("level", "ชั้น", "Level", "whole"),
    Column("score", "คะแนน", "Score", "number"),
    Column("rank", "อันดับ", "Rank", "whole"),
    Column("rank_low", "อันดับดีสุดของช่วง", "Lower end of the rank interval", "whole"),
    Column("rank_high", "อันดับท้ายสุดของช่วง", "Upper end of the rank interval", "whole"),
    Column("coverage", "สัดส่วนข้อมูลที่มี", "Coverage", "number"),
    Column("flag", "หมายเหตุ", "Flag"),
    Column("value", "ค่า", "Value", "number"),
    Column("unit", "หน่วย", "Unit"),
    Column("value_period", "ปีของข้อมูล ค.ศ.", "Year of the figure (common era)", "whole"),
    Column("value_period_be", "ปีของข้อมูล พ.ศ.", "Year of the figure (Buddhist era)", "whole"),
    Column("value_status", "สถานะข้อมูล", "Status of the figure"),
    Column("value_source", "ที่มาของข้อมูล", "Source of the figure"),
    Column("peer_median_score", "ค่ากลางคะแนนของกลุ่มเทียบ", "Median score of the peers", "number"),
    Column("peer_median_value", "ค่ากลางของกลุ่มเทียบ", "Median value of the peers", "number"),
    Column("peers", "จำนวนในกลุ่มเทียบ", "Peers", "whole"),
)


def taken_of(view: View, choice: Choice) -> TakeAway:
    """The comparison that a page shows, for its menu."""
    edition, entry = view.edition, view.entry
    names = [(one.place.name_th, one.place.name_en or one.place.name_th) for one in view.columns]
    places = [one.place.code for one in view.columns]
    query = {"framework": edition.framework, "period": edition.period, "place": ",".join(places)}
    return TakeAway(
        name=f"compare-{edition.framework}-{edition.period}",
        address=choice.url(framework=edition.framework, period=edition.period),
        title=Text(
            f"เปรียบเทียบ {', '.join(th for th, _ in names)}: {entry.name.th}",
            f"{', '.join(en for _, en in names)} compared: {entry.name.en}",
        ),
        columns=COLUMNS,
        rows=lambda: _rows(view),
        unit=gettext(
            "points (%(low)s to %(high)s); values in the indicator's own unit",
            low=number(entry.framework.scale[0]), high=number(entry.framework.scale[1]),
        ),
        periods=(edition.period,),
        kind=entry.framework.period,
        edition=edition,
        entry=entry,
        demo=edition.demo,
        figure=(lambda: str(view.picture)) if view.scored else None,
        key=_key(view),
        sheets=("compare",),
        places="place",
        api=f"/api/v1/scores?{urlencode(query, safe=',')}",
    )  # fmt: skip


def _key(view: View) -> list[tuple[str, str]]:
    marks = [
        ("mark mine" if one.number == 1 else "mark", f"{one.number} {translated(one.place)}") for one in view.columns
    ]
    return [*marks, ("reference", gettext("median of the peers"))] if view.peers else marks


def _rows(view: View) -> Iterator[Sequence[Any]]:
    for column in view.columns:
        for position, node in enumerate(view.found.tree):
            result = column.side.nodes[position] if column.side else None
            name = _name(view.entry, node.code)
            place = column.place
            yield (
                place.code, place.name_th, place.name_en, place.place_type,
                node.code, name.th, name.en, node.level,
                *_result(result),
                *_figure(view, column, node.code if node.is_indicator else ""),
                view.found.middle[position].score, view.found.middle[position].value, view.found.middle[position].n,
            )  # fmt: skip


def _result(result: NodeResult | None) -> tuple[Any, ...]:
    if result is None:
        return (None, None, None, None, None, "not-scored", None)
    cell = result.cell
    return (cell.score, cell.rank, cell.rank_low, cell.rank_high, cell.coverage, cell.flag, result.value)


def _figure(view: View, column: Side, indicator: str) -> tuple[Any, ...]:
    entry = view.entry.indicators.get(indicator)
    figure = view.figures.get((column.place.id, indicator))
    unit = (entry.unit or "") if entry else "points"
    if figure is None:
        return (unit, None, None, None, None)
    sources = "; ".join(text for text in figure.sources if text)
    status = "" if figure.calculated else figure.figures[0].seen.status
    return (unit, figure.period, buddhist_year(figure.period), status, sources)


def _name(entry: FrameworkEntry, code: str) -> Text:
    try:
        return entry.node_name(code)
    except NotFound:
        return Text(code, code)
