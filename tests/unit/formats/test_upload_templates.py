"""A template that is filled in comes back as the values that were meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from cityindex.formats.observations import ObservationTable, ReadOptions, read_observations
from cityindex.formats.tables import open_table
from cityindex.formats.upload_templates import Column, Template, columns_of, write_csv, write_xlsx
from cityindex.formats.workbook import sheet_names

KNOWN = {"own_revenue", "people"}
COLUMNS = (
    Column("own_revenue", "รายได้ที่จัดเก็บเอง", "ล้านบาท", "รายได้ในปีงบประมาณ", (0, 10_000_000), (0.1, None)),
    Column("people", "ประชากร", "", ""),
)


def template(language: str = "th", fiscal: bool = True) -> Template:
    return Template(language, [("4500101", "เทศบาลหนึ่ง"), ("4500102", "=cmd()")], 2023, fiscal, COLUMNS)


def read(path: Path) -> ObservationTable:
    columns = columns_of(open_table(path).header, KNOWN)
    return read_observations(path, ReadOptions(columns, indicators=KNOWN))


def fill(path: Path) -> None:
    """As a person does: one figure typed into the first row, one into the second."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        page = book.worksheets[0]
        page["D2"], page["E3"] = 12.5, 900
        book.save(path)
        return
    lines = path.read_text("utf-8-sig").splitlines()
    filled = [lines[0], lines[1][: -len(",")] + "12.5,", lines[2] + "900"]
    path.write_text("\n".join(filled) + "\n", "utf-8-sig")


@pytest.mark.parametrize("fiscal", [True, False])
@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_there_and_back(tmp_path: Path, kind: str, language: str, fiscal: bool) -> None:
    path = tmp_path / f"template.{kind}"
    {"csv": write_csv, "xlsx": write_xlsx}[kind](template(language, fiscal), path)
    fill(path)
    table = read(path)
    assert table.places == ("4500101", "4500102")
    assert table.periods == (2023,)
    assert table.indicators == ("own_revenue", "people")
    said = [(int(table.line[i]), table.value[i]) for i in range(len(table)) if table.status[i]]
    assert said == [(2, 12.5), (3, 900.0)]
    assert [note for note in table.notes if "era" in note] == []  # the heading says it


def test_headings_are_in_thai_and_the_year_in_its_era(tmp_path: Path) -> None:
    path = tmp_path / "template.csv"
    write_csv(template(), path)
    header, first, *_ = path.read_text("utf-8-sig").splitlines()
    assert header == ("รหัส อปท.,ชื่อ,ปีงบประมาณ (พ.ศ.),รายได้ที่จัดเก็บเอง (ล้านบาท) [own_revenue],ประชากร [people]")
    assert first == "4500101,เทศบาลหนึ่ง,2566,,"


def test_the_workbook_says_what_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_xlsx(template(), path)
    assert sheet_names(path) == ("ข้อมูล", "คำอธิบาย")
    book = load_workbook(path)
    figures, notes = book.worksheets
    assert figures["D1"].comment.text.splitlines() == ["ล้านบาท", "0 – 10,000,000", "≥ 0.1", "รายได้ในปีงบประมาณ"]
    assert [cell.value for cell in notes[2]][1:4] == ["ล้านบาท", "0 – 10,000,000", "≥ 0.1"]
    assert figures["C2"].value == 2566
    assert figures["B3"].value == "=cmd()"
    assert figures["B3"].data_type != "f"
    (rule,) = figures.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1, rule.formula2) == ("D2:D3", "0", "10000000")


def test_headings_of_other_files() -> None:
    header = ("รหัส", "Name", "ปี (พ.ศ.)", "ตัวชี้วัด", "ค่า", "แหล่งข้อมูล", "x [people]", "y [people]", "z [none]", "q")
    assert columns_of(header, KNOWN) == {
        "รหัส": "place",
        "Name": "ignore",
        "ตัวชี้วัด": "indicator",
        "ค่า": "value",
        "แหล่งข้อมูล": "source",
        "x [people]": "people",
    }
