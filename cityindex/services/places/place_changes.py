"""What an import changes: the differences between a row and its place, and the writing of them, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from cityindex.models import Place, PlaceCode, PlaceSpell
from cityindex.models.codes import own_scheme
from cityindex.services.places.known_places import KnownPlace, KnownPlaces
from cityindex.services.places.matching import Meant
from cityindex.thai import collation_key, fold, name_key

STORED_AS = {
    "place_type": "place_type",
    "name_th": "name_th",
    "name_en": "name_en",
    "lat": "latitude",
    "lon": "longitude",
    "area_km2": "area_km2",
    "population": "population",
}
WAVES = (("province",), ("district",))
"""Written in this order, before all other types, which name them."""
CHUNK = 400


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the place of a row: `values` are columns of `place`, `codes` those that come into force."""

    meant: Meant
    values: dict[str, Any]
    codes: dict[str, str] = field(default_factory=dict)
    since: date | None = None
    """A date that is now known for a code already in force."""

    @property
    def is_new(self) -> bool:
        return self.meant.place is None

    @property
    def is_change(self) -> bool:
        return bool(self.values or self.codes or self.since)

    @property
    def note(self) -> str:
        """In words, for the report."""
        place, row = self.meant.place, self.meant.row
        if place is None:
            return ""
        if self.meant.way == "earlier-code":
            return f"an earlier code of {place}: the row tells of an earlier time and changes nothing"
        told = [f"{name}: {getattr(place, name, None)} → {new}" for name, new in self.values.items()]
        told += [f"code:{scheme}: {place.codes.get(scheme)} → {new}" for scheme, new in self.codes.items()]
        told += [f"in force since {self.since}"] if self.since else []
        before = f"upgraded from {place.code} {place.place_type}; " if row.code != place.code else ""
        return before + ", ".join(told)


def change_of(meant: Meant) -> Change:
    """What the row changes. An empty cell changes nothing; a row under an earlier code neither."""
    row, place = meant.row, meant.place
    if meant.way == "earlier-code":
        return Change(meant, {})
    said = {stored: getattr(row, name) for name, stored in STORED_AS.items()}
    said |= {"province": meant.province, "district": meant.district}
    codes = {own_scheme(row.code): row.code}
    codes |= {s: c for s, c in row.codes if (s, c) not in meant.dropped and s != own_scheme(row.code)}
    if place is None:
        return Change(meant, said, codes)
    values = {name: new for name, new in said.items() if new is not None and new != getattr(place, name)}
    new_codes = {scheme: code for scheme, code in codes.items() if place.codes.get(scheme) != code}
    dated = row.valid_from if row.code == place.code and row.valid_from != place.since else None
    return Change(meant, values, new_codes, dated)


