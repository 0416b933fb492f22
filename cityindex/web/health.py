"""For machines that look after the site: is it alive, is it ready, and what may be crawled."""

from __future__ import annotations

from flask import Flask, Response, jsonify, send_from_directory
from sqlalchemy.exc import SQLAlchemyError

from cityindex.errors import CityIndexError
from cityindex.web.permissions import PUBLIC, needs
from cityindex.web.session import held

ROBOTS = """User-agent: *
Disallow: /health/
Disallow: /metrics
Disallow: /th/account/
Disallow: /en/account/
Disallow: /th/admin/
Disallow: /en/admin/
"""


def install(app: Flask) -> None:
    upkeep = held(app).upkeep

    @app.get("/health/live")
    @needs(PUBLIC)
    def live() -> Response:
        return _plain({"status": "ok"})

    @app.get("/health/ready")
    @needs(PUBLIC)
    def ready() -> Response:
        """The database answers and its tables are those of this program."""
        try:
            upkeep.require_current()
        except (SQLAlchemyError, CityIndexError) as error:
            reason = str(error) if isinstance(error, CityIndexError) else "the database does not answer"
            return _plain({"status": "not ready", "reason": reason}, 503)
        return _plain({"status": "ok"})

    @app.get("/robots.txt")
    @needs(PUBLIC)
    def robots() -> Response:
        return Response(ROBOTS, mimetype="text/plain")

    @app.get("/favicon.ico")
    @needs(PUBLIC)
    def favicon() -> Response:
        return send_from_directory(str(app.static_folder), "favicon.svg", max_age=86400)


def _plain(body: dict[str, str], status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
