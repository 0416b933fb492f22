"""Circles on a map, in proportion to a second number: people, money, anything that is counted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex.errors import NotFound
from cityindex.queries.places.map_places import Spot, spots_by_code
from cityindex.web.filters import number, translated
from cityindex.web.filters import period as show_period
from cityindex.web.map.layers import Layer
from cityindex.web.map.view import View, other_subject
from cityindex.web.session import database

LARGEST = 26.0
"""Radius of the largest circle, in pixels."""
LEGEND = (1.0, 0.25, 0.05)
"""Circles of the legend, as shares of the largest number."""
POPULATION = "population"


@dataclass(frozen=True, eq=False)
class Symbols:
    """What the circles stand for. `layer` is None for the people that the register of places gives."""

    layer: Layer | None
    name: str
    unit: str
    decimals: int
    most: float
    missing: int

    @property
    def legend(self) -> list[tuple[float, str]]:
        """Radius and number of some circles, the largest first, with two digits that count."""
        values = dict.fromkeys(_round(share * self.most) for share in LEGEND)
        return [(LARGEST * math.sqrt(value / self.most), number(value)) for value in values if value > 0]

    def radii(self, view: View, spots: Mapping[str, Spot]) -> dict[str, float]:
        """The radius of the circle of every place that has one, in pixels."""
        sizes = {code: self._size(code, spots) for code in view.layer.cells}
        return {code: LARGEST * math.sqrt(size / self.most) for code, size in sizes.items() if size and size > 0}

    def _size(self, code: str, spots: Mapping[str, Spot]) -> float | None:
        if self.layer is None:
            return spots[code].population if code in spots else None
        return self.layer.every[code].value if code in self.layer.every else None

    def description(self) -> dict[str, Any]:
        """For `static/js/map.js`."""
        address = None
        if self.layer:
            endpoint, arguments = self.layer.address
            address = url_for(endpoint, **arguments)
        said = {"name": self.name, "unit": self.unit, "decimals": self.decimals, "most": self.most}
        return {**said, "values": address, "radius": LARGEST}


def symbols_of(view: View) -> Symbols | None:
    """The circles that the address asks for. Raises `NotFound` for a number that is not there."""
    code = view.state.symbols
    if not code:
        return None
    try:
        subject = other_subject(code, view.subject, view.editions)
    except NotFound:
        if code != POPULATION:
            raise
        return _of_register(view)
    period = view.state.period if view.state.period in subject.periods else subject.opens_on
    layer = subject.layer(period or subject.opens_on)
    values = {place: cell.value for place, cell in layer.every.items() if place in view.layer.cells}
    name = f"{translated(layer.name)}, {show_period(layer.period, layer.kind)}"
    return _sized(view, layer, name, values)


def _of_register(view: View) -> Symbols:
    people = {code: spot.population for code, spot in spots_by_code(database()).items() if code in view.layer.cells}
    return _sized(view, None, gettext("People, as the register of places has them"), people)


def _sized(view: View, layer: Layer | None, name: str, values: dict[str, Any]) -> Symbols:
    present = [value for value in values.values() if value is not None and value > 0]
    if not present:
        raise NotFound("no place of this map has such a number")
    decimals = layer.decimals if layer else 0
    unit = layer.unit if layer else gettext("people")
    return Symbols(layer, name, unit, decimals, max(present), len(view.layer.cells) - len(present))


def _round(value: float) -> float:
    if value <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / step) * step