class PlaceWriter:
    """Writes changes within one transaction."""

    def __init__(self, session: Session, known: KnownPlaces, source: str, demo: bool = False) -> None:
        self.session, self.source, self.demo = session, source, demo
        self.ids = {place.code: place.id for place in known.by_id.values()}

    def write(self, changes: Iterable[Change]) -> None:
        everything = list(changes)
        new = [change for change in everything if change.is_new]
        for wave in (*WAVES, None):
            self._insert([change for change in new if _in_wave(change.meant.row.place_type, wave)])
        changed = [change for change in everything if not change.is_new and change.is_change]
        self._end_codes(changed)
        self._spells(changed)
        self._update(changed)
        self._bring_codes([*new, *changed])

    def _insert(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        rows = [
            self._stored(change.values | {"code": change.meant.row.code}, change)
            | {"valid_from": change.meant.row.valid_from, "demo": self.demo}
            for change in changes
        ]
        written = self.session.execute(insert(Place).returning(Place.id, Place.code), rows)
        self.ids.update({code: place_id for place_id, code in written})

    def _update(self, changes: Sequence[Change]) -> None:
        rows = []
        for change in changes:
            place = _existing(change)
            before = {name: getattr(place, name) for name in (*STORED_AS.values(), "province", "district")}
            row = self._stored(before | change.values | {"code": change.meant.row.code}, change)
            first = place.since == place.valid_from and not place.earlier_names
            valid_from = change.since if change.since and first else place.valid_from
            rows.append(row | {"id": place.id, "valid_from": valid_from})
            self.ids[change.meant.row.code] = place.id
        if rows:
            self.session.execute(update(Place), rows)

    def _stored(self, values: dict[str, Any], change: Change) -> dict[str, Any]:
        province, district = values.pop("province"), values.pop("district")
        place = change.meant.place
        earlier = [place.name_th, *place.earlier_names, *place.codes.values()] if place else []
        earlier += [code for _, code in place.ended] if place else []
        words = [values["name_th"], values["name_en"] or "", *change.codes.values(), values["code"], *earlier]
        return values | {
            "province_id": self.ids[province] if province else None,
            "district_id": self.ids[district] if district else None,
            "name_sort": collation_key(values["name_th"]),
            "name_search": fold(" ".join(dict.fromkeys(words))),
            "source": self.source,
        }

    def _end_codes(self, changes: Sequence[Change]) -> None:
        ended, dated = [], []
        for change in changes:
            place, since = _existing(change), change.meant.row.valid_from
            held = [(scheme, place.codes[scheme]) for scheme in change.codes if scheme in place.codes]
            ended += [_held(place, *pair) | {"until": since} for pair in held]
            if change.since:
                dated.append(_held(place, own_scheme(place.code), place.code) | {"since": change.since})
        self._update_codes({"in_force": False, "valid_to": bindparam("until")}, ended)
        self._update_codes({"valid_from": bindparam("since")}, dated)

    def _update_codes(self, values: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            named = [PlaceCode.place_id == bindparam("of"), PlaceCode.scheme == bindparam("in_scheme")]
            statement = update(PlaceCode).where(*named, PlaceCode.code == bindparam("held"))
            self.session.connection().execute(statement.values(values), rows)

    def _spells(self, changes: Sequence[Change]) -> None:
        rows = [_spell(change) for change in changes if _ends_spell(change)]
        if rows:
            self.session.execute(insert(PlaceSpell), rows)

    def _bring_codes(self, changes: Sequence[Change]) -> None:
        wanted = {
            (scheme, code, self.ids[change.meant.row.code]): change.meant.row.valid_from
            for change in changes
            for scheme, code in change.codes.items()
        }
        revived = self._held_before([key for change in changes for key in self._once_ended(change)])
        if revived:
            rows = [{"id": i, "in_force": True, "valid_to": None} for i in revived.values()]
            self.session.execute(update(PlaceCode), rows)
        fresh = [_code_row(*key, True, since) for key, since in wanted.items() if key not in revived]
        fresh += [row for change in changes for row in self._told_earlier(change)]
        if fresh:
            self.session.execute(insert(PlaceCode), fresh)

    def _once_ended(self, change: Change) -> list[tuple[str, str, int]]:
        place = change.meant.place
        pairs = [pair for pair in change.codes.items() if place and pair in place.ended]
        return [(*pair, self.ids[change.meant.row.code]) for pair in pairs]

    def _held_before(self, keys: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str, int], int]:
        found: dict[tuple[str, str, int], int] = {}
        columns = (PlaceCode.scheme, PlaceCode.code, PlaceCode.place_id)
        for start in range(0, len(keys), CHUNK):
            some = tuple_(*columns).in_(keys[start : start + CHUNK])
            rows = self.session.execute(select(*columns, PlaceCode.id).where(some))
            found.update({(row[0], row[1], row[2]): row[3] for row in rows})
        return found

    def _told_earlier(self, change: Change) -> list[dict[str, Any]]:
        """Codes of the own scheme that a row gives besides the one in force: earlier ones."""
        row, place = change.meant.row, change.meant.place
        known = {*place.ended, *place.codes.items()} if place else set()
        pairs = [(s, c) for s, c in row.codes if s == own_scheme(row.code) and c != row.code and (s, c) not in known]
        return [_code_row(*pair, self.ids[row.code], False, None) for pair in pairs]


def _held(place: KnownPlace, scheme: str, code: str) -> dict[str, Any]:
    return {"of": place.id, "in_scheme": scheme, "held": code}


def _in_wave(place_type: str | None, wave: tuple[str, ...] | None) -> bool:
    return place_type in wave if wave else place_type not in {name for names in WAVES for name in names}


def _existing(change: Change) -> KnownPlace:
    place = change.meant.place
    if place is None:
        raise ValueError(f"{change.meant.row.code} is a new place")
    return place


def _ends_spell(change: Change) -> bool:
    place, row = _existing(change), change.meant.row
    renamed = "name_th" in change.values and name_key(change.values["name_th"]) != name_key(place.name_th)
    return renamed or "place_type" in change.values or row.code != place.code


def _spell(change: Change) -> dict[str, Any]:
    place = _existing(change)
    return {
        "place_id": place.id,
        "place_type": place.place_type,
        "name_th": place.name_th,
        "name_en": place.name_en,
        "code": place.code,
        "valid_from": place.since,
        "valid_to": change.meant.row.valid_from,
    }


def _code_row(scheme: str, code: str, place_id: int, in_force: bool, since: date | None) -> dict[str, Any]:
    return {"scheme": scheme, "code": code, "place_id": place_id, "in_force": in_force, "valid_from": since}
