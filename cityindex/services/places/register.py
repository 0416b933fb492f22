"""Reading a register of places: each row as a record of clean values, and all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cityindex.calendars import read_date
from cityindex.definitions.catalogue import Codelist
from cityindex.errors import Invalid, NotFound
from cityindex.formats.problems import Problems
from cityindex.models.codes import AREA, LOCAL, own_code
from cityindex.services.observations.columns import Columns, scheme_of_attribute
from cityindex.thai import arabic_digits, normalise

ATTRIBUTES = (
    "code", "place_type", "name_th", "name_en", "province", "district", "lat", "lon", "area_km2", "population",
    "valid_from",
)  # fmt: skip
OWN_FORMS = {
    "province": (r"\d{2}", "two digits, such as 50"),
    "district": (r"\d{4}", "four digits, such as 5001"),
    "bangkok": ("BMA", "BMA"),
}
LOCAL_FORM = (r"\d{7}", "the seven digits of the Department of Local Administration, such as 3500102")
DEMO_FORM = (r"D\d{6}", "D and six digits: the codes of fictional places")
LATITUDES, LONGITUDES = (5.0, 21.0), (97.0, 106.0)
"""Thailand with its seas, generously."""
LARGEST_AREA, LARGEST_POPULATION = 25_000.0, 20_000_000
"""More than the largest province has."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A row of a register. None: the cell is empty or there is no such column, so what is stored stays."""

    line: int
    code: str
    codes: tuple[tuple[str, str], ...] = ()
    """Further codes, as (scheme, code)."""
    place_type: str | None = None
    name_th: str | None = None
    name_en: str | None = None
    province: str | None = None
    """As written: a code or a name."""
    district: str | None = None
    lat: float | None = None
    lon: float | None = None
    area_km2: float | None = None
    population: int | None = None
    valid_from: date | None = None


