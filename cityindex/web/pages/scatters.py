"""Two indicators beside each other: which places have both, and how the two go together."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.queries.observations.indicator_tables import Filter
from cityindex.queries.places.places import provinces
from cityindex.web.editions.structure import structure
from cityindex.web.filters import period as show_period
from cityindex.web.filters import translated
from cityindex.web.indicators.scatter_files import taken_of
from cityindex.web.indicators.scatter_view import (
    ROWS,
    Side,
    common_periods,
    pairs_of,
    rows_of,
    scatter_figure,
    side_of,
    strength,
    together,
    usual_period,
)
from cityindex.web.indicators.view import year_argument
from cityindex.web.links import Sorting, here, page_links
from cityindex.web.pages.indicators import indicators
from cityindex.web.places.chosen import chosen_places
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

LONGEST = 200


class ScatterArguments(Schema):
    """What an address of a scatter may ask for. `x` and `y` are codes of indicators, or `framework/part`."""

    class Meta:
        unknown = EXCLUDE

    x = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    y = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    period = fields.Function(deserialize=year_argument, load_default=None)
    type = fields.String(load_default="")
    province = fields.String(load_default="", validate=validate.Length(max=10))
    log = fields.String(load_default="", validate=validate.OneOf(["", "x", "y", "xy"]))
    sort = fields.String(load_default="x", validate=validate.OneOf(["name", "x", "y"]))
    order = fields.String(load_default="", validate=validate.OneOf(["", "asc", "desc"]))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@indicators.get("/indicators/scatter")
def scatter() -> ResponseReturnValue:
    chosen = chosen_places(request.args.getlist("place"))
    arguments = {**checked(ScatterArguments(), request.args), "place": chosen.codes}
    catalogue = application().catalogue
    if arguments["type"]:
        arguments["type"] = catalogue.place_type(arguments["type"])
    sides = [side_of(arguments[axis]) if arguments[axis] else None for axis in "xy"]
    x, y = sides
    period = arguments["period"] or (usual_period(x, y) if x and y else None)
    types = catalogue.codelist("place-types").items
    there = x and y and period in common_periods(x, y)
    found = _found(x, y, period, arguments, chosen.places) if x and y and period and there else {}
    taken = found.get("taken")
    if taken and (wanted := request.args.get("format")):
        return taken_as(taken, wanted)
    return render_template(
        "pages/indicators/scatter.html",
        arguments=arguments,
        chosen=chosen,
        x=x,
        y=y,
        period=period,
        periods=[(one, show_period(one)) for one in common_periods(x, y)] if x and y else [],
        choices=_choices(),
        types=[(code, translated(item.name)) for code, item in types.items()],
        provinces=[(one.code, translated(one)) for one in provinces(database())],
        here=partial(here, arguments),
        page_link=page_links(arguments),
        strength=strength,
        **found,
    )


def _found(x: Side, y: Side, period: int, arguments: dict[str, Any], places: Any) -> dict[str, Any]:
    wanted = Filter([arguments["type"]] if arguments["type"] else _types(x, y), arguments["province"])
    pairs = pairs_of(x, y, period, wanted, arguments["log"])
    by = arguments["sort"]
    descending = arguments["order"] == "desc" if arguments["order"] else by != "name"
    figure = scatter_figure(x, y, pairs, places, arguments["log"])
    return {
        "taken": taken_of((x, y), pairs, (lambda: str(figure)) if figure else None, arguments),
        "pairs": pairs,
        "together": together(pairs, arguments["log"]),
        "figure": figure,
        "rows": rows_of(pairs, by, arguments["page"], descending=descending),
        "pages": max(-(-pairs.n // ROWS), 1),
        "sorting": Sorting(arguments, by, descending, frozenset({"name"})),
    }


def _types(x: Side, y: Side) -> list[str]:
    """The types of places that both are about; where nobody said, any."""
    every = list(application().catalogue.codelist("place-types").items)
    return [code for code in every if code in (x.types or every) and code in (y.types or every)]


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Scores first, by framework, then indicators by theme."""
    catalogue = application().catalogue
    scores = [
        (
            translated(entry.name),
            [
                (f"{code}/{element.code}", translated(element.name))
                for element in structure(entry).elements
                if element.indicator is None
            ],
        )
        for code, entry in catalogue.frameworks.items()
    ]
    themes = [
        (translated(name), [(entry.code, translated(entry.name)) for entry in catalogue.of_theme(theme)])
        for theme, name in catalogue.themes.items()
    ]
    return [*scores, *themes]
