"""The places of an indicator's table: which of them, in which order, and what to say of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import Place
from cityindex.queries.observations.indicator_columns import Column
from cityindex.queries.places.directory import Named, PlaceIds, directory
from cityindex.thai import fold


@dataclass(frozen=True, slots=True)
class Filter:
    """Which places. Empty means: all of them."""

    types: Collection[str] = ()
    province: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A place with its value, or without one. `mark` is of the column that the value is from."""

    place: Named
    value: float | None
    mark: int
    standing_in: bool


def matching_places(session: Session, wanted: Filter) -> PlaceIds:
    """The places of today that pass a filter, in the order of their names."""
    found = directory(session).of(tuple(wanted.types), wanted.province)
    words = [Place.name_search.contains(word, autoescape=True) for word in fold(wanted.search).split()]
    if not words:
        return found
    return found[np.isin(found, np.fromiter(session.scalars(select(Place.id).where(*words)), np.int32))]


def same_kind(session: Session, like: int, place_ids: PlaceIds) -> PlaceIds:
    """Those of some places that are demo, or those that are not, as place `like` is: the two never mix."""
    held = directory(session)
    others = held.ids[held.demo != held.named[like].demo]
    return place_ids[~np.isin(place_ids, others)]


def in_order(place_ids: PlaceIds, column: Column, sort: str, *, descending: bool) -> PlaceIds:
    """Places (given by name) by name or by value; those without a value come last, and names decide between equals."""
    if sort == "name":
        return place_ids[::-1] if descending else place_ids
    values = np.full(int(max(place_ids.max(initial=0), column.place_ids.max(initial=0))) + 1, np.nan)
    values[column.place_ids] = column.values
    key = -values[place_ids] if descending else values[place_ids]
    return place_ids[np.argsort(key, kind="stable")]


def value_rows(session: Session, column: Column | None, place_ids: PlaceIds) -> tuple[ValueRow, ...]:
    """A row for each of some places, in their order."""
    wanted = place_ids.tolist()
    lines = places_by_id(session, wanted)
    found = {} if column is None else _cells(column, place_ids)
    return tuple(ValueRow(lines[place], *found.get(place, (None, 0, False))) for place in wanted if place in lines)


def places_by_id(session: Session, place_ids: Collection[int] | None = None) -> Mapping[int, Named]:
    """Some places, or all of them, by id."""
    named = directory(session).named
    return named if place_ids is None else {number: named[number] for number in place_ids if number in named}


def _cells(column: Column, place_ids: PlaceIds) -> dict[int, tuple[float, int, bool]]:
    at = np.isin(column.place_ids, place_ids)
    columns = (column.place_ids[at], column.values[at], column.marks[at], column.standing_in[at])
    return {
        place: (value, mark, stands) for place, value, mark, stands in zip(*(c.tolist() for c in columns), strict=True)
    }
