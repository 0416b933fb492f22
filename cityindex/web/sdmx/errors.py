"""Errors as SDMX tells them, in the form that the client reads."""

from __future__ import annotations

from flask import Response, request

from cityindex.errors import CityIndexError, Forbidden, Invalid, NotFound, Unavailable
from cityindex.formats.sdmx import errors as messages

NO_RESULTS, UNAUTHORISED, TOO_LARGE, SYNTAX, INTERNAL, NOT_IMPLEMENTED, UNAVAILABLE = 100, 110, 130, 140, 500, 501, 503
STATUS = {
    NO_RESULTS: 404,
    UNAUTHORISED: 403,
    TOO_LARGE: 413,
    SYNTAX: 400,
    INTERNAL: 500,
    NOT_IMPLEMENTED: 501,
    UNAVAILABLE: 503,
}


class Syntax(Invalid):
    """The query cannot be read."""


class NoResults(NotFound):
    """There is nothing that the query asks for."""


class TooLarge(CityIndexError):
    """The answer would be larger than this service makes it."""


class NotImplementedHere(CityIndexError):
    """The standard has it, this service does not."""


CODES: tuple[tuple[type[CityIndexError], int], ...] = (
    (NotFound, NO_RESULTS),
    (Forbidden, UNAUTHORISED),
    (TooLarge, TOO_LARGE),
    (NotImplementedHere, NOT_IMPLEMENTED),
    (Unavailable, UNAVAILABLE),
    (Invalid, SYNTAX),
)


def answer(api: str, code: int, said: str, status: int | None = None) -> Response:
    """An error message: JSON for who takes JSON and no XML, else SDMX-ML of the version of the interface."""
    accept = request.accept_mimetypes
    likes_json = any("json" in value for value, _ in accept) and not any("xml" in value for value, _ in accept)
    if likes_json:
        body, kind = messages.as_json(code, said), "application/json"
    else:
        body, kind = messages.as_ml(code, said, api), "application/xml"
    response = Response(body, status or STATUS[code], content_type=kind)
    response.headers["Vary"] = "Accept"
    if code == UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def code_of(error: CityIndexError) -> int:
    return next((code for kind, code in CODES if isinstance(error, kind)), INTERNAL)
