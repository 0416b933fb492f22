"""Who may open which page. Every route declares what it needs; one that declares nothing is refused.

Routes of a blueprint need what the blueprint was registered with; `needs` says otherwise for one of them. What a role
allows stands in `services.roles` and nowhere else.

A route about one place declares `at_place(permission, …)`. Before it, only whether the reader holds one of them
anywhere is known; the view asks `require` about its place, or `reach` for a list. An answer of such a route whose view
asked neither is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, current_app, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from cityindex.errors import Forbidden, NotFound
from cityindex.queries.accounts.reach import Located, Reach
from cityindex.services.accounts import roles
from cityindex.services.accounts.roles import Permission
from cityindex.web import kept
from cityindex.web.errors import answer
from cityindex.web.reader import Reader, reader
from cityindex.web.session import application

PUBLIC, SIGNED_IN = "public", "signed-in"
AT_PLACE = "own-place:"
KNOWING = (Permission.SEE_ASSESSMENT, Permission.REVIEW, Permission.RUN_ROUNDS)
"""Whoever holds one of these at a place knows what there is of it, and is told that something is forbidden."""
KEY = "cityindex-permissions"
WITHOUT_SECOND_STEP = frozenset({"mine.second_step_first", "mine.second_step"})
"""What is open before a second step that is asked for is set; signing out needs nobody."""
FLASKS_OWN = {"static": PUBLIC}
View = TypeVar("View", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[View], View]:
    """Declare what a route needs: `PUBLIC`, `SIGNED_IN`, a permission by name, or `at_place(…)`."""

    def declare(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]
        return view

    return declare


def at_place(*permissions: Permission) -> str:
    """What a route about one place needs: one of `permissions`, there."""
    return AT_PLACE + "|".join(permissions)


def asked_at_place(need: str) -> tuple[Permission, ...]:
    """The permissions of `at_place`; none for any other need."""
    return tuple(map(Permission, need.removeprefix(AT_PLACE).split("|"))) if need.startswith(AT_PLACE) else ()


def register(app: Flask, blueprint: Blueprint, permission: str, prefix: str | None = None) -> None:
    """Register a blueprint whose routes need `permission`. Answers of one that is not public are kept by nobody."""
    app.register_blueprint(blueprint, url_prefix=prefix)
    declare(app, blueprint.name, permission)


def declare(app: Flask, blueprint: str, permission: str) -> None:
    """The same for a blueprint that is registered already, by its name."""
    app.extensions[KEY][blueprint] = permission


def install(app: Flask) -> None:
    app.extensions[KEY] = {}
    app.before_request(check)
    app.after_request(require_asked)


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
        return _send_to_sign_in()
    if owes_second_step() and request.endpoint not in WITHOUT_SECOND_STEP:
        return _send_to_second_step()
    if need != SIGNED_IN and not holds(need):
        raise Forbidden(f"this needs the permission {need}")
    return None


def owes_second_step() -> bool:
    """Whether the reader's roles ask for a second step at sign-in here, and none is set yet."""
    found = reader()
    wanted = application().settings.second_step
    if found is None or found.account.second_factor or wanted == "optional":
        return False
    return wanted == "everybody" or any(grant.role in roles.STAFF for grant in found.account.grants)


def _send_to_second_step() -> Response:
    """Nothing else is opened before; a script is told as for an ended session, so that it keeps what it has."""
    g.asked_at_place = True  # of a place, nothing is said
    onto = url_for("mine.second_step_first")
    if kept.wants_json():
        return make_response({"error": "second-step", "login": onto}, 401)
    return redirect(onto, 303)


def _send_to_sign_in() -> Response:
    """A page is come back to; a form of ours is kept and sent afterwards; a script is told."""
    from cityindex.web.arrival import login_page  # it reads the settings of this site, and so comes later

    if kept.wants_json():
        return make_response({"error": "signed-out", "login": url_for("account.login")}, 401)
    if request.method == "GET":
        back = request.script_root + request.full_path.rstrip("?")
        return redirect(url_for("account.login", next=back), 303)
    written = kept.of_request()
    return make_response(login_page(kept=written, status=401)) if written else redirect(url_for("account.login"), 303)


def require_asked(response: Response) -> Response:
    """After each request: an answer about a place that nobody asked a permission for is thrown away."""
    need = need_of(current_app, request.endpoint) if request.endpoint else None
    if need and asked_at_place(need) and response.status_code < 400 and reader() and not g.get("asked_at_place"):
        current_app.logger.error("%s did not ask about its place", request.endpoint)
        return answer(403)
    return response


def may(permission: str, place: Located | None = None, since: datetime | None = None) -> bool:
    """Whether whoever reads has a permission: on the whole site, or at a place (`since`: `services.roles.reach`).

    For links that only lead some readers further; a page itself uses `require`.
    """
    known = reader()
    if known is None:
        return False
    if place is None:
        return permission in known.permissions
    return roles.may_at(known.account.held, permission, place, since)


def require(*permissions: Permission, place: Located, since: datetime | None = None) -> Reader:
    """Whoever reads, who holds one of `permissions` at the place.

    `NotFound` for a reader who may not even know what there is, `Forbidden` for one who knows and may not do this.
    """
    g.asked_at_place = True
    known = reader()
    if known is not None and any(may(one, place, since) for one in permissions):
        return known
    if any(may(one, place) for one in KNOWING):
        raise Forbidden(f"this needs {' or '.join(permissions)} at place {place.id}")
    raise NotFound(f"place {place.id} is not of this reader")


def reach(permission: Permission, since: datetime | None = None) -> Reach:
    """Where whoever reads holds a permission, for lists."""
    g.asked_at_place = True
    known = reader()
    return roles.reach(known.account.held, permission, since) if known else Reach()


def holds(need: str) -> bool:
    """Whether the reader has a permission on the whole site, or one of those of a place somewhere."""
    found, local = reader(), asked_at_place(need)
    if found is None or not local:
        return may(need)
    return any(roles.reach(found.account.held, one) for one in local)


def _of_blueprint(app: Flask, endpoint: str) -> str | None:
    found: str | None = app.extensions[KEY].get(endpoint.rpartition(".")[0])
    return found
