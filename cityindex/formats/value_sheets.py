"""Values of indicators as an Excel file for people."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import astuple, fields

import xlsxwriter

from cityindex.formats.value_tables import ValueLine

WIDTH = 18


def write_sheet(lines: Iterable[ValueLine], title: str) -> bytes:
    """One sheet with a header that stays and a filter; numbers are numbers, and no text is ever a formula."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title})
    sheet = book.add_worksheet()
    names = [field.name for field in fields(ValueLine)]
    sheet.write_row(0, 0, names, book.add_format({"bold": True}))
    row = 0
    for row, line in enumerate(lines, start=1):
        sheet.write_row(row, 0, astuple(line))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, WIDTH)
    sheet.autofilter(0, 0, max(row, 1), len(names) - 1)
    book.close()
    return stream.getvalue()
