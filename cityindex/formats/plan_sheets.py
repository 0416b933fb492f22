"""Improvement plans as XLSX for offices to work on: a row a line, known by its number when the file comes back."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from cityindex.calendars import buddhist_year, show_year
from cityindex.formats.plan_tables import PlanBook, write_tables

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "id": {"th": "เลขที่", "en": "Number"},
    "revision": {"th": "ฉบับที่", "en": "Revision"},
    "question": {"th": "ข้อ (ไม่ต้องแก้)", "en": "Question (do not change)"},
    "level": {"th": "ระดับ (ไม่ต้องแก้)", "en": "Level (do not change)"},
    "programme": {"th": "แผนงาน", "en": "Programme"},
    "what": {"th": "โครงการหรือสิ่งที่จะทำ", "en": "What is done"},
    "objective": {"th": "วัตถุประสงค์", "en": "Objective"},
    "output": {"th": "เป้าหมาย (ผลผลิตของโครงการ)", "en": "Output (how much of what, where)"},
    "budgets": {"th": "งบประมาณ", "en": "Budget"},
    "indicator": {"th": "ตัวชี้วัด (รหัส)", "en": "Indicator (code)"},
    "outcome": {"th": "ผลที่คาดว่าจะได้รับ", "en": "Expected result"},
    "owner": {"th": "หน่วยงานรับผิดชอบหลัก", "en": "Office in charge"},
    "target": {"th": "เป้าหมายของพื้นที่ (เลขที่)", "en": "Target of the place (number)"},
    "strategy": {"th": "รหัสยุทธศาสตร์และแผนแม่บท", "en": "Codes of strategies and master plans"},
    "fiscal_year": {"th": "เสร็จในปีงบประมาณ (พ.ศ.)", "en": "Fiscal year (it ends in)"},
    "plan_reference": {"th": "หน้าหรือข้อในแผนพัฒนาท้องถิ่น", "en": "In the local development plan"},
    "status": {"th": "สถานะ", "en": "Status"},
    "progress": {"th": "ความก้าวหน้า", "en": "Progress"},
    "evidence": {"th": "หลักฐาน (เอกสารหรือลิงก์)", "en": "Evidence (document or address)"},
}
"""A file may have its headings in either language; the columns may stand in any order. Money has a column a year."""
MONEY: Mapping[str, str] = {"th": "งบประมาณ {year} (บาท)", "en": "Budget {year} (baht)"}
MONEY_OF_NO_YEAR: Mapping[str, str] = {"th": "งบประมาณ ยังไม่ระบุปี (บาท)", "en": "Budget, no year said (baht)"}
READ = tuple(name for name in HEADINGS if name not in ("question", "level", "budgets"))
STATUSES: Mapping[str, Mapping[str, str]] = {
    "planned": {"th": "วางแผนแล้ว", "en": "planned"},
    "running": {"th": "กำลังทำ", "en": "running"},
    "done": {"th": "เสร็จแล้ว", "en": "done"},
    "dropped": {"th": "ไม่ทำแล้ว", "en": "dropped"},
}
SHEETS = {"th": ("แผน", "วิธีใช้", "รหัส"), "en": ("plan", "how to use", "codes")}
WIDTHS = {"id": 8, "revision": 8, "level": 10, "programme": 22, "target": 12, "fiscal_year": 12, "status": 14}
WIDE, NARROW = 32, 15
SPARE_ROWS = 200
"""Empty rows below the plan whose cells offer the statuses."""
NOTES: Mapping[str, tuple[str, ...]] = {
    "th": (
        "แก้ช่องตั้งแต่ «แผนงาน» ถึง «หลักฐาน» ได้ แล้วนำไฟล์กลับเข้าที่หน้าแผน ระบบจะให้ดูสิ่งที่ต่างไปก่อนบันทึก",
        "อย่าแก้ «เลขที่» และ «ฉบับที่» ระบบใช้สองช่องนี้ดูว่าเป็นบรรทัดไหน และมีใครแก้ไปก่อนหรือไม่",
        "เพิ่มงานใหม่โดยเขียนในแถวว่าง และเว้น «เลขที่» กับ «ฉบับที่» ไว้",
        "แถวที่ลบออกจากไฟล์ ระบบจะถามก่อนว่าจะเอาออกจากแผนจริงหรือไม่ ถ้าเลิกทำแล้วแต่อยากเก็บไว้ ให้เลือกสถานะ «ไม่ทำแล้ว»",
        "งบประมาณเขียนเป็นบาทในช่องของปีงบประมาณนั้น เช่น 250000 หรือ 250,000 เว้นว่างได้ถ้ายังไม่ทราบ "
        "ต้องการปีอื่นให้เพิ่มคอลัมน์ชื่อ «งบประมาณ 2577 (บาท)»",
        "ปีเขียนเป็น พ.ศ. เช่น 2570 หรือ ค.ศ. เช่น 2027 ก็ได้",
        "รหัสของยุทธศาสตร์ แผนแม่บท ตัวชี้วัด และเลขที่เป้าหมาย ดูได้ที่แผ่น «รหัส» หลายรหัสในช่องเดียวให้เว้นวรรค",
        "ช่องจัดตามแบบ ผ.02 ของแผนพัฒนาท้องถิ่นห้าปีที่ใช้กันทั่วไป ยังไม่ได้ตรวจกับหนังสือสั่งการฉบับล่าสุด โปรดเทียบกับแบบของหน่วยงานก่อนส่ง",
    ),
    "en": (
        "Change the cells from “Programme” to “Evidence”, then bring the file back on the page of the plan. "
        "What differs is shown before anything is saved.",
        "Leave “Number” and “Revision” alone: they say which line it is, and whether somebody changed it before you.",
        "Add work of your own in an empty row, with “Number” and “Revision” left empty.",
        "A row that you delete is asked about before its line is taken out. "
        "What is given up and should be kept gets the status “dropped”.",
        "Budgets are in baht in the column of their fiscal year, such as 250000 or 250,000; empty if not known. "
        "For another year, add a column “Budget 2034 (baht)”.",
        "Years are those that fiscal years end in, such as 2027 or 2570.",
        "Codes of strategies, master plans and indicators and the numbers of targets are on the sheet “codes”. "
        "Several codes in a cell have a blank between them.",
        "The columns follow form Phor.02 (ผ.02) of five-year local development plans as it is commonly used. "
        "It has not been compared with the newest circular: compare it with the form of your office.",
    ),
}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of the file. `row` is its line (the header is 1); `id` is None for a new line.

    `said` has the fields of a line by name, the money of each year as `budget:2027` (of no year as `budget:0`): baht,
    None where the cell is empty. Years are of the common era, `status` is a code of `STATUSES`, `target` a number.
    `question` and `level` are words for whoever reads the sheet: they are written, never read.
    """

    id: int | None
    revision: int
    said: Mapping[str, Any]
    question: str = ""
    level: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan as a file: its rows, the years that have a column, codes to look up, and the plan as tables to print.

    `codes` are groups of (code, name); `facts` stand above the notes: place, time, that it is demo data.
    """

    title: str
    rows: Sequence[PlanRow]
    years: Sequence[int]
    tables: PlanBook
    facts: Sequence[str] = ()
    codes: Sequence[tuple[str, Sequence[tuple[str, str]]]] = field(default=())


def heading(name: str, language: str) -> str:
    """What a field is called: `งบประมาณ 2570 (บาท)` for `budget:2027`."""
    if not name.startswith("budget:"):
        return HEADINGS[name][language]
    year = int(name.removeprefix("budget:"))
    return MONEY[language].format(year=show_year(year, language)) if year else MONEY_OF_NO_YEAR[language]


def write_plan(sheet: PlanSheet, language: str) -> bytes:
    """The plan, how to use it, codes, and the plan as tables to print. No text becomes a formula or a link."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": sheet.title})
        plan, notes, codes = SHEETS[language]
        _write_rows(book, book.add_worksheet(plan), sheet, language)
        _write_notes(book, book.add_worksheet(notes), (sheet.title, *sheet.facts, *NOTES[language]))
        _write_codes(book, book.add_worksheet(codes), sheet.codes)
        write_tables(book, sheet.tables, language)
    return stream.getvalue()


