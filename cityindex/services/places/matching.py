"""Which place each row of a register means. By code first; never by name alone; never two rows for one place.

A body that is upgraded gets a new code (the first of the seven digits is its type) and stays the same place. Such a row
is recognised by its other six digits with the same name and province; or, in a register that lists the bodies of the
earlier type in that province and no longer has this one, by name, province and district.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cityindex.errors import Problem
from cityindex.formats.problems import Problems
from cityindex.models.codes import LOCAL, own_scheme
from cityindex.services.places.known_places import Areas, KnownPlace, KnownPlaces
from cityindex.services.places.register import PlaceRow
from cityindex.thai import name_key

LADDER = ("sao", "subdistrict-municipality", "town-municipality", "city-municipality")
"""The types that a body climbs."""
SEED = "run `cityindex seed`, which brings all provinces and districts, or correct it"


@dataclass(slots=True)
class Meant:
    """A row with the place it means: one that is stored, or a new one. `province` and `district` are codes."""

    row: PlaceRow
    province: str | None
    district: str | None
    place: KnownPlace | None = None
    way: Literal["code", "other-code", "upgrade", "earlier-code", "new"] = "new"
    dropped: set[tuple[str, str]] = field(default_factory=set)
    """Further codes that several rows claim: left out."""


class Matcher:
    """Matches the rows of one file. Problems tell why a row means no place, or more than one."""

    def __init__(self, known: KnownPlaces, rows: Sequence[PlaceRow], problems: Problems, warnings: Problems) -> None:
        self.known, self.problems, self.warnings = known, problems, warnings
        self.ambiguous: set[int] = set()
        self.areas = _with_areas_of(known.areas, rows)
        self.meant = [self._placed(row) for row in rows]
        self.codes = {row.code for row in rows}
        self.listed = Counter((each.row.place_type, each.province) for each in self.meant)
        self.released = {pair for each in self.meant for pair in self._released(each.row)}
        self._drop_shared_codes()

    def match(self) -> list[Meant]:
        """Every row with its place. Rows that have a problem are among them too; the caller looks at `problems`."""
        for meant in self.meant:
            self._find(meant)
        self._refuse_merges()
        for meant in self.meant:
            if meant.place is None:
                self._check_new(meant)
        return self.meant

    def _placed(self, row: PlaceRow) -> Meant:
        province = self.areas.province(row.province) if row.province else None
        if row.province and province is None:
            self._add(row, "province", row.province, ("there is no such province", SEED))
        known = self.known.own(row.code)
        within = province or (known.province if known else None)
        district = self.areas.district(row.district, within) if row.district else None
        if row.district and district is None and (within or not row.province):
            self._add(row, "district", row.district, ("there is no such district in the province", SEED))
        return Meant(row, province, district)

    def _released(self, row: PlaceRow) -> Iterable[tuple[str, str]]:
        """Codes that the place of this row gives up, because the row gives it another in the same scheme."""
        place = self.known.own(row.code)
        if place:
            for scheme, code in row.codes:
                held = place.codes.get(scheme)
                if held and held != code and scheme != own_scheme(row.code):
                    yield scheme, held

    def _drop_shared_codes(self) -> None:
        claims: dict[tuple[str, str], list[Meant]] = defaultdict(list)
        for meant in self.meant:
            for pair in meant.row.codes:
                claims[pair].append(meant)
        for (scheme, code), several in claims.items():
            if len(several) > 1:
                self._warn_shared(scheme, code, several)

    def _warn_shared(self, scheme: str, code: str, several: list[Meant]) -> None:
        lines = ", ".join(str(meant.row.line) for meant in several)
        for meant in several:
            meant.dropped.add((scheme, code))
            self.warnings.add(
                f"lines {lines} have one code in {scheme}: it was left out of all of them",
                "leave it with the place it belongs to",
                row=meant.row.line,
                column=f"code:{scheme}",
                value=code,
            )

    def _find(self, meant: Meant) -> None:
        own = self.known.own(meant.row.code)
        if own:
            meant.place, meant.way = own, "code"
            self._check_same_body(meant, own)
            self._check_other_codes(meant, own)
        elif earlier := self.known.find(own_scheme(meant.row.code), meant.row.code):
            self._take_only(meant, earlier, "earlier-code")
        elif others := self._by_other_codes(meant):
            self._take_only(meant, others, "other-code")
        else:
            self._find_upgraded(meant)

    def _by_other_codes(self, meant: Meant) -> list[KnownPlace]:
        pairs = [pair for pair in meant.row.codes if pair not in meant.dropped and pair not in self.released]
        found = {place.id: place for pair in pairs for place in self.known.find(*pair)}
        return list(found.values())

    def _take_only(self, meant: Meant, places: list[KnownPlace], way: Literal["other-code", "earlier-code"]) -> None:
        if len(places) == 1:
            meant.place, meant.way = places[0], way
            return
        who = " and ".join(str(place) for place in places)
        self._add(meant.row, "code", meant.row.code, (f"its codes belong to {who}", "give each place a row of its own"))

    def _check_same_body(self, meant: Meant, place: KnownPlace) -> None:
        row = meant.row
        renamed = row.name_th is not None and name_key(row.name_th) != name_key(place.name_th)
        moved = meant.province is not None and place.province is not None and meant.province != place.province
        if renamed and moved:
            reason = (
                f"the code belongs to {place.name_th} in province {place.province}: neither name nor province agree"
            )
            self._add(row, "code", row.code, (reason, "correct the code"))

    def _check_other_codes(self, meant: Meant, place: KnownPlace) -> None:
        for scheme, code in meant.row.codes:
            holder = self.known.in_force.get((scheme, code))
            free = (scheme, code) in self.released or (scheme, code) in meant.dropped
            if holder and holder is not place and not free:
                reason = f"the code belongs to {holder}, the row means {place}: it would merge two places"
                self._add(meant.row, f"code:{scheme}", code, (reason, "correct one of the two codes"))

    def _find_upgraded(self, meant: Meant) -> None:
        candidates = self._upgradable(meant)
        same_digits = [place for place in candidates if place.code[1:] == meant.row.code[1:]]
        if len(same_digits) == 1 and _agree(same_digits[0].district, meant.district):
            meant.place, meant.way = same_digits[0], "upgrade"
            return
        near = [place for place in candidates if _agree(place.district, meant.district)]
        if len(near) == 1 and near[0].district and meant.district and self._has_ended(near[0], meant):
            meant.place, meant.way = near[0], "upgrade"
        elif near:
            self._say_ambiguous(meant.row, near)

    def _upgradable(self, meant: Meant) -> list[KnownPlace]:
        """Bodies of the same name and province, no higher than the row's type, that the file does not list."""
        row = meant.row
        if not (row.name_th and meant.province and row.place_type in LADDER and own_scheme(row.code) == LOCAL):
            return []
        step = LADDER.index(row.place_type)
        return [
            place
            for place in self.known.by_name.get((name_key(row.name_th), meant.province), ())
            if place.place_type in LADDER[: step + 1] and place.code not in self.codes and not place.demo
        ]

    def _has_ended(self, place: KnownPlace, meant: Meant) -> bool:
        """Absence tells something only in a file that lists other bodies of that type in that province."""
        kind = place.place_type, place.province
        return self.listed[kind] > (kind == (meant.row.place_type, meant.province))

    def _say_ambiguous(self, row: PlaceRow, candidates: list[KnownPlace]) -> None:
        self.ambiguous.add(row.line)
        who = ", ".join(f"{place} ({place.place_type})" for place in candidates)
        reason = f"it may be a new body, or the upgraded {who}"
        cure = "give the earlier code in a column mapped to code:dla, or add the row of the body that still exists"
        self._add(row, "code", row.code, (reason, cure))

    def _refuse_merges(self) -> None:
        rows_of: dict[int, list[Meant]] = defaultdict(list)
        for meant in self.meant:
            if meant.place:
                rows_of[meant.place.id].append(meant)
        for several in rows_of.values():
            if len(several) > 1:
                lines = ", ".join(str(meant.row.line) for meant in several)
                for meant in several:
                    reason = f"lines {lines} mean one place, {meant.place}: it would merge two places"
                    self._add(meant.row, "code", meant.row.code, (reason, "keep one row, or correct the codes"))

    def _check_new(self, meant: Meant) -> None:
        row = meant.row
        for attribute, value in (("place_type", row.place_type), ("name_th", row.name_th)):
            if not value:
                self._add(row, attribute, "", (f"a new place needs {attribute}", f"give a column for {attribute}"))
        if row.place_type not in ("province", None) and not row.province:
            self._add(row, "province", "", ("a new place needs its province", "give a column for province"))

    def _add(self, row: PlaceRow, column: str, value: str, said: tuple[str, str]) -> None:
        self.problems.extend([Problem(said[0], said[1], row.line, column, value)])


def _with_areas_of(stored: Areas, rows: Sequence[PlaceRow]) -> Areas:
    """The stored provinces and districts with those of the file, which its other rows may name."""
    areas = Areas()
    areas.provinces, areas.districts = dict(stored.provinces), dict(stored.districts)
    areas.district_codes = dict(stored.district_codes)
    for place_type in ("province", "district"):
        for row in rows:
            if row.place_type == place_type:
                province = areas.province(row.province) if row.province else None
                areas.add(place_type, row.code, province, (row.name_th, row.name_en))
    return areas


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
