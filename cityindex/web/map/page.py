"""Everything that a page with a map needs: the view, its geometry, its words, and the description for the script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Invalid, NotFound
from cityindex.maps.choropleth import MapParts, draw
from cityindex.maps.columns import FAINT, Cell, packed_codes
from cityindex.queries.exchange.features import standing
from cityindex.queries.places.boundaries import BoundaryVersion
from cityindex.queries.places.directory import Named
from cityindex.queries.places.map_places import boundary_sets, shaped_codes
from cityindex.queries.places.places import Search, named_places, search_places
from cityindex.web.editions.shown_editions import run_is_named, shown_editions
from cityindex.web.errors import answer
from cityindex.web.filters import both_eras, number, percent, translated
from cityindex.web.language import language
from cityindex.web.map.filters import narrowed
from cityindex.web.map.layers import EditionSubject, Layer, kept
from cityindex.web.map.state import State, state_of
from cityindex.web.map.symbols import Symbols, symbols_of
from cityindex.web.map.view import AREAS, Panel, View, chosen_framework, view_of
from cityindex.web.session import application, database
from cityindex.web.words import FLAGS

COUNTRY = (13.2, 101.0)
COUNTRY_ZOOM = 6
LAND = "province"
TABLE_ROWS = 50
FEW = 60


@dataclass(frozen=True, eq=False)
class MapPage:
    """A view with its boundaries. `unshaped` counts the places that have a value and no shape."""

    view: View
    boundaries: Sequence[BoundaryVersion]
    land: BoundaryVersion | None
    place: Named | None
    symbols: Symbols | None
    unshaped: int

    @property
    def state(self) -> State:
        return self.view.state

    @cached_property
    def rows(self) -> list[str]:
        """The codes of the places of the main map in the order of the table: the one looked for first."""
        layer = self.view.layer
        order = [code for code in layer.order if code in layer.cells]
        if self.place and self.place.code in layer.cells:
            order.remove(self.place.code)
            order.insert(0, self.place.code)
        return order

    @cached_property
    def maps(self) -> list[MapParts]:
        """The maps of the page; none where there are no boundaries at all."""
        if not self.boundaries and not self.land:
            return []
        tiles = application().settings.basemap_url
        return [draw(number, COUNTRY, COUNTRY_ZOOM, tiles) for number in range(len(self.view.panels))]

    @property
    def address(self) -> str:
        run: dict[str, Any] = {"run": request.args["run"]} if run_is_named() else {}
        return url_for("map.index", **self.state.address(), **run)

    @property
    def embed_address(self) -> str:
        return url_for("map.embed", **self.state.address())

    @cached_property
    def narrowed(self) -> str:
        """What the view leaves out, in words."""
        return narrowed(self.state)

    @cached_property
    def few(self) -> bool:
        """Whether so few places are on a map of the country that each needs a dot to be seen."""
        layer = self.view.layer
        if self.state.province or self.symbols or len(layer.cells) > FEW:
            return False
        return not any(layer.kinds[code] in AREAS for code in layer.cells)

    @property
    def summary(self) -> str:
        """What a screen reader hears when the map has changed."""
        main = self.view.main
        counted = [cell for cell in main.layer.cells.values() if cell.value is not None]
        return gettext(
            "The map shows %(what)s: %(n)s places with a value, %(missing)s without data.",
            what=f"{main.title} ({self.narrowed})" if self.narrowed else main.title,
            n=number(len(counted)),
            missing=number(len(main.layer.cells) - len(counted)),
        )

    @property
    def _besides(self) -> list[str]:
        """The sets whose places need no dot; none where every place gets one."""
        return [] if self.few or self.symbols else [one.fingerprint for one in self.boundaries]

    @property
    def preloads(self) -> list[str]:
        """What the maps fetch first, so that a browser need not wait for the scripts."""
        said = self.description
        values = [one["values"] for one in said["panels"]]
        if said["dots"] or said["symbols"]:
            values.append(said["positions"])
        return [one for one in (*said["geometry"], said["outline"], *values) if one]

    @property
    def advanced(self) -> bool:
        """Whether the address says something of what the form folds away."""
        usual = State()
        names = (
            "classes",
            "k",
            "palette",
            "view",
            "second",
            "symbols",
            "programme",
            "peers",
            "scale",
            "hide",
            "labels",
        )
        return any(getattr(self.state, name) != getattr(usual, name) for name in names)

    @property
    def ranked(self) -> bool:
        return self.view.layer.edition is not None

    @property
    def first_cells(self) -> list[Cell]:
        return [self.cell(code) for code in self.rows[:TABLE_ROWS]]

    @property
    def whole_table(self) -> str:
        """Where all rows are: the ranking for a node of a framework, the indicator's page for an indicator."""
        layer = self.view.layer
        if isinstance(self.view.subject, EditionSubject) and not self.view.subject.node.is_indicator:
            code, state = self.view.subject.entry.code, self.state
            kind = state.type if state.type in application().catalogue.codelist("place-types").items else ""
            kept_filters = {"type": kind, "province": state.province, "programme": state.programme}
            said: dict[str, Any] = {name: value for name, value in kept_filters.items() if value}
            return url_for("frameworks.edition", code=code, period=layer.period, **said)
        return url_for("indicators.profile", code=layer.code, period=layer.period)

    def cell(self, code: str) -> Cell:
        return self.view.layer.cells[code]

    def note(self, code: str) -> str:
        """What to know about a value, in words."""
        cell = self.cell(code)
        said = [str(FLAGS.get(cell.flag, ""))]
        if cell.faint and cell.coverage is not None:
            said.append(gettext("%(share)s of the weight has figures", share=percent(cell.coverage)))
        return "; ".join(part for part in said if part)

    @cached_property
    def description(self) -> dict[str, Any]:
        """For `static/js/map.js`."""
        return {
            "language": language(),
            "canonical": self.address,
            "summary": self.summary,
            "geometry": [_shapes(one, 0) for one in self.boundaries],
            "finer": [_shapes(one, 1) for one in self.boundaries],
            "names": [_versioned("shapes.names", one) for one in self.boundaries],
            "outline": self.land and _shapes(self.land, 0),
            "positions": url_for("shapes.positions", besides=self._besides),
            "dots": "all" if self.few else bool(self.unshaped),
            "labels": bool(self.state.labels),
            "place": self.place.code if self.place else "",
            "basemap": bool(application().settings.basemap_url),
            "faint": FAINT * 100,
            "profile": url_for("places.profile", code="_")[:-1],
            "symbols": self.symbols and self.symbols.description(),
            "words": {
                "no_data": gettext("no data"),
                "rank": gettext("rank {rank}"),
                "standing": gettext("stands in for a figure of the place itself"),
                "coverage": gettext("{share} of the weight has figures"),
                "open": gettext("Open its page"),
            },
            "panels": [panel_description(one) for one in self.view.panels],
        }


