"""Exchange with partners: how it stands, what would be sent, each delivery; and what the people of a place see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from cityindex.definitions.catalogue import Text
from cityindex.errors import Conflict, Invalid
from cityindex.gateways.statistics import address_of
from cityindex.queries.accounts.accounts import actor_names
from cityindex.queries.exchange import deliveries as queries
from cityindex.queries.exchange import partner_comments
from cityindex.queries.places.places import find_place
from cityindex.services.accounts.roles import Permission
from cityindex.services.exchange.delivery_preview import preview as look
from cityindex.services.exchange.partner_comments import LONGEST
from cityindex.services.exchange.signing import read
from cityindex.web.arrival import UNFIT
from cityindex.web.filters import translated
from cityindex.web.forms import given
from cityindex.web.operations import tabs
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.reader import me
from cityindex.web.releases.exchange_status import indicator_name, standings
from cityindex.web.session import application, database
from cityindex.web.words import unit_name

exchange = Blueprint("exchange", __name__)
place_exchange = Blueprint("place_exchange", __name__)
SEE = at_place(Permission.SEE_ASSESSMENT)
SHOWN = 200
"""Rows of a receipt that a page lists; the signed paper has all."""
STATES = {
    "waiting": lazy_gettext("waits to be sent"),
    "accepted": lazy_gettext("accepted by the partner"),
    "given-up": lazy_gettext("given up: somebody has to look"),
    "applied": lazy_gettext("applied here"),
}
STATUSES = {
    "draft": lazy_gettext("draft: nothing is exchanged"),
    "active": lazy_gettext("in force"),
    "ended": lazy_gettext("ended"),
}
WAYS = {"send": lazy_gettext("sent from here"), "receive": lazy_gettext("received here")}
FREQUENCIES = {
    "daily": lazy_gettext("every day"),
    "weekly": lazy_gettext("every week"),
    "monthly": lazy_gettext("every month"),
    "quarterly": lazy_gettext("every three months"),
    "yearly": lazy_gettext("every year"),
}
OUTCOMES = {
    "recorded": lazy_gettext("recorded"),
    "unchanged": lazy_gettext("nothing had changed"),
    "refused": lazy_gettext("refused: nothing was taken"),
    "unreachable": lazy_gettext("the service did not answer"),
}
DEEDS = {
    "looked": lazy_gettext("looked for changes: none"),
    "built": lazy_gettext("built"),
    "failed": lazy_gettext("could not be sent"),
    "fetched": lazy_gettext("fetched by the partner"),
    "sent": lazy_gettext("sent, and accepted by the partner"),
    "replayed": lazy_gettext("told to send it again"),
    "applied": lazy_gettext("received and applied"),
    "refused": lazy_gettext("refused"),
    "commented": lazy_gettext("commented on a value"),
    "answered": lazy_gettext("answered a comment"),
}


@exchange.get("/admin/exchange")
def index() -> str:
    """All agreements, and the newest deliveries."""
    return render_template(
        "pages/exchange/index.html",
        tabs=tabs(),
        standings=standings(),
        deliveries=queries.deliveries(database(), limit=30),
        mappings=sorted(application().catalogue.mappings.values(), key=lambda one: one.code),
        pulled=queries.pulls(database()),
        **_words(),
    )


@exchange.get("/admin/exchange/<code>")
def preview(code: str) -> str:
    """An agreement, and the difference that the next delivery would make."""
    agreement = application().catalogue.agreement(code)
    sends = agreement.direction == "send"
    return render_template(
        "pages/exchange/preview.html",
        tabs=tabs(),
        one=standings([code])[0],
        agreement=agreement,
        found=look(application().sessions, application().catalogue, code) if sends else None,
        indicator=indicator_name,
        unit=lambda name: unit_name(application().catalogue.indicator(name)),
        **_words(),
    )


@exchange.get("/admin/exchange/pulls/<code>")
def pulls(code: str) -> str:
    """A mapping, and what was fetched under it."""
    mapping = application().catalogue.mapping(code)
    schedules = {state.job: state for state in application().schedules.states()}
    return render_template(
        "pages/exchange/pulls.html",
        tabs=tabs(),
        mapping=mapping,
        address=address_of(mapping.flow, mapping.period),
        schedule=schedules.get(f"pull-{code}"),
        pulled=queries.pulls(database(), code),
        indicator=indicator_name,
        shown=SHOWN,
        **_words(),
    )


@exchange.get("/admin/exchange/deliveries/<int:number>")
def one(number: int) -> str:
    """A delivery with its manifest, its receipt and what was done about it."""
    found = queries.delivery(database(), number)
    entries = queries.entries_of_delivery(database(), number)
    return render_template(
        "pages/exchange/delivery.html",
        tabs=tabs(),
        found=found,
        agreement=application().catalogue.agreements.get(found.agreement),
        manifest=read(found.manifest),
        receipt=read(found.receipt) if found.receipt else None,
        entries=entries,
        names=actor_names(database(), [entry.actor for entry in entries]),
        may_replay=found.direction == "send" and may(Permission.PUBLISH),
        shown=SHOWN,
        **_words(),
    )


@exchange.post("/admin/exchange/deliveries/<int:number>/replay")
@needs(Permission.PUBLISH)
def replay(number: int) -> ResponseReturnValue:
    """Let a delivery be sent again by the scheduler."""
    application().deliveries.replay(number, me().actor)
    flash(gettext("It is sent again within five minutes. What the partner has applied is not applied twice."))
    return redirect(url_for("exchange.one", number=number), 303)


@place_exchange.get("/account/exchange/<place>")
@needs(SEE)
def place(place: str) -> str:
    """Who was given figures of a place under which agreement, and what partners say about them."""
    return _place(place)


@place_exchange.post("/account/exchange/<place>/<int:comment>")
@needs(at_place(Permission.ANSWER))
def answer(place: str, comment: int) -> ResponseReturnValue:
    """Answer a comment of a partner."""
    found = find_place(database(), place).place
    require(Permission.ANSWER, place=found)
    try:
        application().partner_comments.answer(comment, found.id, given("answer"), me().actor)
    except Invalid:
        return _place(place, comment, gettext("Write a few words: the partner reads them.")), UNFIT
    except Conflict:
        return _place(place, comment, gettext("Somebody has answered it in the meantime.")), 409
    flash(gettext("Your answer is with the partner."))
    return redirect(url_for("place_exchange.place", place=place), 303)


def _place(code: str, comment: int = 0, error: str = "") -> str:
    found = find_place(database(), code).place
    require(Permission.SEE_ASSESSMENT, Permission.ANSWER, place=found)
    entries = queries.entries_of_place(database(), found.id)
    return render_template(
        "pages/exchange/place.html",
        place=found,
        entries=entries,
        comments=partner_comments.of_place(database(), found.id),
        names=actor_names(database(), [entry.actor for entry in entries]),
        may_answer=may(Permission.ANSWER, found),
        wrong=comment,
        error=error,
        written=given("answer") if error else "",
        longest=LONGEST,
        indicator=indicator_name,
        **_words(),
    )


def _agreement(code: str) -> str:
    known = application().catalogue.agreements.get(code)
    return translated(known.name if known else Text(code, code))


def _detail(text: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = json.loads(text)
    return said


def _words() -> dict[str, Any]:
    return {
        "states": STATES,
        "statuses": STATUSES,
        "ways": WAYS,
        "frequencies": FREQUENCIES,
        "deeds": DEEDS,
        "outcomes": OUTCOMES,
        "agreement_name": _agreement,
        "detail": _detail,
    }
