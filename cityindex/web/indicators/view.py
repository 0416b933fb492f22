"""What the page of an indicator shows of its values: which places, in which order, and what to say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from cityindex.calendars import common_year, show_years
from cityindex.definitions.catalogue import Catalogue, CodelistItem, FrameworkEntry, IndicatorEntry, Text
from cityindex.errors import Invalid, NotFound
from cityindex.queries.observations.indicator_columns import (
    Column,
    IndicatorColumns,
    Spread,
    indicator_columns,
    most_used,
)
from cityindex.queries.observations.indicator_tables import (
    Filter,
    ValueRow,
    in_order,
    matching_places,
    same_kind,
    value_rows,
)
from cityindex.queries.places.directory import PlaceIds
from cityindex.scoring.matrix import CellStatus
from cityindex.web import words
from cityindex.web.editions.structure import Element, structure
from cityindex.web.filters import number, translated
from cityindex.web.filters import period as show_period
from cityindex.web.language import language
from cityindex.web.links import Sorting
from cityindex.web.session import application, database

ROWS = 50
TABS = ("chart", "table", "map", "about")
USUAL = 0.5
"""A page opens on the newest period with at least this share of the values that the fullest one has."""


def year_argument(text: str) -> int | None:
    """A year as an address may say it, in either era. Raises `ValidationError`."""
    try:
        return common_year(text) if text else None
    except Invalid as error:
        raise ValidationError(str(error)) from None


class ValueArguments(Schema):
    """What an address of an indicator's page may ask for."""

    class Meta:
        unknown = EXCLUDE

    tab = fields.String(load_default="chart", validate=validate.OneOf(TABS))
    period = fields.Function(deserialize=year_argument, load_default=None)
    type = fields.String(load_default="")
    province = fields.String(load_default="", validate=validate.Length(max=10))
    q = fields.String(load_default="", validate=validate.Length(max=100))
    sort = fields.String(load_default="value", validate=validate.OneOf(["value", "name"]))
    order = fields.String(load_default="", validate=validate.OneOf(["", "asc", "desc"]))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True)
class Use:
    """A framework that an indicator is part of (`parent` names the part), or that only a formula brings it into."""

    framework: FrameworkEntry
    element: Element | None
    parent: Text | None


@dataclass(frozen=True)
class View:
    """The values that the page shows. `places` counts all that pass the filter, `missing` those without a value."""

    data: IndicatorColumns
    period: int | None
    column: Column | None
    spreads: Sequence[Spread]
    rows: tuple[ValueRow, ...]
    ids: PlaceIds
    """Of the places that pass the filter, in the order of the table."""
    pages: int
    sorting: Sorting
    place_type: str
    """That the filter asks for; empty for all."""
    newer: int | None
    """The newest period, where the page opened on an earlier one because too few places have a value in it yet."""

    @property
    def places(self) -> int:
        return len(self.ids)

    @property
    def spread(self) -> Spread | None:
        return next((one for one in self.spreads if one.period == self.period), None)

    @property
    def having(self) -> int:
        """How many have it, of an indicator that is yes (1) or no."""
        return int((self.column.own == 1).sum()) if self.column else 0

    @property
    def missing(self) -> int:
        return self.places - (len(self.column.values) if self.column else 0)

    def mark(self, row: ValueRow) -> str:
        """What to know about a value: an estimate, a figure of the province, … Empty for a normal value."""
        if row.value is None or (not row.mark and self.data.framework):
            return ""
        return self.mark_words(row.mark)

    def mark_words(self, mark: int) -> str:
        """The words of a mark of these columns; empty for a normal value."""
        if self.data.framework:
            return str(words.CELLS.get(CellStatus(mark), ""))
        statuses = application().catalogue.codelist("observation-status").items
        return "" if mark == ord("A") else translated(statuses[chr(mark)].name)

    def kinds(self, marks: Mapping[int, int]) -> str:
        """How many values are what: `380 reported · 12 estimate`."""
        named = [(self.mark_words(mark) or gettext("of the place and year themselves"), n) for mark, n in marks.items()]
        return " · ".join(f"{number(n)} {said}" for said, n in sorted(named, key=lambda one: -one[1]))


def scorers(catalogue: Catalogue, code: str) -> list[str]:
    """The frameworks with an indicator in their tree: their editions hold its calculated values."""
    return [one.code for one in catalogue.frameworks_using(code) if code in structure(one).by_code]


