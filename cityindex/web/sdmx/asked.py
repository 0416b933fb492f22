"""What the address of an SDMX query asks for: keys, periods, versions."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cityindex.calendars import BUDDHIST_OFFSET, FIRST_BUDDHIST_YEAR
from cityindex.formats.sdmx.artefacts import TIME
from cityindex.formats.sdmx.dataset import ALL_DIMENSIONS, DIMENSIONS, SERIES, Detail
from cityindex.queries.sdmx_data import EVER, Wish
from cityindex.web.sdmx.errors import Syntax

WORD = re.compile(r"[A-Za-z0-9_@$\-]+")
VERSION = re.compile(r"latest|all|\*|\+|~|(\d+)(\+?)(?:\.(\d+)(\+?)(?:\.(\d+)(\+?))?)?(-[A-Za-z0-9-]+)?[+~]?")
PERIOD = re.compile(
    r"(\d{4})(?:-(?:A1|S[12]|T[1-3]|Q[1-4]|W\d\d|D\d{3}|M?(\d\d)(?:-(\d\d)(T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)?))?"
)
DETAILS: Mapping[str, Detail] = {
    "full": "full",
    "dataonly": "dataonly",
    "serieskeysonly": "serieskeysonly",
    "nodata": "nodata",
}
COUNTS = ("firstNObservations", "lastNObservations")
_PARTS = {"S": 6, "T": 4, "Q": 3}


@dataclass(frozen=True, slots=True)
class Asked:
    """A data query: which observations, and how they are told."""

    wish: Wish
    at: str
    detail: Detail


def data_query(key: str, arguments: Mapping[str, str], filters: Mapping[str, Sequence[str]] | None = None) -> Asked:
    """The query of a key (`A.50+10.livability`, `all`, `*`) and parameters.

    `filters` are the codes asked for by component (`c[REF_AREA]=50,10` of version 2 of the interface).
    """
    codes = _key(key)
    for name, more in (filters or {}).items():
        if name == TIME:
            continue
        if name not in SERIES:
            raise Syntax(f"c[{name}]: there is no such dimension (there are {', '.join(DIMENSIONS)})")
        asked = frozenset(more)
        codes[name] = asked if codes.get(name) is None else codes[name] & asked  # type: ignore[operator]
    frequency = codes.get("FREQ")
    areas = frozenset[str]() if frequency is not None and "A" not in frequency else codes.get("REF_AREA")
    at = arguments.get("dimensionAtObservation", TIME)
    if at not in (*DIMENSIONS, ALL_DIMENSIONS):
        raise Syntax(
            f"dimensionAtObservation: «{at}» is no dimension (write one of {', '.join(DIMENSIONS)}, {ALL_DIMENSIONS})"
        )
    detail = DETAILS.get(arguments.get("detail", "full"))
    if detail is None:
        raise Syntax(f"detail: it is not a level of detail (write one of {', '.join(DETAILS)})")
    first, last = (_count(name, arguments.get(name)) for name in COUNTS)
    return Asked(
        Wish(
            areas=areas,
            indicators=codes.get("INDICATOR"),
            years=years(arguments.get("startPeriod"), arguments.get("endPeriod"), (filters or {}).get(TIME, ())),
            first=first,
            last=last,
            updated_after=moment(arguments.get("updatedAfter")),
            history=_yes("includeHistory", arguments.get("includeHistory", "false")),
        ),
        at,
        detail,
    )


def _key(key: str) -> dict[str, frozenset[str] | None]:
    if key in ("all", "*", ""):
        return dict.fromkeys(SERIES)
    parts = key.split(".")
    if len(parts) == len(SERIES) + 1 and parts[-1] in ("", "*"):
        parts.pop()  # time may be wildcarded in the key
    if len(parts) != len(SERIES):
        raise Syntax(
            f"key: it has {len(parts)} parts, and the dimensions are {', '.join(SERIES)} (write A.50.livability)"
        )
    return {name: _codes(name, part) for name, part in zip(SERIES, parts, strict=True)}


def _codes(name: str, part: str) -> frozenset[str] | None:
    if part in ("", "*"):
        return None
    codes = part.replace(",", "+").split("+")
    if not all(WORD.fullmatch(code) for code in codes):
        raise Syntax(f"key: {name} holds what is no code (codes are joined by +)")
    return frozenset(codes)


def years(start: str | None, end: str | None, filters: Sequence[str] = ()) -> range:
    """The years that lie within the periods; `filters` as `ge:2020`, `le:2023`, `2022`. Either era is read."""
    low, high = EVER[0], EVER[-1]
    if start:
        first = _ends("startPeriod", start)[0]
        low = first.year if (first.month, first.day) == (1, 1) else first.year + 1
    if end:
        last = _ends("endPeriod", end)[1]
        high = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    if start and end and _ends("startPeriod", start)[0] > _ends("endPeriod", end)[1]:
        raise Syntax("startPeriod is after endPeriod (exchange them, or leave one out)")
    for each in filters:
        operator, _, value = each.rpartition(":")
        year = _ends(TIME, value)[0].year
        if operator in ("ge", "gt", "eq", ""):
            low = max(low, year + (operator == "gt"))
        if operator in ("le", "lt", "eq", ""):
            high = min(high, year - (operator == "lt"))
        if operator not in ("ge", "gt", "le", "lt", "eq", ""):
            raise Syntax(f"c[{TIME}]: «{operator}» is no operator (write ge, gt, le, lt or eq)")
    return range(low, high + 1) if low <= high else range(low, low)


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
    day = date.fromordinal(date(year, 1, 1).toordinal() + number - 1)
    return day, day


def moment(text: str | None) -> datetime | None:
    """A moment in time; without a zone it is in UTC."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Syntax("updatedAfter: it is not a moment (write 2026-01-31T12:00:00Z)") from None
    if read.year >= FIRST_BUDDHIST_YEAR:
        read = read.replace(year=read.year - BUDDHIST_OFFSET)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**6):
        raise Syntax(f"{name}: it is not a number of observations (write 1 or more)")
    return int(text)


def _yes(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Syntax(f"{name}: write true or false")
    return text.lower() == "true"


def fits(asked: str, version: str) -> bool:
    """Whether a version is among those that were asked for."""
    found = VERSION.fullmatch(asked)
    if found is None:
        raise Syntax("version: write a version such as 1.0.0, or latest, all, *, + or ~")
    if found[1] is None:
        return True
    ours = _numbers(version)
    for at, group in enumerate((1, 3, 5)):
        written = int(found[group] or 0)
        if found[group + 1] or (asked.endswith(("+", "~")) and found[group] is None):
            return ours[at] >= written
        if ours[at] != written:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return (*(int(part) for part in version.split(".")), 0, 0)[:3]
