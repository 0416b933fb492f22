"""Places as pages and machines read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import NotFound
from cityindex.models import Membership, Place, PlaceCode, PlaceSpell
from cityindex.models.codes import AREA, LOCAL, own_code
from cityindex.queries.places.directory import Named, directory
from cityindex.thai import fold


def named_places(
    session: Session,
    *,
    codes: Sequence[str] | None = None,
    place_type: str | None = None,
    province: str | None = None,
) -> dict[str, Named]:
    """Places by code: all, or those with one of `codes`, of a type, or in a province (its code)."""
    held = directory(session)
    ids = held.ids.tolist() if codes is None else [held.id_of[code] for code in codes if code in held.id_of]
    found = [held.named[number] for number in ids]
    return {
        one.code: one
        for one in found
        if place_type in (None, "", one.place_type) and province in (None, "", one.province_code)
    }


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place with what is said of it itself: its profile without scores."""

    id: int
    code: str
    place_type: str
    name_th: str
    name_en: str | None
    province_code: str | None
    province_th: str | None
    province_en: str | None
    district_code: str | None
    district_th: str | None
    district_en: str | None
    latitude: float | None
    longitude: float | None
    area_km2: float | None
    population: int | None
    valid_from: date | None
    valid_to: date | None
    source: str
    demo: bool
    province_id: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and whether it was asked for by a code that is not the one in force: then pages redirect."""

    place: PlaceRecord
    redirected: bool


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """A code of a place in a scheme, with the dates that are known."""

    scheme: str
    code: str
    in_force: bool
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class SpellRecord:
    """What a place was before: under another type, name or code."""

    place_type: str
    name_th: str
    name_en: str | None
    code: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `text` may be parts of names or a code; `programme` means its present members."""

    text: str = ""
    types: tuple[str, ...] = ()
    province: str | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """One page of places, those whose name begins with the text first, then by name; `total` counts all pages."""

    items: tuple[Named, ...]
    total: int


def find_place(session: Session, code: str, scheme: str | None = None) -> Found:
    """The place that a code means: now, or else most recently. One query for a code in force, two for an earlier one.

    Without a scheme it is the place's own code, as written (eight digits with a zero before them, Thai digits).
    Raises `NotFound`.
    """
    wanted = code.strip() if scheme else own_code(code)
    place = _record(session, Place.code == wanted) if scheme is None else None
    if place is None:
        place_id = _holder(session, wanted, scheme)
        place = _record(session, Place.id == place_id) if place_id is not None else None
    if place is None:
        raise NotFound(f"there is no place {code}" + (f" in {scheme}" if scheme else ""))
    return Found(place, place.code != code)


def place_by_id(session: Session, place_id: int) -> PlaceRecord:
    """A place by its row. Raises `NotFound`."""
    found = _record(session, Place.id == place_id)
    if found is None:
        raise NotFound(f"there is no place {place_id}")
    return found


def places_by_id(session: Session, ids: Collection[int]) -> Mapping[int, PlaceRecord]:
    """Some places by their rows."""
    found = session.execute(_records().where(Place.id.in_(ids))) if ids else ()
    return {one.id: one for one in (PlaceRecord(*row) for row in found)}


def places_within(session: Session, condition: ColumnElement[bool], limit: int = 50) -> tuple[PlaceRecord, ...]:
    """The places in force that fit a condition on `Place`, by code."""
    query = _records().where(condition, Place.valid_to.is_(None)).order_by(Place.code).limit(limit)
    return tuple(PlaceRecord(*row) for row in session.execute(query))


def find_places(session: Session, codes: Sequence[str]) -> tuple[Found | None, ...]:
    """As `find_place` for several codes, in their order; None for a code that no place has or had.

    One query for codes in force, two more for each other one.
    """
    own = [own_code(code) for code in codes]
    rows = session.execute(_records().where(Place.code.in_(own)))
    there = {place.code: place for place in (PlaceRecord(*row) for row in rows)}
    return tuple(
        Found(there[mine], mine != code) if mine in there else _found(session, code)
        for code, mine in zip(codes, own, strict=True)
    )


def codes_of(session: Session, place_id: int) -> tuple[CodeRecord, ...]:
    """All codes of a place, those in force first."""
    columns = (PlaceCode.scheme, PlaceCode.code, PlaceCode.in_force, PlaceCode.valid_from, PlaceCode.valid_to)
    query = select(*columns).where(PlaceCode.place_id == place_id)
    ordered = query.order_by(PlaceCode.in_force.desc(), PlaceCode.scheme, PlaceCode.id.desc())
    return tuple(CodeRecord(*row) for row in session.execute(ordered))


