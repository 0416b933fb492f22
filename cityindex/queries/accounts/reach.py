"""How far a permission reaches: the places it holds for, for one place in Python and for lists in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, and_, func, not_, or_, true

from cityindex.models import Place

NOWHERE = 0


class Located(Protocol):
    """What is asked about a place: its row, and the row of the province it lies in."""

    @property
    def id(self) -> int: ...
    @property
    def province_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """The place whose people write something; `Located`, so that permissions can be asked about it."""

    id: int
    province_id: int | None
    code: str
    place_type: str
    name_th: str
    name_en: str | None
    demo: bool


def own_place(row: Place) -> OwnPlace:
    return OwnPlace(row.id, row.province_id, row.code, row.place_type, row.name_th, row.name_en, row.demo)


@dataclass(frozen=True, slots=True)
class Reach:
    """Places by row: each of `places`, each of `provinces` with the places in it, or all; never those of `but`."""

    everywhere: bool = False
    places: frozenset[int] = frozenset()
    provinces: frozenset[int] = frozenset()
    but: Reach | None = None

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.places or self.provinces)

    def covers(self, place: Located) -> bool:
        if self.but is not None and self.but.covers(place):
            return False
        within = place.id in self.provinces or place.province_id in self.provinces
        return self.everywhere or within or place.id in self.places

    def condition(self) -> ColumnElement[bool]:
        """The same for the rows of `Place` in a query."""
        province = func.coalesce(Place.province_id, NOWHERE)  # a test on NULL would be lost when it is negated
        within = or_(Place.id.in_(self.places | self.provinces), province.in_(self.provinces))
        covered: ColumnElement[bool] = true() if self.everywhere else within
        return covered if self.but is None else and_(covered, not_(self.but.condition()))
