"""Tables of assessments as XLSX and CSV: where everybody stands, and published results with codes and labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

WIDTH = 18


def as_xlsx(header: Sequence[str], rows: Sequence[Sequence[Any]], title: str) -> bytes:
    """One sheet with a header that stays and a filter; numbers are numbers, and no text is ever a formula."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header, book.add_format({"bold": True, "text_wrap": True, "valign": "top"}))
        for number, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                if value is not None:
                    sheet.write(number, at, value)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(header) - 1, WIDTH)
        sheet.autofilter(0, 0, max(len(rows), 1), len(header) - 1)
    return stream.getvalue()


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """UTF-8 with BOM, so that Excel shows Thai; an empty cell is a missing value."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(["" if value is None else value for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")
