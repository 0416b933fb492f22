"""Plans as XLSX: what goes out comes back, and what cannot be read is told with row, column, value, reason and cure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from cityindex.errors import Invalid
from cityindex.formats.plan_sheets import HEADINGS, NOTES, READ, STATUSES, PlanRow, read_plan, write_plan

ROW = PlanRow(
    7, 3, "จัดทำแผนดิจิทัล", "กองยุทธศาสตร์", 250_000.5, 2027, "หน้า 41", "running", "ร่างแล้ว\nรอประชุม", "1.1 แผน", "1 → 2"
)  # fmt: skip


def saved(folder: Path, rows: list[PlanRow], language: str = "th") -> Path:
    path = folder / "plan.xlsx"
    path.write_bytes(write_plan(rows, language, "แผนปรับปรุง"))
    return path


def written(folder: Path, *cells: dict[str, Any], without: str = "") -> Path:
    """A file as somebody might have made it by hand."""
    book = Workbook()
    sheet = book.worksheets[0]
    fields = [field for field in READ if field != without]
    sheet.append([HEADINGS[field]["th"] for field in fields])
    for one in cells:
        sheet.append([one.get(field) for field in fields])
    book.save(folder / "plan.xlsx")
    return folder / "plan.xlsx"


def problems(path: Path) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Invalid) as caught:
        read_plan(path)
    assert all(one.reason and one.cure for one in caught.value.problems)
    return [(one.row, one.column, one.value) for one in caught.value.problems]


@pytest.mark.parametrize("language", ["th", "en"])
def test_what_goes_out_comes_back(tmp_path: Path, language: str) -> None:
    blank = PlanRow(8, 1, "ทำอย่างอื่น")
    found = read_plan(saved(tmp_path, [ROW, blank], language))
    assert found == [replace(ROW, question="", level="", row=2), replace(blank, row=3)]


def test_the_sheet_is_for_people(tmp_path: Path) -> None:
    book = load_workbook(saved(tmp_path, [ROW]))
    plan, notes = book.worksheets
    cells = dict(zip([cell.value for cell in plan[1]], [cell.value for cell in plan[2]], strict=True))
    assert cells["ปีงบประมาณ (พ.ศ.)"] == 2570
    assert cells["สถานะ"] == "กำลังทำ"
    assert cells["ข้อ (ไม่ต้องแก้)"] == "1.1 แผน"
    assert [cell.value for cell in notes["A"]] == ["แผนปรับปรุง", *NOTES["th"]]


@pytest.mark.parametrize("text", ["=1+1", "http://example.go.th", "_x0041_", "00123", "a\tb", "+66", "' x"])
def test_no_text_becomes_anything_else(tmp_path: Path, text: str) -> None:
    [row] = read_plan(saved(tmp_path, [replace(ROW, what=text)]))
    assert row.what == text


def test_rows_by_hand_are_read_as_people_write(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"what": "อบรม", "budget": "๑๒,๐๐๐.๕๐", "fiscal_year": "๒๕๗๐"},
        {},
        {"what": "จ้าง", "budget": 5000, "fiscal_year": 2028, "status": "Done"},
    )
    first, second = read_plan(path)
    assert (first.id, first.budget, first.fiscal_year, first.status) == (None, 12000.5, 2027, "planned")
    assert (second.budget, second.fiscal_year, second.status, second.row) == (5000, 2028, "done", 4)


def test_every_problem_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"id": 1, "revision": 1, "what": "ก", "budget": "แพง"},
        {"id": 2, "revision": 1, "what": "ข", "fiscal_year": "หน้า"},
        {"id": "สอง", "what": "ค", "status": "รอก่อน"},
        {"id": 1, "revision": 1, "what": "ง"},
    )
    assert problems(path) == [
        (2, "งบประมาณ (บาท)", "แพง"),
        (3, "ปีงบประมาณ (พ.ศ.)", "หน้า"),
        (4, "เลขที่", "สอง"),
        (4, "สถานะ", "รอก่อน"),
        (5, "เลขที่", "1"),
    ]


def test_a_budget_that_reads_two_ways_is_refused(tmp_path: Path) -> None:
    assert problems(written(tmp_path, {"what": "ก", "budget": "1,234"})) == [(2, "งบประมาณ (บาท)", "1,234")]


@pytest.mark.parametrize("field", ["id", "revision"])
def test_number_and_revision_stand_together(tmp_path: Path, field: str) -> None:
    other = {"id": "revision", "revision": "id"}[field]
    assert problems(written(tmp_path, {field: 4, "what": "ก"})) == [(2, HEADINGS[other]["th"], "")]


@pytest.mark.parametrize("field", READ)
def test_a_missing_column_is_named(tmp_path: Path, field: str) -> None:
    assert problems(written(tmp_path, {"what": "ก", "owner": "ข"}, without=field)) == [(1, HEADINGS[field]["th"], "")]


def test_every_status_has_its_words() -> None:
    from cityindex.services.plans import STATUSES as OF_PLANS

    assert tuple(STATUSES) == OF_PLANS
