"""The map: a framework's node or an indicator, for a period. The address is the whole state of the view."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cityindex.maps.choropleth import description
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import named_places
from cityindex.web.map.choices import choices_of
from cityindex.web.map.crowd import parts, stamp
from cityindex.web.map.files import taken_of
from cityindex.web.map.page import TABLE_ROWS, MapPage, answered, page_of
from cityindex.web.security import embeddable, inline_script
from cityindex.web.session import database
from cityindex.web.take_away.menu import taken_as

map_ = Blueprint("map", __name__)


@map_.get("/map")
def index() -> ResponseReturnValue:
    return answered(lambda view: _page(page_of(view)))


@map_.get("/map/embed")
def embed() -> ResponseReturnValue:
    """The map alone, for a frame in another site's page."""
    embeddable()
    return answered(lambda view: _embedded(page_of(view)))


def _page(page: MapPage) -> ResponseReturnValue:
    taken = taken_of(page)
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    return render_template(
        "pages/map.html",
        page=page,
        view=page.view,
        choices=choices_of(page.view),
        taken=taken,
        parts=parts(page.state.address(), stamp(page.view.layer)),
        rows=_named(page.rows[:TABLE_ROWS]),
        description=description(page.description),
        inline_script=inline_script,
    )


def _embedded(page: MapPage) -> str:
    return render_template(
        "pages/map_embed.html",
        page=page,
        view=page.view,
        description=description(page.description),
        inline_script=inline_script,
    )


def _named(codes: list[str]) -> list[tuple[Named, str]]:
    names = named_places(database(), codes=codes)
    return [(names[code], code) for code in codes if code in names]
