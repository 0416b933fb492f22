"""Who may open which page. Every route declares what it needs; one that declares nothing is refused.

Routes of a blueprint need what the blueprint was registered with; `needs` says otherwise for one of them. What a role
allows stands in `services.roles` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from cityindex.errors import Forbidden
from cityindex.web.reader import reader

PUBLIC, SIGNED_IN = "public", "signed-in"
KEY = "cityindex-permissions"
FLASKS_OWN = {"static": PUBLIC}
View = TypeVar("View", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[View], View]:
    """Declare what a route needs: `PUBLIC`, `SIGNED_IN`, or a permission by name."""

    def declare(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]
        return view

    return declare


def register(app: Flask, blueprint: Blueprint, permission: str, prefix: str | None = None) -> None:
    """Register a blueprint whose routes need `permission`. Answers of one that is not public are kept by nobody."""
    app.register_blueprint(blueprint, url_prefix=prefix)
    app.extensions[KEY][blueprint.name] = permission


def install(app: Flask) -> None:
    app.extensions[KEY] = {}
    app.before_request(check)


def need_of(app: Flask, endpoint: str) -> str | None:
    """What a route needs; None where it declares nothing."""
    declared = getattr(app.view_functions.get(endpoint), "needs", None) or FLASKS_OWN.get(endpoint)
    return cast("str | None", declared or _of_blueprint(app, endpoint))


def check() -> Response | None:
    """Before each request: let it through, send the reader to sign in, or refuse."""
    if request.endpoint is None:  # no such page; the error page says so
        return None
    g.private = (_of_blueprint(current_app, request.endpoint) or PUBLIC) != PUBLIC
    need = need_of(current_app, request.endpoint)
    if need == PUBLIC:
        return None
    if need is None:
        raise Forbidden(f"{request.endpoint} declares no permission")
    if reader() is None:
        g.private = True
        back = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.login", next=back), 303)
    if need != SIGNED_IN and not may(need):
        raise Forbidden(f"this needs the permission {need}")
    return None


def may(permission: str) -> bool:
    """Whether whoever reads has a permission (for links that only lead some readers further)."""
    known = reader()
    return known is not None and permission in known.permissions


def _of_blueprint(app: Flask, endpoint: str) -> str | None:
    found: str | None = app.extensions[KEY].get(endpoint.rpartition(".")[0])
    return found
