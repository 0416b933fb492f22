"""The OpenAPI document: what flask-smorest makes of the declarations, with what holds for all addresses."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, current_app, redirect, request, url_for
from flask_smorest import Api

from cityindex import __version__
from cityindex.translations import LANGUAGES
from cityindex.web.api.operations import api
from cityindex.web.caching import A_MINUTE
from cityindex.web.language import wanted_language
from cityindex.web.permissions import PUBLIC, needs
from cityindex.web.problems import API

DESCRIPTION = """Read-only access to what this site publishes about Thailand's local governments.

- Public data needs no key. With `Authorization: Bearer KEY`, limits are higher and an agreement may open more.
- A list is `{"items": [...], "next": cursor or null}`; give `next` back as `cursor` for the next page.
- Periods are years of the common era, each with its companion in the Buddhist era; either is read.
- A missing value is null and its status says why; it is never zero.
- Addresses that name a run never change. Data that was made up for a demonstration says `demo: true`.
"""
VERSIONS = """Version 1 only grows: fields, parameters and addresses are added, none is renamed or taken away.
What will end is announced by the headers Deprecation (RFC 9745) and Sunset (RFC 8594), a year before."""
KEY = {"type": "http", "scheme": "bearer", "description": "A key of this site; public data needs none."}


class OwnApi(Api):  # type: ignore[misc]
    """Errors become answers in `web.errors`, and failures are declared one by one."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        pass

    def _register_pagination_header(self) -> None:
        pass


def install(app: Flask) -> None:
    app.config.update(
        API_TITLE="City Index API",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": f"{DESCRIPTION}\n{VERSIONS}"}, "servers": [{"url": "/"}]},
    )
    made = OwnApi(app)
    made.spec.components.security_scheme("key", KEY)
    made.spec.options["security"] = [{}, {"key": []}]
    made.register_blueprint(api, url_prefix=API)
    app.extensions["cityindex-api"] = made
    app.add_url_rule(f"{API}/openapi.json", "api.openapi", needs(PUBLIC)(openapi))
    app.add_url_rule(f"{API}/docs", "api.docs", needs(PUBLIC)(docs))


def docs() -> Response:
    """The page for people, in the language that the browser asks for most."""
    wanted = request.args.get("lang")
    to = url_for("guide.index", language=wanted if wanted in LANGUAGES else wanted_language())
    response = redirect(to)
    response.headers["Vary"] = "Accept-Language"
    return response  # type: ignore[return-value]


def document() -> dict[str, Any]:
    """The document as plain JSON."""
    made: dict[str, Any] = current_app.extensions["cityindex-api"].spec.to_dict()
    return made


def openapi() -> Response:
    said = {**document(), "servers": [{"url": request.script_root or "/"}]}
    response = Response(orjson.dumps(said), mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    return response
