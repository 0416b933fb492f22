"""What is wrong with a file: gathered while it is read, told as a whole, written as a report."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from cityindex.errors import Invalid, Problem

KEPT = 10_000
"""How many problems are kept; the rest are counted only."""
REPORT_COLUMNS = ("row", "column", "value", "reason", "cure")
SHOWN_CHARACTERS = 200
FORMULA_SIGNS = tuple("=+-@\t\r")
NUMBER = re.compile(r"[+-]?[\d.,eE]*")


class Problems:
    """Gathers problems of one file; the first `KEPT` are kept, all are counted."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.kept: list[Problem] = []
        self.count = 0

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def room(self) -> int:
        """How many more are kept: whoever finds a million need not describe them all."""
        return max(KEPT - len(self.kept), 0)

    def add(self, reason: str, cure: str, *, row: int | None = None, column: str = "", value: str = "") -> None:
        """One more problem; `row` is a line of the file."""
        self.count += 1
        if self.room:
            self.kept.append(Problem(reason, cure, row, column, value[:SHOWN_CHARACTERS]))

    def count_more(self, number: int) -> None:
        """`number` further problems that are not described."""
        self.count += number

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem.reason, problem.cure, row=problem.row, column=problem.column, value=problem.value)

    def raise_if_any(self) -> None:
        """Raise `Invalid` with every kept problem, in the order of the file."""
        if not self.count:
            return
        found = sorted(self.kept, key=lambda problem: problem.row or 0)
        more = f" (the first {len(found)} are listed)" if self.count > len(found) else ""
        what = "1 problem" if self.count == 1 else f"{self.count} problems"
        raise Invalid(f"{self.file}: {what}{more}; nothing was taken from the file", found)


def write_report(path: Path, problems: Iterable[Problem]) -> Path:
    """Write problems as CSV (`row,column,value,reason,cure`; UTF-8 with BOM, so that Excel shows Thai)."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(REPORT_COLUMNS)
        for problem in problems:
            row = "" if problem.row is None else problem.row
            writer.writerow([row, *(_harmless(getattr(problem, name)) for name in REPORT_COLUMNS[1:])])
    return path


def _harmless(text: str) -> str:
    # A spreadsheet would run what begins like a formula, and the value comes from somebody's file.
    return f"'{text}" if text[:1] in FORMULA_SIGNS and not NUMBER.fullmatch(text) else text
