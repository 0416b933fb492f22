"""Which rows and columns the table to fill in has, for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cityindex.calendars import THAILAND, buddhist_year, common_year
from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry
from cityindex.errors import Forbidden, Invalid
from cityindex.formats.upload_templates import Column, Template
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import named_places, provinces
from cityindex.web.filters import translated
from cityindex.web.imports.view import Desk
from cityindex.web.language import language
from cityindex.web.page import full_name
from cityindex.web.session import application
from cityindex.web.words import unit_short

ENTERED = ("measured", "yes-no")
UNUSED = ("province", "district")
YEARS = 12


def template(session: Session, desk: Desk, wanted: Mapping[str, Any]) -> Template:
    """The table that a reader at his desk asked for. Raises `Forbidden` for a place that is not the reader's."""
    entry = application().catalogue.framework(wanted["framework"])
    places = _places(session, desk, wanted)
    types = {place.place_type for place in places}
    return Template(
        language=language(),
        places=[(place.code, full_name(place)) for place in places],
        year=common_year(wanted["period"]),
        fiscal=entry.framework.period == "fiscal-year",
        columns=[_column(one) for one in entered(entry, desk) if _applies(one, types)],
    )


def options(session: Session, desk: Desk) -> dict[str, Any]:
    """What there is to choose from, as pairs of value and words."""
    catalogue, today = application().catalogue, datetime.now(THAILAND).date()
    items = catalogue.codelist("place-types").items.values()
    return {
        "own": [(one.code, full_name(one)) for one in desk.places],
        "frameworks": [
            (one.code, translated(one.name)) for one in catalogue.frameworks.values() if any(entered(one, desk))
        ],
        "years": [
            (str(year), f"{buddhist_year(year)} ({year})") for year in range(today.year + 1, today.year - YEARS, -1)
        ],
        "year_chosen": str(today.year),
        "types": [(item.code, translated(item.name)) for item in items if item.code not in UNUSED],
        "provinces": [(one.code, translated(one)) for one in provinces(session)] if desk.anywhere else [],
    }


def entered(framework: FrameworkEntry, desk: Desk) -> Iterator[IndicatorEntry]:
    """The indicators of a framework that a reader may bring in; what a questionnaire asks, a place answers there."""
    asked = frozenset() if desk.anywhere else application().catalogue.answered
    for entry in framework.indicators.values():
        if entry.indicator.type in ENTERED and entry.indicator.status != "retired" and entry.code not in asked:
            yield entry


def _places(session: Session, desk: Desk, wanted: Mapping[str, Any]) -> list[Named]:
    if wanted["place"] and wanted["place"] not in {one.code for one in desk.places} and not desk.anywhere:
        raise Forbidden(f"{wanted['place']} is not a place of this reader")
    if wanted["place"]:
        found = named_places(session, codes=[wanted["place"]])
    elif desk.anywhere:
        found = named_places(session, place_type=wanted["type"] or None, province=wanted["province"] or None)
    else:
        raise Invalid("no place was chosen")
    kept = [one for one in found.values() if wanted["type"] or wanted["place"] or one.place_type not in UNUSED]
    return sorted(kept, key=lambda one: (one.name_sort, one.code))


def _applies(entry: IndicatorEntry, types: set[str]) -> bool:
    only = entry.indicator.applies_to
    return only is None or bool(types & set(only))


def _column(entry: IndicatorEntry) -> Column:
    indicator = entry.indicator
    definition = translated(entry.definition) if entry.definition else ""
    return Column(
        entry.code, translated(entry.name), unit_short(entry), definition, indicator.bounds, indicator.expected
    )
