"""Public pages may be kept and are asked for again by their fingerprint."""

from __future__ import annotations

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

A_MINUTE = 60
A_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    app.after_request(keep)


def keep(response: Response) -> Response:
    """Give public answers an ETag and a time to be kept, and answer 304 to who has them already."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        if response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        return response
    if request.endpoint == "static":
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return response
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store" if _known_reader() else f"public, max-age={A_MINUTE}"
    if "no-store" in response.headers["Cache-Control"] or response.is_streamed:
        return response
    # Weak: the bytes differ by compression, the page does not.
    response.add_etag(weak=True)
    return response.make_conditional(request)


def _known_reader() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies
