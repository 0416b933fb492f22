"""Who improved a figure: places whose newest value is better than their first, in the order of by how much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import IndicatorKey, Observation, Place

BREAK = "B"
"""Of SDMX: the value cannot be compared with earlier ones."""


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


def improved(session: Session, indicator: str, places: Collection[str], *, higher: bool) -> list[Improved]:
    """Those of `places` (codes) that improved; `higher`: more is better. After a break in a series it begins anew."""
    query = (
        select(Place.id, Place.code, Observation.period, Observation.value, Observation.status)
        .join(Observation, Observation.place_id == Place.id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(
            IndicatorKey.code == indicator,
            Place.code.in_(places),
            Observation.superseded_by.is_(None),
            Observation.value.is_not(None),
        )
        .order_by(Place.code, Observation.period)
    )
    series: dict[tuple[int, str], list[tuple[int, float]]] = defaultdict(list)
    for place, code, period, value, status in session.execute(query):
        if status == BREAK:
            series[place, code].clear()
        series[place, code].append((period, float(value or 0.0)))
    found = [
        Improved(place, code, first[1], first[0], last[1], last[0])
        for (place, code), known in series.items()
        for first, last in [(known[0], known[-1])]
    ]
    better = [one for one in found if (one.change > 0 if higher else one.change < 0)]
    return sorted(better, key=lambda one: (-abs(one.change), one.code))
