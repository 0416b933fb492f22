"""The page of an indicator as it may be taken away: the years on its chart, the places elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import IndicatorEntry, PublicTarget, Text
from cityindex.formats.taken import Column
from cityindex.queries.observations.indicator_columns import IndicatorColumns
from cityindex.queries.observations.indicator_tables import value_rows
from cityindex.web import words
from cityindex.web.filters import number, translated
from cityindex.web.indicators.trend import Trend, can_be_drawn, trend_figure
from cityindex.web.indicators.view import View, provenance
from cityindex.web.links import here
from cityindex.web.places.columns import PLACE_COLUMNS, place_cells
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway


def taken_of(
    entry: IndicatorEntry, view: View, found: Trend, provenance: str, arguments: Mapping[str, Any]
) -> TakeAway | None:
    """What the tab shows, for its menu; None where there is nothing to take."""
    if view.period is None or not view.ids.size:
        return None
    taken = TakeAway(
        name=f"{entry.code.replace('_', '-')}-{view.period}",
        address=here({**arguments, "period": view.period, "page": 1}),
        title=Text(entry.name.th, entry.name.en),
        columns=[
            *PLACE_COLUMNS,
            Column("value", "ค่า", "Value", "number", _unit(entry)),
            Column("status", "สถานะ", "Status"),
            *_targets(found, entry),
        ],
        rows=lambda: _places(view, found),
        unit=_unit(entry),
        periods=[view.period],
        kind=entry.indicator.period or "calendar-year",
        source=provenance,
        licence=translated(entry.source.licence) if entry.source and entry.source.licence else "",
        status=gettext("definition not yet verified") if entry.verified is None else gettext("definition verified"),
        coverage=gettext(
            "%(n)s of %(all)s places have a value", n=number(view.places - view.missing), all=number(view.places)
        ),
        demo=any(row.place.demo for row in view.rows),
        places="place",
        api=_api(entry, view.data, view.period),
    )
    return _years(taken, entry, view.data, found) if arguments["tab"] == "chart" else taken


def _api(entry: IndicatorEntry, data: IndicatorColumns, period: int | None) -> str:
    """The address of the same values: what is calculated stands among the scores, in the indicator's own unit."""
    when = {"period": period} if period else {}
    if data.framework is None:
        return f"/api/v1/observations?{urlencode({'indicator': entry.code, **when})}"
    return f"/api/v1/scores?{urlencode({'framework': data.framework, **when, 'node': entry.code})}"


def years_of(found: Trend) -> list[int]:
    """The periods that are drawn."""
    return [row.period for row in found.rows]


def _years(taken: TakeAway, entry: IndicatorEntry, data: IndicatorColumns, found: Trend) -> TakeAway:
    """The rows behind the picture of the years."""
    places = [
        Column(f"place_{place.code}", place.name_th, place.name_en or place.name_th, "number", _unit(entry))
        for place in found.places
    ]
    peers = [
        Column("peers_n", "จำนวนแห่งประเภทเดียวกัน", "Places of the same type", "whole"),
        Column("peers_median", "มัธยฐานของประเภทเดียวกัน", "Median of the same type", "number", _unit(entry)),
    ]
    return replace(
        taken,
        name=f"{entry.code.replace('_', '-')}-years",
        columns=[
            Column("period", "ปี ค.ศ.", "Year (common era)", "whole"),
            Column("period_be", "ปี พ.ศ.", "Year (Buddhist era)", "whole"),
            Column("n", "จำนวนแห่งที่มีค่าของปีนั้น", "Places with a value of that year", "whole"),
            Column("q1", "ควอร์ไทล์ล่าง", "Lower quartile", "number", _unit(entry)),
            Column("median", "มัธยฐาน", "Median", "number", _unit(entry)),
            Column("q3", "ควอร์ไทล์บน", "Upper quartile", "number", _unit(entry)),
            *(peers if found.peers else ()),
            *places,
            *_targets(found, entry),
            *_lines(found, entry),
        ],
        rows=lambda: _year_rows(found),
        periods=years_of(found),
        source=provenance(entry, data, years_of(found)),
        coverage="",
        figure=(lambda: str(trend_figure(entry, found))) if can_be_drawn(found) else None,
        sheets=("statistics",),
        places="",
        api=_api(entry, data, None),
    )


def _places(view: View, found: Trend) -> Iterator[Sequence[Any]]:
    row = next((one for one in found.rows if one.period == view.period), None)
    targets = [_value(target) for target in row.targets] if row else []
    for one in value_rows(database(), view.column, view.ids):
        yield (*place_cells(one.place), one.value, view.mark(one), *targets)


def _year_rows(found: Trend) -> Iterator[Sequence[Any]]:
    for row in found.rows:
        middle = row.middle
        peers = (row.peers.n, row.peers.median) if row.peers else ()
        yield (
            row.period,
            buddhist_year(row.period),
            row.spread.n if row.spread else 0,
            *((middle.q1, middle.median, middle.q3) if middle else (None, None, None)),
            *peers,
            *(None if cell.standing_in else cell.value for cell in row.cells),
            *map(_value, row.targets),
            *(line for line, (tag, _) in zip(row.lines, found.targets, strict=True) if tag in found.states),
        )


def _targets(found: Trend, entry: IndicatorEntry) -> list[Column]:
    """A column for each target, named with whose it is."""
    return [
        Column(
            f"target_{tag.lower()}",
            f"เป้าหมาย {tag}: {target.name.th} (ที่มา: {target.source.name.th})",
            f"Target {tag}: {target.name.en} (source: {target.source.name.en})",
            "number",
            _unit(entry),
        )
        for tag, target in found.targets
    ]


def _lines(found: Trend, entry: IndicatorEntry) -> list[Column]:
    """A column for the straight line to each target that is set for a place."""
    unit, th, en = _unit(entry), "เส้นตรงไปสู่เป้าหมาย", "Straight line to target"
    return [Column(f"line_{tag.lower()}", f"{th} {tag}", f"{en} {tag}", "number", unit) for tag in found.states]


def _value(target: PublicTarget | None) -> float | None:
    return target.value if target else None


def _unit(entry: IndicatorEntry) -> str:
    return words.result_unit(entry) if entry.indicator.denominator else words.unit_name(entry)
