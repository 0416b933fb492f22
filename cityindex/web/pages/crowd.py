"""The crowd: the view of a map with every place of equal size. The address is that of the map, and so is the data.

The pictures are parts of their own, so that the page of the map stays light: `stamp` in the address of a part names the
data it was made from, and an answer of these data is kept for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from cityindex import calendars
from cityindex.errors import NotFound
from cityindex.maps.classes import spread
from cityindex.queries.editions import current_editions
from cityindex.queries.places import Named, named_places
from cityindex.web.caching import A_YEAR
from cityindex.web.crowd_view import (
    Crowd,
    Shown,
    dots_picture,
    opened_province,
    parts,
    provinces_picture,
    said,
    stamp,
)
from cityindex.web.filters import period as show_period
from cityindex.web.filters import translated
from cityindex.web.language import language
from cityindex.web.pages.map import State, View, chosen, scale_of, shown_results
from cityindex.web.query import checked
from cityindex.web.session import database
from cityindex.web.shapes import results_of

crowd = Blueprint("crowd", __name__)


@crowd.get("/map/crowd")
def index() -> str:
    """Tiles, the opened province and the dots on one page, without a script."""
    asked = checked(State(), request.args)
    editions = current_editions(database())
    if not editions:
        return render_template("pages/map_empty.html")
    view = chosen(asked, editions)
    made = crowd_of(view, asked)
    return render_template(
        "pages/crowd.html",
        view=view,
        crowd=made,
        map_address=url_for("map.index", **said(asked)),
        tiles=provinces_picture(made),
        opened=opened_province(made, view.province) if view.province else None,
        dots=dots_picture(made),
        scale=scale_of(view, [view.shown(result) for _, result in shown_results(view)]),
        parts=parts(asked, stamp(view.edition)),
    )


@crowd.get("/map/crowd/<any(tiles, cells, dots):part>")
def picture(part: str) -> Response:
    """One of the pictures, for a script to put into its place. Raises `NotFound` where there is nothing to show."""
    asked = checked(State(), request.args)
    view = chosen(asked, current_editions(database()))
    response = make_response(_part(part, crowd_of(view, asked)))
    if request.args.get("stamp") == stamp(view.edition):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def crowd_of(view: View, asked: Mapping[str, Any]) -> Crowd:
    """All places of the edition with what the map shows of them, in the classes of the map."""
    here = dict(shown_results(view))
    every = results_of(view.edition.run, view.node.code, "", "")
    scale = scale_of(view, [view.shown(result) for result in here.values()])
    names = named_places(database())
    shown = [
        Shown(
            place=names[code],
            value=view.shown(result),
            rank=result.rank,
            here=code in here,
            inside=_inside(names[code], view),
        )
        for code, result in every.items()
    ]
    wanted = said(asked)
    return Crowd(
        places=shown,
        breaks=scale.breaks,
        colours=[item.colour for item in scale.classes] or list(spread(1)),
        decimals=view.decimals,
        title=translated(view.name),
        unit=view.unit,
        unit_follows=view.node.is_indicator,
        context=_when(view),
        source=tuple(_source(view)),
        link=lambda code: url_for("places.profile", code=code),
        open=lambda code: url_for("crowd.index", **{**wanted, "province": code}, _anchor="province"),
        place=request.args.get("place", ""),
        province=view.province,
    )


def _part(part: str, made: Crowd) -> Markup | str:
    if part == "cells":
        found = opened_province(made, made.province)
        if found is None:
            raise NotFound("the view has no places in this province")
        return render_template("partials/crowd_cells.html", opened=found)
    return provinces_picture(made) if part == "tiles" else dots_picture(made)


def _inside(place: Named, view: View) -> bool:
    return view.place_type in ("", place.place_type)


def _when(view: View) -> str:
    """The period in both eras."""
    other = "en" if language() == "th" else "th"
    return gettext(
        "%(years)s (B.E. %(other)s)",
        years=show_period(view.edition.period, view.entry.framework.period),
        other=calendars.show_year(view.edition.period, other),
    )


def _source(view: View) -> list[str]:
    words = gettext("edition %(version)s, run %(run)s", version=view.edition.version, run=view.edition.run)
    demo = gettext("Demo data: none of it is real.")
    return [translated(view.entry.name), words, *([demo] if view.edition.demo else [])]
