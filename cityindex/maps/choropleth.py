"""The maps of a page, built with folium, offline: the page's own Leaflet, geometry and values fetched apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

NAME = "main"


class OfflineMap(folium.Map):
    """A map without a CDN: the page links the vendored Leaflet itself."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 (as folium declares it)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class Choropleth(MacroElement):
    """Hands a map to `static/js/map.js`, which draws in it what the description of the page says."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        cityindexMap.panel({{ this._parent.get_name() }}, {{ this.number }});
        {% endmacro %}
        """
    )

    def __init__(self, number: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Choropleth"
        self._id = NAME
        self.number = number


@dataclass(frozen=True, slots=True)
class MapParts:
    """What a page embeds: the element of the map, and the script that brings it to life."""

    element: str
    script: str


def draw(number: int, centre: tuple[float, float], zoom: int, tiles: str | None = None) -> MapParts:
    """The parts of map `number` of a page. `tiles` is the URL of an optional basemap; None keeps the map offline."""
    canvas = OfflineMap(location=list(centre), zoom_start=zoom, tiles=None, zoom_snap=0.25, max_zoom=15)
    canvas._id = f"{NAME}{number}"  # stable output: the same view gives the same bytes
    if tiles:
        folium.TileLayer(tiles=tiles, attr=" ", name="basemap").add_to(canvas)
    Choropleth(number).add_to(canvas)
    figure = canvas.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("a folium map has a figure at its root")
    figure.render()
    return MapParts(figure.html.render().strip(), figure.script.render().strip())


def description(view: Mapping[str, Any]) -> str:
    """What a page says to its maps, as JSON that can stand inside a script element: it cannot end one."""
    return json.dumps(view, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