def answered(make: Callable[[View], ResponseReturnValue]) -> ResponseReturnValue:
    """What is made of the view of this address; a page that says what cannot be meant, or is not there."""
    try:
        state = state_of(request.args)
        editions = shown_editions()
        if not editions and not state.node:
            return render_template("pages/map_empty.html")
        return make(view_of(replace(state, framework=chosen_framework(state, editions)), editions))
    except Invalid as error:
        return answer(400, _unreadable(error))
    except NotFound:
        return answer(404, _absent())


def page_of(view: View) -> MapPage:
    """The page of a view. Raises `NotFound` for a place or number that it names and is not there."""
    sets = boundary_sets(database(), [*_levels(view.types), LAND])
    wanted = _levels({view.layer.kinds[code] for code in view.layer.cells})
    mine = [one for one in sets if one.level in wanted]
    place = _place(view.state.place) if view.state.place else None
    if place:
        view = replace(view, state=replace(view.state, place=place.code))
    land = next((one for one in sets if one.level == LAND), None)
    return MapPage(view, mine, land, place, symbols_of(view), _unshaped(view, mine))


def panel_description(panel: Panel) -> dict[str, Any]:
    second = panel.second
    said: dict[str, Any] = {
        **_layer_description(panel.layer),
        "breaks": panel.crossed.breaks[0] if panel.crossed else panel.scale.breaks,
        "colours": panel.scale.colours,
        "when": when_of(panel),
        "source": " · ".join(dict.fromkeys(layer.source for layer in (panel.layer, second) if layer)),
        "only": packed_codes(sorted(panel.layer.cells)) if len(panel.layer.cells) < len(panel.layer.every) else None,
        "second": None,
    }
    if panel.crossed and second:
        said["grid"] = panel.crossed.colours
        said["second"] = {**_layer_description(second), "breaks": panel.crossed.breaks[1]}
    return said


def when_of(panel: Panel) -> str:
    """The period in the era of the language, and its year in the other one."""
    layers = [layer for layer in (panel.layer, panel.second) if layer]
    return " / ".join(dict.fromkeys(both_eras(layer.period, layer.kind) for layer in layers))


def values_address(layer: Layer) -> str:
    endpoint, arguments = layer.address
    return url_for(endpoint, **arguments)


def _layer_description(layer: Layer) -> dict[str, Any]:
    return {
        "name": translated(layer.name),
        "values": values_address(layer),
        "decimals": layer.decimals,
        "unit": layer.unit if layer.unit_follows else "",
    }


def _shapes(version: BoundaryVersion, detail: int) -> str:
    return _versioned("shapes.lines", version, detail=detail)


def _versioned(endpoint: str, version: BoundaryVersion, **said: Any) -> str:
    """What is kept for ever names both the boundaries and the register: a place may get another code or name."""
    return url_for(endpoint, fingerprint=version.fingerprint, **said, places=_register())


def _register() -> str:
    if "register" not in g:
        g.register = standing(database()).places
    return str(g.register)


def _levels(types: Any) -> set[str]:
    """The levels that boundaries of some types may have been imported for: the type, or a group it is of."""
    items = application().catalogue.codelist("place-types").items
    return {level for code in types for level in (code, items[code].group) if level}


def _place(text: str) -> Named:
    """The place that somebody looks for: by its code, else by its name. Raises `NotFound`."""
    found = named_places(database(), codes=[text]).get(text)
    if found is None:
        found = next(iter(search_places(database(), Search(text), limit=1).items), None)
    if found is None:
        raise NotFound("there is no such place")
    return found


def _unshaped(view: View, sets: Sequence[BoundaryVersion]) -> int:
    key = ("shaped", *(one.fingerprint for one in sets))
    shaped = kept(key, lambda: shaped_codes(database(), [one.id for one in sets]))
    return sum(1 for code, cell in view.layer.cells.items() if cell.value is not None and code not in shaped)


def _unreadable(error: Invalid) -> tuple[str, str]:
    """Which argument cannot be meant, by its own name and never by what was written there."""
    named = ", ".join(sorted({problem.column for problem in error.problems if problem.column}))
    said = gettext(
        "In this address, the following cannot be read: %(names)s. Leave it out, or choose again on the map.",
        names=named,
    )
    return gettext("This map cannot be drawn"), said


def _absent() -> tuple[str, str]:
    return (
        gettext("There is no such map"),
        gettext(
            "The framework, indicator, period or place that the address names is not here. Open the map without them, "
            "and choose from what there is: %(url)s",
            url=url_for("map.index"),
        ),
    )
