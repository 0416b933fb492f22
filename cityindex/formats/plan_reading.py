"""A plan that comes back from an office as XLSX or CSV, with everything in it that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cityindex.calendars import Era, common_year
from cityindex.errors import Invalid, Problem
from cityindex.formats.numbers import baht
from cityindex.formats.plan_sheets import HEADINGS, MONEY_OF_NO_YEAR, READ, STATUSES, PlanRow
from cityindex.formats.tables import Table, read_table
from cityindex.thai import arabic_digits

TEXT = ("programme", "what", "objective", "output", "indicator", "outcome", "owner", "strategy", "plan_reference",
        "progress", "evidence")  # fmt: skip
MONEY = re.compile(r"(?:งบประมาณ|budget)[\s,]*(?:ปี)?\s*(พ\.ศ\.|ค\.ศ\.)?\s*(\d{4})(?!\d).*", re.IGNORECASE | re.DOTALL)
MONEY_BEGINS = ("งบประมาณ", "budget")
YEAR = re.compile(
    r"(?:ปีงบประมาณ|ปี|fiscal year|fy)?\s*(พ\.ศ\.|ค\.ศ\.|b\.?e\.?|c\.?e\.?|a\.?d\.?)?\s*(\d{4})(?:\.0)?", re.IGNORECASE
)
COMMON_ERA = ("ค", "c", "a")
WHOLE = re.compile(r"([1-9]\d{0,8})(?:\.0)?")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a file says. Problems name the row (the header is 1) and the column, by its field where it has one.

    `others` are columns that are none of ours: they are not read.
    """

    rows: Sequence[PlanRow]
    problems: Sequence[Problem]
    others: Sequence[str] = ()


def read_plan(path: Path) -> PlanFile:
    """The rows of a file, those without any of our cells left out, with what cannot be read in them.

    Raises `Invalid` where it is no plan: a heading that is missing, doubled or of no year.
    """
    table = read_table(path)
    columns = _columns(table)
    others = [name for name in table.header if name not in columns.values() and not _written_only(name)]
    rows, problems = [], []
    for line, cells in table.rows():
        said = {field: cells[column] for field, column in columns.items()}
        if any(said.values()):
            reader = _Row(line, said)
            rows.append(reader.read())
            problems += reader.problems
    return PlanFile(rows, [*problems, *_doubles(rows)], others)


class _Row:
    """Reads a row cell by cell."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line, self.cells = line, cells
        self.problems: list[Problem] = []

    def refuse(self, field: str, reason: str, cure: str) -> None:
        self.problems.append(Problem(reason, cure, self.line, field, self.cells[field][:200]))

    def read(self) -> PlanRow:
        number, revision = self._whole("id"), self._whole("revision")
        if (number is None) != (revision is None) and not self.problems:
            field = "id" if number is None else "revision"
            self.refuse(field, "stands alone", "leave both empty for a new line, or download the plan again")
        said: dict[str, Any] = {field: self.cells[field] for field in TEXT}
        said |= {field: self._baht(field) for field in self.cells if field.startswith("budget:")}
        said |= {"target": self._whole("target"), "fiscal_year": self._year(), "status": self._status()}
        return PlanRow(number, revision or 0, said, row=self.line)

    def _whole(self, field: str) -> int | None:
        text = arabic_digits(self.cells[field])
        if not text:
            return None
        found = WHOLE.fullmatch(text)
        if found:
            return int(found[1])
        cure = "leave it as it was, or leave it empty for a new line"
        self.refuse(
            field, "is not a number of ours", "write a number, or leave it empty" if field == "target" else cure
        )
        return None

    def _baht(self, field: str) -> float | None:
        text = self.cells[field]
        try:
            return baht(text)
        except Invalid:
            if text.startswith("="):
                self.refuse(field, "is a formula", "write its result as a number")
            else:
                self.refuse(field, "is no sum of money", "write baht in digits, such as 250000, or leave it empty")
            return None

    def _year(self) -> int | None:
        text = self.cells["fiscal_year"]
        found = YEAR.fullmatch(arabic_digits(text))
        if text and found is None:
            self.refuse("fiscal_year", "is not a year", "write a fiscal year such as 2570 or 2027")
        return _year_of(found) if text and found else None

    def _status(self) -> str:
        text = self.cells["status"].casefold()
        found = [code for code, names in STATUSES.items() if text in (code, *names.values())]
        if text and not found:
            offered = ", ".join(names["th"] for names in STATUSES.values())
            self.refuse("status", "is not a status", f"choose one of {offered}")
        return found[0] if found else "planned"


def _year_of(found: re.Match[str]) -> int | None:
    """The common-era year of what a pattern found, heeding the era where one is said; None for no year."""
    era: Era | None = None
    if found[1]:
        era = "ce" if found[1].casefold().startswith(COMMON_ERA) else "be"
    try:
        return common_year(found[2], era)
    except Invalid:
        return int(found[2])  # too far from now, which whoever knows the time will say


def _columns(table: Table) -> dict[str, str]:
    """The column of each field that is read. Raises `Invalid`."""
    found: dict[str, list[str]] = {field: [] for field in READ}
    problems = []
    for column in table.header:
        field = _field(column)
        if field:
            found.setdefault(field, []).append(column)
        elif _of_money(column):
            cure = "call it by a fiscal year, such as «งบประมาณ 2570 (บาท)»"
            problems.append(Problem("this column is of no year", cure, 1, column, column))
    for field, there in found.items():
        if len(there) != 1:
            reason = "this column is missing" if not there else "this column is there twice"
            problems.append(Problem(reason, "download the plan and work in that file", 1, field, ", ".join(there)))
    if problems:
        raise Invalid(f"{table.path.name} is not a plan of this site", problems)
    return {field: there[0] for field, there in found.items()}


def _field(column: str) -> str | None:
    """The field of a heading; None for one of others."""
    name = column.strip().casefold()
    if name in {words.casefold() for words in MONEY_OF_NO_YEAR.values()}:
        return "budget:0"
    found = MONEY.fullmatch(arabic_digits(name))
    if found:
        return f"budget:{_year_of(found)}"
    return next((one for one in READ if name in {words.casefold() for words in HEADINGS[one].values()}), None)


def _of_money(column: str) -> bool:
    return column.strip().casefold().startswith(MONEY_BEGINS)


def _written_only(column: str) -> bool:
    return column in {words for name in ("question", "level") for words in HEADINGS[name].values()}


def _doubles(rows: Sequence[PlanRow]) -> list[Problem]:
    seen: dict[int, int] = {}
    found = []
    for row in rows:
        if row.id is not None and row.id in seen:
            reason = f"stands in row {seen[row.id]} already"
            found.append(Problem(reason, "keep one of the rows", row.row, "id", str(row.id)))
        elif row.id is not None:
            seen[row.id] = row.row
    return found
