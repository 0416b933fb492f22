"""What looks like data about persons: found in every writing, and never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.formats.personal import (
    holds_number,
    personal_cells,
    personal_columns,
    reaches_somebody,
    tells_of_persons,
)

AREAS = ("tambon_name", "ชื่อตำบล", "place")
NUMBER = "1103700123456"
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@pytest.mark.parametrize(
    "column",
    ["ชื่อ-นามสกุล", "ชื่อ สกุล", "เลขบัตรประชาชน", "เลขประจำตัวประชาชน", "หัวหน้าครัวเรือน", "บ้านเลขที่", "ชื่อ", "name", "Full Name",
     "fname", "hh_id", "IDCARD", "รหัสครัวเรือน", "เลข 13 หลัก", "ชื่อผู้ตอบ", "โทร.",
     "firstName", "PID", "citizen_id", "house_no", "HouseholdHeadName", "โทรศัพท์", "วันเกิด", "id"],
)  # fmt: skip
def test_a_column_about_persons_is_told(column: str) -> None:
    assert tells_of_persons(column)


@pytest.mark.parametrize(
    "column",
    ["place", "health", "จำนวนครัวเรือน", "จำนวนคนที่สำรวจ", "count_household_members", "total_persons", "สุขภาพ", "ปี",
     "paid_no_tax", "population_surveyed", "รายได้"],
)  # fmt: skip
def test_a_column_of_sums_is_not(column: str) -> None:
    assert not tells_of_persons(column)


@pytest.mark.parametrize(
    "text",
    [NUMBER, NUMBER.translate(THAI), "1-1037-00123-45-6", "1 1037 00123 45 6", "๑-๑๐๓๗-๐๐๑๒๓-๔๕-๖",
     "เลข 1\u20131037\u201300123\u201345\u20136", "1.1037.00123.45.6",
     "1103700123456.0", "1.103700123456E+12", "1.10E+12", "1,103,700,123,456", f"{NUMBER} 1103700123457",
     f"{NUMBER},1103700123457", "1\u200b1037\u00b7001234|56", "(1103700)(123456)",
     "\uff11\uff11\uff10\uff13\uff17\uff10\uff10\uff11\uff12\uff13\uff14\uff15\uff16"],
)  # fmt: skip
def test_thirteen_digits_are_found_in_every_writing(text: str) -> None:
    assert holds_number(text)
    problems = personal_cells([(7, {"note": text})], AREAS)
    assert [(one.row, one.column, one.value) for one in problems] == [(7, "note", "")]
    assert text not in str(problems)


@pytest.mark.parametrize(
    "text",
    [
        "1234567",
        "12,345,678",
        "31/10/2566 10:30:15",
        "1.1E+5",
        "2566",
        "0.123456789012",
        "110370012345",
        "11037001234567",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert not holds_number(text)


@given(st.integers(10**12, 10**13 - 1), st.sampled_from(["", "-", " ", "\u2013"]))
def test_wherever_they_are_parted(number: int, mark: str) -> None:
    assert holds_number(f"x{mark.join(str(number))}y")


def test_a_name_is_refused_but_where_an_area_is_named() -> None:
    rows = [(2, {"ชื่อตำบล": "นางรอง บุรีรัมย์", "note": "นางสาว สมหญิง ใจดี"})]
    assert [(one.row, one.column) for one in personal_cells(rows, AREAS)] == [(2, "note")]


def test_a_heading_with_a_number_is_named_by_where_it_stands() -> None:
    problems = personal_columns(["place", NUMBER], AREAS)
    assert [one.column for one in problems] == ["column 2"]
    assert NUMBER not in str(problems)


@pytest.mark.parametrize(
    "text",
    ["0812345678", "081-234-5678", "๐๘๑ ๒๓๔ ๕๖๗๘", "(02) 123 4567", "+66 81 234 5678", "โทร 081.234.5678", "a@b.go.th"],
)
def test_how_to_reach_somebody_is_found(text: str) -> None:
    assert reaches_somebody(text)
    assert [one.column for one in personal_cells([(2, {"health": text})], AREAS)] == ["health"]


@pytest.mark.parametrize(
    "text", ["0.812345678", "1,000", "01/09/2566", "2566-09-01 10:30:00", "010101", "4500101", "0"]
)
def test_other_figures_reach_nobody(text: str) -> None:
    assert not reaches_somebody(text)


def test_a_column_that_nobody_named_may_hold_figures_only() -> None:
    cells = {"health": "5", "x": "สมหญิง ใจดี", "y": "12.5 %", "z": "-", "e": "1.5E+3", "ชื่อตำบล": "บ้านกลาง"}
    problems = personal_cells([(2, cells)], AREAS, ["health"])
    assert [(one.column, one.value) for one in problems] == [("x", "")]
    assert "สมหญิง" not in str(problems)
