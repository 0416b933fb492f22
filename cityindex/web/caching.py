"""Public pages may be kept and are asked for again by their fingerprint."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.wrappers import Response

from cityindex.web.reader import has_cookie

A_MINUTE = 60
A_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    app.after_request(keep)


def keep(response: Response) -> Response:
    """Give public answers an ETag and a time to be kept, and answer 304 to who has them already."""
    if g.get("private"):
        response.headers["Cache-Control"] = "private, no-store"
        return response
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        if response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        return response
    if request.endpoint == "static":
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        # Read whole: what is compressed as a stream leaves its file open.
        response.direct_passthrough = False
        response.make_sequence()
        return response
    if "Cache-Control" not in response.headers:
        # Without `Vary: Cookie`, so that shared caches hold one copy: for a minute, the header of a page that was read
        # before signing in may still offer to sign in.
        response.headers["Cache-Control"] = "private, no-store" if has_cookie() else f"public, max-age={A_MINUTE}"
    if "no-store" in response.headers["Cache-Control"] or response.is_streamed:
        return response
    # Weak: the bytes differ by compression, the page does not.
    response.add_etag(weak=True)
    return response.make_conditional(request)
