"""Years and dates in both eras."""

from __future__ import annotations

from datetime import date

import pytest

from cityindex.calendars import read_date, show_both_eras
from cityindex.errors import Invalid


@pytest.mark.parametrize(
    ("text", "first", "precision", "buddhist"),
    [
        ("2023", date(2023, 1, 1), "year", False),
        ("2566", date(2023, 1, 1), "year", True),
        ("2566-10", date(2023, 10, 1), "month", True),
        (" 2023-10-31 ", date(2023, 10, 31), "day", False),
        ("2567-02-29", date(2024, 2, 29), "day", True),
        ("2023-10-31 00:00:00", date(2023, 10, 31), "day", False),
    ],
)
def test_dates_are_known_to_the_day_the_month_or_the_year(
    text: str, first: date, precision: str, buddhist: bool
) -> None:
    read = read_date(text)
    assert (read.first, read.precision, read.buddhist) == (first, precision, buddhist)


def test_a_date_says_itself_as_exactly_as_it_is_known() -> None:
    assert [str(read_date(text)) for text in ("2566", "2566-1", "2566-1-2")] == ["2023", "2023-01", "2023-01-02"]


@pytest.mark.parametrize("text", ["", "23", "2023-13", "2023-02-30", "31/10/2023", "2023-10-31 12:00", "9999"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_date(text)


@pytest.mark.parametrize(
    ("years", "kind", "thai", "english"),
    [
        ([2023], "fiscal-year", "ปีงบประมาณ 2566 (ค.ศ. 2023)", "fiscal year 2023 (B.E. 2566)"),
        (
            [2022, 2023],
            "fiscal-year",
            "ปีงบประมาณ 2565–2566 (ค.ศ. 2022–2023)",
            "fiscal years 2022–2023 (B.E. 2565–2566)",
        ),
        ([2023], "calendar-year", "พ.ศ. 2566 (ค.ศ. 2023)", "2023 (B.E. 2566)"),
        ([2023], "", "2566 (ค.ศ. 2023)", "2023 (B.E. 2566)"),
        ([], "fiscal-year", "", ""),
    ],
)
def test_years_are_said_in_both_eras_with_one_word_before_them(
    years: list[int], kind: str, thai: str, english: str
) -> None:
    assert (show_both_eras(years, kind, "th"), show_both_eras(years, kind, "en")) == (thai, english)
