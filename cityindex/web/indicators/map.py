"""Where the values of an indicator lie in the country, as a picture that needs no script."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from cityindex.charts import Caption
from cityindex.charts.country import country
from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.queries.places.country import Spot, positions
from cityindex.web import words
from cityindex.web.filters import translated
from cityindex.web.indicators.view import View
from cityindex.web.pages.home import fifths, land_of
from cityindex.web.session import database


@dataclass(frozen=True)
class MapFigure:
    """`legend` holds, from the highest class down, its number, range and count; `missing` counts the dots without a
    value of their own, `nowhere` the values of places whose position is not known.
    """

    picture: Markup
    legend: list[tuple[int, str, int]]
    missing: int
    nowhere: int


def map_figure(entry: IndicatorEntry, view: View) -> MapFigure | None:
    """The values that the page shows, in five classes of about as many places each; None without any position."""
    column = view.column
    if column is None:
        return None
    spots = positions(database())
    own = ~column.standing_in
    values = dict(zip(column.place_ids[own].tolist(), column.own.tolist(), strict=True))
    there = [Spot(*spots[place], values.get(place)) for place in view.ids.tolist() if place in spots]
    scored = [spot for spot in there if spot.score is not None]
    if not scored:
        return None
    classes = fifths(scored)
    legend = [
        (at, _span(words.result(min(held), entry), words.result(max(held), entry)), len(held))
        for at, held in reversed([(at, [one.score or 0.0 for one in part]) for at, part in enumerate(classes, 1)])
        if held
    ]
    said = "; ".join(f"{span}: {count}" for _, span, count in legend)
    caption = Caption(gettext("Values over the country: %(name)s", name=translated(entry.name)), said)
    missing = [(one.longitude, one.latitude) for one in there if one.score is None]
    dots = [[(one.longitude, one.latitude) for one in part] for part in classes]
    drawn = country(land_of(database()), dots, missing, caption)
    return MapFigure(Markup(drawn), legend, len(missing), len(values) - len(scored))  # noqa: S704


def _span(low: str, high: str) -> str:
    """From one value to another, as they are said: levels are often one and the same."""
    return low if low == high else f"{low}–{high}"
