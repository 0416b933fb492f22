"""The places that an address asks to point out: by code, or by a name that only one place has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.errors import Invalid, NotFound, Problem
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import PlaceRecord, Search, find_place, search_places
from cityindex.thai import fold
from cityindex.web.session import database

MOST = 6
LONGEST = 100
OFFERED = 8
"""How many places are offered where a name is not enough."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """`places` were found; `offered` are those that a name given may mean, `fitting` how many there are of them."""

    places: tuple[PlaceRecord, ...]
    offered: tuple[Named, ...] = ()
    fitting: int = 0

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.places]


def chosen_places(written: Sequence[str]) -> Chosen:
    """Places in the order of the address, each once. Raises `NotFound` for one that is not there, `Invalid` for more
    than `MOST`.
    """
    texts = list(dict.fromkeys(text.strip() for text in written if text.strip()))
    if len(texts) > MOST or any(len(text) > LONGEST for text in texts):
        reason, cure = f"at most {MOST} places are pointed out", "leave some out"
        raise Invalid("the address asks for something that cannot be", [Problem(reason, cure, column="place")])
    places: dict[str, PlaceRecord] = {}
    offered: tuple[Named, ...] = ()
    fitting = 0
    for text in texts:
        found = _found(text)
        if isinstance(found, PlaceRecord):
            places[found.code] = found
        else:
            offered, fitting = found
    return Chosen(tuple(places.values()), offered, fitting)


def _found(text: str) -> PlaceRecord | tuple[tuple[Named, ...], int]:
    try:
        return find_place(database(), text).place
    except NotFound:
        results = search_places(database(), Search(text), limit=OFFERED)
    if not results.total:
        raise NotFound("there is no place of that name or code")
    same = [one for one in results.items if fold(text) in (fold(one.name_th), fold(one.name_en or ""))]
    only = same if len(same) == 1 else results.items if results.total == 1 else ()
    return find_place(database(), only[0].code).place if only else (results.items, results.total)
