"""The map: a framework's node or an indicator, for a period. The address is the whole state of the view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.errors import NotFound
from cityindex.maps.choropleth import draw
from cityindex.maps.classes import Scale, classify, equal_breaks, quantile_breaks, spread
from cityindex.queries.boundaries import boundary_set
from cityindex.queries.editions import Edition, current_editions
from cityindex.queries.places import named_places, provinces
from cityindex.queries.run_arrays import TreeNode, node_of, tree_of
from cityindex.queries.scores import MapValue
from cityindex.web.crowd_view import parts, stamp
from cityindex.web.filters import period as show_period
from cityindex.web.filters import translated
from cityindex.web.language import language
from cityindex.web.query import checked
from cityindex.web.security import inline_script
from cityindex.web.session import application, database
from cityindex.web.shapes import results_of

map_ = Blueprint("map", __name__)

COUNTRY = (13.2, 101.0)
COUNTRY_ZOOM = 6
TABLE_ROWS = 50
LEVEL = "municipality"


class State(Schema):
    """What an address of the map may say. What is left out is chosen: first framework, its index, latest period."""

    class Meta:
        unknown = EXCLUDE

    framework = fields.String(load_default="")
    node = fields.String(load_default="")
    period = fields.String(load_default="")
    type = fields.String(load_default="")
    province = fields.String(load_default="")
    classes = fields.String(load_default="", validate=validate.OneOf(["", "bands", "quantile", "equal"]))


@dataclass(frozen=True, slots=True)
class View:
    """A state with what it names: what the page, the legend and the values show."""

    edition: Edition
    entry: FrameworkEntry
    tree: Sequence[TreeNode]
    node: TreeNode
    place_type: str
    province: str
    classes: str

    @property
    def name(self) -> Text:
        if self.node.is_indicator:
            name: Text = application().catalogue.indicator(self.node.code).name
            return name
        return self.entry.node_name(self.node.code)

    @property
    def unit(self) -> str:
        """In words; a score of a node has the unit of the framework's scale."""
        if not self.node.is_indicator:
            low, high = self.entry.framework.scale
            return gettext("points (%(low)s to %(high)s)", low=f"{low:g}", high=f"{high:g}")
        unit = application().catalogue.indicator(self.node.code).unit or ""
        return translated(application().catalogue.codelist("units").items[unit].name)

    @property
    def decimals(self) -> int:
        if not self.node.is_indicator:
            return 1
        decimals = application().catalogue.indicator(self.node.code).indicator.decimals
        return 1 if decimals is None else decimals

    def shown(self, result: MapValue) -> float | None:
        """The value of an indicator in its own unit, the score of a node."""
        return result.value if self.node.is_indicator else result.score


@map_.get("/map")
def index() -> str:
    state = checked(State(), request.args)
    editions = current_editions(database())
    if not editions:
        return render_template("pages/map_empty.html")
    view = chosen(state, editions)
    results = shown_results(view)
    first = [code for code, _ in results[:TABLE_ROWS]]
    names = named_places(database(), codes=first)
    scale = scale_of(view, [view.shown(result) for _, result in results])
    return render_template(
        "pages/map.html",
        view=view,
        editions=[one for one in editions if one.framework == view.edition.framework],
        frameworks=list(dict.fromkeys(one.framework for one in editions)),
        catalogue=application().catalogue,
        provinces=provinces(database()),
        scale=scale,
        rows=[(names[code], result) for code, result in results[:TABLE_ROWS]],
        total=len(results),
        map=drawn(view, scale),
        parts=parts(state, stamp(view.edition)),
        inline_script=inline_script,
    )


def chosen(state: Mapping[str, Any], editions: Sequence[Edition]) -> View:
    """The view of a state. Raises `NotFound` for a framework, period, node or place type that is not there."""
    published = {one.framework for one in editions}
    framework = state["framework"] or next(
        (one for one in application().catalogue.frameworks if one in published), editions[0].framework
    )
    mine = [one for one in editions if one.framework == framework]
    edition = next((one for one in mine if state["period"] in ("", str(one.period))), None)
    if edition is None:
        raise NotFound(gettext("Nothing is published under this framework and period."))
    tree = tree_of(database(), edition.run)
    catalogue = application().catalogue
    return View(
        edition=edition,
        entry=catalogue.framework(framework),
        tree=tree,
        node=node_of(tree, state["node"]) if state["node"] else tree[0],
        place_type=catalogue.place_type(state["type"]) if state["type"] else "",
        province=state["province"],
        classes=state["classes"],
    )


def shown_results(view: View) -> list[tuple[str, MapValue]]:
    """The codes of the places that pass the filter with their results, best first, those without a rank last."""
    results = results_of(view.edition.run, view.node.code, view.place_type, view.province)
    return sorted(results.items(), key=lambda pair: (pair[1].rank is None, pair[1].rank or 0, pair[0]))


def scale_of(view: View, values: Sequence[float | None]) -> Scale:
    """Classes by the framework's bands for its index, else by quantiles, unless the state says otherwise."""
    bands = view.entry.framework.bands
    if view.classes in ("", "bands") and view.node.position == 0 and bands and bands.cuts:
        names = list(reversed(bands.names))
        return classify(values, sorted(bands.cuts), names, view.entry.framework.scale)
    breaks = equal_breaks if view.classes == "equal" else quantile_breaks
    return classify(values, breaks(values))


def drawn(view: View, scale: Scale) -> Any:
    shapes = boundary_set(database(), LEVEL)
    if shapes is None:
        return None
    land = boundary_set(database(), "province")
    edition = view.edition
    wanted: dict[str, Any] = {"type": view.place_type or None, "province": view.province or None}
    return draw(
        {
            "geometry": url_for("shapes.boundaries", fingerprint=shapes.fingerprint, detail=0),
            "outline": land and url_for("shapes.boundaries", fingerprint=land.fingerprint, detail=0),
            "values": url_for("shapes.values", run=edition.run, node=view.node.code, **wanted),
            "breaks": scale.breaks,
            "colours": [item.colour for item in scale.classes] or list(spread(1)),
            "decimals": view.decimals,
            "unit": view.unit if view.node.is_indicator else "",
            "period": show_period(edition.period, view.entry.framework.period),
            "language": language(),
            "profile": url_for("places.profile", code="_")[:-1],
            "source": translated(view.entry.name),
            "words": {"no_data": gettext("no data"), "rank": gettext("rank {rank}")},
        },
        COUNTRY,
        COUNTRY_ZOOM,
        application().settings.basemap_url,
    )
