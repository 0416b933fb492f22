"""Eras and years: stored in the common era, shown in the Buddhist era in Thai."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from cityindex.errors import Invalid

Era = Literal["be", "ce"]
BUDDHIST_OFFSET = 543
THAILAND = ZoneInfo("Asia/Bangkok")
"""Days begin and end as they do there."""
FIRST_BUDDHIST_YEAR = 2400
"""A year from here on is read as Buddhist where no era is said."""

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ]00:00(?::00)?)?)?)?")

_BEFORE_TH = {"fiscal-year": "ปีงบประมาณ ", "calendar-year": "พ.ศ. "}
MONTHS_TH = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_of(moment: datetime) -> date:
    """The day in Thailand."""
    return moment.astimezone(THAILAND).date()


def common_year(text: str | int, era: Era | None = None) -> int:
    """The common-era year of `text`; without an era, years from 2400 on are Buddhist."""
    try:
        year = int(str(text).strip())
    except ValueError:
        raise Invalid(f"«{text}» is not a year: write a year such as 2023 or 2566") from None
    if era == "be" or (era is None and year >= FIRST_BUDDHIST_YEAR):
        year -= BUDDHIST_OFFSET
    if not 1800 <= year <= 2200:
        raise Invalid(f"«{text}» is not a year that can be meant: write a year such as 2023 or 2566")
    return year


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as somebody wrote it: known to the day, the month or the year; `first` is its first day."""

    first: date
    precision: Literal["day", "month", "year"]
    buddhist: bool
    """It was written in the Buddhist era, which is said back."""

    def __str__(self) -> str:
        return self.first.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


def read_date(text: str) -> ReadDate:
    """The date that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` means, in either era. Raises `Invalid`."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise Invalid(f"«{text}» is not a date: write 2023, 2023-10 or 2023-10-31 (or 2566, 2566-10, 2566-10-31)")
    year = common_year(match[1])
    try:
        first = date(year, int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise Invalid(f"«{text}» is a date that does not exist: write one such as 2023-10-31") from None
    precision: Literal["day", "month", "year"] = "day" if match[3] else "month" if match[2] else "year"
    return ReadDate(first, precision, int(match[1]) != year)


def buddhist_year(year: int) -> int:
    return year + BUDDHIST_OFFSET


def show_year(year: int, language: str) -> str:
    return str(buddhist_year(year) if language == "th" else year)


def show_period(year: int, kind: str, language: str) -> str:
    """A period in words: `ปีงบประมาณ 2566`, `fiscal year 2023 (Oct 2022 – Sep 2023)`, `พ.ศ. 2566`, `2023`."""
    if kind == "fiscal-year":
        return f"ปีงบประมาณ {year + BUDDHIST_OFFSET}" if language == "th" else f"fiscal year {year}"
    return f"พ.ศ. {year + BUDDHIST_OFFSET}" if language == "th" else str(year)


def show_both_eras(years: Sequence[int], kind: str, language: str) -> str:
    """Years in the era of the language, with the other one: `ปีงบประมาณ 2566 (ค.ศ. 2023)`, `2021–2023 (B.E. 2564–2566)`.

    Only the first and last of `years` are said. Without a `kind`, as in a column of years, no word stands before them.
    """
    if not years:
        return ""
    thai, other = show_years(years, "th"), show_years(years, "en")
    if language == "th":
        return f"{_BEFORE_TH.get(kind, '')}{thai} (ค.ศ. {other})"
    several = "fiscal years " if min(years) != max(years) else "fiscal year "
    return f"{several if kind == 'fiscal-year' else ''}{other} (B.E. {thai})"


def show_years(years: Sequence[int], language: str) -> str:
    """The first and the last of some years: `2564–2566`, or the one there is."""
    ends = (min(years), max(years)) if years else ()
    return "–".join(dict.fromkeys(show_year(year, language) for year in ends))


def show_date(day: date, language: str) -> str:
    if language == "th":
        return f"{day.day} {MONTHS_TH[day.month - 1]} {day.year + BUDDHIST_OFFSET}"
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"
