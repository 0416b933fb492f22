"""Aggregates of others, such as TPMAP: counts of areas become shares; small groups and all data of persons stay out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from cityindex.calendars import common_year
from cityindex.definitions.catalogue import Catalogue
from cityindex.definitions.feeds import Feed
from cityindex.errors import Invalid
from cityindex.formats.observations import ObservationTable
from cityindex.formats.personal import personal_cells, personal_columns
from cityindex.formats.personal_tables import AboutPersons, require_no_person
from cityindex.formats.problems import Problems
from cityindex.models import IndicatorKey, Observation, Place
from cityindex.models.codes import own_code, own_scheme
from cityindex.services.observations.observations import Observations, ObservationsImport
from cityindex.services.observations.plan import RecordReport
from cityindex.services.observations.small_groups import Cell, hidden
from cityindex.services.places.known_places import KnownPlaces, known_places
from cityindex.services.places.places import Rows
from cityindex.thai import arabic_digits, normalise

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

SUPPRESSED, NORMAL = ord("Q"), ord("A")


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
        _refuse_persons(feed, table, how)
        problems = Problems(how.file)
        with self.sessions() as session:
            known = known_places(session, to_change=False)
            reader = _Reader(feed, table.header, known, problems)
            rows = reader.read(table.rows(), how.skip_unknown)
            within = _areas(session, rows)
            _require_whole(session, feed, rows, how.demo, problems)
        _require_once(rows, problems)
        if problems.kept:
            raise Invalid(f"{how.file}: {len(problems.kept)} problems; nothing was changed", problems.kept)
        if not rows:
            raise Invalid(f"{how.file} has no row of a known place")
        small, beside = hidden(_cells(feed, rows, within), feed.fewest)
        source = f"{feed.source.name.th}: {how.source}"
        request = ObservationsImport(
            how.file, how.by, source, on_conflict=how.on_conflict, dry_run=how.dry_run, demo=how.demo,  # type: ignore[arg-type]
            feed=feed.code,
        )  # fmt: skip
        recorded = self.observations.record(_table(feed, rows, small | beside), request)
        return AggregatesReport(recorded, len(small | beside), len(beside))


def _refuse_persons(feed: Feed, table: Rows, how: AggregatesImport) -> None:
    require_no_person(how.file, how.source)
    allowed = (*feed.area_names, *feed.place)
    found = personal_columns(table.header, allowed) or personal_cells(table.rows(), allowed, feed.named)
    if found:
        raise AboutPersons(f"{how.file} seems to hold data about persons: nothing of it was read or kept", found)


def _by_name(header: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for column in header:
        if found.setdefault(normalise(column).lower(), column) != column:
            raise Invalid("two columns have the same name but for capitals and blanks: keep one of them")
    return found


class _Reader:
    def __init__(self, feed: Feed, header: Sequence[str], known: KnownPlaces, problems: Problems) -> None:
        self.feed, self.known, self.problems = feed, known, problems
        self.columns = _by_name(header)
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
        return Row(line, place, period, surveyed, counts)

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
        keys = dict.fromkeys(normalise(name).lower() for name in names)
        found = [self.columns[key] for key in keys if key in self.columns]
        if len(found) > 1:
            raise Invalid(f"the columns {' and '.join(found)} mean the same: keep one of them")
        return found[0] if found else ""

    def _needed(self, what: str, names: Sequence[str]) -> str:
        column = self._found(names)
        if not column:
            told = ", ".join(names[:6])
            raise Invalid(f"the file has no column for `{what}`: name it one of {told}, or add its name to the feed")
        return column

    def _add(self, line: int, column: str, said: tuple[str, str]) -> None:
        self.problems.add(*said, row=line, column=column, value="")


def _areas(session: Session, rows: Sequence[Row]) -> Mapping[str, tuple[str, ...]]:
    """By place, the areas whose sums others may know: its province, and its district in it."""
    codes = {row.place for row in rows}
    query = select(Place.code, Place.province_id, Place.district_id).where(Place.code.in_(codes))
    found: dict[str, tuple[str, ...]] = {}
    for code, province, district in session.execute(query):
        own = (f"province {province}", f"district {district}") if district else (f"province {province}",)
        found[code] = own if province else ()
    return found


def _require_whole(session: Session, feed: Feed, rows: Sequence[Row], demo: bool, problems: Problems) -> None:
    """A year comes as one file: what must be left out follows from all its places together."""
    given = {(row.place, row.period) for row in rows}
    stored = (
        select(Place.code, Observation.period, func.count())
        .join(Observation, Observation.place_id == Place.id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code.in_([one.indicator for one in feed.measures]), Place.demo == demo)
        .where(Observation.period.in_({row.period for row in rows}), Observation.superseded_by.is_(None))
        .group_by(Place.code, Observation.period)
        .order_by(Place.code)
    )
    for place, period, _ in session.execute(stored):
        if (place, period) not in given:
            said = f"figures of {place} for {period} are stored already, and the file does not have this place"
            problems.add(said, "bring the whole year as one file", row=1, column="", value="")


def _require_once(rows: Iterable[Row], problems: Problems) -> None:
    first: dict[tuple[str, int], int] = {}
    for row in rows:
        before = first.setdefault((row.place, row.period), row.line)
        if before != row.line:
            cure = "keep one row for each place and year: rows of households or of parts of a place are not added up"
            problems.add(f"row {before} is of this place and year, too", cure, row=row.line, column="", value="")


def _cells(feed: Feed, rows: Iterable[Row], within: Mapping[str, tuple[str, ...]]) -> Iterator[Cell]:
    """Every figure that is stored, and how many were surveyed as one of them."""
    for row in rows:
        own = within.get(row.place, ())
        for code, count in row.counts.items():
            if count is not None:
                yield Cell((row.place, row.period, code), count, row.surveyed - count, own)
        if feed.surveyed_as:
            yield Cell((row.place, row.period, feed.surveyed_as), row.surveyed, None, own)


def _table(feed: Feed, rows: Sequence[Row], left_out: set[tuple[str, int, str]]) -> ObservationTable:
    """The shares as a file of observations would give them; what is left out is there as suppressed."""
    cells: list[tuple[str, str, int, float, int, int]] = []
    for row in rows:
        for code, count in row.counts.items():
            if count is None:
                continue
            out = (row.place, row.period, code) in left_out
            share = float("nan") if out else 100.0 * count / row.surveyed
            cells.append((row.place, code, row.period, share, SUPPRESSED if out else NORMAL, row.line))
        if feed.surveyed_as:
            out = (row.place, row.period, feed.surveyed_as) in left_out
            value = float("nan") if out else float(row.surveyed)
            status = SUPPRESSED if out else NORMAL
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
