"""Tables to fill in: headings in the reader's language that are understood when the file comes back."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cityindex.calendars import buddhist_year
from cityindex.formats.tables import Reader

OWN_CODE = re.compile(r".*\[([a-z][a-z0-9_]*)\]", re.DOTALL)
"""A heading that ends in the code of an indicator in brackets, whatever the words before it."""
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "รหัส อปท.": "place",
        "รหัสอปท.": "place",
        "รหัส": "place",
        "รหัสพื้นที่": "place",
        "รหัสสถานที่": "place",
        "code": "place",
        "ชื่อ": "ignore",
        "ชื่อ อปท.": "ignore",
        "ชื่อพื้นที่": "ignore",
        "name": "ignore",
        "ตัวชี้วัด": "indicator",
        "ค่า": "value",
        "สถานะ": "status",
        "แหล่งข้อมูล": "source",
        "source": "source",
        "ที่มา": "source",
    }
)
"""Headings besides those that every file of observations may have."""
LOOKED_THROUGH = 20
"""Lines in which headings are looked for that do not stand in the first."""
HEADINGS = {"th": ("รหัส อปท.", "ชื่อ"), "en": ("Code", "Name")}
YEARS = {
    ("th", True): "ปีงบประมาณ (พ.ศ.)",
    ("th", False): "ปี (พ.ศ.)",
    ("en", True): "Fiscal year (CE)",
    ("en", False): "Year (CE)",
}
SHEETS = {"th": ("ข้อมูล", "คำอธิบาย"), "en": ("Figures", "Notes")}
NOTES = {
    "th": ("คอลัมน์", "หน่วย", "ค่าที่เป็นไปได้", "ค่าที่พบทั่วไป", "ความหมาย"),
    "en": ("Column", "Unit", "Possible values", "Usual values", "Meaning"),
}
WIDTHS = (14, 34, 20)
COLUMN_WIDTH, NOTE_WIDTHS = 22, (60, 16, 22, 22, 90)

Range = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator to fill in, in words of one language; limits in its unit, None where there are none."""

    code: str
    name: str
    unit: str
    definition: str
    bounds: Range | None = None
    expected: Range | None = None

    @property
    def heading(self) -> str:
        return f"{self.name} ({self.unit}) [{self.code}]" if self.unit else f"{self.name} [{self.code}]"

    def notes(self) -> tuple[str, ...]:
        """What the sheet of notes says in its row."""
        return self.heading, self.unit, _between(self.bounds), _between(self.expected), self.definition


@dataclass(frozen=True)
class Template:
    """An empty table: a row a place (code and name), a column an indicator, one year (common era) in all rows."""

    language: str
    places: Sequence[tuple[str, str]]
    year: int
    fiscal: bool
    columns: Sequence[Column]

    def header(self) -> tuple[str, ...]:
        return *HEADINGS[self.language], YEARS[self.language, self.fiscal], *(column.heading for column in self.columns)

    def rows(self) -> Iterable[tuple[str | int, ...]]:
        year = buddhist_year(self.year) if self.language == "th" else self.year
        return ((code, name, year, *[""] * len(self.columns)) for code, name in self.places)


def columns_of(header: Sequence[str], indicators: Collection[str]) -> dict[str, str]:
    """What the headings of a template mean, for `ReadOptions.columns`; headings that mean nothing here are left out.

    The first heading of a meaning has it. Codes are known by the brackets at the end: `รายได้ (ล้านบาท) [own_revenue]`.
    """
    found: dict[str, str] = {}
    for heading in header:
        code = OWN_CODE.fullmatch(heading)
        meaning = code[1] if code and code[1] in indicators else ROLES.get(heading.strip().lower(), "")
        if meaning and (meaning == "ignore" or meaning not in found.values()):
            found[heading] = meaning
    return found


def line_of_headings(reader: Reader) -> int | None:
    """The line below the first on which headings begin, under a title for instance; None where there is none."""
    for batch in reader.batches():
        first = batch.frame.get_column(batch.frame.columns[0]).head(LOOKED_THROUGH).to_list()
        for line, cell in zip(batch.lines.tolist(), first, strict=False):
            if ROLES.get((cell or "").strip().lower(), cell) == "place":
                return int(line)
        return None
    return None


def write_csv(template: Template, file: Path) -> None:
    """As CSV: UTF-8 with BOM, so that Excel shows Thai."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(template.header())
        writer.writerows(template.rows())


def write_xlsx(template: Template, file: Path) -> None:
    """As a workbook: the table, and a sheet that says what each column wants. Cells warn of impossible values."""
    import xlsxwriter

    figures, notes = SHEETS[template.language]
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _write_figures(book.add_worksheet(figures), template, bold)
        _write_notes(book.add_worksheet(notes), template, (bold, wrapped))


def _write_figures(sheet: Any, template: Template, bold: Any) -> None:
    for at, width in enumerate((*WIDTHS, *[COLUMN_WIDTH] * len(template.columns))):
        sheet.set_column(at, at, width)
    sheet.write_row(0, 0, template.header(), bold)
    number = 0
    for number, row in enumerate(template.rows(), start=1):
        sheet.write_row(number, 0, row[: len(WIDTHS)])
    sheet.freeze_panes(1, 2)
    for at, column in enumerate(template.columns, start=len(WIDTHS)):
        sheet.write_comment(0, at, "\n".join(part for part in column.notes()[1:] if part), {"x_scale": 2})
        if number and column.bounds:
            sheet.data_validation(1, at, number, at, _validation(column.bounds))


def _write_notes(sheet: Any, template: Template, looks: tuple[Any, Any]) -> None:
    for at, width in enumerate(NOTE_WIDTHS):
        sheet.set_column(at, at, width, looks[1])
    sheet.write_row(0, 0, NOTES[template.language], looks[0])
    for number, column in enumerate(template.columns, start=1):
        sheet.write_row(number, 0, column.notes())


def _validation(bounds: Range) -> dict[str, Any]:
    low, high = bounds
    rule = {"validate": "decimal", "error_type": "warning", "error_message": _between(bounds)}
    if low is None:
        return {**rule, "criteria": "<=", "value": high}
    if high is None:
        return {**rule, "criteria": ">=", "value": low}
    return {**rule, "criteria": "between", "minimum": low, "maximum": high}


def _between(limits: Range | None) -> str:
    low, high = limits or (None, None)
    if low is None and high is None:
        return ""
    return f"≤ {high:,.15g}" if low is None else f"≥ {low:,.15g}" if high is None else f"{low:,.15g} – {high:,.15g}"
