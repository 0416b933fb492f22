"""The crowd: the view of a map with every place of equal size. The address is that of the map, and so is the data.

The pictures are parts of their own, so that the page of the map stays light: `stamp` in the address of a part names the
data it was made from, and an answer of these data is kept for ever.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from cityindex.errors import NotFound
from cityindex.queries.places.places import named_places
from cityindex.web.caching import A_YEAR
from cityindex.web.filters import translated
from cityindex.web.map.crowd import (
    Crowd,
    Shown,
    dots_picture,
    opened_province,
    parts,
    provinces_picture,
    stamp,
)
from cityindex.web.map.files import taken_of
from cityindex.web.map.filters import narrowed
from cityindex.web.map.layers import Layer
from cityindex.web.map.page import answered, page_of, when_of
from cityindex.web.map.view import View
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway, taken_as

crowd = Blueprint("crowd", __name__)


@crowd.get("/map/crowd")
def index() -> ResponseReturnValue:
    """Tiles, the opened province and the dots on one page, without a script."""
    return answered(_page)


@crowd.get("/map/crowd/<any(tiles, cells, dots):part>")
def picture(part: str) -> ResponseReturnValue:
    """One of the pictures, for a script to put into its place. 404 where there is nothing to show."""
    return answered(lambda view: _picture(part, view))


def _page(view: View) -> ResponseReturnValue:
    made, asked = crowd_of(view), view.state.address()
    taken = _taken(view, made)
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    return render_template(
        "pages/crowd.html",
        view=view,
        crowd=made,
        taken=taken,
        map_address=url_for("map.index", **asked),
        tiles=provinces_picture(made),
        opened=opened_province(made, made.province) if made.province else None,
        dots=dots_picture(made),
        scale=view.main.scale,
        parts=parts(asked, stamp(view.layer)),
    )


def _taken(view: View, made: Crowd) -> TakeAway:
    """What the map of the same view may be taken away as, with the dots as its picture."""
    said = replace(view.state, view="one")
    return replace(
        taken_of(page_of(replace(view, state=said, panels=view.panels[:1]))),
        name=f"places-{view.layer.code}-{view.layer.period}".replace("_", "-"),
        address=url_for("crowd.index", **view.state.address()),
        figure=lambda: str(dots_picture(made)),
        sheets=("crowd",),
        embed="",
    )


def _picture(part: str, view: View) -> Response:
    response = make_response(_part(part, crowd_of(view)))
    if request.args.get("stamp") == stamp(view.layer):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def crowd_of(view: View) -> Crowd:
    """All places of the main map with what it shows of them, in its classes."""
    layer, scale, state = view.layer, view.main.scale, view.state
    names = named_places(database())
    wanted = state.address()
    return Crowd(
        places=[
            Shown(names[code], layer.sent[code], cell, here=code in layer.cells, inside=code in view.inside)
            for code, cell in layer.every.items()
            if code in view.comparable
        ],
        breaks=scale.breaks,
        colours=scale.colours,
        decimals=layer.decimals,
        title=translated(layer.name),
        unit=layer.unit,
        unit_follows=layer.unit_follows,
        context=" · ".join(part for part in (when_of(view.main), narrowed(state)) if part),
        source=tuple(_source(layer)),
        link=lambda code: url_for("places.profile", code=code),
        open=lambda code: url_for("crowd.index", **{**wanted, "province": code}, _anchor="province"),
        place=state.place,
        province=state.province,
    )


def _part(part: str, made: Crowd) -> Markup | str:
    if part == "cells":
        found = opened_province(made, made.province)
        if found is None:
            raise NotFound("the view has no places in this province")
        return render_template("partials/crowd_cells.html", opened=found)
    return provinces_picture(made) if part == "tiles" else dots_picture(made)


def _source(layer: Layer) -> list[str]:
    demo = [gettext("Demo data: none of it is real.")] if layer.demo else []
    if layer.edition is None:
        return [layer.source, *demo]
    words = gettext("edition %(version)s, run %(run)s", version=layer.edition.version, run=layer.edition.run)
    return [translated(layer.of), words, *demo]
