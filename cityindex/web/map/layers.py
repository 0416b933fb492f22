"""What a map can show: a node or indicator of editions, or figures as they were reported. One layer is one period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast

from flask_babel import gettext

from cityindex.database import address_of
from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry, Text
from cityindex.errors import NotFound
from cityindex.maps.columns import Cell, best_first, decimals_of, on_grid
from cityindex.memory import Memory
from cityindex.queries.observations.indicator_columns import Column, indicator_columns, most_used, source_counts
from cityindex.queries.observations.indicator_tables import places_by_id
from cityindex.queries.observations.observations import coverage
from cityindex.queries.places.map_places import (
    PlaceFilter,
    codes_matching,
    is_recorded_demo,
    newest_recordings,
    types_of,
)
from cityindex.queries.runs.arrays import TreeNode
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import map_values
from cityindex.scoring.framework import Bands
from cityindex.web import words
from cityindex.web.filters import translated
from cityindex.web.session import application, database

ENOUGH = 0.5
"""A map opens on the newest period in which so large a share of the usual number of places has a value."""
KEPT = 256

Cells = Mapping[str, Cell]
T = TypeVar("T")


_kept: Memory[Any] = Memory(KEPT)


def kept(key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """What `make` makes, remembered in this process for the database of the request under `key`."""
    return cast("T", _kept.get((*database_key(), *key), make))


@dataclass(frozen=True, eq=False)
class Layer:
    """One variable in one period, with everything that is said of it. `cells` are those that pass the filter.

    `address` is where its values are fetched, without the filter; `source` says where the figures come from.
    """

    code: str
    name: Text
    of: Text | None
    unit: str
    unit_follows: bool
    decimals: int
    period: int
    kind: str
    edition: Edition | None
    source: str
    demo: bool
    lower_is_better: bool
    bands: Bands | None
    ends: tuple[float, float] | None
    every: Cells
    cells: Cells
    address: tuple[str, Mapping[str, Any]]
    made_at: datetime | None = None

    @property
    def values(self) -> list[float | None]:
        return [cell.value for cell in self.cells.values()]

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What its values are made from."""
        return (*database_key(), self.address[0], *self.address[1].values(), self.made_at)

    @cached_property
    def sent_decimals(self) -> int:
        """Of the whole layer, so that a filter does not change how finely values are told."""
        values = (cell.value for cell in self.every.values())
        return _kept.get((*self.key, "decimals", self.decimals), lambda: decimals_of(values, self.decimals))

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The type of every place."""
        return _kept.get((*self.key, "kinds"), lambda: types_of(database(), self.every))

    @cached_property
    def sent(self) -> Mapping[str, float | None]:
        """Values as finely as the map gets them, by place: its classes are made from those, and so are its colours."""
        decimals = self.sent_decimals
        return _kept.get(
            (*self.key, "sent", decimals),
            lambda: {
                code: None if cell.value is None else on_grid(cell.value, decimals) for code, cell in self.every.items()
            },
        )

    @cached_property
    def order(self) -> Sequence[str]:
        """The codes of all its places, best first."""
        return _kept.get((*self.key, "order"), lambda: best_first(self.every))

    def only(self, codes: frozenset[str] | None) -> Layer:
        """The same of some places."""
        if codes is None:
            return self
        return replace(self, cells={code: cell for code, cell in self.every.items() if code in codes})


class Subject(Protocol):
    """What is shown, over its periods (the newest first)."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> Text: ...
    @property
    def periods(self) -> Sequence[int]: ...
    @property
    def kind(self) -> str: ...
    @property
    def opens_on(self) -> int: ...
    def layer(self, period: int) -> Layer: ...


@dataclass(frozen=True)
class EditionSubject:
    """A node or indicator over the editions (the newest first) of a framework."""

    entry: FrameworkEntry
    editions: Sequence[Edition]
    node: TreeNode

    @property
    def code(self) -> str:
        return self.node.code

    @property
    def name(self) -> Text:
        if self.node.is_indicator:
            name: Text = application().catalogue.indicator(self.code).name
            return name
        return self.entry.node_name(self.code)

    @property
    def periods(self) -> Sequence[int]:
        return [one.period for one in self.editions]

    @property
    def kind(self) -> str:
        return self.entry.framework.period

    @property
    def opens_on(self) -> int:
        most = max(one.scored for one in self.editions)
        return next(one.period for one in self.editions if one.scored >= ENOUGH * most)

    def edition(self, period: int) -> Edition:
        """Raises `NotFound`."""
        found = next((one for one in self.editions if one.period == period), None)
        if found is None:
            raise NotFound(f"{self.entry.code} is not published for {period}")
        return found

    def layer(self, period: int) -> Layer:
        """Raises `NotFound` for a period without an edition, or one that lacks the node."""
        edition = self.edition(period)
        every = edition_cells(edition, self.code, is_indicator=self.node.is_indicator)
        indicator = application().catalogue.indicator(self.code) if self.node.is_indicator else None
        index = self.node.position == 0
        return Layer(
            code=self.code,
            name=self.name,
            of=self.entry.name,
            unit=_unit(indicator) if indicator else self._points(),
            unit_follows=indicator is not None,
            decimals=_decimals(indicator),
            period=period,
            kind=self.kind,
            edition=edition,
            source=f"{translated(self.entry.name)} {edition.version}",
            demo=edition.demo,
            lower_is_better=bool(indicator and indicator.indicator.direction == "lower"),
            bands=self.entry.framework.bands if index else None,
            ends=self.entry.framework.scale if index else None,
            every=every,
            cells=every,
            address=("shapes.values", {"run": edition.run, "node": self.code}),
            made_at=edition.made_at,
        )

    def _points(self) -> str:
        low, high = self.entry.framework.scale
        return gettext("points (%(low)s to %(high)s)", low=f"{low:g}", high=f"{high:g}")


