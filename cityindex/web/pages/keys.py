"""Keys for programs: asked for and kept by whoever signs in, decided on by an administrator; and who reads what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from cityindex.calendars import THAILAND
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import now
from cityindex.queries.accounts import clients as queries
from cityindex.queries.accounts.accounts import actor_names, actor_of
from cityindex.queries.places.places import find_place
from cityindex.services.accounts.roles import Permission
from cityindex.services.exchange.clients import LASTS, LONGEST, MOST_RATE, RATE, NewKey, Wish
from cityindex.services.exchange.scopes import DATASETS, DELIVERIES, EXCHANGE, FOLLOW, READ, Scope, read_scopes
from cityindex.web.arrival import UNFIT
from cityindex.web.forms import given
from cityindex.web.operations import tabs
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.reader import me
from cityindex.web.session import application, database

keys = Blueprint("keys", __name__)
USE = at_place(Permission.SEE_ASSESSMENT)
PAST = timedelta(days=365)
STATES = {
    "asked": lazy_gettext("waits for a decision"),
    "granted": lazy_gettext("has access"),
    "refused": lazy_gettext("was refused"),
    "closed": lazy_gettext("has ended"),
}
DATASET_NAMES = {
    "places": lazy_gettext("places"),
    "indicators": lazy_gettext("indicators and methods"),
    "scores": lazy_gettext("scores and ranks"),
    "observations": lazy_gettext("values"),
    "programmes": lazy_gettext("programmes and members"),
    "assessments": lazy_gettext("self-assessments"),
    DELIVERIES: lazy_gettext("deliveries under an agreement"),
}
ACTION_NAMES = {
    READ: lazy_gettext("read what is published"),
    FOLLOW: lazy_gettext("follow how far they are before they are published"),
    EXCHANGE: lazy_gettext("exchange and follow"),
}
WRONG = {
    "name": lazy_gettext("Write what the program is called."),
    "organisation": lazy_gettext("Write whose program it is."),
    "purpose": lazy_gettext("Write what it reads the data for."),
    "scope": lazy_gettext("Choose data and places that are there: a place is given by its code."),
    "rate": lazy_gettext("Requests a minute: a whole number from 1 to %(most)s.", most=f"{MOST_RATE:,}"),
    "days": lazy_gettext("A key lasts from 1 to %(most)s days.", most=LONGEST.days),
}


@keys.route("/account/keys", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """One's own clients with their keys, and the form to ask for access."""
    if request.method == "GET":
        return _mine()
    try:
        wish = Wish(given("name"), given("organisation"), given("purpose"), _chosen())
        application().clients.ask(wish, me().id, me().actor)
    except Invalid as error:
        return _mine(_wrong(error)), UNFIT
    flash(gettext("Your request is with the administrators. You find their answer on this page."))
    return redirect(url_for("keys.index"), 303)


@keys.post("/account/keys/<int:client>/issue")
def issue(client: int) -> ResponseReturnValue:
    """A new key: its secret is on this answer and nowhere else."""
    found = _own(client)
    try:
        made = application().clients.issue(client, me().actor, timedelta(days=_whole("days", LASTS.days)))
    except Invalid as error:
        return _mine(_wrong(error)), UNFIT
    except Conflict:
        flash(gettext("This program has as many keys as it may have, or no access: revoke a key first."))
        return redirect(url_for("keys.index"), 303)
    return _secret(found, made)


@keys.post("/account/keys/<int:client>/<int:key>/revoke")
def revoke(client: int, key: int) -> ResponseReturnValue:
    _own(client)
    application().clients.revoke(key, me().actor, client)
    flash(gettext("The key opens nothing any more."))
    return redirect(url_for("admin_keys.clients" if given("back") == "clients" else "keys.index"), 303)


@keys.get("/account/use/<place>")
@needs(USE)
def use(place: str) -> str:
    """Who read the data of a place by a program, in the last twelve months."""
    found = find_place(database(), place).place
    require(Permission.SEE_ASSESSMENT, place=found)
    since = datetime.now(THAILAND).date() - PAST
    uses = queries.uses_of_place(database(), found.id, since)
    return render_template(
        "pages/keys/use.html",
        place=found,
        since=since,
        alone=[one for one in uses if one.alone],
        among=[one for one in uses if not one.alone],
        dataset_name=dataset_name,
    )


