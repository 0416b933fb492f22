"""The profile of a place as it may be taken away: a row for every node and indicator of the edition shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.queries.places.places import PlaceRecord
from cityindex.web.filters import number, percent
from cityindex.web.links import here
from cityindex.web.places import words as place_words
from cityindex.web.places.columns import NAME_COLUMNS, NODE_COLUMNS
from cityindex.web.places.view import Line, View
from cityindex.web.take_away.menu import TakeAway
from cityindex.web.words import result_unit

COLUMNS = (
    *NAME_COLUMNS,
    *NODE_COLUMNS,
    Column("value", "ค่า", "Value", "number"),
    Column("unit", "หน่วย", "Unit of the value"),
    Column("value_period", "ปีของค่า ค.ศ.", "Year of the value (common era)", "whole"),
    Column("value_period_be", "ปีของค่า พ.ศ.", "Year of the value (Buddhist era)", "whole"),
    Column("value_status", "สถานะ", "Status"),
    Column("score", "คะแนน", "Score", "number"),
    Column("rank", "อันดับ", "Rank", "whole"),
    Column("rank_low", "ช่วงอันดับ ตั้งแต่", "Rank from", "whole"),
    Column("rank_high", "ช่วงอันดับ ถึง", "Rank to", "whole"),
    Column("coverage", "ความครบของข้อมูล", "Coverage", "number"),
    Column("median", "ค่ากลางของคะแนนทุกแห่ง", "Median score of all places", "number"),
    Column("source", "ที่มาของค่า", "Source of the value"),
)


def taken_of(place: PlaceRecord, view: View) -> TakeAway:
    """What the page of a place shows of an edition."""
    edition, entry = view.edition.edition, view.entry
    low, high = entry.framework.scale
    query = f"framework={edition.framework}&period={edition.period}&place={place.code}"
    return TakeAway(
        name=f"{place.code.lower()}-{edition.framework}-{edition.period}",
        address=here({"framework": edition.framework, "period": edition.period}),
        title=Text(f"{place.name_th}: {entry.name.th}", f"{place.name_en or place.name_th}: {entry.name.en}"),
        columns=COLUMNS,
        rows=lambda: _rows(place, view),
        unit=gettext(
            "points (%(low)s to %(high)s); values in the indicator's own unit", low=number(low), high=number(high)
        ),
        periods=(edition.period,),
        kind=entry.framework.period,
        coverage=gettext("%(share)s of the weight of all indicators", share=percent(view.edition.index.coverage)),
        source="; ".join(view.sources),
        edition=edition,
        entry=entry,
        demo=edition.demo or place.demo,
        figure=lambda: str(view.strip),
        places="place",
        api=f"/api/v1/scores?{query}",
    )


def _rows(place: PlaceRecord, view: View) -> Iterator[tuple[Any, ...]]:
    for line in view.lines:
        yield (place.code, place.name_th, place.name_en, *_row(line))


def _row(line: Line) -> tuple[Any, ...]:
    node, cell = line.result.node, line.result.cell
    return (
        node.code, line.name.th, line.name.en, node.level, line.result.value,
        result_unit(line.indicator) if line.indicator else None,
        *_of_year(line), place_words.condition(line) if line.indicator else place_words.flag(cell.flag),
        cell.score, cell.rank, cell.rank_low, cell.rank_high, cell.coverage, line.median,
        place_words.sources_of(line) or None,
    )  # fmt: skip


def _of_year(line: Line) -> tuple[int | None, int | None]:
    year = line.behind.period if line.behind else None
    return year, None if year is None else buddhist_year(year)
