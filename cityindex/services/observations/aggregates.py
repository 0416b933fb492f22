"""Aggregates of others, such as TPMAP: counts of areas become shares; small groups and all data of persons stay out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from cityindex.calendars import common_year
from cityindex.definitions.catalogue import Catalogue
from cityindex.definitions.feeds import Feed
from cityindex.errors import Invalid
from cityindex.formats.observations import ObservationTable
from cityindex.formats.personal import personal_cells, personal_columns
from cityindex.formats.problems import Problems
from cityindex.models import Place
from cityindex.models.codes import own_code, own_scheme
from cityindex.services.observations.observations import Observations, ObservationsImport
from cityindex.services.observations.plan import RecordReport
from cityindex.services.places.known_places import KnownPlaces, known_places
from cityindex.services.places.places import Rows
from cityindex.thai import arabic_digits, normalise

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

SUPPRESSED, NORMAL = ord("Q"), ord("A")
Cell = tuple[str, int]
"""A place and a year."""


@dataclass(frozen=True, slots=True)
class AggregatesImport:
    """How to read aggregates. The source of the feed goes before `source`, which says what was fetched and when."""

    file: str
    by: str
    source: str
    on_conflict: str = "refuse"
    skip_unknown: bool = False
    dry_run: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A place in a year: how many were surveyed, and how many of them are below each standard (None: not said)."""

    line: int
    place: str
    group: str
    period: int
    surveyed: int
    counts: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class AggregatesReport:
    """What was recorded, with how many figures were left out as small groups, and how many of these only so that
    others cannot be computed from sums."""

    recorded: RecordReport
    suppressed: int
    beside: int


class Aggregates:
    """The use case of whoever brings in a feed."""

    def __init__(self, sessions: sessionmaker[Session], catalogue: Catalogue, observations: Observations) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.observations = observations

    def import_feed(self, feed: Feed, table: Rows, how: AggregatesImport) -> AggregatesReport:
        """Store the shares of a feed. `Invalid` for anything about persons, and with every bad row: nothing is stored.

        No message repeats a value of the file: what is refused may be about somebody.
        """
        _refuse_persons(feed, table, how.file)
        problems = Problems(how.file)
        with self.sessions() as session:
            known = known_places(session, to_change=False)
            reader = _Reader(feed, table.header, known, problems)
            rows = reader.read(table.rows(), how.skip_unknown)
            rows = [replace(row, group=group) for row, group in zip(rows, _groups(session, rows), strict=True)]
        _require_once(rows, problems)
        if problems.kept:
            raise Invalid(f"{how.file}: {len(problems.kept)} problems; nothing was changed", problems.kept)
        if not rows:
            raise Invalid(f"{how.file} has no row of a known place")
        small, beside = _suppressed(feed, rows)
        source = f"{feed.source.name.th}: {how.source}"
        request = ObservationsImport(
            how.file, how.by, source, on_conflict=how.on_conflict, dry_run=how.dry_run, demo=how.demo  # type: ignore[arg-type]
        )  # fmt: skip
        recorded = self.observations.record(_table(feed, rows, small | beside), request)
        return AggregatesReport(recorded, len(small | beside), len(beside))


def _refuse_persons(feed: Feed, table: Rows, file: str) -> None:
    allowed = (*feed.area_names, *feed.place)
    found = personal_columns(table.header, allowed) or personal_cells(table.rows(), allowed)
    if found:
        raise Invalid(f"{file} seems to hold data about persons: nothing of it was read or kept", found)


