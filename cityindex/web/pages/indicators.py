"""Indicators: the catalogue, and the page of one with its values, its definition and what it is aligned with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.charts import Marker
from cityindex.definitions.catalogue import Catalogue, FrameworkEntry, IndicatorEntry, StrategyItem, Text
from cityindex.errors import NotFound
from cityindex.formats.value_tables import write_values
from cityindex.queries.observations.holdings import Holding, holdings
from cityindex.queries.observations.indicator_columns import is_calculated, most_used
from cityindex.queries.observations.indicator_record import indicator_record
from cityindex.queries.observations.indicator_values import indicator_values_table
from cityindex.queries.places.places import provinces
from cityindex.thai import fold
from cityindex.web import words
from cityindex.web.filters import period as show_period
from cityindex.web.filters import translated
from cityindex.web.indicators.figures import distribution_figure
from cityindex.web.indicators.files import taken_of, years_of
from cityindex.web.indicators.map import map_figure
from cityindex.web.indicators.places import markers, standing
from cityindex.web.indicators.trend import Trend, target_words, trend_figure, trend_of
from cityindex.web.indicators.view import (
    Use,
    ValueArguments,
    View,
    columns_of,
    place_types,
    provenance,
    scorers,
    uses,
    view_of,
)
from cityindex.web.links import here, map_link, page_links
from cityindex.web.participation import target_words as aims
from cityindex.web.places.chosen import chosen_places
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

indicators = Blueprint("indicators", __name__)

STATES = {
    "reported": lazy_gettext("there is data"),
    "unreported": lazy_gettext("no data yet"),
    "scored": words.STATUSES["scored"],
    "pilot": words.STATUSES["pilot"],
    "retired": words.STATUSES["retired"],
    "verified": lazy_gettext("definition verified"),
    "unverified": lazy_gettext("definition not yet verified"),
}
"""What the list can be narrowed to; each is counted on the page."""
LONGEST = 70
"""Letters of a name in a list of choices."""


class ListArguments(Schema):
    """What an address of the catalogue may ask for."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    theme = fields.String(load_default="")
    framework = fields.String(load_default="")
    aligned = fields.String(load_default="", validate=validate.Length(max=40))
    status = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))


@dataclass(frozen=True)
class Listed:
    """An indicator of the catalogue with what there is of it. `weighed`: it counts somewhere."""

    entry: IndicatorEntry
    frameworks: tuple[FrameworkEntry, ...]
    holding: Holding | None
    weighed: bool

    def has(self, state: str) -> bool:
        """Whether it is in a state of `STATES`."""
        if state in ("reported", "unreported"):
            return (self.holding is not None) == (state == "reported")
        if state in ("verified", "unverified"):
            return (self.entry.verified is not None) == (state == "verified")
        return self.entry.indicator.status == state


@indicators.get("/indicators/")
def index() -> str:
    catalogue = application().catalogue
    arguments = checked(ListArguments(), request.args)
    every = list(_listed(catalogue, chosen_indicators(catalogue, arguments)))
    listed = [one for one in every if not arguments["status"] or one.has(arguments["status"])]
    states = [(state, f"{said} ({sum(one.has(state) for one in every)})") for state, said in STATES.items()]
    return render_template(
        "pages/indicators/index.html",
        arguments=arguments,
        filtered=any(arguments.values()),
        catalogue=catalogue,
        aligned=catalogue.strategy_item(arguments["aligned"]) if arguments["aligned"] else None,
        groups=[(theme, [one for one in listed if one.entry.theme == theme]) for theme in catalogue.themes],
        total=len(listed),
        states=states,
        themes=[(code, translated(name)) for code, name in catalogue.themes.items()],
        frameworks=[(code, translated(one.name)) for code, one in catalogue.frameworks.items()],
        strategy=list(_strategy(catalogue)),
        words=words,
    )


def chosen_indicators(catalogue: Catalogue, wanted: Mapping[str, str]) -> list[IndicatorEntry]:
    """The indicators that pass a filter. `NotFound` for a theme, framework or strategy code that is not there."""
    found = list(catalogue.indicators.values())
    if wanted["theme"]:
        if wanted["theme"] not in catalogue.themes:
            raise NotFound(f"there is no theme {wanted['theme']}")
        found = [entry for entry in found if entry.theme == wanted["theme"]]
    if wanted["framework"]:
        used = catalogue.framework(wanted["framework"]).indicators
        found = [entry for entry in found if entry.code in used]
    if wanted["aligned"]:
        catalogue.strategy_item(wanted["aligned"])
        found = [entry for entry in found if wanted["aligned"] in entry.aligned_to]
    return [entry for entry in found if all(word in _searched(entry) for word in fold(wanted["q"]).split())]


