"""Improvement plans as XLSX: written for offices to work on, and read again with every row known by its number."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from cityindex.calendars import buddhist_year, common_year
from cityindex.errors import Invalid, Problem
from cityindex.formats.numbers import fault, read_numbers
from cityindex.formats.problems import Problems
from cityindex.formats.tables import Table, read_table
from cityindex.thai import arabic_digits

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "id": {"th": "เลขที่", "en": "Number"},
    "revision": {"th": "ฉบับที่", "en": "Revision"},
    "question": {"th": "ข้อ (ไม่ต้องแก้)", "en": "Question (do not change)"},
    "level": {"th": "ระดับ (ไม่ต้องแก้)", "en": "Level (do not change)"},
    "what": {"th": "จะทำอะไร", "en": "What is done"},
    "owner": {"th": "หน่วยงานที่ทำ", "en": "Office in charge"},
    "budget": {"th": "งบประมาณ (บาท)", "en": "Budget (baht)"},
    "fiscal_year": {"th": "ปีงบประมาณ (พ.ศ.)", "en": "Fiscal year (it ends in)"},
    "plan_reference": {"th": "โครงการหรือหน้าในแผนพัฒนาท้องถิ่น", "en": "In the local development plan"},
    "status": {"th": "สถานะ", "en": "Status"},
    "progress": {"th": "ความก้าวหน้า", "en": "Progress"},
}
"""A file may have its headings in either language; the columns may stand in any order."""
READ = ("id", "revision", "what", "owner", "budget", "fiscal_year", "plan_reference", "status", "progress")
STATUSES: Mapping[str, Mapping[str, str]] = {
    "planned": {"th": "วางแผนแล้ว", "en": "planned"},
    "running": {"th": "กำลังทำ", "en": "running"},
    "done": {"th": "เสร็จแล้ว", "en": "done"},
    "dropped": {"th": "ไม่ทำแล้ว", "en": "dropped"},
}
SHEETS = {"th": ("แผน", "วิธีใช้"), "en": ("plan", "how to use")}
WIDTHS = (8, 8, 36, 12, 48, 24, 16, 14, 32, 14, 48)
SPARE_ROWS = 200
"""Empty rows below the plan whose cells offer the statuses."""
NOTES: Mapping[str, tuple[str, ...]] = {
    "th": (
        "แก้ช่องตั้งแต่ «จะทำอะไร» ถึง «ความก้าวหน้า» ได้ แล้วนำไฟล์กลับเข้าที่หน้าแผน ระบบจะให้ดูสิ่งที่ต่างไปก่อนบันทึก",
        "อย่าแก้ «เลขที่» และ «ฉบับที่» ระบบใช้สองช่องนี้ดูว่าเป็นบรรทัดไหน และมีใครแก้ไปก่อนหรือไม่",
        "เพิ่มงานใหม่โดยเขียนในแถวว่าง และเว้น «เลขที่» กับ «ฉบับที่» ไว้",
        "แถวที่ลบออกจากไฟล์ไม่ถูกลบจากแผน ถ้าเลิกทำให้เลือกสถานะ «ไม่ทำแล้ว»",
        "ปีงบประมาณเขียนเป็น พ.ศ. เช่น 2570 งบประมาณเขียนเป็นบาท ไม่ต้องมีหน่วย เว้นว่างได้ถ้ายังไม่ทราบ",
    ),
    "en": (
        "Change the cells from “What is done” to “Progress”, then bring the file back on the page of the plan. "
        "What differs is shown before anything is saved.",
        "Leave “Number” and “Revision” alone: they say which line it is, and whether somebody changed it before you.",
        "Add work of your own in an empty row, with “Number” and “Revision” left empty.",
        "A row that you delete from the file stays in the plan. Choose the status “dropped” for what is given up.",
        "Fiscal years are those they end in, in either era. Budgets are in baht without a unit; empty if not known.",
    ),
}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of the file. `row` is its line (the header is 1); `id` is None for a new line.

    `question` and `level` are words for whoever reads the sheet: they are written, never read. `fiscal_year` is in
    the common era, `budget` in baht, None where the cell is empty; `status` is a code of `STATUSES`.
    """

    id: int | None
    revision: int
    what: str
    owner: str = ""
    budget: float | None = None
    fiscal_year: int | None = None
    plan_reference: str = ""
    status: str = "planned"
    progress: str = ""
    question: str = ""
    level: str = ""
    row: int = 0


