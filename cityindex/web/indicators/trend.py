"""An indicator over the years: the middle of the places, the places pointed out, and targets, as rows and a picture."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from cityindex.charts import Axis, Caption, Goal, Lines, Middle, Reading, Series, trend
from cityindex.definitions.catalogue import IndicatorEntry, PublicTarget, Source, Text
from cityindex.models import Target
from cityindex.queries.observations.indicator_columns import Column, Spread
from cityindex.queries.observations.indicator_tables import Filter, matching_places
from cityindex.queries.participation.targets import TargetState, set_by_somebody, states, targets
from cityindex.queries.places.directory import PlaceIds
from cityindex.queries.places.places import PlaceRecord
from cityindex.web import words
from cityindex.web.editions.structure import structure
from cityindex.web.filters import both_eras, number, translated, year
from cityindex.web.indicators.figures import round_scale
from cityindex.web.indicators.view import Use, View
from cityindex.web.page import full_name, place_type
from cityindex.web.participation.target_view import today
from cityindex.web.session import application, database

FEWEST = 10
"""Places that a median and quartiles are told of: of fewer they would say little."""
LONGEST = 44
"""Letters of a label of the key."""
AHEAD = 10
"""Years beyond the last figure up to which the picture is drawn for a target to be reached."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The median of places of the same type as the first one pointed out, over `n` values."""

    n: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A place's value in a year; None where there is none. `standing_in`: from another year or a wider area."""

    value: float | None
    standing_in: bool = False


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year: how the places lie (None where no place has a value), the peers, the places pointed out."""

    period: int
    spread: Spread | None
    peers: Peers | None
    cells: tuple[Cell, ...]
    targets: tuple[PublicTarget | None, ...]
    """In the order of `Trend.targets`; None where one is not in force."""
    lines: tuple[float | None, ...] = ()
    """In the same order: where the straight line to a target is in this year; None where there is none."""

    @property
    def middle(self) -> Spread | None:
        """The spread, where it is of enough places."""
        return self.spread if self.spread and self.spread.n >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Trend:
    """Rows from the oldest year on. `peers` is the type of places that the peers are; None without them."""

    rows: tuple[YearRow, ...]
    places: tuple[PlaceRecord, ...]
    peers: str | None
    targets: tuple[tuple[str, PublicTarget], ...]
    """Each with the letter that stands for it."""
    states: Mapping[str, TargetState]
    """By letter, of those that are set for the places: with the straight line that progress is compared with."""


def trend_of(entry: IndicatorEntry, view: View, places: Sequence[PlaceRecord], using: Sequence[Use]) -> Trend:
    """What the page shows of the years. The spreads are of the places that pass the filter of the page."""
    others, ours = [*entry.targets, *_of_rules(entry, using)], _of_places(entry, places)
    named = {one.id: one for one in places}
    public = [*others, *(_public(one, named[one.target.place_id]) for one in ours)]
    targets = tuple(zip(string.ascii_uppercase, public, strict=False))
    states_ = dict(zip(string.ascii_uppercase[len(others) :], ours, strict=False))
    peers = _peers(places, view)
    spreads = {one.period: one for one in view.spreads}
    ends = {target.by for _, target in targets if target.by is not None}
    rows = tuple(
        YearRow(
            period=period,
            spread=spreads.get(period),
            peers=None if peers is None else _middle(view.data.columns.get(period), peers[1]),
            cells=tuple(_cell(view.data.columns.get(period), place.id) for place in places),
            targets=tuple(target if _in_force(target, period) else None for _, target in targets),
            lines=tuple(_on_line(states_.get(tag), period) for tag, _ in targets),
        )
        for period in sorted({*view.data.columns, *ends})
    )
    return Trend(rows, tuple(places), peers[0] if peers else None, targets, states_)


def can_be_drawn(found: Trend) -> bool:
    """Whether there are two years to compare."""
    return sum(any((row.spread, *(cell.value is not None for cell in row.cells))) for row in found.rows) >= 2


def trend_figure(entry: IndicatorEntry, found: Trend) -> Markup | None:
    """The picture; None where there are not two years to compare."""
    if not can_be_drawn(found):
        return None
    last = max(row.period for row in found.rows if row.spread or any(cell.value is not None for cell in row.cells))
    rows = [row for row in found.rows if row.period <= last + AHEAD]
    spread = [Middle(row.period, row.middle.q1, row.middle.q3) for row in rows if row.middle]
    series = list(_series(entry, found, rows))
    goals = [
        Goal(target.value, tag, shortened(_named(target, entry)), target.start, target.by, *_way(found, tag))
        for tag, target in found.targets
        if target.by is None or target.by <= last + AHEAD
    ]
    axis = _axis(entry, [one.q1 for one in spread] + [one.q3 for one in spread], series, goals)
    years = [(at, year(at)) for at in range(rows[0].period, rows[-1].period + 1)]
    caption = Caption(gettext("%(name)s by year", name=translated(entry.name)), _said(entry, found))
    return Markup(trend(Lines(series, goals, spread), axis, years, caption))  # noqa: S704 (made by cityindex.charts)


def target_words(target: PublicTarget, entry: IndicatorEntry) -> str:
    """`15 µg/m³: Thai annual standard (from 2023)`."""
    said = _named(target, entry)
    if target.by is not None:
        return gettext("%(target)s (by %(year)s)", target=said, year=year(target.by))
    return (
        said if target.start is None else gettext("%(target)s (from %(year)s on)", target=said, year=year(target.start))
    )


def shortened(label: str) -> str:
    """A label of the key as long as a phone has room for; the page writes it out."""
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _named(target: PublicTarget, entry: IndicatorEntry) -> str:
    return f"{words.amount(target.value, entry)}: {translated(target.name)}"


def _of_rules(entry: IndicatorEntry, using: Sequence[Use]) -> Iterator[PublicTarget]:
    """The targets that frameworks score the distance to."""
    for use in using:
        rules = {column.code: column.normalise for column in structure(use.framework).plan.columns}
        rule = rules.get(entry.code)
        if rule is not None and rule.method == "distance-to-target":
            name, address = use.framework.name, url_for("methods.index", code=use.framework.code)
            yield PublicTarget(float(rule.options["target"]), Text(name.th, name.en), Source(name, address))


def _of_places(entry: IndicatorEntry, places: Sequence[PlaceRecord]) -> Sequence[TargetState]:
    """The targets that are set for the places pointed out, in the order of the places."""
    if not places:
        return ()
    order = [place.id for place in places]
    about = Target.place_id.in_(order), Target.framework == "", Target.code == entry.code
    found = states(database(), application().catalogue, targets(database(), *about), today())
    return sorted(set_by_somebody(found), key=lambda one: order.index(one.target.place_id))


def _public(one: TargetState, place: PlaceRecord) -> PublicTarget:
    return PublicTarget(one.target.value, _of_place(place), _set_by(place), by=one.target.period)


def _on_line(state: TargetState | None, period: int) -> float | None:
    """Where the straight line is in a year between its ends."""
    line = state.line if state else None
    return line.at(period) if line and line.start <= period <= line.aim.year else None


def _way(found: Trend, tag: str) -> tuple[tuple[int, float] | None, str]:
    """Where the straight line to a target begins, and its words in the key."""
    state = found.states.get(tag)
    line = state.line if state else None
    if line is None:
        return None, ""
    said = gettext("the straight line to %(tag)s, from %(year)s", tag=tag, year=year(line.start))
    return (line.start, line.begin), said


def _of_place(place: PlaceRecord) -> Text:
    return Text(f"เป้าหมายของ{place.name_th}", f"target of {place.name_en or place.name_th}")


def _set_by(place: PlaceRecord) -> Source:
    return Source(Text("เป้าหมายที่ตั้งไว้ในระบบนี้", "Set here"), url_for("targets.place", code=place.code))


def _in_force(target: PublicTarget, period: int) -> bool:
    return target.by == period if target.by is not None else target.start is None or target.start <= period


def _peers(places: Sequence[PlaceRecord], view: View) -> tuple[str, PlaceIds] | None:
    """The type of the first place and the places of it, unless the filter leaves only them."""
    if not places or view.place_type == places[0].place_type:
        return None
    return places[0].place_type, matching_places(database(), Filter([places[0].place_type]))


def _middle(column: Column | None, ids: PlaceIds) -> Peers:
    own = column.only(ids).own if column else np.empty(0)
    return Peers(len(own), float(np.median(own)) if len(own) >= FEWEST else None)


def _cell(column: Column | None, place: int) -> Cell:
    at = np.flatnonzero(column.place_ids == place) if column else np.empty(0, int)
    if column is None or not at.size:
        return Cell(None)
    return Cell(float(column.values[at[0]]), bool(column.standing_in[at[0]]))


def _series(entry: IndicatorEntry, found: Trend, rows: Sequence[YearRow]) -> Iterator[Series]:
    for at, place in enumerate(found.places):
        readings = [_reading(entry, row, row.cells[at], full_name(place)) for row in rows]
        there = [one for one in readings if one is not None]
        if there:
            yield Series("place", str(at + 1), shortened(full_name(place)), there, place.code)
    medians = [(row.period, row.middle.median) for row in rows if row.middle]
    alike = [(row.period, row.peers.median) for row in rows if row.peers and row.peers.median is not None]
    if medians:
        label = gettext("middle: the median of all places that are shown")
        yield Series("median", gettext("middle"), label, [_plain(entry, label, *one) for one in medians])
    if alike and found.peers:
        kind = translated(place_type(found.peers).name)
        label = gettext("alike: the median of the same type, %(type)s", type=kind)
        yield Series("peers", gettext("alike"), label, [_plain(entry, label, *one) for one in alike])


def _reading(entry: IndicatorEntry, row: YearRow, cell: Cell, name: str) -> Reading | None:
    if cell.value is None or cell.standing_in:
        return None
    return _plain(entry, name, row.period, cell.value)


def _plain(entry: IndicatorEntry, name: str, period: int, value: float) -> Reading:
    return Reading(period, value, f"{name}, {both_eras(period)}: {words.with_unit(value, entry)}")


def _axis(entry: IndicatorEntry, ends: Sequence[float], series: Sequence[Series], goals: Sequence[Goal]) -> Axis:
    values = [*ends, *(goal.value for goal in goals), *(one.value for line in series for one in line.readings)]
    low, high, step = round_scale(min(values), max(values))
    decimals = len(f"{step:.6g}".partition(".")[2])
    ticks = [(low + i * step, number(low + i * step, decimals)) for i in range(round((high - low) / step) + 1)]
    if words.in_words(low, entry):  # nothing stands between two levels, or between no and yes
        ticks = [(at, number(at, 0)) for at, _ in ticks if at == round(at)]
    title = words.result_unit(entry) if entry.indicator.denominator else words.unit_name(entry)
    return Axis(low, high, ticks, title, gettext("the middle half of the places that are shown"))


def _said(entry: IndicatorEntry, found: Trend) -> str:
    parts = [f"{year(row.period)}: {words.result(row.middle.median, entry)}" for row in found.rows if row.middle]
    said = gettext("Medians: %(list)s", list=", ".join(parts)) if parts else ""
    return ". ".join(part for part in (said, *(target_words(target, entry) for _, target in found.targets)) if part)
