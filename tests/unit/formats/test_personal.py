"""What looks like data about persons: found in every writing, and never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.formats.personal import holds_number, personal_cells, personal_columns, tells_of_persons

AREAS = ("tambon_name", "ชื่อตำบล", "place")
NUMBER = "1103700123456"
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@pytest.mark.parametrize(
    "column",
    ["ชื่อ-นามสกุล", "ชื่อ สกุล", "เลขบัตรประชาชน", "เลขประจำตัวประชาชน", "หัวหน้าครัวเรือน", "บ้านเลขที่", "ชื่อ", "name", "Full Name",
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
     "\uff11\uff11\uff10\uff13\uff17\uff10\uff10\uff11\uff12\uff13\uff14\uff15\uff16"],
)  # fmt: skip
def test_thirteen_digits_are_found_in_every_writing(text: str) -> None:
    assert holds_number(text)
    problems = personal_cells([(7, {"note": text})], AREAS)
    assert [(one.row, one.column, one.value) for one in problems] == [(7, "note", "")]
    assert text not in str(problems)


@pytest.mark.parametrize("text", ["1234567", "12,345,678", "2566", "0.123456789012", "110370012345", "11037001234567"])
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
