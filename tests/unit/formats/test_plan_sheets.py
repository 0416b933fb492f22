"""Plans as XLSX: what goes out comes back, and what cannot be read is told with row, column, value, reason and cure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from cityindex.errors import Invalid
from cityindex.formats.plan_reading import PlanFile, read_plan
from cityindex.formats.plan_sheets import (
    NOTES,
    READ,
    STATUSES,
    PlanRow,
    PlanSheet,
    heading,
    write_plan,
)
from cityindex.formats.plan_tables import Period, PlanBook, Project

EMPTY = {name: "" for name in READ if name not in ("id", "revision", "target", "fiscal_year")}
SAID = {
    **EMPTY, "what": "จัดทำแผนดิจิทัล", "owner": "กองยุทธศาสตร์", "budget:2027": 250_000.5, "budget:2028": None,
    "fiscal_year": 2027, "status": "running", "progress": "ร่างแล้ว\nรอประชุม", "target": 12, "strategy": "NS6 MP20",
}  # fmt: skip
ROW = PlanRow(7, 3, SAID, "1.1 แผน", "1 → 2")
PROJECT = Project("จ้าง", "", "3 แห่ง", (None, None, None, 5.0, 2.5), "ร้อยละ", "", "กองช่าง", ("เป้าหมาย: ก",))
TABLES = PlanBook("เทศบาลสมมติ", [Period(2023, [("แผนงานเคหะ", [PROJECT])])], ("ข้อมูลตัวอย่าง",))


def saved(folder: Path, rows: list[PlanRow], language: str = "th") -> Path:
    path = folder / "plan.xlsx"
    path.write_bytes(write_plan(PlanSheet("แผนปรับปรุง", rows, (2027, 2028), TABLES), language))
    return path


def written(folder: Path, *cells: dict[str, Any], without: str = "", more: tuple[str, ...] = ()) -> Path:
    """A file as somebody might have made it by hand."""
    book = Workbook()
    sheet = book.worksheets[0]
    fields = [field for field in (*READ, "budget:2027") if field != without]
    sheet.append([*(heading(field, "th") for field in fields), *more])
    for one in cells:
        sheet.append([one.get(field) for field in (*fields, *more)])
    book.save(folder / "plan.xlsx")
    return folder / "plan.xlsx"


def problems(found: PlanFile) -> list[tuple[int | None, str, str]]:
    assert all(one.reason and one.cure for one in found.problems)
    return [(one.row, one.column, one.value) for one in found.problems]


@pytest.mark.parametrize("language", ["th", "en"])
def test_what_goes_out_comes_back(tmp_path: Path, language: str) -> None:
    blank = PlanRow(8, 1, {**SAID, **EMPTY, "what": "ทำอย่างอื่น", "status": "planned", "budget:2028": 1e9})
    found = read_plan(saved(tmp_path, [ROW, blank], language))
    assert found.rows == [replace(ROW, question="", level="", row=2), replace(blank, row=3)]
    assert not found.problems
    assert not found.others


def test_the_sheet_is_for_people(tmp_path: Path) -> None:
    book = load_workbook(saved(tmp_path, [ROW]))
    plan, notes, _, printed = book.worksheets
    cells = dict(zip([cell.value for cell in plan[1]], [cell.value for cell in plan[2]], strict=True))
    assert cells["เสร็จในปีงบประมาณ (พ.ศ.)"] == 2570
    assert cells["งบประมาณ 2570 (บาท)"] == 250_000.5
    assert cells["สถานะ"] == "กำลังทำ"
    assert cells["ข้อ (ไม่ต้องแก้)"] == "1.1 แผน"
    assert [cell.value for cell in notes["A"]] == ["แผนปรับปรุง", *NOTES["th"]]
    assert printed.title == "ผ.02 2566-2570"
    rows = [[cell.value for cell in row] for row in printed.iter_rows()]
    assert rows[6][4:9] == ["2566", "2567", "2568", "2569", "2570"]
    assert rows[7] == ["1", "จ้าง\nเป้าหมาย: ก", "–", "3 แห่ง", "–", "–", "–", 5, 2.5, "ร้อยละ", "–", "กองช่าง"]
    assert rows[8][:9] == ["รวม", None, None, None, "–", "–", "–", 5, 2.5]


@pytest.mark.parametrize("text", ["=1+1", "http://example.go.th", "_x0041_", "00123", "a\tb", "+66", "' x"])
def test_no_text_becomes_anything_else(tmp_path: Path, text: str) -> None:
    [row] = read_plan(saved(tmp_path, [replace(ROW, said={**SAID, "what": text})])).rows
    assert row.said["what"] == text


@pytest.mark.parametrize(
    ("cell", "baht"),
    [("๑๒,๐๐๐.๕๐", 12000.5), (5000, 5000), ("1,234", 1234), ("1 234 567 บาท", 1234567), ("-", None), (None, None)],
)
def test_money_is_read_as_people_write_it(tmp_path: Path, cell: Any, baht: float | None) -> None:
    [row] = read_plan(written(tmp_path, {"what": "อบรม", "budget:2027": cell})).rows
    assert row.said["budget:2027"] == baht
    assert (row.id, row.said["status"], row.row) == (None, "planned", 2)


@pytest.mark.parametrize(
    ("cell", "year"),
    [("๒๕๗๐", 2027), (2028, 2028), ("พ.ศ. 2571", 2028), ("ค.ศ. 2027", 2027), ("ปีงบประมาณ 2570", 2027), (2570.0, 2027)],
)
def test_years_are_read_in_either_era(tmp_path: Path, cell: Any, year: int) -> None:
    [row] = read_plan(written(tmp_path, {"what": "อบรม", "fiscal_year": cell})).rows
    assert row.said["fiscal_year"] == year


def test_every_problem_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"id": 1, "revision": 1, "what": "ก", "budget:2027": "แพง"},
        {"id": 2, "revision": 1, "what": "ข", "fiscal_year": "หน้า"},
        {"id": "สอง", "what": "ค", "status": "รอก่อน", "target": "x"},
        {"id": 1, "revision": 1, "what": "ง", "budget:2027": "=A1"},
    )
    assert sorted(problems(read_plan(path))) == [
        (2, "budget:2027", "แพง"),
        (3, "fiscal_year", "หน้า"),
        (4, "id", "สอง"),
        (4, "status", "รอก่อน"),
        (4, "target", "x"),
        (5, "budget:2027", "=A1"),
        (5, "id", "1"),
    ]


@pytest.mark.parametrize("field", ["id", "revision"])
def test_number_and_revision_stand_together(tmp_path: Path, field: str) -> None:
    other = {"id": "revision", "revision": "id"}[field]
    assert problems(read_plan(written(tmp_path, {field: 4, "what": "ก"}))) == [(2, other, "")]


@pytest.mark.parametrize("field", READ)
def test_a_missing_column_is_named(tmp_path: Path, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_plan(written(tmp_path, {"what": "ก", "owner": "ข"}, without=field))
    assert [(one.row, one.column) for one in caught.value.problems] == [(1, field)]


@pytest.mark.parametrize("name", ["Budget 2027 (baht)", "งบประมาณ พ.ศ. ๒๕๗๐"])
def test_the_same_year_in_both_eras_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_plan(written(tmp_path, {"what": "ก", name: 5}, more=(name,)))
    [found] = caught.value.problems
    assert (found.column, found.reason) == ("budget:2027", "this column is there twice")


def test_other_columns_are_named_and_one_of_money_without_a_year_is_refused(tmp_path: Path) -> None:
    assert read_plan(written(tmp_path, {"what": "ก"}, more=("หมายเหตุ",))).others == ["หมายเหตุ"]
    with pytest.raises(Invalid) as caught:
        read_plan(written(tmp_path, {"what": "ก"}, more=("งบประมาณรวม",)))
    assert [one.column for one in caught.value.problems] == ["งบประมาณรวม"]


def test_every_status_has_its_words() -> None:
    from cityindex.services.plans.lines import STATUSES as OF_PLANS

    assert tuple(STATUSES) == OF_PLANS