@indicators.get("/indicators/<code>")
def profile(code: str) -> ResponseReturnValue:
    catalogue = application().catalogue
    entry = catalogue.indicator(code)
    chosen = chosen_places(request.args.getlist("place"))
    arguments = {**checked(ValueArguments(), request.args), "place": chosen.codes}
    view = view_of(entry, columns_of(catalogue, entry), arguments)
    using = uses(catalogue, code)
    kind = entry.indicator.period or "calendar-year"
    types = [(item.code, translated(item.name)) for item in place_types(entry)]
    trend = trend_of(entry, view, chosen.places, using)
    source = provenance(entry, view.data, [view.period] if view.period else [])
    taken = taken_of(entry, view, trend, source, arguments)
    if taken and (wanted := request.args.get("format")):
        return taken_as(taken, wanted)
    return render_template(
        f"pages/indicators/{arguments['tab']}.html",
        entry=entry,
        catalogue=catalogue,
        arguments=arguments,
        chosen=chosen,
        view=view,
        kind=kind,
        uses=using,
        weighed=_weighed(using),
        periods=[(period, show_period(period, kind)) for period in sorted(view.data.columns, reverse=True)],
        types=types,
        applies_to=", ".join(name for _, name in types),
        provinces=[(one.code, translated(one)) for one in provinces(database())],
        provenance=source,
        taken=taken,
        trend=trend,
        standings=[standing(view, place) for place in chosen.places],
        map_link=_map(view, using, code),
        here=partial(here, arguments),
        words=words,
        say=aims,
        **PARTS[arguments["tab"]](entry, view, trend),
    )


def _chart(entry: IndicatorEntry, view: View, found: Trend) -> dict[str, Any]:
    marks = markers(entry, view, found.places)
    cuts = [Marker(target.value, tag) for tag, target in found.targets if target.by is None]
    return {
        "distribution": distribution_figure(entry, view.column, view.missing, marks, cuts),
        "trend_picture": trend_figure(entry, found),
        "target_words": target_words,
        "of_years": provenance(entry, view.data, years_of(found)),
    }


def _table(_entry: IndicatorEntry, view: View, _found: Trend) -> dict[str, Any]:
    return {"target_words": target_words, "page_link": page_links(view.sorting.arguments)}


def _country(entry: IndicatorEntry, view: View, _found: Trend) -> dict[str, Any]:
    return {"picture": map_figure(entry, view)}


def _about(entry: IndicatorEntry, view: View, _found: Trend) -> dict[str, Any]:
    return {
        "sources": _sources(entry, view),
        "aligned": _aligned(application().catalogue, entry),
        "tags": [tag.split(":", 1) for tag in entry.tags],
        "record": indicator_record(database(), entry.code, view.data),
        "target_words": target_words,
    }


PARTS: Mapping[str, Callable[[IndicatorEntry, View, Trend], dict[str, Any]]] = {
    "chart": _chart,
    "table": _table,
    "map": _country,
    "about": _about,
}
"""What each tab needs beyond what all of them show."""


def _sources(entry: IndicatorEntry, view: View) -> tuple[str, ...]:
    """Where reported values of the period shown come from; calculated ones come from a run."""
    if view.period is None or is_calculated(entry.indicator):
        return ()
    return most_used(view.data.sources, [view.period])


@indicators.get("/indicators/<code>/values.csv")
def values(code: str) -> Response:
    """Every value of an indicator, as a table that a spreadsheet program opens in Thai."""
    catalogue = application().catalogue
    entry = catalogue.indicator(code)
    statuses = catalogue.codelist("observation-status").items
    table = indicator_values_table(database(), entry, columns_of(catalogue, entry), statuses)
    headers = {"Content-Disposition": f'attachment; filename="{code}.csv"'}
    return Response(write_values(table), mimetype="text/csv", headers=headers)


def _listed(catalogue: Catalogue, entries: list[IndicatorEntry]) -> Iterator[Listed]:
    by_code = {entry.code: scorers(catalogue, entry.code) for entry in entries}
    there = holdings(database(), [entry.indicator for entry in entries], by_code)
    for entry in entries:
        frameworks = catalogue.frameworks_using(entry.code)
        yield Listed(entry, frameworks, there.get(entry.code), _weighed(uses(catalogue, entry.code)))


def _weighed(using: list[Use]) -> bool:
    return any(use.element is not None and use.element.effective > 0 for use in using)


def _strategy(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """The strategy codes that indicators are aligned with, to choose from."""
    for vocabulary in catalogue.vocabularies.values():
        for item in vocabulary.items.values():
            if catalogue.aligned_with(item.code):
                label = f"{item.code} {translated(item.name)}"
                yield item.code, label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _searched(entry: IndicatorEntry) -> str:
    definition = entry.definition or Text("", "")
    texts = (entry.code, entry.name.th, entry.name.en, definition.th, definition.en, *entry.aligned_to, *entry.tags)
    return fold(" ".join(texts))


def _aligned(catalogue: Catalogue, entry: IndicatorEntry) -> list[tuple[StrategyItem, Text]]:
    items = [catalogue.strategy_item(code) for code in entry.aligned_to]
    return [(item, catalogue.vocabulary(item.vocabulary).name) for item in items]


def _map(view: View, using: list[Use], code: str) -> str | None:
    """The map of the indicator in an edition that holds it in the period shown."""
    framework = view.data.framework or next((use.framework.code for use in using if use.element), None)
    return map_link(framework, code, view.period) if framework and view.period else None
