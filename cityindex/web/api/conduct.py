"""What holds for every address of the API: languages, media types, and reading from pages of other sites."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.exceptions import NotAcceptable
from werkzeug.wrappers import Response

from cityindex.translations import LANGUAGES
from cityindex.web import problems
from cityindex.web.api import keys, limits, usage

A_DAY = 24 * 3600
READABLE = (
    "ETag, Link, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-ID, Deprecation, Sunset"
)
SENDABLE = "Authorization, Accept-Language, If-None-Match, X-Request-ID"
OFFERED = ("application/json", problems.MEDIA_TYPE)
PAGE_OF_DOCUMENTATION = f"{problems.API}/docs"


def install(app: Flask) -> None:
    limits.install(app)
    usage.install(app)
    app.before_request(begin)
    app.after_request(open_to_pages)


def begin() -> Response | None:
    """Take language and key, count the request, and refuse a media type that there is not."""
    if not problems.wanted() or request.path.startswith(PAGE_OF_DOCUMENTATION) or request.method == "OPTIONS":
        return None
    wanted = request.args.get("lang")
    if wanted in LANGUAGES:
        g.language = wanted
    unknown = keys.take()
    spent = limits.spend()
    if spent.count > spent.limit:
        return limits.refused(spent)
    accepted = request.accept_mimetypes
    if accepted and not any(accepted[kind] > 0 for kind in OFFERED):
        raise NotAcceptable(f"this address answers as {OFFERED[0]}: leave Accept out, or name it there")
    return unknown


def open_to_pages(response: Response) -> Response:
    """Pages of other sites may read public data: no cookie is looked at here."""
    if problems.wanted():
        headers = response.headers
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = READABLE
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            headers["Access-Control-Allow-Headers"] = SENDABLE
            headers["Access-Control-Max-Age"] = str(A_DAY)
    return response
