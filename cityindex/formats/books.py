"""Workbooks of several sheets for people: numbers are numbers, and no text is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

NARROWEST, WIDEST = 10, 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a header. A cell that is None stays empty: it is missing."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_book(sheets: Sequence[Sheet], title: str) -> bytes:
    """Each sheet with a header that stays and a filter, its columns as wide as their words."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": title})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for one in sheets:
            _write(book.add_worksheet(one.name), one, bold)
    return stream.getvalue()


def _write(page: Any, sheet: Sheet, bold: Any) -> None:
    page.write_row(0, 0, sheet.header, bold)
    for number, row in enumerate(sheet.rows, start=1):
        for at, value in enumerate(row):
            if value is not None and value != "":
                page.write(number, at, value)
    for at, name in enumerate(sheet.header):
        longest = max([len(name), *(len(str(row[at])) for row in sheet.rows if row[at] is not None)])
        page.set_column(at, at, min(max(longest + 2, NARROWEST), WIDEST))
    page.freeze_panes(1, 1)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)
