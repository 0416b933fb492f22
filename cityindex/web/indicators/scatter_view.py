"""Two indicators, or scores, beside each other: which places have both, how they go together, and the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from cityindex.charts import Axis, Caption, Dot, Named, Spots, scatter
from cityindex.charts.scatter import SINGLE
from cityindex.definitions.catalogue import IndicatorEntry, Text
from cityindex.errors import NotFound
from cityindex.queries.observations.indicator_columns import most_used
from cityindex.queries.observations.indicator_tables import Filter, matching_places, places_by_id, same_kind
from cityindex.queries.places.directory import Named as NamedPlace
from cityindex.queries.places.directory import PlaceIds
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.score_columns import editions_by_period, score_column
from cityindex.scoring.correlations import pearson, spearman
from cityindex.scoring.matrix import Floats
from cityindex.web import words
from cityindex.web.editions.view import name_of
from cityindex.web.filters import number, score, translated, year
from cityindex.web.indicators.figures import round_scale
from cityindex.web.indicators.view import USUAL, columns_of
from cityindex.web.page import full_name
from cityindex.web.session import application, database

FEWEST = 10
"""Pairs of values that a correlation is told of: with fewer, a single place would decide it."""
ROWS = 50


@dataclass(frozen=True, eq=False)
class Side:
    """What an axis shows. `columns` gives, by period, the places with a value of their own and the values.

    `said` writes a value with its unit, `source` says where those of a period come from.
    """

    written: str
    name: str
    names: Text
    """Its name in both languages."""
    unit: str
    address: str
    periods: Mapping[int, int]
    """With how many values there are."""
    column: Callable[[int], tuple[PlaceIds, Floats]]
    said: Callable[[float], str]
    source: Callable[[int], str]
    types: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Pairs:
    """The places of a period with both values, and how many have only one or none."""

    period: int
    ids: PlaceIds
    x: Floats
    y: Floats
    only_x: int
    only_y: int
    neither: int
    not_positive: int
    """Places with both values, left out because a logarithm has no place for zero or less."""

    @property
    def n(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Together:
    """How two values go together, on the axes as they are drawn; None where too few places have both."""

    pearson: float | None
    spearman: float | None


def side_of(written: str) -> Side:
    """An indicator by its code, or a score as `framework/node`. Raises `NotFound`."""
    if "/" in written:
        return _score_side(*written.split("/", 1))
    catalogue = application().catalogue
    entry = catalogue.indicator(written)
    data = columns_of(catalogue, entry)

    def column(period: int) -> tuple[PlaceIds, Floats]:
        found = data.columns[period]
        return found.place_ids[~found.standing_in], found.own

    def source(period: int) -> str:
        if data.framework is None:
            return "; ".join(most_used(data.sources, [period]))
        return gettext("run %(run)s of %(framework)s", run=data.runs[period],
                       framework=translated(catalogue.framework(data.framework).name))  # fmt: skip

    return Side(
        written=written,
        name=translated(entry.name),
        names=Text(entry.name.th, entry.name.en),
        unit=_unit(entry),
        address=url_for("indicators.profile", code=written),
        periods={period: len(found.own) for period, found in data.columns.items() if len(found.own)},
        column=column,
        said=lambda value: words.with_unit(value, entry),
        source=source,
        types=entry.indicator.applies_to or (),
    )


def _score_side(framework: str, node: str) -> Side:
    editions = editions_by_period(database(), framework)
    entry = name_of(framework, list(editions.values()))
    if node not in entry.names:
        raise NotFound(f"there is no part {node} in {framework}")

    def column(period: int) -> tuple[PlaceIds, Floats]:
        found = score_column(database(), editions[period].run, node)
        return found.place_ids, found.values

    low, high = entry.framework.scale
    return Side(
        written=f"{framework}/{node}",
        name=gettext("%(part)s (score)", part=translated(entry.node_name(node))),
        names=Text(f"{entry.node_name(node).th} (คะแนน)", f"{entry.node_name(node).en} (score)"),
        unit=gettext("score from %(low)s to %(high)s", low=number(low), high=number(high)),
        address=url_for("frameworks.current", code=framework),
        periods={period: one.scored for period, one in editions.items()},
        column=column,
        said=score,
        source=lambda period: gettext("run %(run)s of %(framework)s", run=editions[period].run,
                                      framework=translated(entry.name)),
        types=entry.framework.places or (),
    )  # fmt: skip


def common_periods(x: Side, y: Side) -> list[int]:
    return sorted(set(x.periods) & set(y.periods), reverse=True)


def usual_period(x: Side, y: Side) -> int | None:
    """The newest period in which about as many places may have both as in the fullest."""
    counts = {period: min(x.periods[period], y.periods[period]) for period in common_periods(x, y)}
    enough = USUAL * max(counts.values(), default=0)
    return max((period for period, count in counts.items() if count >= enough), default=None)


def pairs_of(x: Side, y: Side, period: int, wanted: Filter, logs: Sequence[str]) -> Pairs:
    """The pairs of a period among the places that pass the filter, and what is missing."""
    (x_ids, x_values), (y_ids, y_values) = x.column(period), y.column(period)
    ids = matching_places(database(), wanted)
    if len(x_ids):
        ids = same_kind(database(), int(x_ids[0]), ids)
    values = np.full((2, int(max(*(part.max(initial=0) for part in (ids, x_ids, y_ids)))) + 1), np.nan)
    values[0, x_ids], values[1, y_ids] = x_values, y_values
    at = values[:, ids]
    there = ~np.isnan(at)
    both = there.all(axis=0)
    drawn = both & ~_unplaceable(at, logs)
    return Pairs(
        period=period,
        ids=ids[drawn],
        x=at[0, drawn],
        y=at[1, drawn],
        only_x=int((there[0] & ~there[1]).sum()),
        only_y=int((there[1] & ~there[0]).sum()),
        neither=int((~there).all(axis=0).sum()),
        not_positive=int((both & ~drawn).sum()),
    )


def _unplaceable(at: Floats, logs: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(at.shape[1], bool)
    for row, axis in enumerate("xy"):
        if axis in logs:
            found |= ~(at[row] > 0) & ~np.isnan(at[row])
    return found


def together(pairs: Pairs, logs: Sequence[str]) -> Together:
    if pairs.n < FEWEST:
        return Together(None, None)
    x, y = (np.log10(values) if axis in logs else values for axis, values in (("x", pairs.x), ("y", pairs.y)))
    found = pearson(x, y), spearman(x, y)
    return Together(*(None if math.isnan(value) else value for value in found))


def strength(r: float) -> str:
    """What a correlation says, in words that claim no cause."""
    size = abs(r)
    if size < 0.1:
        return gettext("The two hardly go together.")
    how = gettext("weakly") if size < 0.4 else gettext("clearly") if size < 0.7 else gettext("closely")
    if r > 0:
        return gettext("Places with more of one tend to have more of the other (%(how)s).", how=how)
    return gettext("Places with more of one tend to have less of the other (%(how)s).", how=how)


def scatter_figure(x: Side, y: Side, pairs: Pairs, places: Sequence[PlaceRecord], logs: Sequence[str]) -> Markup | None:
    """The picture; None without any pair."""
    if not pairs.n:
        return None
    chosen = {place.id: (number_, place) for number_, place in enumerate(places, start=1)}
    names = places_by_id(database(), pairs.ids.tolist()) if pairs.n <= SINGLE else {}
    marks, named = [], []
    axes = _axis(x, pairs.x, "x" in logs), _axis(y, pairs.y, "y" in logs)
    spots = zip(pairs.ids.tolist(), *(_shown(v, a in logs) for a, v in (("x", pairs.x), ("y", pairs.y))),
                pairs.x.tolist(), pairs.y.tolist(), strict=True)  # fmt: skip
    for place, across, up, x_value, y_value in spots:
        if place in chosen:
            at, record = chosen[place]
            mark = Dot(record.code, across, up, _said(full_name(record), x, y, x_value, y_value))
            named.append(Named(mark, f"{at} {full_name(record)}"))
        elif place in names:
            one = names[place]
            marks.append(Dot(one.code, across, up, _said(translated(one), x, y, x_value, y_value)))
        else:
            marks.append(Dot("", across, up, ""))
    caption = Caption(
        gettext("%(y)s by %(x)s, %(year)s", x=x.name, y=y.name, year=year(pairs.period)),
        gettext("%(n)s places with both values.", n=number(pairs.n)),
    )
    return Markup(scatter(Spots(marks, named), *axes, caption))  # noqa: S704 (made by cityindex.charts)


def _said(name: str, x: Side, y: Side, x_value: float, y_value: float) -> str:
    return f"{name}: {x.said(x_value)}; {y.said(y_value)}"


def _shown(values: Floats, logarithm: bool) -> list[float]:
    shown: list[float] = (np.log10(values) if logarithm else values).tolist()
    return shown


def _axis(side: Side, values: Floats, logarithm: bool) -> Axis:
    title = f"{side.name} ({side.unit})" if side.unit else side.name
    if logarithm:
        low, high = float(np.log10(values.min())), float(np.log10(values.max()))
        ticks = _decades(low, high)
        title = gettext("%(axis)s, logarithmic", axis=title)
        return Axis(low, high, ticks, title)
    low, high, step = round_scale(float(values.min()), float(values.max()))
    ticks = [(low + i * step, number(low + i * step)) for i in range(round((high - low) / step) + 1)]
    return Axis(low, high, ticks, title)


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks between two powers of ten: at the powers, and at 2 and 5 where there would be few; the ends where none."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    for steps in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        every = [factor * 10.0**power for power in powers for factor in steps]
        inside = [value for value in every if low <= math.log10(value) <= high]
        if len(inside) > 2:
            break
    return [(math.log10(value), number(value)) for value in inside or [10**low, 10**high]]


def _unit(entry: IndicatorEntry) -> str:
    return words.result_unit(entry) if entry.indicator.denominator else words.unit_name(entry)


@dataclass(frozen=True, slots=True)
class PairRow:
    """A place with both values, for the table."""

    place: NamedPlace
    x: float
    y: float


def rows_of(pairs: Pairs, sort: str, page: int, *, descending: bool) -> tuple[PairRow, ...]:
    """A page of the table, by name or by one of the values. Raises `NotFound` for a page that is not there."""
    order = np.arange(pairs.n)
    if sort != "name":
        values = pairs.x if sort == "x" else pairs.y
        order = np.argsort(-values if descending else values, kind="stable")
    elif descending:
        order = order[::-1]
    part = order[(page - 1) * ROWS : page * ROWS]
    if page > 1 and not len(part):
        raise NotFound(f"there is no page {page}")
    names = places_by_id(database(), pairs.ids[part].tolist())
    cells = zip(pairs.ids[part].tolist(), pairs.x[part].tolist(), pairs.y[part].tolist(), strict=True)
    return tuple(PairRow(names[place], x, y) for place, x, y in cells)