class Refused(Exception):
    """A cell that cannot be taken; `soft` where the row can do without it."""

    def __init__(self, reason: str, cure: str, soft: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.cure, self.soft = reason, cure, soft


@dataclass
class RegisterReader:
    """Reads the rows of one file. What is wrong goes to `problems`, or to `warnings` for values it may leave out."""

    types: Codelist
    columns: Columns
    problems: Problems
    warnings: Problems
    default_type: str | None = None
    skip_bad_values: bool = False
    demo: bool = False
    buddhist: dict[str, str] = field(default_factory=dict)
    """Dates that were written in the Buddhist era, and how they were read."""

    def read(self, rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[PlaceRow]:
        """The rows that can be read; a row with a problem is left out."""
        found = [row for line, cells in rows if (row := self._row(line, cells))]
        return self._once_each(found)

    def _row(self, line: int, cells: Mapping[str, str]) -> PlaceRow | None:
        before = self.problems.count
        values: dict[str, Any] = {"place_type": self.default_type}
        for column, attribute in self.columns.attributes.items():
            if text := cells[column].strip():
                self._take(line, column, values, (attribute, text))
        if not values.get("code") and before == self.problems.count:
            self.problems.add("the row has no code", "write the place's code", row=line, column=self.columns.of("code"))
        self._check_form(line, values)
        self._bare_name(line, values)
        self._check_position(line, values, cells)
        if before != self.problems.count:
            return None
        codes = tuple((scheme, str(values.pop(a))) for a in list(values) if (scheme := scheme_of_attribute(a)))
        return PlaceRow(line=line, codes=codes, **values)

    def _take(self, line: int, column: str, values: dict[str, Any], said: tuple[str, str]) -> None:
        attribute, text = said
        try:
            values[attribute] = self._parse(attribute, text)
        except Refused as refused:
            self._refuse(refused, line, column, text)

    def _parse(self, attribute: str, text: str) -> Any:
        if attribute == "place_type":
            return self._place_type(text)
        if attribute == "valid_from":
            return self._date(text)
        if scheme := scheme_of_attribute(attribute):
            return own_code(text) if scheme in (AREA, LOCAL) else arabic_digits(text).strip()
        return PARSERS[attribute](text)

    def _place_type(self, text: str) -> str:
        try:
            return self.types.resolve(text)
        except NotFound as error:
            raise Refused("there is no such place type", f"{error}; write {', '.join(self.types.items)}") from None

    def _date(self, text: str) -> date:
        try:
            read = read_date(arabic_digits(text))
        except Invalid as error:
            raise Refused("it is not a date", str(error)) from None
        if read.buddhist:
            self.buddhist[text] = str(read)
        return read.first

    def _check_form(self, line: int, values: dict[str, Any]) -> None:
        code, place_type = values.get("code"), values.get("place_type")
        local = DEMO_FORM if self.demo else LOCAL_FORM
        forms = [OWN_FORMS.get(place_type, local)] if place_type else [*OWN_FORMS.values(), local]
        if code and not any(re.fullmatch(form, code) for form, _ in forms):
            cure = " or ".join(words for _, words in forms)
            self.problems.add(
                f"it is not a code of a {place_type or 'place'}",
                f"write {cure}",
                row=line,
                column=self.columns.of("code"),
                value=code,
            )

    def _bare_name(self, line: int, values: dict[str, Any]) -> None:
        """Take the word for the type off a Thai name; refuse a name that says another type."""
        name, place_type = values.get("name_th"), values.get("place_type")
        said = self._type_said(name) if name else None
        if not said or not name:
            return
        word, named_type = said
        bare = name.removeprefix(word).strip()
        if place_type in (None, named_type):
            values["name_th"] = bare or name
        elif bare:
            self.problems.add(
                f"the name says {word}, the type says {place_type}",
                "correct the name or the type",
                row=line,
                column=self.columns.of("name_th"),
                value=name,
            )

    def _type_said(self, name: str) -> tuple[str, str] | None:
        words = [(item.name.th, item.code) for item in self.types.items.values() if name.startswith(item.name.th)]
        return max(words, key=lambda pair: len(pair[0]), default=None)

    def _check_position(self, line: int, values: dict[str, Any], cells: Mapping[str, str]) -> None:
        lat, lon = values.pop("lat", None), values.pop("lon", None)
        written = [cells.get(self.columns.of(name), "").strip() for name in ("lat", "lon")]
        if any(text and value is None for text, value in zip(written, (lat, lon), strict=True)):
            return  # told already; half a position is none
        try:
            check_position(lat, lon)
        except Refused as refused:
            self._refuse(refused, line, self.columns.of("lat"), ", ".join(written))
        else:
            values |= {"lat": lat, "lon": lon}

    def _refuse(self, refused: Refused, line: int, column: str, text: str) -> None:
        if refused.soft and self.skip_bad_values:
            self.warnings.add(f"{refused.reason}: left out", refused.cure, row=line, column=column, value=text)
            return
        cure = f"{refused.cure}, or add --skip-bad-values to leave it out" if refused.soft else refused.cure
        self.problems.add(refused.reason, cure, row=line, column=column, value=text)

    def _once_each(self, rows: Iterable[PlaceRow]) -> list[PlaceRow]:
        first: dict[str, PlaceRow] = {}
        for row in rows:
            before = first.setdefault(row.code, row)
            if before is not row:
                self.problems.add(
                    f"line {before.line} has the same code",
                    "keep one of the two rows",
                    row=row.line,
                    column=self.columns.of("code"),
                    value=row.code,
                )
        return list(first.values())


def check_position(lat: float | None, lon: float | None) -> None:
    """Raise `Refused` where a position is half given, outside Thailand, or has its numbers exchanged."""
    if lat is None and lon is None:
        return
    if lat is None or lon is None:
        raise Refused("latitude and longitude are not both given", "give both or neither", soft=True)
    if _within(lat, LATITUDES) and _within(lon, LONGITUDES):
        return
    if _within(lon, LATITUDES) and _within(lat, LONGITUDES):
        raise Refused("latitude and longitude are exchanged", "exchange them", soft=True)
    raise Refused("the position is outside Thailand", "write degrees: latitude 5 to 21, longitude 97 to 106", soft=True)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def number(text: str) -> float:
    """A number with Arabic or Thai digits, with or without commas between thousands. Raises `Refused`."""
    plain = arabic_digits(text).strip()
    plain = plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain):
        raise Refused("it is not a number", "write a number such as 1234.5", soft=True)
    return float(plain)


def _area(text: str) -> float:
    area = number(text)
    if not 0 < area <= LARGEST_AREA:
        raise Refused(
            "no place has such an area", f"write square kilometres, above 0, up to {LARGEST_AREA:,.0f}", soft=True
        )
    return area


def _population(text: str) -> int:
    people = number(text)
    if people != int(people) or not 0 <= people <= LARGEST_POPULATION:
        raise Refused("no place has such a population", "write a whole number of people", soft=True)
    return int(people)


def _name(text: str) -> str:
    name = normalise(text)
    if len(name) > 200:
        raise Refused("it is longer than a name", "at most 200 characters")
    return name


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "code": own_code,
    "name_th": _name,
    "name_en": _name,
    "province": normalise,
    "district": normalise,
    "lat": number,
    "lon": number,
    "area_km2": _area,
    "population": _population,
}
