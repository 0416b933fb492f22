"""Who improved a figure: places whose newest value is better than their first, in the order of by how much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import Place
from cityindex.queries.observations.indicator_columns import indicator_columns
from cityindex.scoring.framework import Indicator

BREAK = ord("B")
"""Of SDMX: the value cannot be compared with earlier ones."""
Point = tuple[int, float]
"""A year and the value of it."""


@dataclass(frozen=True, slots=True)
class Improved:
    """A place with its first and newest value that can be compared, in the indicator's unit; years as stored."""

    place: int
    code: str
    before: float
    before_period: int
    after: float
    after_period: int

    @property
    def change(self) -> float:
        return self.after - self.before


def improved(
    session: Session, indicator: Indicator, frameworks: Sequence[str], places: Collection[str]
) -> list[Improved]:
    """Those of `places` (codes) that improved, by values of their own; calculated ones are of editions.

    After a break in a series it begins anew.
    """
    codes = {row.id: row.code for row in session.execute(select(Place.id, Place.code).where(Place.code.in_(places)))}
    series = _series(session, indicator, frameworks, codes)
    found = [
        Improved(place, codes[place], known[0][1], known[0][0], known[-1][1], known[-1][0])
        for place, known in series.items()
    ]
    higher = indicator.direction == "higher"
    better = [one for one in found if (one.change > 0 if higher else one.change < 0)]
    return sorted(better, key=lambda one: (-abs(one.change), one.code))


def own_point(session: Session, indicator: Indicator, frameworks: Sequence[str], place: int) -> Point | None:
    """The newest year and value of one place."""
    known = _series(session, indicator, frameworks, [place]).get(place)
    return known[-1] if known else None


def _series(
    session: Session, indicator: Indicator, frameworks: Sequence[str], places: Collection[int]
) -> dict[int, list[Point]]:
    series: dict[int, list[Point]] = {}
    for period, column in indicator_columns(session, indicator, frameworks).columns.items():
        rows = zip(column.place_ids, column.values, column.marks, column.standing_in, strict=True)
        for place, value, mark, standing_in in rows:
            if place not in places or standing_in:
                continue
            if mark == BREAK:
                series.pop(int(place), None)
            series.setdefault(int(place), []).append((int(period), float(value)))
    return series
