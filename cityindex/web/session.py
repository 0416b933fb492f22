"""One database session a request, opened when it is first asked for and given back unwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, g

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cityindex.app import Application

KEY = "cityindex"


def install(app: Flask, application: Application) -> None:
    app.extensions[KEY] = application
    app.teardown_appcontext(_close)


def held(app: Flask) -> Application:
    """The composition root that `app` was built over."""
    return cast("Application", app.extensions[KEY])


def application() -> Application:
    """The composition root of the running application."""
    return held(current_app)


def database() -> Session:
    """The session of this request. Pages only read: it is rolled back at the end."""
    if "session" not in g:
        g.session = application().sessions()
    return cast("Session", g.session)


def _close(_error: BaseException | None) -> None:
    session = g.pop("session", None)
    if session is not None:
        session.rollback()
        session.close()
