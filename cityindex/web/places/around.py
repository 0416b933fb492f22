"""What lies around a place: where it is in the country, and the places nearest to it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from cityindex import charts
from cityindex.charts.country import land_path
from cityindex.memory import Memory
from cityindex.queries.places.boundaries import Outline, outlines_of
from cityindex.queries.places.places import PlaceRecord
from cityindex.web.filters import translated
from cityindex.web.page import full_name
from cityindex.web.pages.home import land_of

PROVINCES = 100
"""Drawn provinces that a process keeps: there are 77, and few imports of their boundaries."""
COARSE, FINEST = 0, 2
DETAIL = {"province": COARSE, "district": 1}
_drawn: Memory[str] = Memory(PROVINCES)


@dataclass(frozen=True)
class Where:
    """Pictures of a place: the country with its province and, where its position is known, a dot; and its own outline
    with where that comes from. None where there is nothing to draw.
    """

    locator: Markup | None
    shape: Markup | None
    outline: Outline | None


def where_of(session: Session, place: PlaceRecord) -> Where:
    own = {place.id: DETAIL.get(place.place_type, FINEST)}
    found = outlines_of(session, {place.province_id: COARSE, **own} if place.province_id else own)
    outline = found.get(place.id)
    province = outline if place.place_type == "province" else found.get(place.province_id or 0)
    return Where(_locator(session, place, province), _shape(place, outline) if outline else None, outline)


def _shape(place: PlaceRecord, outline: Outline) -> Markup:
    title = gettext("Outline of %(place)s", place=full_name(place))
    return Markup(charts.outline(json.loads(outline.geometry), title=title))  # noqa: S704


def _locator(session: Session, place: PlaceRecord, province: Outline | None) -> Markup | None:
    known = place.latitude is not None and place.longitude is not None and place.place_type != "province"
    spot = (place.longitude or 0.0, place.latitude or 0.0) if known else None
    drawn = charts.locator(land_of(session), _path(province) if province else "", spot, _caption(place))
    return Markup(drawn) if drawn else None  # noqa: S704


def _caption(place: PlaceRecord) -> charts.Caption:
    title = gettext("Where in the country: %(place)s", place=full_name(place))
    if not place.province_code:
        return charts.Caption(title)
    name = translated({"th": place.province_th, "en": place.province_en})
    return charts.Caption(title, gettext("%(name)s province", name=name))


def _path(area: Outline) -> str:
    """A province as a path, drawn once a process."""
    return _drawn.get(area.geometry, lambda: land_path([json.loads(area.geometry)]))
