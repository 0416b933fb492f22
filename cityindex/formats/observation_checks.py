"""What can only be seen over a whole file of observations: the era of its years, and cells that are there twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cityindex.calendars import BUDDHIST_OFFSET, FIRST_BUDDHIST_YEAR, Era
from cityindex.formats.observation_cells import Cells
from cityindex.formats.observation_layout import Layout
from cityindex.formats.problems import Problems

FIRST_YEAR, LAST_YEAR = 1800, 2200
OTHER: dict[Era, Era] = {"be": "ce", "ce": "be"}
ERA_WORDS = {"be": "Buddhist-era", "ce": "common-era"}


def resolve_periods(
    cells: Cells, layout: Layout, period: int, problems: Problems
) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """The common-era year of each row, and what was guessed. `period` stands for a file without such a column."""
    if cells.year is None:
        return np.full(len(cells.line), period, np.int16), ()
    column = layout.roles["period"]
    written = np.array([_year(text) for text in cells.years], np.int32)
    buddhist = written >= FIRST_BUDDHIST_YEAR
    if layout.era is None and buddhist.any() and (~buddhist & (written > 0)).any():
        _say_mixed(cells, buddhist[cells.year], column, problems)
        return cells.year.astype(np.int16), ()
    era = layout.era or ("be" if buddhist.any() else "ce")
    years = written - (BUDDHIST_OFFSET if era == "be" else 0)
    for code in np.flatnonzero((years < FIRST_YEAR) | (years > LAST_YEAR)):
        years[code] = -1 - code  # two that cannot be read are not the same
        cure = "write a year such as 2023 or 2566"
        if written[code]:
            cure = f"it is no {ERA_WORDS[era]} year: say --era {OTHER[era]}, or correct the header"
        _say_rows(cells, cells.year == code, (column, "is not a year that can be meant", cure), problems)
    return years.astype(np.int16)[cells.year], () if layout.era else (_guessed(written, era),)


def find_duplicates(cells: Cells, period: NDArray[np.int16], problems: Problems) -> None:
    """A problem for each row that gives a cell for the second time; both lines are named."""
    key = period.astype(np.int64) * len(cells.places) + cells.place
    if cells.indicator is not None:
        key = key * len(cells.indicators) + cells.indicator
    if _all_differ(key):
        return
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0) + 1
    described = again[: problems.room]
    for i in described:
        first, second = order[i - 1], order[i]
        what = cells.places[cells.place[second]]
        if cells.indicator is not None:
            what += f" {cells.indicators[cells.indicator[second]]}"
        reason = f"the same place{'' if cells.indicator is None else ', indicator'} and period are on line"
        cure = "delete one of the two rows"
        problems.add(
            f"{reason} {cells.line[first]} already", cure, row=int(cells.line[second]), column="place", value=what
        )
    problems.count_more(len(again) - len(described))


def _all_differ(key: NDArray[np.int64]) -> bool:
    low = int(key.min())
    span = int(key.max()) - low + 1
    if span <= max(16 * len(key), 1 << 20):
        seen = np.zeros(span, bool)
        seen[key - low] = True
        return int(np.count_nonzero(seen)) == len(key)
    ordered = np.sort(key)
    return bool(np.all(ordered[1:] != ordered[:-1]))


def _year(text: str) -> int:
    """Four digits as a number; 0 for anything else."""
    return int(text) if len(text) == 4 and text.isascii() and text.isdigit() else 0


def _say_mixed(cells: Cells, buddhist: NDArray[np.bool_], column: str, problems: Problems) -> None:
    cure = "write all years in one era, or say which it is with --era be or --era ce"
    lines = {True: cells.line[np.argmax(buddhist)], False: cells.line[np.argmax(~buddhist)]}
    for here in (True, False):
        reason = f"the file mixes eras: the year on line {lines[not here]} is of the other one"
        problems.add(reason, cure, row=int(lines[here]), column=column)


def _guessed(written: NDArray[np.int32], era: Era) -> str:
    years = written[written > 0]
    if not len(years):
        return ""
    low, high = int(years.min()), int(years.max())
    shift = BUDDHIST_OFFSET if era == "be" else 0
    meaning = f", stored as {_span(low - shift, high - shift)}" if shift else ""
    words = f"{_span(low, high)} read as {ERA_WORDS[era]}{meaning}"
    return f"nothing in the file says the era: {words} (--era be or --era ce settles it)"


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _say_rows(cells: Cells, wrong: NDArray[np.bool_], what: tuple[str, str, str], problems: Problems) -> None:
    column, reason, cure = what
    rows = np.flatnonzero(wrong)
    described = rows[: problems.room]
    for row in described:
        text = "" if cells.year is None else cells.years[cells.year[row]]
        problems.add(reason, cure, row=int(cells.line[row]), column=column, value=text)
    problems.count_more(len(rows) - len(described))