class _Reader:
    def __init__(self, feed: Feed, header: Sequence[str], known: KnownPlaces, problems: Problems) -> None:
        self.feed, self.known, self.problems = feed, known, problems
        self.columns = {normalise(column).lower(): column for column in header}
        self.place, self.period, self.surveyed = (
            self._needed(what, names)
            for what, names in (("place", feed.place), ("period", feed.period), ("surveyed", feed.surveyed))
        )
        self.measures = {one.indicator: self._found(one.count) for one in feed.measures}
        if not any(self.measures.values()):
            raise Invalid(f"the file has none of the counts that the feed {feed.code} names: see indicators/feeds/")

    def read(self, rows: Iterable[tuple[int, Mapping[str, str]]], skip_unknown: bool) -> list[Row]:
        return [row for line, cells in rows if (row := self._row(line, cells, skip_unknown))]

    def _row(self, line: int, cells: Mapping[str, str], skip_unknown: bool) -> Row | None:
        place = self._of(cells[self.place])
        if place is None and skip_unknown:
            return None
        if place is None:
            cure = "import the place with this code (tis1099 for subdistricts), or leave unknown ones out"
            self._add(line, self.place, ("no place, or more than one, has this code", cure))
        period, surveyed = self._year(line, cells), self._count(line, cells, self.surveyed)
        counts = {code: self._count(line, cells, column) for code, column in self.measures.items() if column}
        if surveyed is None:
            self._add(line, self.surveyed, ("without how many were surveyed, no share can be told", "fill it in"))
        for code, count in counts.items():
            if count is not None and surveyed is not None and count > surveyed:
                cure = "correct one of the two"
                self._add(line, self.measures[code] or code, ("it is larger than how many were surveyed", cure))
        if place is None or period is None or surveyed is None:
            return None
        return Row(line, place, "", period, surveyed, counts)

    def _of(self, written: str) -> str | None:
        code = own_code(written)
        digits = arabic_digits(written).strip()
        pairs = [(own_scheme(code), code), *((scheme, digits) for scheme in self.feed.schemes)]
        found = {place.code for pair in pairs for place in self.known.find(*pair)}
        return found.pop() if len(found) == 1 else None

    def _year(self, line: int, cells: Mapping[str, str]) -> int | None:
        try:
            return common_year(arabic_digits(cells[self.period]).strip())
        except (Invalid, ValueError):
            self._add(line, self.period, ("it is not a year", "write one such as 2566 or 2023"))
            return None

    def _count(self, line: int, cells: Mapping[str, str], column: str) -> int | None:
        written = arabic_digits(cells[column]).strip().replace(",", "")
        if not written:
            return None
        if not (written.isascii() and written.isdigit()):
            self._add(line, column, ("it is not a count", "write a whole number of people, or leave it empty"))
            return None
        return int(written)

    def _found(self, names: Iterable[str]) -> str:
        return next((self.columns[key] for name in names if (key := normalise(name).lower()) in self.columns), "")

    def _needed(self, what: str, names: Sequence[str]) -> str:
        column = self._found(names)
        if not column:
            told = ", ".join(names[:6])
            raise Invalid(f"the file has no column for `{what}`: name it one of {told}, or add its name to the feed")
        return column

    def _add(self, line: int, column: str, said: tuple[str, str]) -> None:
        self.problems.add(*said, row=line, column=column, value="")


def _groups(session: Session, rows: Sequence[Row]) -> list[str]:
    """What the sums of others are about: the district of a place, else its province, else the country."""
    codes = {row.place for row in rows}
    query = select(Place.code, Place.district_id, Place.province_id).where(Place.code.in_(codes))
    found = {
        code: f"d{district}" if district else f"p{province}" for code, district, province in session.execute(query)
    }
    return [found.get(row.place, "") for row in rows]


def _require_once(rows: Iterable[Row], problems: Problems) -> None:
    first: dict[Cell, int] = {}
    for row in rows:
        before = first.setdefault((row.place, row.period), row.line)
        if before != row.line:
            cure = "keep one row for each place and year; rows of several areas of one place are not added up"
            problems.add(f"row {before} is of this place and year, too", cure, row=row.line, column="", value="")


def _suppressed(feed: Feed, rows: Sequence[Row]) -> tuple[set[tuple[str, int, str]], set[tuple[str, int, str]]]:
    """The figures that are left out: small groups, and the next smallest where a sum would give one away."""
    small = {
        (row.place, row.period, code)
        for row in rows
        for code, count in row.counts.items()
        if count is not None and is_small(count, row.surveyed, feed.fewest)
    }
    beside = set()
    together: dict[tuple[str, int, str], list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        for code, count in row.counts.items():
            if count is not None:
                together[row.group, row.period, code].append((count, row.place))
    for (_, period, code), cells in together.items():
        hidden = [place for _, place in cells if (place, period, code) in small]
        rest = sorted(cell for cell in cells if (cell[1], period, code) not in small)
        if len(hidden) == 1 and rest:
            beside.add((rest[0][1], period, code))
    return small, beside


def is_small(count: int, surveyed: int, fewest: int) -> bool:
    """Whether a share would tell of few people: few are below the standard, few are above it, or few were asked."""
    few_below = 0 < count < fewest
    few_above = 0 < surveyed - count < fewest and count > 0
    return surveyed < fewest or few_below or few_above


def _table(feed: Feed, rows: Sequence[Row], hidden: set[tuple[str, int, str]]) -> ObservationTable:
    """The shares as a file of observations would give them; what is left out is there as suppressed."""
    cells: list[tuple[str, str, int, float, int, int]] = []
    for row in rows:
        for code, count in row.counts.items():
            if count is None:
                continue
            out = (row.place, row.period, code) in hidden
            share = float("nan") if out else 100.0 * count / row.surveyed
            cells.append((row.place, code, row.period, share, SUPPRESSED if out else NORMAL, row.line))
        if feed.surveyed_as:
            few = row.surveyed < feed.fewest
            value = float("nan") if few else float(row.surveyed)
            status = SUPPRESSED if few else NORMAL
            cells.append((row.place, feed.surveyed_as, row.period, value, status, row.line))
    places, indicators = sorted({cell[0] for cell in cells}), sorted({cell[1] for cell in cells})
    columns = list(zip(*cells, strict=True))
    return ObservationTable(
        places=tuple(places),
        indicators=tuple(indicators),
        sources=(),
        place=np.searchsorted(places, columns[0]).astype(np.int32),
        indicator=np.searchsorted(indicators, columns[1]).astype(np.int16),
        period=np.array(columns[2], np.int16),
        value=np.array(columns[3], np.float64),
        status=np.array(columns[4], np.uint8),
        source=None,
        line=np.array(columns[5], np.int32),
        scheme="",
        notes=(),
    )
