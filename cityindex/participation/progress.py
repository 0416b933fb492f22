"""How far a place is on the way to a target: reached, on track, behind, or it cannot be told.

The newest value up to the year of the target decides:

1. It is as good as the target, or better: reached.
2. It is of the target's own year and not as good: behind, for the year is over.
3. The target's year is over and its value is not known yet: cannot be told.
4. Otherwise it is compared with the straight line from the value that was known when the target was set to the target
   in its year: as good as the line or better is on track, else behind.
5. Without a value to begin from, or without one that is newer: cannot be told.

Values that stand in for others (of a wider area, carried forward, imputed) are no values of the place: whoever calls
leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

NEAR = 1e-9
"""The share of a value by which two computed ones may differ and still be the same."""
Why = Literal["", "no-value", "no-start", "none-newer", "awaited", "over"]


class Progress(StrEnum):
    """In the order in which lists have them."""

    REACHED = "reached"
    ON_TRACK = "on-track"
    BEHIND = "behind"
    UNKNOWN = "cannot-be-told"


@dataclass(frozen=True, slots=True)
class Aim:
    """A value to reach by a year. `better` is +1 where more is better, -1 where less is; `start` the year of the
    newest value when the target was set, None where there was none.
    """

    value: float
    year: int
    better: float
    start: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """`year` and `value` are the newest that was looked at; `expected` what the line says for that year.

    `why` says what is missing where it cannot be told, and `over` where the year of the target has ended.
    """

    progress: Progress
    why: Why = ""
    year: int | None = None
    value: float | None = None
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The straight line from the value that was known when the target was set to the target in its year."""

    start: int
    begin: float
    aim: Aim

    def at(self, year: int) -> float:
        """Where it is in a year; before its start and after the target's year, what it is there."""
        share = (min(max(year, self.start), self.aim.year) - self.start) / (self.aim.year - self.start)
        return self.begin + (self.aim.value - self.begin) * share


def line_of(aim: Aim, values: Mapping[int, float]) -> Line | None:
    """The line that rule 4 compares with; None where there is no value to begin from, or no year on the way."""
    if aim.start is None or aim.start not in values or aim.start >= aim.year:
        return None
    return Line(aim.start, values[aim.start], aim)


def told(aim: Aim, values: Mapping[int, float], *, over: bool = False) -> Told:
    """Progress by the values of a place by year. `over`: the target's year has ended."""
    known = {year: value for year, value in values.items() if year <= aim.year}
    if not known:
        return Told(Progress.UNKNOWN, "no-value")
    newest = max(known)
    value = known[newest]
    if as_good(value, aim.value, aim.better):
        return Told(Progress.REACHED, "", newest, value)
    if newest == aim.year:
        return Told(Progress.BEHIND, "over", newest, value)
    if over:
        return Told(Progress.UNKNOWN, "awaited", newest, value)
    return _on_the_way(aim, known, newest)


def as_good(value: float, wanted: float, better: float) -> bool:
    """Whether a value is at least as good as another, but for the last digits of computed numbers."""
    return better * (value - wanted) >= -NEAR * max(abs(value), abs(wanted), NEAR)


def _on_the_way(aim: Aim, values: Mapping[int, float], newest: int) -> Told:
    value, line = values[newest], line_of(aim, values)
    if aim.start is None or aim.start not in values:
        return Told(Progress.UNKNOWN, "no-start", newest, value)
    if newest <= aim.start or line is None:
        return Told(Progress.UNKNOWN, "none-newer", newest, value)
    expected = line.at(newest)
    progress = Progress.ON_TRACK if as_good(value, expected, aim.better) else Progress.BEHIND
    return Told(progress, "", newest, value, expected)
