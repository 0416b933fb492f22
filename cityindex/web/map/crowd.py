"""The view of a map in two more ways: provinces and places of equal size, and a dot for every place on one scale.

Municipalities are a few pixels on a map of the country; here every one can be seen and pointed at.
"""

from __future__ import annotations

import hashlib
import statistics
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import url_for
from flask_babel import gettext, ngettext
from markupsafe import Markup

from cityindex.charts import Axis, Caption, Missing
from cityindex.charts.dots import OTHERS, Dot, dots
from cityindex.maps.cartogram import Cell, cartogram, opened, tiles
from cityindex.queries.places.directory import Named
from cityindex.web.filters import Ranked, number, rank, translated
from cityindex.web.indicators.figures import nice_scale
from cityindex.web.language import language
from cityindex.web.map.layers import Layer


@dataclass(frozen=True)
class Shown:
    """A place with what the map shows of it.

    `here` says whether it passes the filter of the map, `inside` whether it does but for the province.
    """

    place: Named
    value: float | None
    ranked: Ranked
    here: bool = True
    inside: bool = True


@dataclass(frozen=True)
class Crowd:
    """All places of a view with its classes: `colours` are one more than `breaks`.

    `unit_follows` says whether the unit is said after each value. `place` is the code of the place in question, `link`
    gives the address of a place, `open` the one of this view with a province opened (its code).
    """

    places: Sequence[Shown]
    breaks: Sequence[float]
    colours: Sequence[str]
    decimals: int
    title: str
    unit: str
    unit_follows: bool
    context: str
    source: tuple[str, ...]
    """Where it is from, in short lines."""
    link: Callable[[str], str]
    open: Callable[[str], str]
    place: str = ""
    province: str = ""

    def kind(self, value: float) -> int:
        """The class of a value: a class holds its lower end."""
        return bisect_right(self.breaks, value)

    def colour(self, value: float | None) -> str:
        return "" if value is None else self.colours[self.kind(value)]

    def value(self, value: float | None) -> str:
        if value is None:
            return gettext("no data")
        return f"{number(value, self.decimals)} {self.unit}" if self.unit_follows else number(value, self.decimals)

    def caption(self, title: str, description: str = "") -> Caption:
        return Caption(title, description, (self.context, *self.source), self.context)


@dataclass(frozen=True)
class Opened:
    """An opened province: its picture, and how many of its places have a value."""

    name: str
    picture: Markup
    places: int
    known: int


def parts(asked: Mapping[str, Any], named: str) -> dict[str, str]:
    """The addresses of the pictures of the view with some arguments; `cells` lacks the province, which a script adds.

    `named` names the data that they are made from (`stamp`).
    """
    wanted = {**said(asked), "stamp": named}
    country = {name: value for name, value in wanted.items() if name != "province"}
    return {
        "tiles": url_for("crowd.picture", part="tiles", **wanted),
        "cells": url_for("crowd.picture", part="cells", **country),
        "dots": url_for("crowd.picture", part="dots", **wanted),
        "page": url_for("crowd.index", **said(asked)),
    }


def said(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value not in ("", None)}


def stamp(layer: Layer) -> str:
    """Names the data that a layer of the map shows: of an edition its run, and when that was made."""
    _, arguments = layer.address
    return hashlib.sha256(f"{sorted(arguments.items())} {layer.made_at}".encode()).hexdigest()[:12]


def provinces_picture(crowd: Crowd) -> Markup:
    """The 77 provinces as tiles, each coloured by the median of its places that pass the filter."""
    groups = _by_province([one for one in crowd.places if one.inside])
    cells = {tile.code: _tile(crowd, tile.code, groups.get(tile.code, ())) for tile in tiles()}
    labels = {tile.code: tile.short_en if language() == "en" else tile.short_th for tile in tiles()}
    named = {code: _labelled(cell, labels[code], chosen=code == crowd.province) for code, cell in cells.items()}
    empty = sum(not cell.colour for cell in named.values())
    said = gettext("%(n)s of %(all)s provinces have data.", n=len(named) - empty, all=len(named))
    title = gettext("Median of the places of each province: %(what)s", what=crowd.title)
    return Markup(cartogram(named, crowd.caption(title, said)))  # noqa: S704 (escaped by cityindex.maps)


