"""What the page of an indicator says of the places that are pointed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cityindex.charts import Marker
from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.queries.places.places import PlaceRecord
from cityindex.web import words
from cityindex.web.filters import translated
from cityindex.web.indicators.view import View
from cityindex.web.page import full_name


@dataclass(frozen=True, slots=True)
class Standing:
    """A place among those that are shown: `less`, `same` and `more` count the others by their own values."""

    place: PlaceRecord
    value: float | None
    mark: str
    less: int
    same: int
    more: int

    @property
    def others(self) -> int:
        return self.less + self.same + self.more


def standing(view: View, place: PlaceRecord) -> Standing:
    """Where a place stands in the period shown. A value that stands in for one is told, and compared with nobody."""
    column = view.data.columns.get(view.period) if view.period else None
    at = np.flatnonzero(column.place_ids == place.id) if column else np.empty(0, int)
    if column is None or not at.size:
        return Standing(place, None, "", 0, 0, 0)
    value, stands_in = float(column.values[at[0]]), bool(column.standing_in[at[0]])
    mark = view.mark_words(int(column.marks[at[0]]))
    if stands_in or view.column is None:
        return Standing(place, value, mark, 0, 0, 0)
    others = view.column.own[view.column.place_ids[~view.column.standing_in] != place.id]
    counts = (others < value).sum(), (others == value).sum(), (others > value).sum()
    return Standing(place, value, mark, *map(int, counts))


def markers(entry: IndicatorEntry, view: View, places: Sequence[PlaceRecord]) -> list[Marker]:
    """The places with a value of their own in the period shown, for the picture of the distribution."""
    found = [(number, standing(view, place)) for number, place in enumerate(places, start=1)]
    return [
        _marker(number, one.place, one.value, words.with_unit(one.value, entry))
        for number, one in found
        if one.value is not None and one.others
    ]


def _marker(number: int, place: PlaceRecord, value: float, said: str) -> Marker:
    """The key beside it has the whole name: here is the short one, for a phone."""
    return Marker(value, f"{number} {translated(place)} {said}", place.code, f"{full_name(place)}: {said}")
