"""What the address of a collection's items may ask for. What is not meant is refused by name, as the standard wants."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from cityindex.errors import Invalid, Problem
from cityindex.formats.feature_set import Box, Choice, FeatureSet, Interval

LIMIT, MOST = 100, 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
KNOWN = ("f", "lang", "limit", "offset", "bbox", "datetime", "snapshot", "within", "crs", "bbox-crs")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of features: which ones, from where on, how many."""

    choice: Choice
    offset: int
    limit: int


def asked(arguments: Mapping[str, str], features: FeatureSet, area: str | None = None) -> Asked:
    """What `arguments` ask of a collection; `area` is the boundary that `within` names.

    Raises `Invalid` with every parameter that is not known or cannot be meant.
    """
    problems: list[Problem] = []
    read = _Reader(arguments, problems)
    wanted = Asked(
        choice=Choice(
            boxes=read.boxes(),
            time=read.time(),
            equal={name: text for name, text in arguments.items() if name in features.properties and name not in KNOWN},
            area=shapely.from_geojson(area) if area else None,
        ),
        offset=read.whole("offset", 0, 0),
        limit=min(
            read.whole("limit", LIMIT, 1), MOST
        ),  # a larger one is no mistake: clients ask for what they can take
    )
    for name in arguments:
        if name not in KNOWN and name not in features.properties:
            there = ", ".join((*KNOWN, *features.properties))
            problems.append(Problem("there is no such parameter", f"use one of {there}", column=name))
    problems += [
        Problem("coordinates are given in CRS84 only", f"write {CRS84}, or leave it out", column=name)
        for name in ("crs", "bbox-crs")
        if arguments.get(name, CRS84) != CRS84
    ]
    if problems:
        raise Invalid("the address asks for something that cannot be", problems)
    return wanted


class _Reader:
    def __init__(self, arguments: Mapping[str, str], problems: list[Problem]) -> None:
        self.arguments = arguments
        self.problems = problems

    def whole(self, name: str, default: int, least: int) -> int:
        text = self.arguments.get(name, str(default))
        if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least:
            return int(text)
        self._refuse(name, "it is not a whole number that can be meant", f"write a number from {least} on")
        return default

    def boxes(self) -> tuple[Box, ...]:
        text = self.arguments.get("bbox")
        if text is None:
            return ()
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) == 6:  # heights are of no use here
            numbers = [*numbers[:2], *numbers[3:5]]
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
            self._refuse(
                "bbox", "it is not a box", "write west,south,east,north in degrees, such as 100.3,13.5,100.9,14"
            )
            return ()
        west, south, east, north = numbers
        if west <= east:
            return ((west, south, east, north),)
        return (west, south, 180.0, north), (-180.0, south, east, north)

    def time(self) -> Interval | None:
        text = self.arguments.get("datetime")
        if text is None:
            return None
        ends = text.split("/")
        try:
            days = [_day(part) for part in ends]
        except ValueError:
            days = []
        if len(days) not in (1, 2) or (len(days) == 2 and None not in days and days[0] > days[1]):  # type: ignore[operator]
            cure = "write 2023-01-01, 2022-10-01/2023-09-30, or .. for an open end (common era)"
            self._refuse("datetime", "it is not a time", cure)
            return None
        if len(days) == 1 and days[0] is None:
            return None
        return days[0], days[-1]

    def _refuse(self, name: str, reason: str, cure: str) -> None:
        self.problems.append(Problem(reason, cure, column=name))


def _day(text: str) -> date | None:
    if text in ("", ".."):
        return None
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return date.fromisoformat(found[1])


def without_page(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What stays the same from page to page."""
    return {name: text for name, text in arguments.items() if name not in ("limit", "offset", "snapshot")}
