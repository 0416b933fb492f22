"""The places that are stored, as an import compares its rows with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite, writing
from cityindex.models import Place, PlaceCode, PlaceSpell
from cityindex.models.codes import AREA, LOCAL, own_scheme
from cityindex.thai import name_key

AREA_WORDS = ("จังหวัด", "จ.", "อำเภอ", "อ.", "กิ่งอำเภอ", "เขต")


@dataclass(slots=True)
class KnownPlace:
    """A place as stored; province and district by their codes. Its own code is in `codes` too."""

    id: int
    code: str
    place_type: str
    name_th: str
    name_en: str | None
    province: str | None
    district: str | None
    latitude: float | None
    longitude: float | None
    area_km2: float | None
    population: int | None
    valid_from: date | None
    demo: bool
    codes: dict[str, str] = field(default_factory=dict)
    """In force, by scheme."""
    ended: set[tuple[str, str]] = field(default_factory=set)
    since: date | None = None
    """When its own code came into force."""
    earlier_names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.code} {self.name_th}"


class KnownPlaces:
    """All places, found by code in a scheme, by name within a province, or as the province or district of a row."""

    def __init__(self, places: Iterable[KnownPlace]) -> None:
        self.by_id = {place.id: place for place in places}
        self.in_force: dict[tuple[str, str], KnownPlace] = {}
        self.ended: dict[tuple[str, str], list[KnownPlace]] = defaultdict(list)
        self.by_name: dict[tuple[str, str | None], list[KnownPlace]] = defaultdict(list)
        self.areas = Areas()
        for place in self.by_id.values():
            self._index(place)

    def _index(self, place: KnownPlace) -> None:
        self.in_force.update({pair: place for pair in place.codes.items()})
        for pair in place.ended:
            self.ended[pair].append(place)
        self.by_name[name_key(place.name_th), place.province].append(place)
        self.areas.add(place.place_type, place.code, place.province, (place.name_th, place.name_en))

    def own(self, code: str) -> KnownPlace | None:
        return self.in_force.get((own_scheme(code), code))

    def find(self, scheme: str, code: str) -> list[KnownPlace]:
        """The place whose code it is; where none holds it now, all that held it once."""
        place = self.in_force.get((scheme, code))
        return [place] if place else list(self.ended.get((scheme, code), ()))


class Areas:
    """Provinces and districts by code and by name, in either language."""

    def __init__(self) -> None:
        self.provinces: dict[str, str] = {}
        self.districts: dict[tuple[str | None, str], str] = {}
        self.district_codes: dict[str, str | None] = {}
        """The province of each."""

    def add(self, place_type: str, code: str, province: str | None, names: Iterable[str | None]) -> None:
        if place_type == "province":
            self.provinces.update({key: code for key in (code, *_area_keys(names))})
        elif place_type == "district":
            self.district_codes[code] = province
            self.districts.update({(province, key): code for key in _area_keys(names)})

    def province(self, written: str) -> str | None:
        """The code of a province from its code or a name of it."""
        return next((self.provinces[key] for key in (written, *_area_keys([written])) if key in self.provinces), None)

    def district(self, written: str, province: str | None) -> str | None:
        """The code of a district from its code, or from its name within a province."""
        if written in self.district_codes:
            return written if province in (None, self.district_codes[written]) else None
        keys = ((province, key) for key in _area_keys([written]))
        return next((self.districts[key] for key in keys if key in self.districts), None)


def _area_keys(names: Iterable[str | None]) -> list[str]:
    """What a name of an area is looked up by: as it is, and without the word for province or district before it."""
    keys = []
    for name in names:
        if name:
            bare = next((name.removeprefix(word) for word in AREA_WORDS if name.startswith(word)), name)
            keys += [name_key(name), name_key(bare)]
    return [key for key in keys if key]


def known_places(session: Session, *, to_change: bool = False) -> KnownPlaces:
    """Every place with its codes, in three queries; `to_change`: while no other transaction changes any."""
    if to_change:
        _alone(session)
    fields = (
        Place.id, Place.code, Place.place_type, Place.name_th, Place.name_en, Place.province_id, Place.district_id,
        Place.latitude, Place.longitude, Place.area_km2, Place.population, Place.valid_from, Place.demo,
    )  # fmt: skip
    rows = session.execute(select(*fields)).all()
    code_of = {row.id: row.code for row in rows}
    places = {row.id: _known_place(dict(row._mapping), code_of) for row in rows}
    _add_codes(session, places)
    for place_id, name in session.execute(select(PlaceSpell.place_id, PlaceSpell.name_th)):
        places[place_id].earlier_names.append(name)
    return KnownPlaces(places.values())


def _alone(session: Session) -> None:
    # Two imports at once would both see a place as new. Readers go on.
    writing(session)
    if not is_sqlite(session):
        session.execute(text("LOCK TABLE place IN SHARE ROW EXCLUSIVE MODE"))


def _known_place(values: dict[str, Any], code_of: Mapping[int, str]) -> KnownPlace:
    for name in ("province", "district"):
        values[name] = code_of.get(values.pop(f"{name}_id"))
    return KnownPlace(**values)


def _add_codes(session: Session, places: Mapping[int, KnownPlace]) -> None:
    fields = (PlaceCode.place_id, PlaceCode.scheme, PlaceCode.code, PlaceCode.in_force, PlaceCode.valid_from)
    for place_id, scheme, code, in_force, since in session.execute(select(*fields)):
        place = places[place_id]
        if not in_force:
            place.ended.add((scheme, code))
            continue
        place.codes[scheme] = code
        if scheme in (AREA, LOCAL) and code == place.code:
            place.since = since