def uses(catalogue: Catalogue, code: str) -> list[Use]:
    """The frameworks that use an indicator, those that have it in their tree first."""
    found = []
    for framework in catalogue.frameworks_using(code):
        elements = structure(framework)
        parent = next((one.name for one in elements.elements if code in one.children), None)
        found.append(Use(framework, elements.by_code.get(code), parent))
    return sorted(found, key=lambda use: use.element is None)


def columns_of(catalogue: Catalogue, entry: IndicatorEntry) -> IndicatorColumns:
    return indicator_columns(database(), entry.indicator, scorers(catalogue, entry.code))


def view_of(entry: IndicatorEntry, data: IndicatorColumns, arguments: Mapping[str, Any]) -> View:
    """The view that checked `arguments` ask for. `NotFound` for a period or page that is not there."""
    usual = usual_period(data)
    period = arguments["period"] or usual
    if data.columns and period not in data.columns:
        raise NotFound(f"there are no values of {entry.code} for {period}")
    ids = _places(entry, data, period, arguments)
    filtered = data.only(ids)
    column = filtered.columns.get(period) if period else None
    # Where nobody said whom it applies to, nobody is missing.
    asked = entry.indicator.applies_to or data.scope
    whole = ids if asked else ids[np.isin(ids, column.place_ids if column else ())]
    start = (arguments["page"] - 1) * ROWS
    if start and start >= len(whole):
        raise NotFound(f"there is no page {arguments['page']}")
    sorting = _sorting(entry, arguments)
    ordered = in_order(whole, column, sorting.by, descending=sorting.descending) if column else whole
    return View(
        data=data,
        period=period,
        column=column,
        spreads=filtered.spreads,
        rows=value_rows(database(), column, ordered[start : start + ROWS]),
        ids=ordered,
        pages=max(-(-len(whole) // ROWS), 1),
        sorting=sorting,
        place_type=application().catalogue.place_type(arguments["type"]) if arguments["type"] else "",
        newer=data.latest if period == usual != data.latest and not arguments["period"] else None,
    )


def usual_period(data: IndicatorColumns) -> int | None:
    """The newest period that about as many places have a value in as in the fullest one."""
    counts = {period: len(column.values) for period, column in data.columns.items()}
    enough = USUAL * max(counts.values(), default=0)
    return max((period for period, count in counts.items() if count >= enough), default=None)


def place_types(entry: IndicatorEntry) -> list[CodelistItem]:
    """The place types that an indicator is about: those it applies to, else all of them."""
    every = application().catalogue.codelist("place-types").items
    return [every[code] for code in entry.indicator.applies_to or every]


def provenance(entry: IndicatorEntry, data: IndicatorColumns, periods: Sequence[int]) -> str:
    """Where the values of some periods come from, in one line."""
    if data.framework is not None:  # a year may have a target and no edition yet
        periods = [period for period in periods if period in data.runs]
    if not periods:
        return translated(entry.source.name) if entry.source else ""
    if data.framework is None:
        return "; ".join(most_used(data.sources, periods))
    framework = application().catalogue.framework(data.framework)
    if len(periods) > 1:
        return gettext(
            "calculated in the editions of %(framework)s, %(periods)s (runs %(runs)s)",
            framework=translated(framework.name),
            periods=show_years(periods, language()),
            runs=", ".join(str(data.runs[period]) for period in sorted(periods)),
        )
    return gettext(
        "calculated in the edition %(framework)s, %(period)s (run %(run)s)",
        framework=translated(framework.name),
        period=show_period(periods[0], framework.framework.period),
        run=data.runs[periods[0]],
    )


def _places(
    entry: IndicatorEntry, data: IndicatorColumns, period: int | None, arguments: Mapping[str, Any]
) -> PlaceIds:
    """The places that the page is about, by name: those of the indicator's types that pass the filter."""
    types = [item.code for item in place_types(entry)]
    if arguments["type"]:
        types = [application().catalogue.place_type(arguments["type"])]
    ids = matching_places(database(), Filter(types, arguments["province"], arguments["q"]))
    if period is None or period not in data.columns:
        return ids
    if data.scope:
        return ids[np.isin(ids, data.scope[period])]
    return same_kind(database(), int(data.columns[period].place_ids[0]), ids)


def _sorting(entry: IndicatorEntry, arguments: Mapping[str, Any]) -> Sorting:
    """As asked; else the better values first, and names forwards."""
    upward = frozenset({"name"} if entry.indicator.direction == "higher" else {"name", "value"})
    by = arguments["sort"]
    descending = arguments["order"] == "desc" if arguments["order"] else by not in upward
    return Sorting(arguments, by, descending, upward)
