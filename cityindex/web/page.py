"""What every page shows around its own content: navigation, the ribbon of demo data, the version."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import SQLAlchemyError

from cityindex import __version__
from cityindex.calendars import THAILAND
from cityindex.errors import CityIndexError
from cityindex.queries.site import holds_demo
from cityindex.services.places import place_names
from cityindex.web.language import language
from cityindex.web.session import application, held

if TYPE_CHECKING:
    from cityindex.app import Application
    from cityindex.definitions.catalogue import CodelistItem

NAVIGATION = (
    ("places.index", lazy_gettext("Places")),
    ("indicators.index", lazy_gettext("Indicators")),
    ("frameworks.index", lazy_gettext("Rankings")),
    ("map.index", lazy_gettext("Map")),
    ("learning.index", lazy_gettext("Learning cities")),
    ("knowledge.index", lazy_gettext("Knowledge")),
    ("targets.index", lazy_gettext("Targets")),
)
"""The main sections, in their order. One is shown from the day its page exists."""
DEMO_REMEMBERED = 20.0


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool


class DemoRibbon:
    """Whether demo data is in the database. The answer is remembered for a few seconds."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.answer = False
        self.asked = float("-inf")

    def shown(self) -> bool:
        if time.monotonic() - self.asked > DEMO_REMEMBERED:
            try:
                with self.application.sessions() as session:
                    self.answer = holds_demo(session)
            except (SQLAlchemyError, CityIndexError):
                return self.answer
            self.asked = time.monotonic()
        return self.answer


def install(app: Flask) -> None:
    ribbon = DemoRibbon(held(app))
    app.jinja_env.globals.update(
        demo_ribbon=ribbon.shown,
        navigation=navigation,
        site_version=__version__,
        today=lambda: datetime.now(THAILAND).date(),
        place_type=place_type,
        full_name=full_name,
        linked=linked,
    )

    @app.context_processor
    def words() -> dict[str, Any]:
        return {"site_name": gettext("City Index")}


def navigation() -> list[Link]:
    here = (request.endpoint or "").split(".")[0]
    return [
        Link(str(label), url_for(endpoint), endpoint.split(".")[0] == here)
        for endpoint, label in NAVIGATION
        if endpoint in current_app.view_functions
    ]


def place_type(code: str) -> CodelistItem:
    """The entry of a place type, with its name and short name."""
    return application().catalogue.codelist("place-types").items[code]


def full_name(place: Any) -> str:
    """A place with what it is: `เทศบาลนครเชียงใหม่`, `Chiang Mai city municipality`."""
    return place_names.full_name(place, application().catalogue.codelist("place-types"), language())


def linked(endpoint: str, **values: Any) -> str:
    """The address of a page, or nothing where this site has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