def write_plan(rows: Sequence[PlanRow], language: str, title: str) -> bytes:
    """The plan and, on a second sheet, how to use it. No text becomes a formula or a link."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": title})
        plan, notes = SHEETS[language]
        _write_rows(book, book.add_worksheet(plan), rows, language)
        sheet = book.add_worksheet(notes)
        sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
        sheet.write_column(0, 0, (title, *NOTES[language]))
    return stream.getvalue()


def read_plan(path: Path) -> list[PlanRow]:
    """The rows of a file, those without any of our cells left out.

    Raises `Invalid` with every problem: a heading that is missing or doubled, numbers, years and statuses that cannot
    be read, a number of a line that stands twice.
    """
    table = read_table(path)
    columns = _columns(table)
    problems = Problems(path.name)
    budgets = read_numbers(table.frame[columns["budget"]])
    bad = set(budgets.bad.tolist())
    rows: list[PlanRow] = []
    for at, (line, cells) in enumerate(table.rows()):
        said = {field: cells[column] for field, column in columns.items()}
        if not any(said.values()):
            continue
        reader = _Row(line, said, columns, problems)
        if at in bad:
            reader.refuse("budget", *fault(said["budget"]))
        rows.append(reader.read(None if at in bad else _or_none(budgets.values[at])))
    _refuse_doubles(rows, columns["id"], problems)
    problems.raise_if_any()
    return rows


@dataclass(frozen=True)
class _Row:
    line: int
    said: Mapping[str, str]
    columns: Mapping[str, str]
    problems: Problems

    def refuse(self, field: str, reason: str, cure: str) -> None:
        self.problems.add(reason, cure, row=self.line, column=self.columns[field], value=self.said[field])

    def read(self, budget: float | None) -> PlanRow:
        number, revision = self._whole("id"), self._whole("revision")
        if (number is None) != (revision is None) and not self.problems.count:
            field = "id" if number is None else "revision"
            self.refuse(field, "stands alone", "leave both empty for a new line, or download the plan again")
        words = {field: self.said[field] for field in ("what", "owner", "plan_reference", "progress")}
        when, status = self._year(), self._status()
        return PlanRow(
            number, revision or 0, budget=budget, fiscal_year=when, status=status, row=self.line, **words
        )  # fmt: skip

    def _whole(self, field: str) -> int | None:
        text = self.said[field]
        if not text:
            return None
        if text.isascii() and text.isdigit() and 0 < int(text) < 2**31:
            return int(text)
        self.refuse(field, "is not a number of ours", "leave it as it was, or leave it empty for a new line")
        return None

    def _year(self) -> int | None:
        if not self.said["fiscal_year"]:
            return None
        try:
            return common_year(arabic_digits(self.said["fiscal_year"]))
        except Invalid:
            self.refuse("fiscal_year", "is not a year", "write a fiscal year such as 2570 or 2027")
            return None

    def _status(self) -> str:
        text = self.said["status"].casefold()
        found = [code for code, names in STATUSES.items() if text in (code, *names.values())]
        if text and not found:
            offered = ", ".join(names["th"] for names in STATUSES.values())
            self.refuse("status", "is not a status", f"choose one of {offered}")
        return found[0] if found else "planned"


def _write_rows(book: Any, sheet: Any, rows: Sequence[PlanRow], language: str) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    money = book.add_format({"num_format": "#,##0.##", "valign": "top"})
    plain = book.add_format({"num_format": "0", "valign": "top"})
    fields = list(HEADINGS)
    looks = {"budget": money, "fiscal_year": plain, "id": plain, "revision": plain}
    for at, (field, width) in enumerate(zip(fields, WIDTHS, strict=True)):
        sheet.set_column(at, at, width, looks.get(field, text))
    sheet.write_row(0, 0, [HEADINGS[field][language] for field in fields], head)
    for number, row in enumerate(rows, start=1):
        for at, field in enumerate(fields):
            value = _cell(row, field, language)
            if value not in (None, ""):
                sheet.write(number, at, value, looks.get(field, text))
    offered = [names[language] for names in STATUSES.values()]
    column = fields.index("status")
    sheet.data_validation(1, column, len(rows) + SPARE_ROWS, column, {"validate": "list", "source": offered})
    sheet.freeze_panes(1, 0)


def _cell(row: PlanRow, field: str, language: str) -> Any:
    value = getattr(row, field)
    if field == "status":
        return STATUSES[value][language] if value in STATUSES else value
    if field == "fiscal_year" and value is not None and language == "th":
        return buddhist_year(value)
    if field == "revision" and row.id is None:
        return None
    return value


def _columns(table: Table) -> dict[str, str]:
    """The column of each field that is read."""
    found: dict[str, str] = {}
    problems = []
    for field in READ:
        names = {name.casefold() for name in HEADINGS[field].values()}
        there = [column for column in table.header if column.strip().casefold() in names]
        if len(there) == 1:
            found[field] = there[0]
            continue
        reason = "this column is missing" if not there else "this column is there twice"
        cure = "download the plan and work in that file"
        problems.append(Problem(reason, cure, 1, HEADINGS[field]["th"]))
    if problems:
        raise Invalid(f"{table.path.name} is not a plan of this site", problems)
    return found


def _refuse_doubles(rows: Sequence[PlanRow], column: str, problems: Problems) -> None:
    seen: dict[int, int] = {}
    for row in rows:
        if row.id is not None and row.id in seen:
            reason = f"stands in row {seen[row.id]} already"
            problems.add(reason, "keep one of the rows", row=row.row, column=column, value=str(row.id))
        elif row.id is not None:
            seen[row.id] = row.row


def _or_none(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124  (only NaN is unequal to itself)