def opened_province(crowd: Crowd, code: str) -> Opened | None:
    """The places of a province as cells, the highest value first; None where the view has none there."""
    mine = [one for one in crowd.places if one.inside and one.place.province_code == code]
    if not mine:
        return None
    mine.sort(key=lambda one: (one.value is None, -(one.value or 0.0), one.place.name_sort))
    name, known = _province_name(mine[0].place), sum(one.value is not None for one in mine)
    cells = [
        Cell(one.place.code, crowd.colour(one.value), _say(crowd, one), crowd.link(one.place.code), "",
             one.place.code == crowd.place)
        for one in mine
    ]  # fmt: skip
    title = gettext("Places of %(province)s: %(what)s", province=name, what=crowd.title)
    said = gettext("%(n)s of %(all)s places have data.", n=known, all=len(mine))
    return Opened(name, Markup(opened(cells, crowd.caption(title, said))), len(mine), known)  # noqa: S704


def dots_picture(crowd: Crowd) -> Markup:
    """A dot for every place with a value; those that the filter leaves out are grey."""
    known = [(one, one.value) for one in crowd.places if one.value is not None]
    here = sum(one.here for one, _ in known)
    missing = sum(one.value is None for one in crowd.places if one.here)
    low, high, step = nice_scale(np.array([value for _, value in known])) if known else (0.0, 1.0, 1.0)
    items = [_dot(crowd, one, value) for one, value in known]
    title = gettext("Every place on one scale: %(what)s", what=crowd.title)
    counted = ngettext("%(n)s place has a value", "%(n)s places have a value", here, n=number(here))
    none = gettext("%(n)s without data", n=number(missing))
    said = f"{counted}; {none}."
    picture = dots(
        items,
        Axis(low, high, _ticks(low, high, step, max((value for _, value in known), default=high)), crowd.unit, ""),
        crowd.colours,
        crowd.caption(title, said),
        missing=Missing(missing, number(missing), gettext("no data")),
    )
    return Markup(picture)  # noqa: S704 (made by cityindex.charts, which escapes)


def _dot(crowd: Crowd, one: Shown, value: float) -> Dot:
    label = f"{translated(one.place)} {crowd.value(value)}" if one.place.code == crowd.place else ""
    return Dot(value, one.place.code, _say(crowd, one), crowd.kind(value) if one.here else OTHERS, label)


def _ticks(low: float, high: float, step: float, most: float) -> list[tuple[float, str]]:
    """Round numbers; the last says that there is more where values lie beyond the scale."""
    digits = max(0, -int(np.floor(np.log10(step))) + (1 if step < 1 and f"{step:g}".endswith("25") else 0))
    values = [low + at * step for at in range(round((high - low) / step) + 1)]
    words = [number(value, digits) for value in values]
    if most > high:
        words[-1] = gettext("%(value)s and more", value=words[-1])
    return list(zip(values, words, strict=True))


def _tile(crowd: Crowd, code: str, places: Sequence[Shown]) -> Cell:
    values = [one.value for one in places if one.value is not None]
    if not places:
        return Cell(code, "", "")
    name = _province_name(places[0].place)
    if not values:
        none = ngettext("%(n)s place, no data", "%(n)s places, no data", len(places), n=len(places))
        return Cell(code, "", f"{name}\n{none}", crowd.open(code))
    middle = statistics.median(values)
    counted = gettext("%(n)s of %(all)s places with data", n=len(values), all=len(places))
    shown = crowd.value(middle)
    said = gettext("median %(value)s", value=shown) if len(places) > 1 else shown
    return Cell(code, crowd.colour(middle), f"{name}\n{said}\n{counted}", crowd.open(code))


def _labelled(cell: Cell, label: str, *, chosen: bool) -> Cell:
    none = gettext("no places in this view")
    return Cell(cell.place, cell.colour, cell.say or f"{label}\n{none}", cell.href, label, chosen)


def _say(crowd: Crowd, one: Shown) -> str:
    area = _province_name(one.place)
    name = f"{translated(one.place)}, {area}" if area else translated(one.place)
    ranked = gettext("rank %(rank)s", rank=rank(one.ranked)) if one.ranked.rank else ""
    return f"{name}\n{' · '.join(part for part in (crowd.value(one.value), ranked) if part)}"


def _province_name(place: Named) -> str:
    return (place.province_en if language() == "en" else place.province_th) or ""


def _by_province(places: Sequence[Shown]) -> Mapping[str, Sequence[Shown]]:
    found: dict[str, list[Shown]] = {}
    for one in places:
        # Bangkok is a province and a place in one.
        found.setdefault(one.place.province_code or one.place.code, []).append(one)
    return found
