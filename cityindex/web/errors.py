"""Errors become answers here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from cityindex.errors import CityIndexError, Conflict, DefinitionError, Forbidden, Invalid, NotFound, Unavailable
from cityindex.web import problems

STATUSES: Mapping[type[CityIndexError], int] = {
    Invalid: 400,
    DefinitionError: 500,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}
RETRY_AFTER = "30"

WORDS: Mapping[int, tuple[object, object]] = {
    400: (
        lazy_gettext("We could not read that request"),
        lazy_gettext("Something in the address does not fit. Go back and choose again, or start from the home page."),
    ),
    403: (
        lazy_gettext("This page is not open to you"),
        lazy_gettext("You may need to sign in with another account, or ask for the right to see it."),
    ),
    404: (
        lazy_gettext("There is no such page"),
        lazy_gettext("The address may have changed, or a letter may be missing. Try searching for the place by name."),
    ),
    405: (
        lazy_gettext("This page cannot be used in that way"),
        lazy_gettext("Go back to the page before and use its buttons."),
    ),
    409: (
        lazy_gettext("That contradicts what is here already"),
        lazy_gettext(
            "Somebody may have changed it in the meantime. Load the page again and look at its present state."
        ),
    ),
    410: (
        lazy_gettext("This page has been taken away"),
        lazy_gettext("It was here once and will not come back. The home page shows what there is now."),
    ),
    413: (
        lazy_gettext("That is too large"),
        lazy_gettext("Send a smaller file, or send it in parts."),
    ),
    429: (
        lazy_gettext("That was many requests in a short time"),
        lazy_gettext("Wait a minute and load the page again."),
    ),
    500: (
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext(
            "It is not your doing. Load the page again in a moment; if it happens again, tell us the number below."
        ),
    ),
    503: (
        lazy_gettext("The site is busy or being looked after"),
        lazy_gettext("Nothing is lost. Load the page again in half a minute."),
    ),
}


NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
"""What is said of an address: nobody's words come back in what was meant to be a name."""
NOT_SO = (
    WORDS[404][0],
    lazy_gettext(
        "Perhaps it is only what the address asks of the page that is not here: a period, a framework or a filter. "
        "Open the page as it usually is and choose from what there is."
    ),
)
"""Of an address that asks something of a page."""


def install(app: Flask) -> None:
    app.register_error_handler(CityIndexError, _ours)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, words: tuple[object, object] | None = None) -> Response:
    """The page for `status`, in the language of the request. It asks the database for nothing."""
    if problems.wanted():
        return _later(problems.problem(status))
    g.refused = True
    title, advice = words or WORDS.get(status, WORDS[500 if status >= 500 else 400])
    page = render_template("errors/error.html", status=status, title=title, advice=advice, again=_again(status))
    return _later(make_response(page, status))


def _later(response: Response) -> Response:
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def status_of(error: CityIndexError) -> int:
    """The HTTP status of an error that the project raises on purpose."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def _ours(error: CityIndexError) -> Response:
    status = status_of(error)
    if status >= 500:
        current_app.logger.error("request %s: %s", g.get("request_id"), error)
    if problems.wanted() and status < 500:
        return problems.problem(status, str(error), getattr(error, "problems", ()))
    names = (one.column for one in getattr(error, "problems", ()) if one.column in request.args)
    unread = [name for name in names if NAME.fullmatch(name)]
    if status == 404 and _again(status):
        return answer(status, NOT_SO)
    return answer(status, _unread(unread) if status == 400 and unread else None)


def _unread(names: Sequence[str]) -> tuple[object, object]:
    """What of an address cannot be read, by the names of its arguments; nothing of what they said is given back."""
    said = gettext(
        "In this address, the following cannot be read: %(names)s. Leave it out, or open the page without it.",
        names=", ".join(dict.fromkeys(names)),
    )
    return WORDS[400][0], said


def _again(status: int) -> str:
    """The same page without what its address asks of it; empty where that is no cure."""
    if status not in (400, 404) or request.method != "GET" or request.endpoint is None:
        return ""
    if request.args:
        return request.path
    known = request.view_args or {}
    return url_for("frameworks.current", code=known["code"]) if request.endpoint == "frameworks.edition" else ""


def _of_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:  # redirects are raised as errors, too
        return error
    status = error.code or InternalServerError.code
    response = problems.problem(status, error.description or "") if problems.wanted() else answer(status)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _of_database(error: DBAPIError) -> Response:
    current_app.logger.error("request %s: the database does not answer: %s", g.get("request_id"), error.orig)
    return answer(503)


def _unexpected(error: Exception) -> Response:
    current_app.logger.exception("request %s", g.get("request_id"), exc_info=error)
    return answer(500)