admin_keys = Blueprint("admin_keys", __name__)


@admin_keys.get("/admin/clients")
def clients() -> str:
    return _clients()


@admin_keys.post("/admin/clients/<int:client>/decide")
def decide(client: int) -> ResponseReturnValue:
    """Grant what was asked for, changed or not, or refuse it with a reason."""
    try:
        if given("decision") == "grant":
            scopes = read_scopes(given("scopes"))
            application().clients.grant(client, me().actor, scopes, _whole("rate", RATE))
            flash(gettext("Access is granted. Whoever asked makes the key on the page “Keys for programs”."))
        else:
            application().clients.refuse(client, me().actor, given("reason"))
            flash(gettext("The request is refused."))
    except Invalid as error:
        return _clients(_wrong(error)), UNFIT
    return redirect(url_for("admin_keys.clients"), 303)


@admin_keys.post("/admin/clients/<int:client>/close")
def close(client: int) -> ResponseReturnValue:
    application().clients.close(client, me().actor)
    flash(gettext("The access is ended, with all its keys."))
    return redirect(url_for("admin_keys.clients"), 303)


def dataset_name(code: str) -> str:
    return str(DATASET_NAMES.get(code, code))


def scope_words(written: str) -> str:
    """`assessments:follow@50` in words."""
    scope = read_scopes(written)[0]
    if scope.dataset == DELIVERIES:
        where = gettext("agreement %(code)s", code=scope.place)
    else:
        where = gettext("place %(code)s", code=scope.place) if scope.place else gettext("all places")
    return f"{dataset_name(scope.dataset)}: {ACTION_NAMES[scope.action]} ({where})"


def _own(client: int) -> queries.ClientRecord:
    """A client of whoever reads, or any for who decides on them. Raises `NotFound`."""
    found = queries.client(database(), client)
    if found.account != me().id and not may(Permission.GRANT_ACCESS):
        raise NotFound(f"client {client} is not of this reader")
    return found


def _chosen() -> tuple[Scope, ...]:
    """The data sets that were ticked, at the places that were written beside."""
    known = {code for code, _ in _choices()}
    ticked = [one for one in request.form.getlist("scope") if one in known]
    places = given("places").replace(",", " ").split()
    return read_scopes([f"{one}@{code}" for one in ticked for code in places] if places else ticked)


def _whole(name: str, default: int) -> int:
    text = given(name).strip()
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Invalid("not a whole number", [Problem("not a whole number", "write digits", column=name)])
    return int(text)


def _wrong(error: Invalid) -> dict[str, str]:
    return {one.column: str(WRONG.get(one.column, one.reason)) for one in error.problems}


def _mine(errors: dict[str, str] | None = None) -> str:
    return render_template(
        "pages/keys/mine.html",
        clients=queries.clients(database(), me().id),
        errors=errors or {},
        form=request.form,
        choices=_choices(),
        **_words(),
    )


def _clients(errors: dict[str, str] | None = None) -> str:
    found = queries.clients(database())
    people = [actor_of(one.account) for one in found if one.account] + [one.decided_by or "" for one in found]
    return render_template(
        "pages/keys/clients.html",
        tabs=tabs(),
        clients=found,
        errors=errors or {},
        names=actor_names(database(), people),
        actor_of=actor_of,
        most_rate=MOST_RATE,
        **_words(),
    )


def _secret(client: queries.ClientRecord, made: NewKey) -> str:
    return render_template("pages/keys/secret.html", client=client, made=made)


def _choices() -> Iterable[tuple[str, str]]:
    """What anybody may ask for. Deliveries are opened by who signs agreements."""
    return [
        (f"{name}:{action}", f"{dataset_name(name)}: {ACTION_NAMES[action]}")
        for name, actions in DATASETS.items()
        if name != DELIVERIES
        for action in actions
    ]


def _words() -> dict[str, Any]:
    return {"states": STATES, "scope_words": scope_words, "at": now(), "longest": LONGEST.days, "lasts": LASTS.days}
