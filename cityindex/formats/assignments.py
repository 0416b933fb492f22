"""Lists of who reviews what: read from XLSX or CSV, and the template with the places of a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import xlsxwriter

from cityindex.errors import Invalid, Problem
from cityindex.formats.tables import read_table

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "place": ("place code", "place", "code", "รหัสพื้นที่", "รหัส อปท.", "รหัส"),
    "reviewer": ("reviewer e-mail", "reviewer", "e-mail", "email", "อีเมลผู้ตรวจทาน", "อีเมล"),
}
"""What a column may be called; other columns are not looked at."""
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Assigned:
    """A row as it is written; `row` is its line in the file."""

    row: int
    place: str
    reviewer: str


def read_assignments(path: Path) -> list[Assigned]:
    """The rows of a file with one heading of each of `HEADINGS`; those without a reviewer are left out.

    Raises `Invalid` with all problems of its form: a heading that is missing, a damaged file, too many rows.
    """
    table = read_table(path)
    columns = {field: _column(table.header, names) for field, names in HEADINGS.items()}
    missing = [HEADINGS[field][0] for field, column in columns.items() if column is None]
    if missing:
        problems = [Problem("this column is missing", "take the list of this round", 1, name) for name in missing]
        raise Invalid(f"{path.name} lacks columns", problems)
    if table.frame.height > MOST_ROWS:
        raise Invalid(f"{path.name} has more than {MOST_ROWS} rows: send it in parts")
    rows = (Assigned(row, cells[str(columns["place"])], cells[str(columns["reviewer"])]) for row, cells in table.rows())
    return [one for one in rows if one.reviewer]


def round_list(
    headings: Sequence[str], rows: Sequence[Sequence[str | int | float | None]], notes: Sequence[str]
) -> bytes:
    """Where everybody stands as a workbook: a sheet with the list, and one that says what it is."""
    stream = BytesIO()
    # Nothing that a person wrote becomes a formula or a link that Excel follows.
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    ) as book:
        head = book.add_format({"bold": True, "text_wrap": True})
        sheet = book.add_worksheet("round")
        sheet.set_column(0, 0, 14, book.add_format({"num_format": "@"}))  # as text, or codes would lose their zeros
        sheet.set_column(1, len(headings) - 1, 20)
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, headings, head)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
        sheet.autofilter(0, 0, max(len(rows), 1), len(headings) - 1)
        about = book.add_worksheet("about")
        about.set_column(0, 0, 100)
        about.write_column(0, 0, notes)
    return stream.getvalue()


def _column(header: Sequence[str], names: Sequence[str]) -> str | None:
    return next((column for column in header if column.strip().casefold() in names), None)
