"""Files of figures that hold data about persons: refused as a whole, before anything of them is taken or kept.

The checks are those of `personal`. Here columns are free, so that places may have names, days, coordinates and large
figures beside their codes; no message repeats a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from cityindex.errors import Invalid, Problem
from cityindex.formats.delimited import Batch, Lines
from cityindex.formats.personal import (
    DIGITS,
    NAME,
    NUMBER,
    REACHED,
    TITLED,
    holds_number,
    personal_columns,
    reaches_somebody,
)
from cityindex.formats.problems import Problems
from cityindex.formats.tables import Reader, as_text
from cityindex.thai import arabic_digits, normalise

PLACES_TOO = ("name", "names", "id", "ชื่อ", "รายชื่อ")
"""Headings that may be of places: what stands below decides."""
AREA = re.compile(
    r"ตำบล|อำเภอ|จังหวัด|เทศบาล|อบต|อบจ|อปท|พื้นที่|หมู่บ้าน|ชุมชน|เมือง|name_(th|en)\b|\b(place|area|unit)|municip|tambon|amphoe|district|"
    r"changwat|province|city",
    re.IGNORECASE,
)
FIGURE = re.compile(r"[+-]?([1-9]\d{0,2}([, ]\d{3})+|\d+)([.,]\d+)?")
COORDINATES = re.compile(r"[(\[]?-?\d{1,3}\.\d+\s*[,; ]\s*-?\d{1,3}\.\d+[)\]]?")
ADDRESS = re.compile(r"(https?://|www\.)\S*", re.IGNORECASE)
SHORTEST = 8
"""Characters of the shortest number, address or name that is looked for: codes of places are shorter."""
PLAIN = r"^[+-]?(0|[1-9]\d{0,11})(\.\d+)?$"
"""What needs no second look: a figure of less than thirteen digits before the point."""
NO_FIGURES = ("place", "period", "indicator", "status", "source", "ignore")
"""What columns hold that are understood, and no figures: nothing of thirteen digits stands there."""
FIGURE_LIKE_NUMBER = (NUMBER[0], "take it out; if it is a figure, round it to thousands: then it is taken")
"""One large figure in eleven meets the check digit by chance."""
MANY = 0.2
"""Of the texts of a column that begin with a title, for it to hold names of people: some places begin like one."""
MOST = 200
LOOKED_THROUGH = 20
"""Lines in which headings are looked for that stand below a title."""
Row = tuple[int, Sequence[str | None]]
Cells = list[tuple[int, str]]
"""Texts with their lines."""
Roles = Mapping[str, str]
"""What a column holds, by its name."""


class AboutPersons(Invalid):
    """A file that seems to hold data about persons; each problem says in which column and row."""


@dataclass
class Guarded:
    """A reader that passes rows on as they are, and refuses a file about persons.

    `known` says what columns hold whose names are understood: a heading like them tells of nobody.
    """

    reader: Reader
    known: Roles
    problems: Problems = field(init=False)

    def __post_init__(self) -> None:
        self.problems = self.reader.problems
        _refuse(self.problems.file, personal_columns(self.header, (*self.known, *PLACES_TOO)))

    @property
    def header(self) -> tuple[str, ...]:
        return self.reader.header

    @property
    def separator(self) -> str | None:
        return self.reader.separator

    @property
    def notes(self) -> tuple[str, ...]:
        return self.reader.notes

    def batches(self) -> Iterator[Batch]:
        """The rows, once. Raises `AboutPersons` before rows that hold such data are handed on."""
        for batch in self.reader.batches():
            found: list[Problem] = []
            for column in batch.frame.columns:
                cells, filled = _suspicious(batch.frame[column], batch.lines)
                found += _in_column(column, cells, filled, _holds_figures(column, self.known))
            _refuse(self.problems.file, found)
            yield batch


def require_no_persons(file: str, tables: Iterable[Sequence[Row]], known: Callable[[Sequence[str]], Roles]) -> None:
    """The same for tables as they lie in a file, wherever their headings stand. Raises `AboutPersons`.

    `known` says what headings mean, of those that are understood.
    """
    _refuse(file, [problem for table in tables for problem in _in_table(table, known)])


def require_no_person(*words: str) -> None:
    """Refuse words beside a file (its name, its source) that hold a number of a person or how to reach one."""
    if any(holds_number(text) or reaches_somebody(text) for text in words):
        raise AboutPersons("the name of the file or the source holds a number of a person: name it otherwise")


def _refuse(file: str, found: Sequence[Problem]) -> None:
    if found:
        ordered = sorted(found, key=lambda one: one.row or 0)[:MOST]
        raise AboutPersons(f"{file} seems to hold data about persons: nothing of it was taken or kept", ordered)


def _in_table(table: Sequence[Row], known: Callable[[Sequence[str]], Roles]) -> Iterator[Problem]:
    top, head = _headings(table)
    headings = [cell for cell in head if cell]
    roles = known(headings)
    for problem in personal_columns(headings, (*roles, *PLACES_TOO)):
        yield replace(problem, row=top)
    columns: dict[int, Cells] = defaultdict(list)
    for line, cells in table:
        for at, cell in enumerate(cells if line != top else ()):
            if cell:
                columns[at].append((line, cell))
    for at, filled in columns.items():
        name = (head[at] if at < len(head) else None) or f"column {at + 1}"
        suspects = [one for one in filled if _worth_a_look(one[1])]
        yield from _in_column(name, suspects, len(filled), _holds_figures(name, roles))


def _headings(table: Sequence[Row]) -> Row:
    """The first row that is more than half as full as any near it: a title has one cell or two."""
    near = [(row, sum(1 for cell in row[1] if cell)) for row in table[:LOOKED_THROUGH]]
    widest = max((filled for _, filled in near), default=0)
    return next((row for row, filled in near if 2 * filled > widest), (0, ()))


def _worth_a_look(text: str) -> bool:
    return len(text) >= SHORTEST and not re.search(PLAIN, text)


def _suspicious(column: pl.Series, lines: Lines) -> tuple[Cells, int]:
    """The cells of a column that are worth a look, and how many there are in all."""
    if column.dtype.is_numeric() and (column.max() or 0) < 10 ** (DIGITS - 1):
        return [], 0
    text = column if column.dtype == pl.String else as_text(column)
    mask = ((text.str.len_chars() >= SHORTEST) & ~text.str.contains(PLAIN)).fill_null(value=False)
    found = zip(lines[mask.to_numpy()].tolist(), text.filter(mask).to_list(), strict=True)
    return list(found), len(text) - text.null_count()


def _holds_figures(column: str, known: Roles) -> bool:
    return known.get(column, "ignore") not in NO_FIGURES


def _in_column(name: str, cells: Cells, filled: int, figures: bool) -> Iterator[Problem]:
    """A problem for each cell with a number of a person or how to reach one, and, where there are many, each name."""
    known: dict[str, tuple[str, str] | None] = {}
    titled: Cells = []
    for line, text in cells:
        if text not in known:
            known[text] = _fault(text, figures)
        if fault := known[text]:
            yield Problem(*fault, row=line, column=name)
        elif TITLED.match(normalise(text)):
            titled.append((line, text))
    if not AREA.search(name) and len(titled) >= max(MANY * filled, 1):
        yield from (Problem(*NAME, row=line, column=name) for line, _ in titled)


def _fault(text: str, a_figure: bool) -> tuple[str, str] | None:
    plain = arabic_digits(unicodedata.normalize("NFKC", text)).strip()
    figure = FIGURE.fullmatch(plain)
    if figure and not plain.startswith("0"):
        digits = re.sub(r"\D", "", figure[1])
        if len(digits) != DIGITS or (a_figure and not _is_of_a_person(digits)):
            return None
        return FIGURE_LIKE_NUMBER if a_figure else NUMBER
    if COORDINATES.fullmatch(plain):
        return None
    if holds_number(plain):
        return NUMBER
    return REACHED if reaches_somebody(ADDRESS.sub("", plain)) else None


def _is_of_a_person(digits: str) -> bool:
    """Whether thirteen digits are a number of a person by their last one, which follows from the others.

    A figure of a billion and more is seldom one, and a round one never.
    """
    if digits[0] == "9" or digits.endswith("000"):
        return False
    weighed = sum(int(digit) * weight for digit, weight in zip(digits, range(DIGITS, 1, -1), strict=False))
    return (11 - weighed % 11) % 10 == int(digits[-1])
