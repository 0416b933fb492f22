"""Places as pages and machines read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import NotFound
from cityindex.models import Membership, Place, PlaceCode, PlaceSpell
from cityindex.models.codes import AREA, LOCAL, own_code
from cityindex.thai import fold


@dataclass(frozen=True, slots=True)
class Named:
    """A place as a list or a map shows it."""

    code: str
    place_type: str
    name_th: str
    name_en: str | None
    name_sort: str
    province_code: str | None
    province_th: str | None
    province_en: str | None
    demo: bool


def named_places(
    session: Session,
    *,
    codes: Sequence[str] | None = None,
    place_type: str | None = None,
    province: str | None = None,
) -> dict[str, Named]:
    """Places by code: all, or those with one of `codes`, of a type, or in a province (its code)."""
    query = _named()
    if codes is not None:
        query = query.where(Place.code.in_(codes))
    if place_type:
        query = query.where(Place.place_type == place_type)
    if province:
        query = query.where(Place.province_id == _id_of(province))
    return {row[0]: Named(*row) for row in session.execute(query)}


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
    page = _named().where(*conditions).order_by(begins, Place.name_sort, Place.code).limit(limit).offset(offset)
    return Results(tuple(Named(*row) for row in session.execute(page)), total)


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
    query = _named().where(Place.place_type == "province").order_by(Place.name_sort)
    return tuple(Named(*row) for row in session.execute(query))


def counts_by_type(session: Session, province_id: int | None = None) -> Mapping[str, int]:
    """How many places there are of each type, in all or within a province."""
    query = select(Place.place_type, func.count()).where(Place.valid_to.is_(None)).group_by(Place.place_type)
    if province_id is not None:
        query = query.where(Place.province_id == province_id)
    return {kind: count for kind, count in session.execute(query)}


def _named() -> Select[*tuple[Any, ...]]:
    area = aliased(Place)
    columns = (Place.code, Place.place_type, Place.name_th, Place.name_en, Place.name_sort)
    query = select(*columns, area.code, area.name_th, area.name_en, Place.demo)
    return query.outerjoin(area, area.id == Place.province_id)


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


def _records() -> Select[*tuple[Any, ...]]:
    province, district = aliased(Place), aliased(Place)
    return (
        select(
            Place.id, Place.code, Place.place_type, Place.name_th, Place.name_en,
            province.code, province.name_th, province.name_en, district.code, district.name_th, district.name_en,
            Place.latitude, Place.longitude, Place.area_km2, Place.population, Place.valid_from, Place.valid_to,
            Place.source, Place.demo, Place.province_id,
        )
        .outerjoin(province, province.id == Place.province_id)
        .outerjoin(district, district.id == Place.district_id)
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