@dataclass(frozen=True)
class ReportedSubject:
    """An indicator as it was reported, whether or not an edition uses it. `counts` are values by period."""

    entry: IndicatorEntry
    counts: Mapping[int, int]

    @property
    def code(self) -> str:
        return self.entry.code

    @property
    def name(self) -> Text:
        return self.entry.name

    @property
    def periods(self) -> Sequence[int]:
        return sorted(self.counts, reverse=True)

    @property
    def kind(self) -> str:
        return self.entry.indicator.period or "calendar-year"

    @property
    def opens_on(self) -> int:
        most = max(self.counts.values())
        return next(period for period in self.periods if self.counts[period] >= ENOUGH * most)

    def layer(self, period: int) -> Layer:
        """Raises `NotFound` for a period in which no place has a value."""
        if period not in self.counts:
            raise NotFound(f"there are no values of {self.code} for {period}")
        recording = self.recordings[period]
        every = reported_cells(self.entry, period, recording)
        source, demo = self._provenance(period, recording)
        return Layer(
            code=self.code,
            name=self.name,
            of=None,
            unit=words.unit_name(self.entry),
            unit_follows=True,
            decimals=_decimals(self.entry),
            period=period,
            kind=self.kind,
            edition=None,
            source=source,
            demo=demo,
            lower_is_better=self.entry.indicator.direction == "lower",
            bands=None,
            ends=None,
            every=every,
            cells=every,
            address=("shapes.reported", {"indicator": self.code, "period": period, "recording": recording}),
        )

    @cached_property
    def recordings(self) -> Mapping[int, int]:
        return newest_recordings(database(), self.code)

    def _provenance(self, period: int, recording: int) -> tuple[str, bool]:
        """Where the figures of a period come from, and whether they are demo data."""
        session = database()
        key = (*database_key(), "source", self.code, period, recording)
        return _kept.get(
            key,
            lambda: (
                "; ".join(most_used(source_counts(session, self.code), [period])),
                is_recorded_demo(session, recording),
            ),
        )


def reported_subject(entry: IndicatorEntry) -> ReportedSubject:
    """Raises `NotFound` where nothing was reported."""
    counts = {one.period: one.values for one in coverage(database(), [entry.code]) if one.values}
    if not counts:
        raise NotFound(f"nothing is reported of {entry.code}")
    return ReportedSubject(entry, counts)


def edition_cells(edition: Edition, node: str, *, is_indicator: bool) -> Cells:
    """What an edition says at a node or indicator, by place: the value of an indicator, the score of a node."""
    # Ids may be given anew where a backup is restored; what was made when may not.
    key = (*database_key(), "edition", edition.run, edition.made_at, node)
    return _kept.get(key, lambda: _cells_of(map_values(database(), edition.run, node), is_indicator=is_indicator))


def reported_cells(entry: IndicatorEntry, period: int, recording: int) -> Cells:
    """Figures as they were reported, by place; places that it applies to and that reported none have no value.

    `recording` is the last one about the figures: it names their state.
    """
    key = (*database_key(), "reported", entry.code, period, recording)
    return _kept.get(key, lambda: _reported(entry, period))


def database_key() -> tuple[str]:
    """Names the database of this request: a process may serve several, in tests."""
    return (address_of(database()),)


def _cells_of(results: Mapping[str, Any], *, is_indicator: bool) -> Cells:
    return {
        code: Cell(
            one.value if is_indicator else one.score, one.rank, one.rank_low, one.rank_high, one.coverage, one.flag
        )
        for code, one in results.items()
    }


def _reported(entry: IndicatorEntry, period: int) -> Cells:
    session = database()
    # As it was reported: not divided, whatever is done with it where it is scored.
    column = indicator_columns(session, replace(entry.indicator, formula=None, denominator=None), ()).columns[period]
    places = places_by_id(session)
    cells = {}
    for place, value, mark in _rows(column):
        cells[places[place].code] = Cell(value, flag="imputed" if chr(mark) == "I" else "")
    demo = any(places[place].demo for place, _, _ in _rows(column))
    wanted = PlaceFilter(types=tuple(entry.indicator.applies_to or ()), demo=demo)
    asked = codes_matching(session, wanted) if wanted.types else frozenset()
    return {**{code: Cell(None, flag="missing") for code in sorted(asked)}, **cells}


def _rows(column: Column) -> list[tuple[int, float, int]]:
    columns = (column.place_ids.tolist(), column.values.tolist(), column.marks.tolist())
    return list(zip(*columns, strict=True))


def _unit(entry: IndicatorEntry) -> str:
    return words.result_unit(entry) if entry.indicator.denominator else words.unit_name(entry)


def _decimals(entry: IndicatorEntry | None) -> int:
    decimals = entry.indicator.decimals if entry and entry.indicator.denominator is None else None
    return 1 if decimals is None else decimals
