"""All values of one indicator as a table for a file: a row a place and period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import CodelistItem, IndicatorEntry
from cityindex.formats.value_tables import ValueLine
from cityindex.models import IndicatorKey, Observation, Source
from cityindex.queries.observations.indicator_columns import Column, IndicatorColumns
from cityindex.queries.observations.indicator_tables import places_by_id
from cityindex.scoring.matrix import CellStatus


def indicator_values_table(
    session: Session, entry: IndicatorEntry, data: IndicatorColumns, statuses: Mapping[str, CodelistItem]
) -> Iterator[ValueLine]:
    """Rows by period, the newest first, and then by code of the place. `statuses` are the words of SDMX letters."""
    places = places_by_id(session)
    sources = {} if data.framework else _sources(session, entry.code)
    for period in sorted(data.columns, reverse=True):
        column = data.columns[period]
        said = f"cityindex, run {data.runs[period]} ({data.framework})" if data.framework else ""
        rows = sorted(zip(*_lists(column), strict=True), key=lambda row: places[row[0]].code)
        for place, value, mark in rows:
            letter, words = _status(mark, statuses, calculated=bool(data.framework))
            yield ValueLine(
                indicator=entry.code,
                name_th=entry.name.th,
                name_en=entry.name.en,
                unit=entry.unit or "",
                place=places[place].code,
                place_th=places[place].name_th,
                place_en=places[place].name_en or "",
                place_type=places[place].place_type,
                province=places[place].province_code or "",
                province_th=places[place].province_th or "",
                period=period,
                period_be=buddhist_year(period),
                value=value,
                status=letter,
                status_th=words[0],
                status_en=words[1],
                source=said or sources.get((place, period), ""),
                demo=places[place].demo,
            )


def _lists(column: Column) -> tuple[list[int], list[float], list[int]]:
    return column.place_ids.tolist(), column.values.tolist(), column.marks.tolist()


_CELLS = {
    CellStatus.NORMAL: ("A", ("ค่าปกติ", "Normal value")),
    CellStatus.ESTIMATED: ("E", ("ค่าประมาณ", "Estimated value")),
    CellStatus.INHERITED: ("E", ("ค่าของจังหวัด", "Figure of the province")),
    CellStatus.FILLED: ("I", ("ค่าของปีก่อน", "Carried forward from an earlier year")),
    CellStatus.IMPUTED: ("I", ("ค่าที่เติมแทนค่าที่ขาด", "Imputed value")),
}


def _status(mark: int, statuses: Mapping[str, CodelistItem], *, calculated: bool) -> tuple[str, tuple[str, str]]:
    if calculated:
        return _CELLS[CellStatus(mark)]
    name = statuses[chr(mark)].name
    return chr(mark), (name.th, name.en)


def _sources(session: Session, code: str) -> dict[tuple[int, int], str]:
    query = (
        select(Observation.place_id, Observation.period, Source.text)
        .join(Source, Source.id == Observation.source_id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code == code, Observation.superseded_by.is_(None))
    )
    return {(place, period): text for place, period, text in session.execute(query)}
