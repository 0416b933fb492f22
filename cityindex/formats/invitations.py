"""Lists of people to invite: read from XLSX or CSV, the empty template, and the list of links to hand out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import xlsxwriter

from cityindex.errors import Invalid, Problem
from cityindex.formats.tables import read_table

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "email": ("e-mail", "email", "อีเมล", "อีเมล์"),
    "name": ("name", "ชื่อ", "ชื่อ-สกุล", "ชื่อ-นามสกุล"),
    "role": ("role", "บทบาท"),
    "place": ("place code", "place", "code", "รหัสพื้นที่", "รหัส อปท.", "รหัส"),
}
"""What a column may be called; the template uses the first in English and the first in Thai."""
MOST_ROWS = 20_000
TEMPLATE = {"th": ("อีเมล", "ชื่อ", "บทบาท", "รหัสพื้นที่"), "en": ("e-mail", "name", "role", "place code")}
ROLES_SHEET = {"th": ("บทบาท", "เขียนว่า"), "en": ("Role", "Write")}
LINKS = {
    "th": ("อีเมล", "ชื่อ", "บทบาท", "ลิงก์ (ใช้ได้ครั้งเดียว)", "ใช้ได้ถึง"),
    "en": ("e-mail", "name", "roles", "link (works once)", "works until"),
}


@dataclass(frozen=True, slots=True)
class Invitee:
    """A row as it is written; `row` is its line in the file."""

    row: int
    email: str
    name: str
    role: str
    place: str


def read_invitations(path: Path) -> list[Invitee]:
    """The rows of a file with one heading of each of `HEADINGS` (`name` may be left out).

    Raises `Invalid` with all problems of its form: a heading that is missing, a damaged file, too many rows.
    """
    table = read_table(path)
    columns = {field: _column(table.header, names) for field, names in HEADINGS.items()}
    missing = [HEADINGS[field][0] for field, column in columns.items() if column is None and field != "name"]
    if missing:
        raise Invalid(
            f"{path.name} lacks columns",
            [Problem("this column is missing", "take the template", 1, name) for name in missing],
        )
    if table.frame.height > MOST_ROWS:
        raise Invalid(f"{path.name} has more than {MOST_ROWS} rows: send it in parts")
    return [
        Invitee(row, **{field: cells[column] if column else "" for field, column in columns.items()})
        for row, cells in table.rows()
    ]


def template(language: str, roles: Iterable[tuple[str, str]]) -> bytes:
    """An empty workbook with the headings, and a second sheet with (name, code) of the roles that may be given."""
    return _workbook([("invitations", TEMPLATE[language], []), ("roles", ROLES_SHEET[language], list(roles))])


def links(language: str, rows: Sequence[tuple[str, ...]]) -> bytes:
    """A workbook of e-mail address, name, roles, link and its last day."""
    return _workbook([("links", LINKS[language], rows)])


def _column(header: Sequence[str], names: Sequence[str]) -> str | None:
    return next((column for column in header if column.strip().casefold() in names), None)


def _workbook(sheets: Iterable[tuple[str, Sequence[str], Sequence[tuple[str, ...]]]]) -> bytes:
    stream = BytesIO()
    # Nothing that a person wrote becomes a formula or a link that Excel follows.
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    ) as book:
        head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for name, headings, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(headings) - 1, 30, text)  # as text, or codes would lose their zeros
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, headings, head)
            for number, row in enumerate(rows, 1):
                sheet.write_row(number, 0, row)
    return stream.getvalue()
