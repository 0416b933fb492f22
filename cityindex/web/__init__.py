"""The web side: a thin door. Pages read through `queries`, deeds go through `services`; nothing here knows SQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_compress import Compress

from cityindex.resources import resource_root
from cityindex.web import (
    addresses,
    api,
    bundles,
    caching,
    errors,
    filters,
    forms,
    health,
    language,
    metrics,
    page,
    permissions,
    reader,
    security,
    session,
    uploads,
)
from cityindex.web.assessments import deeds
from cityindex.web.data_catalogue import data_catalogue
from cityindex.web.data_catalogue.ckan import ckan
from cityindex.web.editions import shown_editions
from cityindex.web.features import features
from cityindex.web.map.shapes import shapes
from cityindex.web.pages import BLUEPRINTS, SIGNED_IN_BLUEPRINTS
from cityindex.web.participation import mistake_view
from cityindex.web.permissions import PUBLIC, register
from cityindex.web.releases import words as release_words
from cityindex.web.sdmx import sdmx
from cityindex.web.take_away import menu as take_away

if TYPE_CHECKING:
    from cityindex.app import Application

IN_A_LANGUAGE = "/<any(th, en):language>"


def build(application: Application) -> Flask:
    """The Flask application over what the composition root holds. Raises `Invalid` where settings forbid a start."""
    app = Flask(
        __name__,
        static_folder=str(Path(__file__).parent / "static"),
        template_folder=str(resource_root("templates")),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    security.require_secret(application.settings)
    session.install(app, application)
    # What is done after a request runs in the reverse order of installing: counting comes last, before it compression.
    metrics.install(app)
    # A higher level takes two to four times as long and saves a twentieth.
    app.config.setdefault("COMPRESS_LEVEL", 4)
    Compress(app)
    for part in (
        addresses,
        bundles,
        security,
        uploads,
        permissions,
        reader,
        forms,
        caching,
        deeds,
        language,
        filters,
        page,
        shown_editions,
        mistake_view,
        release_words,
        take_away,
        errors,
        health,
        api,
    ):
        part.install(app)
    for blueprint in BLUEPRINTS:
        register(app, blueprint, PUBLIC, IN_A_LANGUAGE)
    for blueprint, permission in SIGNED_IN_BLUEPRINTS:
        register(app, blueprint, permission, IN_A_LANGUAGE)
    register(app, shapes, PUBLIC)
    register(app, features, PUBLIC, "/features")
    register(app, data_catalogue, PUBLIC)
    register(app, ckan, PUBLIC, "/api")
    register(app, sdmx, PUBLIC, "/sdmx")
    return app
