"""Periods and moments as SDMX writes them, in either era."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from cityindex.calendars import BUDDHIST_OFFSET, FIRST_BUDDHIST_YEAR
from cityindex.formats.sdmx.artefacts import TIME
from cityindex.queries.sdmx.wishes import EVER
from cityindex.web.sdmx.errors import Syntax

PERIOD = re.compile(
    r"(\d{4})(?:-(?:A1|S[12]|T[1-3]|Q[1-4]|W\d\d|D\d{3}|M?(\d\d)(?:-(\d\d)(T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)?))?",
    re.ASCII,
)
OPERATORS = ("eq", "ne", "ge", "gt", "le", "lt")
_PARTS = {"S": 6, "T": 4, "Q": 3}


def years(start: str | None, end: str | None, filters: Sequence[str] = ()) -> Sequence[int]:
    """The years that lie within the periods, as a range where nothing is left out in between.

    Each of `filters` holds: conditions joined by `+` that hold together, or by `,` of which one is enough
    (`ge:2020+le:2022`, `2020,2023`). Raises `Syntax`.
    """
    first = date.min if start is None else _ends("startPeriod", start)[0]
    last = date.max if end is None else _ends("endPeriod", end)[1]
    if first > last:
        raise Syntax("startPeriod is after endPeriod (exchange them, or leave one out)")
    low = first.year + ((first.month, first.day) != (1, 1))
    high = last.year - ((last.month, last.day) != (12, 31))
    within = range(max(low, EVER[0]), min(high, EVER[-1]) + 1)
    conditions = [_alternatives(one) for one in filters]
    return tuple(year for year in within if all(_holds(each, year) for each in conditions)) if filters else within


Condition = tuple[str, date, date]


def _alternatives(text: str) -> list[list[Condition]]:
    return [[_condition(part) for part in re.split(r"[+ ]", one)] for one in text.split(",")]


def _condition(text: str) -> Condition:
    operator, _, value = text.rpartition(":")
    if operator not in ("", *OPERATORS):
        raise Syntax(f"c[{TIME}]: there is no such operator for periods (write one of {', '.join(OPERATORS)})")
    return operator or "eq", *_ends(TIME, value)


def _holds(alternatives: list[list[Condition]], year: int) -> bool:
    return any(all(_true_of(year, *one) for one in together) for together in alternatives)


def _true_of(year: int, operator: str, first: date, last: date) -> bool:
    start, end = date(year, 1, 1), date(year, 12, 31)
    return {
        "eq": (start, end) == (first, last),
        "ne": (start, end) != (first, last),
        "ge": start >= first,
        "gt": start > last,
        "le": end <= last,
        "lt": end < first,
    }[operator]


def _ends(name: str, text: str) -> tuple[date, date]:
    """First and last day of a period."""
    found = PERIOD.fullmatch(text)
    if found is None:
        raise Syntax(f"{name}: it is not a period (write 2023, 2023-06, 2023-Q2 or 2023-06-30)")
    year = int(found[1])
    year -= BUDDHIST_OFFSET if year >= FIRST_BUDDHIST_YEAR else 0
    try:
        if found[2]:
            month = int(found[2])
            days = monthrange(year, month)[1]
            return date(year, month, int(found[3] or 1)), date(year, month, int(found[3] or days))
        return _part(year, text[5:])
    except ValueError:
        raise Syntax(f"{name}: there is no such day (write one such as 2023-06-30)") from None


def _part(year: int, part: str) -> tuple[date, date]:
    if not part or part == "A1":
        return date(year, 1, 1), date(year, 12, 31)
    number = int(part[1:])
    if part[0] in _PARTS:
        length = _PARTS[part[0]]
        last = number * length
        return date(year, last - length + 1, 1), date(year, last, monthrange(year, last)[1])
    if part[0] == "W":
        return date.fromisocalendar(year, number, 1), date.fromisocalendar(year, number, 7)
    day = date(year, 1, 1) + timedelta(days=number - 1)
    if day.year != year:
        raise ValueError
    return day, day


def moment(text: str | None) -> datetime | None:
    """A moment in time; without a zone it is in UTC."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text.replace(" ", "+"))
        if read.year >= FIRST_BUDDHIST_YEAR:
            read = read.replace(year=read.year - BUDDHIST_OFFSET)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Syntax("updatedAfter: it is not a moment (write 2026-01-31T12:00:00Z)") from None
