"""Periods and moments of SDMX queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.queries.sdmx.wishes import EVER
from cityindex.web.sdmx.errors import Syntax
from cityindex.web.sdmx.periods import moment, years

YEARS = st.integers(1900, 2150)


@given(first=YEARS, last=YEARS)
def test_years_in_either_era_are_the_same_years(first: int, last: int) -> None:
    first, last = sorted((first, last))
    wanted = list(range(first, last + 1))
    assert list(years(str(first), str(last))) == wanted
    assert list(years(str(first + 543), str(last))) == wanted
    assert list(years(str(first), f"{last + 543}-12-31")) == wanted


def test_without_bounds_it_is_for_ever() -> None:
    assert years(None, None) == EVER
    assert years("2020", None)[-1] == EVER[-1]
    assert years(None, "2020")[0] == EVER[0]


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2020-A1", "2020-A1", [2020]),
        ("2020-01", "2021-12", [2020, 2021]),
        ("2020-01-01", "2020-12-31", [2020]),
        ("2020-01-02", "2021-12-31", [2021]),
        ("2020", "2021-12-30", [2020]),
        ("2020-Q1", "2020-Q4", [2020]),
        ("2020-Q2", "2021-Q4", [2021]),
        ("2020-S1", "2020-S2", [2020]),
        ("2020-T1", "2020-T3", [2020]),
        ("2019-W01", "2021-W52", [2019, 2020, 2021]),  # from 31 December 2018 to 2 January 2022
        ("2020-D001", "2020-D366", [2020]),
        ("2567-02-29", "2568", [2025]),
        ("2020-01-01T00:00:00Z", "2020", [2020]),
        ("2020-06", "2020-07", []),
    ],
)
def test_a_year_is_within_when_all_of_it_is(start: str, end: str, wanted: list[int]) -> None:
    assert list(years(start, end)) == wanted


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (["2020"], [2020]),
        (["2020,2563"], [2020]),
        (["2020,2022"], [2020, 2022]),
        (["ge:2020+le:2022"], [2020, 2021, 2022]),
        (["ge:2020 lt:2022"], [2020, 2021]),
        (["gt:2020+ne:2022+le:2023"], [2021, 2023]),
        (["ge:2020", "le:2021"], [2020, 2021]),
        (["ge:2020-02+le:2021"], [2021]),
    ],
)
def test_filters_of_the_period(filters: list[str], wanted: list[int]) -> None:
    assert list(years(None, None, filters)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "23",
        "20233",
        "2023-13",
        "2023-00",
        "2023-02-30",
        "2566-02-29",
        "2023-W54",
        "2023-D366",
        "2023-Q5",
        "٢٠٢٣",
    ],
)
def test_periods_that_cannot_be_read(text: str) -> None:
    for name in ("startPeriod", "endPeriod"):
        with pytest.raises(Syntax, match=name):
            years(*((text, None) if name == "startPeriod" else (None, text)))


@pytest.mark.parametrize(("start", "end"), [("2023", "2020"), ("2566", "2020"), ("2020-06", "2020-05")])
def test_a_start_after_the_end_is_refused(start: str, end: str) -> None:
    with pytest.raises(Syntax, match="after"):
        years(start, end)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2569-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+07:00", datetime(2026, 1, 31, 5, tzinfo=UTC)),
        ("2026-01-31T12:00:00 07:00", datetime(2026, 1, 31, 5, tzinfo=UTC)),
        (None, None),
    ],
)
def test_moments(text: str | None, wanted: datetime | None) -> None:
    assert moment(text) == wanted


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2569-02-29", "0001-01-01T00:00:00+07:00"])
def test_moments_that_cannot_be_read(text: str) -> None:
    with pytest.raises(Syntax, match="updatedAfter"):
        moment(text)
