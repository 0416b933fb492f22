"""What values of a file must and should be, by the definitions of their indicators and by their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.formats.observations import UNDATED, ObservationTable
from cityindex.formats.problems import Problems
from cityindex.models import Place, PlaceCode
from cityindex.models.codes import AREA, LOCAL, own_code, own_scheme

WHOLE_UNITS = ("persons", "cases", "count", "datasets")
NO_PLACE = -1

Bools = NDArray[np.bool_]
Range = tuple[float | None, float | None]
Why = tuple[str, str]
"""Reason and cure."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """The place that a code of a file means."""

    id: int
    place_type: str
    demo: bool


Codes = Mapping[tuple[str, str], list[FoundPlace]]


def check_values(
    table: ObservationTable, entries: list[IndicatorEntry], problems: Problems, warnings: Problems
) -> None:
    """Bounds, and what no file may give, go to `problems`; what is to be confirmed goes to `warnings`.

    `entries` are those of `table.indicators`.
    """
    if UNDATED in table.periods:
        problems.add("nothing says which period the values are of", "name a column period, or say --period", row=1)
    for entry in entries:
        if entry.indicator.type == "derived":
            cure = "leave it out, and give what it is computed from"
            problems.add("the indicator is computed from others, never entered", cure, row=1, column=entry.code)
    if (last := max(table.periods, default=UNDATED)) > datetime.now(UTC).year + 1:
        warnings.add(f"{last} has not begun", "confirm it: are the years right, and their era?", column="period")
    bounds = [entry.indicator.bounds for entry in entries]
    outside = _outside(table, bounds)
    say_cells(table, outside, lambda cell: ("is impossible", _between(table, entries, bounds, cell)), problems)
    expected = [entry.indicator.expected for entry in entries]
    rare = _outside(table, expected) & ~outside
    why = _between
    say_cells(table, rare, lambda cell: ("is unusual", f"confirm it: {why(table, entries, expected, cell)}"), warnings)
    whole = np.array([entry.unit in WHOLE_UNITS for entry in entries])
    broken = whole[table.indicator] & (table.value % 1 > 0)
    say_cells(table, broken, ("is not a whole number", "confirm it: the indicator counts whole things"), warnings)


def find_places(
    session: Session, table: ObservationTable, demo: bool, say: tuple[Problems, Problems]
) -> tuple[list[FoundPlace], NDArray[np.int32]]:
    """The places that the codes of the file mean, and for each code which of them: codes in force go before old ones.

    Every row with a code of no place goes to the first of `say`, with a code of several or one of the wrong kind
    (`demo` or real) to the second; such a code has the number `NO_PLACE`.
    """
    every, in_force = _codes(session, table.scheme)
    found = [_meant(code, table.scheme, in_force) or _meant(code, table.scheme, every) for code in table.places]
    trouble = [_trouble(places, demo, table.scheme) for places in found]
    bad = np.array([why is not None for why in trouble], bool)
    strange = np.array([not each for each in found], bool)
    for codes, problems in zip((bad & strange, bad & ~strange), say, strict=True):
        if codes.any():
            rows = _first_of_row(table, codes[table.place])
            say_cells(table, rows, lambda cell: trouble[table.place[cell]] or ("", ""), problems, place=True)
    places = [FoundPlace(NO_PLACE, "", demo) if why else each[0] for each, why in zip(found, trouble, strict=True)]
    return places, np.array([place.id for place in places], np.int32)


def check_places(
    table: ObservationTable, places: list[FoundPlace], entries: list[IndicatorEntry], warnings: Problems
) -> None:
    """A warning for each value of an indicator that is not meant for places of its type."""
    applies = [entry.indicator.applies_to for entry in entries]
    kinds = sorted({place.place_type for place in places})
    foreign = np.array([[only is not None and kind not in only for only in applies] for kind in kinds], bool)
    kind = np.array([kinds.index(place.place_type) for place in places])
    others = foreign[kind[table.place], table.indicator] & ~np.isnan(table.value)
    say_cells(
        table,
        others,
        lambda cell: (
            f"the indicator is not meant for a {places[table.place[cell]].place_type}",
            f"confirm it: it is for {', '.join(applies[table.indicator[cell]] or ())}",
        ),
        warnings,
    )


def check_same_place(table: ObservationTable, ids: NDArray[np.int32], problems: Problems) -> None:
    """A problem for each row that gives a cell again, under another code of the same place."""
    known = ids[ids != NO_PLACE]
    if len(np.unique(known)) == len(known):
        return
    place = np.unique(ids, return_inverse=True)[1].astype(np.int64)[table.place]
    key = (place * len(table.indicators) + table.indicator) * 4096 + table.period
    again = np.ones(len(table), bool)
    again[np.unique(key, return_index=True)[1]] = False
    again &= ids[table.place] != NO_PLACE
    why = ("another row gives the same value under another code of the place", "delete one of the two rows")
    say_cells(table, _first_of_row(table, again), why, problems, place=True)


def check_own(table: ObservationTable, ids: NDArray[np.int32], own: frozenset[int], problems: Problems) -> None:
    """A problem for each row of another place than `own`."""
    others = (ids != NO_PLACE) & ~np.isin(ids, list(own))
    why = ("the row is of another place than yours", "delete the row: a place reports its own figures only")
    say_cells(table, _first_of_row(table, others[table.place]), why, problems, place=True)


def check_answered(table: ObservationTable, answered: frozenset[str], problems: Problems) -> None:
    """A problem for each indicator whose values are verified answers, which a place does not report besides."""
    for code in table.indicators:
        if code in answered:
            cure = "leave it out, and answer the questionnaire"
            problems.add("the indicator comes from a self-assessment", cure, row=1, column=code)


def check_fed(table: ObservationTable, fed: frozenset[str], problems: Problems) -> None:
    """A problem for each indicator that comes through a feed, which leaves out small groups of people."""
    for code in table.indicators:
        if code in fed:
            cure = "leave it out, and use `cityindex import aggregates`"
            problems.add("the indicator comes through a feed that leaves out small groups", cure, row=1, column=code)


def say_cells(
    table: ObservationTable, which: Bools, why: Why | Callable[[int], Why], problems: Problems, *, place: bool = False
) -> None:
    """A problem for every cell of `which`, naming its value or its place; `why` may depend on the cell."""
    cells = np.flatnonzero(which)
    described = cells[: problems.room].tolist()
    for cell in described:
        code, indicator = table.places[table.place[cell]], table.indicators[table.indicator[cell]]
        column, value = ("place", code) if place else (indicator, f"{table.value[cell]:.15g}")
        problems.add(*(why(cell) if callable(why) else why), row=int(table.line[cell]), column=column, value=value)
    problems.count_more(len(cells) - len(described))


def _codes(session: Session, scheme: str) -> tuple[Codes, Codes]:
    """Places by scheme and code: of every code, and of those in force."""
    query = select(PlaceCode.scheme, PlaceCode.code, PlaceCode.in_force, Place.id, Place.place_type, Place.demo)
    query = query.join(Place, Place.id == PlaceCode.place_id)
    rows = session.execute(query.where(PlaceCode.scheme == scheme) if scheme else query).all()
    return _by_code(rows), _by_code([row for row in rows if row.in_force])


def _by_code(rows: Sequence[Any]) -> Codes:
    found: dict[tuple[str, str], list[FoundPlace]] = {}
    for written, code, _, *place in rows:
        found.setdefault((written, code), []).append(FoundPlace(*place))
    return found


def _meant(code: str, scheme: str, known: Codes) -> list[FoundPlace]:
    own = own_code(code) if scheme in ("", AREA, LOCAL) else code
    return known.get((scheme or own_scheme(own), own), [])


def _trouble(places: list[FoundPlace], demo: bool, scheme: str) -> Why | None:
    if not places:
        what = f"no place has this code in the scheme {scheme}" if scheme else "no place has this code"
        return what, "correct the code, import the place first, or map another column to place or place:SCHEME"
    if len(places) > 1:
        return f"{len(places)} places have had this code", "write the code that is in force"
    if places[0].demo and not demo:
        return "the place is a fictional one", "real figures are for real places: correct the code"
    if demo and not places[0].demo:
        return "the place is a real one", "generated figures are for demo places only"
    return None


def _first_of_row(table: ObservationTable, which: Bools) -> Bools:
    """Of the cells in `which`, the first of each line."""
    cells = np.flatnonzero(which)
    first = np.zeros(len(table), bool)
    first[cells[np.unique(table.line[cells], return_index=True)[1]]] = True
    return first


def _outside(table: ObservationTable, limits: list[Range | None]) -> Bools:
    """Which values are outside the range of their indicator; a missing one never is."""
    lows = np.array([-np.inf if pair is None or pair[0] is None else pair[0] for pair in limits])
    highs = np.array([np.inf if pair is None or pair[1] is None else pair[1] for pair in limits])
    outside: Bools = (table.value < lows[table.indicator]) | (table.value > highs[table.indicator])
    return outside


def _between(table: ObservationTable, entries: list[IndicatorEntry], limits: list[Range | None], cell: int) -> str:
    column = table.indicator[cell]
    low, high = limits[column] or (None, None)
    said = f"at most {high:,}" if low is None else f"at least {low:,}" if high is None else f"{low:,} to {high:,}"
    return f"it should be {said} {entries[column].unit or ''}".rstrip()
