"""Observations: values as they were reported, with where they come from and every revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from cityindex.calendars import buddhist_year
from cityindex.queries.observations.pages import (
    ObservationLine,
    ObservationWish,
    known_indicators,
    last_recording,
    observation_page,
)
from cityindex.queries.places.places import find_place
from cityindex.web.api.answers import Page, named, page
from cityindex.web.api.arguments import Paged, code, nothing, period, place_type, several
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing
from cityindex.web.api.places import place_ids
from cityindex.web.api.schemas import figures as schemas
from cityindex.web.filters import translated
from cityindex.web.session import application, database

TAG = "Observations"
PLAIN = ("value", "status", "source", "revision", "in_force", "recorded_at", "recording", "demo")


class ObservationsAsked(Paged):
    """Which observations. Without anything, all that are in force."""

    indicator = several("Codes of indicators, separated by commas.")
    period = period()
    place = several("Codes of places, separated by commas.")
    place_type = place_type()
    province = code("Code of a province: places within it.", example="50")
    updated_after = fields.AwareDateTime(
        load_default=nothing,
        metadata={"description": "What was recorded at or after this moment (with its zone): a change feed."},
    )
    history = fields.Boolean(
        load_default=False, metadata={"description": "Every revision, not the values in force only.", "type": "boolean"}
    )


@listing("/observations", ObservationsAsked, schemas.Observation, TAG)
def observations(asked: dict[str, Any]) -> ResponseReturnValue:
    """List observations by indicator, period and place.

    Later pages show what was known when the first one was asked for, whatever is recorded meanwhile.
    """
    begin: dict[str, Any] = {"known": last_recording(database()), "after": None}
    if asked["cursor"]:
        begin = read(asked["cursor"])
    wish = _wish(asked, begin["known"])
    after = tuple(begin["after"]) if begin["after"] else None

    def make() -> Page:
        lines, following = observation_page(database(), wish, after, asked["limit"])
        begun = written({"known": wish.known, "after": following}) if following else None
        form = f"{url_for('mistakes.report')}?place={{place}}&code={{indicator}}&period={{period}}"
        return Page([_item(line) for line in lines], begun, report=form)

    return page(asked, make)


def _wish(asked: Mapping[str, Any], known: int) -> ObservationWish:
    session, catalogue = database(), application().catalogue
    for one in set(asked["indicator"] or ()) - known_indicators(session):
        catalogue.indicator(one)  # says which one may be meant
    places = asked["place"]
    return ObservationWish(
        known=known,
        indicators=None if asked["indicator"] is None else tuple(asked["indicator"]),
        periods=None if asked["period"] is None else (asked["period"],),
        place_ids=None if places is None else place_ids(places),
        place_type=catalogue.place_type(asked["place_type"]) if asked["place_type"] else None,
        province=find_place(session, asked["province"]).place.id if asked["province"] else None,
        since=asked["updated_after"],
        history=asked["history"],
    )


def _item(line: ObservationLine) -> dict[str, Any]:
    entry = application().catalogue.indicators.get(line.indicator)
    return {
        "indicator": line.indicator,
        "indicator_name": translated(entry.name) if entry else line.indicator,
        "place": line.place,
        **named(line.name_th, line.name_en),
        "period": line.period,
        "period_be": buddhist_year(line.period),
        "period_kind": (entry.indicator.period if entry else None) or "calendar-year",
        "unit": entry.unit if entry else None,
        **{name: getattr(line, name) for name in PLAIN},
    }
