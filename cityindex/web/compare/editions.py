"""Which edition the compared places are seen in, and how each of them went over the editions of its framework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.errors import NotFound
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.comparison import IndexResult
from cityindex.queries.runs.editions import Edition
from cityindex.web.editions.shown_editions import run_is_named, shown_editions
from cityindex.web.filters import period, rank, score, year
from cityindex.web.page import full_name
from cityindex.web.session import application


@dataclass(frozen=True)
class Editions:
    """The edition shown; `frameworks` and `periods` are what else there is for at least one of the places."""

    edition: Edition | None
    frameworks: Sequence[tuple[str, Text, int]]
    """Code, name, and how many of the places have a score in its latest edition with most of them."""
    periods: Sequence[int]


@dataclass(frozen=True)
class Trend:
    """A place over the editions of a framework, as a picture and in rows: the period and what was reached in it."""

    place: PlaceRecord
    chart: Markup
    rows: Sequence[tuple[int, str]]


def choose(results: Sequence[IndexResult], framework: str, wanted: int | None) -> Editions:
    """The edition asked for; without a wish the framework that scores most of the places, in its latest period.

    Raises `NotFound` for a framework or period under which nothing is published at all.
    """
    published = shown_editions()
    if run_is_named():
        named = next(one for one in published if one.run == int(request.args["run"]))
        framework, wanted = framework or named.framework, wanted or named.period
    known = application().catalogue.frameworks
    order = [code for code in known if any(one.framework == code for one in published)]
    counts = {code: _most(results, code) for code in order}
    code = framework or max(order, key=lambda one: (counts[one], -order.index(one)), default="")
    mine = [one for one in published if one.framework == code]
    if framework and not mine:
        raise NotFound(f"nothing of {framework} is published")
    held = {one.run for one in results}
    edition = next((one for one in mine if wanted in (None, one.period) and (wanted or one.run in held)), None)
    if edition is None and wanted is not None:
        raise NotFound(f"{code} is not published for {wanted}")
    return Editions(
        edition=edition or next(iter(mine), None),
        frameworks=[(one, known[one].name, counts[one]) for one in order if counts[one] or one == code],
        periods=[one.period for one in mine if one.run in held or one is edition],
    )


def _most(results: Sequence[IndexResult], framework: str) -> int:
    """The most places that have a score in one edition of a framework."""
    scored = [one.run for one in results if one.framework == framework and one.cell.score is not None]
    return max((scored.count(run) for run in set(scored)), default=0)


def trends(
    places: Sequence[PlaceRecord], results: Sequence[IndexResult], entry: FrameworkEntry, fixed: bool
) -> list[Trend]:
    """Of every place that has a score in two editions or more, all on one scale: scores, or ranks where not `fixed`."""
    mine = [one for one in reversed(results) if one.framework == entry.framework.code]
    periods = sorted({one.period for one in mine})
    lowest = max((one.cell.rank or 1 for one in mine), default=1)
    scale = entry.framework.scale if fixed else (1.0, float(max(lowest, 2)))
    found = []
    for place in places:
        by_period = {one.period: one for one in mine if one.place_id == place.id}
        if sum(one.cell.score is not None for one in by_period.values()) >= 2:
            points = [_point(when, by_period.get(when), fixed) for when in periods]
            found.append(_trend(place, points, periods, entry, (scale, fixed)))
    return found


def _trend(
    place: PlaceRecord,
    points: Sequence[charts.Point],
    periods: Sequence[int],
    entry: FrameworkEntry,
    drawn: tuple[tuple[float, float], bool],
) -> Trend:
    scale, fixed = drawn
    rows = [(when, point.shown) for when, point in zip(periods, points, strict=True)]
    said = "; ".join(f"{period(when, entry.framework.period)} {shown}" for when, shown in rows)
    title = gettext("Over the years: %(place)s", place=full_name(place))
    picture = charts.line(points, charts.Caption(title, said), scale=scale, upward=fixed)
    return Trend(place, Markup(picture), rows)  # noqa: S704 (made by cityindex.charts, which escapes)


def _point(when: int, result: IndexResult | None, fixed: bool) -> charts.Point:
    cell = result.cell if result else None
    if fixed:
        value = cell.score if cell else None
        return charts.Point(year(when), value, str(gettext("no data")) if value is None else score(value))
    at = cell.rank if cell else None
    return charts.Point(year(when), at, str(gettext("no rank")) if cell is None or at is None else rank(cell))
