"""How values are written on pages: numbers, years, dates and names in the language of the request."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from flask import Flask
from flask_babel import gettext
from markupsafe import Markup

from cityindex import calendars
from cityindex.calendars import THAILAND
from cityindex.web.language import language


class Ranked(Protocol):
    """A result with a rank, and the ends of its interval where it is known."""

    @property
    def rank(self) -> int | None: ...
    @property
    def rank_low(self) -> int | None: ...
    @property
    def rank_high(self) -> int | None: ...


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        known=known,
        year=year,
        period=period,
        both_eras=both_eras,
        date=show_date,
        time=show_time,
        tr=translated,
        score=score,
        bytes=size,
        percent=percent,
        share_of=share_of,
        rank=rank,
        plain=plain,
    )
    app.jinja_env.globals["no_data"] = no_data


def no_data() -> Markup:
    """The words for a value that is not there. Never a zero."""
    return Markup('<span class="no-data">{}</span>').format(gettext("no data"))


def number(value: float | None, decimals: int | None = None) -> str:
    """`1234.5` -> `1,234.5`; without `decimals`, whole numbers stay whole and others keep what tells them apart."""
    if value is None:
        return no_data()
    if decimals is None:
        decimals = 0 if float(value).is_integer() or abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:,.{decimals}f}".replace("-", "\u2212")


def plain(value: float) -> str:
    """A number as a program reads it and a field takes it back: `1234.5`."""
    return f"{value:.10g}"


def known(value: float, decimals: int | None = None) -> str:
    """A computed number, or a dash where it is none (NaN): a constant has no skew."""
    return number(value, decimals) if math.isfinite(value) else "\u2013"


def score(value: float | None) -> str:
    """A score, to one decimal."""
    return number(value, 1)


def percent(share: float | None) -> str:
    """A share of one as a percentage, rounded down: 99.9 % is not all."""
    return no_data() if share is None else f"{int(share * 100 + 1e-9)}%"


def share_of(share: float) -> str:
    """A share of one as a percentage, to the nearest; one that is neither none nor all never reads as such."""
    if 0 < share < 0.005:
        return "<1%"
    return "99%" if 0.995 <= share < 1 else f"{round(share * 100)}%"


def rank(result: Ranked) -> str:
    """A rank with its interval, never without it where there is one: `42 (36–51)`."""
    if result.rank is None or result.rank_low is None:
        return number(result.rank)
    return f"{number(result.rank)} ({number(result.rank_low)}–{number(result.rank_high)})"


def year(value: int) -> str:
    return calendars.show_year(value, language())


def period(value: int, kind: str = "calendar-year") -> str:
    """A year in words, in the era of the language: `ปีงบประมาณ 2566`, `fiscal year 2023`."""
    return calendars.show_period(value, kind, language())


def both_eras(years: int | Sequence[int], kind: str = "") -> str:
    """A year, or the first and last of several, in both eras: `ปีงบประมาณ 2566 (ค.ศ. 2023)`, `2023 (B.E. 2566)`."""
    return calendars.show_both_eras([years] if isinstance(years, int) else years, kind, language())


def show_date(value: date | datetime | None, precision: str = "day") -> str:
    """`30 ก.ย. 2568`; a date known to the year or month only says no more than that."""
    if value is None:
        return no_data()
    day = value.astimezone(THAILAND).date() if isinstance(value, datetime) else value
    if precision == "year":
        return year(day.year)
    text = calendars.show_date(day, language())
    return text.split(" ", 1)[1] if precision == "month" else text


def show_time(value: datetime) -> str:
    """The time of day where the site is: `14:05`."""
    return f"{value.astimezone(THAILAND):%H:%M}"


def translated(text: Any) -> str:
    """Words in the language of the request: of a `Text`, a mapping, or something with `name_th` and `name_en`."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    if isinstance(text, Mapping):
        return str(text.get(language()) or text["th"])
    if hasattr(text, "name_th"):
        return str((language() == "en" and text.name_en) or text.name_th)
    return str(text.get(language()))


def size(value: int) -> str:
    """A size of a file: `1.2 MB`."""
    return f"{value / 1e6:.1f} MB" if value >= 1e6 else f"{max(value // 1000, 1):,} kB"