def spells_of(session: Session, place_id: int) -> tuple[SpellRecord, ...]:
    """What a place was before, the latest first."""
    columns = (
        PlaceSpell.place_type, PlaceSpell.name_th, PlaceSpell.name_en, PlaceSpell.code,
        PlaceSpell.valid_from, PlaceSpell.valid_to,
    )  # fmt: skip
    query = select(*columns).where(PlaceSpell.place_id == place_id).order_by(PlaceSpell.id.desc())
    return tuple(SpellRecord(*row) for row in session.execute(query))


def search_places(session: Session, wanted: Search, *, limit: int = 50, offset: int = 0) -> Results:
    """A page of the places that are looked for. Two queries."""
    words, conditions = fold(wanted.text).split(), _conditions(wanted)
    total = session.scalar(select(func.count()).select_from(Place).where(*conditions)) or 0
    begins = case((Place.name_search.startswith(" ".join(words), autoescape=True), 0), else_=1)
    ordered = select(Place.id).where(*conditions).order_by(begins, Place.name_sort, Place.code)
    named = directory(session).named
    return Results(tuple(named[number] for number in session.scalars(ordered.limit(limit).offset(offset))), total)


def _conditions(wanted: Search) -> list[ColumnElement[bool]]:
    conditions = [Place.name_search.contains(word, autoescape=True) for word in fold(wanted.text).split()]
    if wanted.types:
        conditions.append(Place.place_type.in_(wanted.types))
    if wanted.province:
        conditions.append(Place.province_id == _id_of(wanted.province))
    if wanted.programme:
        conditions.append(Place.id.in_(_present_members(wanted.programme)))
    return conditions


def provinces(session: Session) -> tuple[Named, ...]:
    """All provinces in the order of a dictionary."""
    return directory(session).provinces


def counts_by_type(session: Session, province_id: int | None = None) -> Mapping[str, int]:
    """How many places there are of each type, in all or within a province."""
    held = directory(session)
    wanted = ~held.ended if province_id is None else ~held.ended & (held.province_ids == province_id)
    kinds, counts = np.unique(held.types[wanted], return_counts=True)
    return dict(zip(kinds.tolist(), counts.tolist(), strict=True))


def _id_of(code: str) -> ScalarSelect[int]:
    return select(Place.id).where(Place.code == code).scalar_subquery()


def _present_members(programme: str) -> Select[int]:
    return select(Membership.place_id).where(Membership.programme == programme, Membership.left.is_(None))


def place_page(
    session: Session, wanted: Search, after: str | None, limit: int, *, ended: bool = False
) -> tuple[PlaceRecord, ...]:
    """The places that are looked for whose code comes after `after`, by code; with `ended`, those that are no more."""
    query = _records().where(*_conditions(wanted))
    if not ended:
        query = query.where(Place.valid_to.is_(None))
    if after is not None:
        query = query.where(Place.code > after)
    return tuple(PlaceRecord(*row) for row in session.execute(query.order_by(Place.code).limit(limit)))


_province, _district = aliased(Place), aliased(Place)


def _records() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Place.id, Place.code, Place.place_type, Place.name_th, Place.name_en,
            _province.code, _province.name_th, _province.name_en, _district.code, _district.name_th, _district.name_en,
            Place.latitude, Place.longitude, Place.area_km2, Place.population, Place.valid_from, Place.valid_to,
            Place.source, Place.demo, Place.province_id,
        )
        .outerjoin(_province, _province.id == Place.province_id)
        .outerjoin(_district, _district.id == Place.district_id)
    )  # fmt: skip


def _record(session: Session, condition: ColumnElement[bool]) -> PlaceRecord | None:
    row = session.execute(_records().where(condition)).one_or_none()
    return PlaceRecord(*row) if row else None


def _found(session: Session, code: str) -> Found | None:
    try:
        return find_place(session, code)
    except NotFound:
        return None


def _holder(session: Session, code: str, scheme: str | None) -> int | None:
    schemes = (scheme,) if scheme else (AREA, LOCAL)
    query = select(PlaceCode.place_id).where(PlaceCode.code == code, PlaceCode.scheme.in_(schemes))
    newest = query.order_by(PlaceCode.in_force.desc(), PlaceCode.valid_to.desc().nulls_last(), PlaceCode.id.desc())
    return session.scalar(newest.limit(1))