def _write_notes(book: Any, page: Any, notes: Sequence[str]) -> None:
    page.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    page.write_column(0, 0, notes)


def _write_codes(book: Any, page: Any, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
    bold, at = book.add_format({"bold": True}), 0
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 90)
    for name, codes in groups:
        page.write_string(at, 0, name, bold)
        for code, words in codes:
            at += 1
            page.write_row(at, 0, (code, words))
        at += 2


def fields_of(years: Sequence[int]) -> list[str]:
    """The columns of a file, in their order, with one for the money of each year."""
    money = [f"budget:{year}" for year in years]
    at = list(HEADINGS).index("budgets")
    names = list(HEADINGS)
    return [*names[:at], *money, *names[at + 1 :]]


def _write_rows(book: Any, page: Any, sheet: PlanSheet, language: str) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    money = book.add_format({"num_format": "#,##0.##", "valign": "top"})
    plain = book.add_format({"num_format": "0", "valign": "top"})
    fields = fields_of(sheet.years)
    looks = dict.fromkeys(("fiscal_year", "id", "revision", "target"), plain)
    looks |= {name: money for name in fields if name.startswith("budget:")}
    for at, name in enumerate(fields):
        page.set_column(at, at, WIDTHS.get(name, NARROW if name in looks else WIDE), looks.get(name, text))
    page.write_row(0, 0, [heading(name, language) for name in fields], head)
    for number, row in enumerate(sheet.rows, start=1):
        for at, name in enumerate(fields):
            value = _cell(row, name, language)
            if value not in (None, ""):
                page.write(number, at, value, looks.get(name, text))
    offered = [names[language] for names in STATUSES.values()]
    column = fields.index("status")
    page.data_validation(1, column, len(sheet.rows) + SPARE_ROWS, column, {"validate": "list", "source": offered})
    page.freeze_panes(1, 0)


def _cell(row: PlanRow, name: str, language: str) -> Any:
    if name in ("id", "revision", "question", "level"):
        return None if name == "revision" and row.id is None else getattr(row, name)
    value: Any = row.said.get(name)
    if name == "status":
        return STATUSES[value][language] if value in STATUSES else value
    if name == "fiscal_year" and value is not None and language == "th":
        return buddhist_year(value)
    return value
