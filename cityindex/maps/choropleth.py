"""Draw a choropleth with folium, offline: its own Leaflet, geometry and values fetched apart, shapes on a canvas."""

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
    """Hands the layers of a view to `static/js/map.js`, which fetches and draws them."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        cityindexMap.choropleth({{ this._parent.get_name() }}, {{ this.view }});
        {% endmacro %}
        """
    )

    def __init__(self, view: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Choropleth"
        self._id = NAME
        # "</" would end the script element around it.
        self.view = json.dumps(view, ensure_ascii=False).replace("</", "<\\/")


@dataclass(frozen=True, slots=True)
class MapParts:
    """What a page embeds: the element of the map, and the script that brings it to life."""

    element: str
    script: str


def draw(view: Mapping[str, Any], centre: tuple[float, float], zoom: int, tiles: str | None = None) -> MapParts:
    """The parts of a map over `view`. `tiles` is the URL of an optional basemap; None keeps the map offline."""
    canvas = OfflineMap(location=list(centre), zoom_start=zoom, tiles=None, prefer_canvas=True, zoom_snap=0.25)
    canvas._id = NAME  # stable output: the same view gives the same bytes
    if tiles:
        folium.TileLayer(tiles=tiles, attr=" ", name="basemap").add_to(canvas)
    Choropleth(view).add_to(canvas)
    figure = canvas.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("a folium map has a figure at its root")
    figure.render()
    return MapParts(figure.html.render().strip(), figure.script.render().strip())
