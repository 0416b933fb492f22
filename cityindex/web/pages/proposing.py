"""Proposals and sandboxes that a place writes itself: drafts, review, publication. Signed in, never cached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import NotFound
from cityindex.queries.knowledge.reviewed import EDITABLE
from cityindex.queries.knowledge.written import WrittenRecord, WrittenVersion, proposed, to_decide, written
from cityindex.queries.places import places as place_queries
from cityindex.services.accounts.roles import Permission
from cityindex.services.knowledge.proposed import WRITTEN_KINDS, Proposed, statuses
from cityindex.services.knowledge.reviewing import Changed
from cityindex.services.knowledge.said import WrongKnowledge
from cityindex.web.forms import given
from cityindex.web.knowledge import words
from cityindex.web.knowledge.deeds import back, decided_number, done, handed_in, own_places
from cityindex.web.permissions import at_place, may, needs, reach, require
from cityindex.web.reader import me
from cityindex.web.session import application, database

proposing = Blueprint("proposing", __name__)
READ = at_place(Permission.PROPOSE, Permission.REVIEW_PROPOSALS)
WRITE = at_place(Permission.PROPOSE)
DECIDE = at_place(Permission.REVIEW_PROPOSALS)
LISTED = 100
UNFIT, CONFLICT = 422, 409
LINES = tuple(one.name for one in fields(Proposed) if one.name != "theme")
NOTHING: Mapping[str, str] = {}


@proposing.get("/proposing/")
@needs(READ)
def index() -> str:
    return render_template(
        "pages/proposing/index.html",
        mine=proposed(database(), reach(Permission.PROPOSE), LISTED),
        waiting=to_decide(database(), reach(Permission.REVIEW_PROPOSALS), LISTED),
        writes=bool(reach(Permission.PROPOSE)),
        decides=bool(reach(Permission.REVIEW_PROPOSALS)),
        words=words,
    )


@proposing.get("/proposing/new")
@needs(WRITE)
def new() -> str:
    reach(Permission.PROPOSE)
    return _form(Proposed(), NOTHING, place=request.args.get("place", ""))


@proposing.post("/proposing/new")
@needs(WRITE)
def begin() -> ResponseReturnValue:
    said, code = _said(), given("place").strip()
    reach(Permission.PROPOSE)
    try:
        place = place_queries.find_place(database(), code).place
    except NotFound:
        return _form(said, {"place": gettext("We know no place with this code.")}, place=code), UNFIT
    by = require(Permission.PROPOSE, place=place).account.id
    try:
        number = application().proposing.begin(place.id, said, by, demo=place.demo)
    except WrongKnowledge as error:
        return _form(said, words.errors_of(error), place=code), UNFIT
    return _back(number, gettext("The draft is saved. Read it once more, then hand it in."))


@proposing.get("/proposing/<int:number>")
@needs(READ)
def one(number: int) -> str:
    return _page(_seen(number), NOTHING)


@proposing.get("/proposing/<int:number>/change")
@needs(WRITE)
def form(number: int) -> str:
    record = _written(number)
    version = record.pending or record.decided
    if version is None:
        raise NotFound(f"proposal {number} was thrown away")
    return _form(_said_of(version), NOTHING, record)


@proposing.post("/proposing/<int:number>/change")
@needs(WRITE)
def change(number: int) -> ResponseReturnValue:
    record, said = _written(number), _said()
    try:
        application().proposing.change(number, said, me().id, given("seen"))
    except WrongKnowledge as error:
        return _form(said, words.errors_of(error), record), UNFIT
    except Changed:
        return _form(said, {"changed": words.changed_meanwhile()}, written(database(), number)), CONFLICT
    return _back(number, gettext("Saved."))


@proposing.post("/proposing/<int:number>/submit")
@needs(WRITE)
def submit(number: int) -> ResponseReturnValue:
    _written(number)
    said = gettext("Handed in. A reviewer looks at it next; you see here what was decided.")
    return _done(number, lambda: application().proposing.submit(number, me().id), said)


@proposing.post("/proposing/<int:number>/withdraw")
@needs(WRITE)
def withdraw(number: int) -> ResponseReturnValue:
    _written(number)
    said = gettext("Taken back: it is a draft again.")
    return _done(number, lambda: application().proposing.withdraw(number, me().id), said)


@proposing.post("/proposing/<int:number>/discard")
@needs(WRITE)
def discard(number: int) -> ResponseReturnValue:
    _written(number)
    deed, said = application().proposing.discard, gettext("The draft is thrown away.")
    return done(lambda: deed(number, me().id), said, url_for("proposing.index"))


@proposing.post("/proposing/<int:number>/accept")
@needs(DECIDE)
def accept(number: int) -> ResponseReturnValue:
    by, version = _decider(written(database(), number)), decided_number()
    said = gettext("Accepted. It stands in the register now, as written by its place.")
    return _done(number, lambda: application().proposing.accept(number, by, version), said)


@proposing.post("/proposing/<int:number>/return")
@needs(DECIDE)
def give_back(number: int) -> ResponseReturnValue:
    record, reason = written(database(), number), given("reason")
    by = _decider(record)
    if not reason.strip():
        return _page(record, {"reason": words.say_why()}), UNFIT
    version, said = decided_number(), gettext("Returned. The place sees your reason.")
    return _done(number, lambda: application().proposing.give_back(number, by, version, reason), said)


@proposing.post("/proposing/<int:number>/hide")
@needs(READ)
def hide(number: int) -> ResponseReturnValue:
    """Take down what is shown: a reviewer may, and the place itself."""
    record, reason = written(database(), number), given("reason")
    by = require(Permission.PROPOSE, Permission.REVIEW_PROPOSALS, place=record.place).account.id
    if not reason.strip():
        return _page(record, {"reason": words.say_why()}), UNFIT
    return _done(number, lambda: application().proposing.hide(number, by, reason), gettext("It is taken down."))


@proposing.post("/proposing/<int:number>/show")
@needs(DECIDE)
def show(number: int) -> ResponseReturnValue:
    by = _decider(written(database(), number))
    return _done(number, lambda: application().proposing.show(number, by), gettext("It is shown again."))


def _decider(record: WrittenRecord) -> int:
    return require(Permission.REVIEW_PROPOSALS, place=record.place).account.id


def _seen(number: int) -> WrittenRecord:
    """One that the reader may see: its drafts are for its place, the rest for reviewers, too."""
    record = written(database(), number)
    require(Permission.PROPOSE, Permission.REVIEW_PROPOSALS, place=record.place)
    if not _versions(record):
        raise NotFound(f"proposal {number} was never handed in")
    return record


def _versions(record: WrittenRecord) -> list[WrittenVersion]:
    """What the reader may see, the newest first."""
    writes = may(Permission.PROPOSE, record.place)
    return [version for version in reversed(record.versions) if writes or handed_in(version)]


def _written(number: int) -> WrittenRecord:
    """One that the reader may write."""
    record = written(database(), number)
    require(Permission.PROPOSE, place=record.place)
    return record


def _said() -> Proposed:
    plain: dict[str, Any] = {name: given(name) for name in LINES}
    return Proposed(**plain, theme=tuple(request.form.getlist("theme")))


def _said_of(version: WrittenVersion) -> Proposed:
    plain: dict[str, Any] = {name: getattr(version, name) or "" for name in LINES}
    plain["since"] = words.date_as_written(version.since, version.precision)
    plain["until"] = words.date_as_written(version.until, version.until_precision)
    return Proposed(**plain, theme=tuple(version.themes.split()))


def _done(number: int, deed: Callable[[], None], said: str) -> ResponseReturnValue:
    return done(deed, said, url_for("proposing.one", number=number))


def _back(number: int, said: str) -> ResponseReturnValue:
    return back(url_for("proposing.one", number=number), said)


def _form(said: Proposed, errors: Mapping[str, str], record: WrittenRecord | None = None, place: str = "") -> str:
    pending = record.pending if record else None
    return render_template(
        "pages/proposing/form.html",
        record=record,
        said=said,
        errors=errors,
        place=place,
        places=own_places(),
        seen=pending.made_at.isoformat() if pending else "",
        kinds=[(code, words.label("proposal-kind", code)) for code in WRITTEN_KINDS],
        statuses=[(code, words.label("proposal-status", code)) for code in statuses(application().catalogue)],
        words=words,
    )


def _page(record: WrittenRecord, errors: Mapping[str, str]) -> str:
    require(Permission.PROPOSE, Permission.REVIEW_PROPOSALS, place=record.place)
    shown = _versions(record)
    writes, own = may(Permission.PROPOSE, record.place), me().id in record.contributors
    return render_template(
        "pages/proposing/one.html",
        record=record,
        versions=shown,
        version=shown[0],
        errors=errors,
        writes=writes,
        decides=may(Permission.REVIEW_PROPOSALS, record.place) and not own,
        editable=writes and shown[0].state in EDITABLE,
        words=words,
    )
