"""Sharing what a place knows: its drafts, what was handed in, and what reviewers decide. Signed in, never cached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import RequestEntityTooLarge

from cityindex.errors import Forbidden, NotFound
from cityindex.formats.file_kinds import Refused
from cityindex.gateways.evidence import TooLarge
from cityindex.queries.knowledge.knowledge import ItemRecord, VersionRecord, desk, file_of, waiting
from cityindex.queries.knowledge.knowledge import item as item_of
from cityindex.queries.knowledge.reviewed import EDITABLE
from cityindex.queries.places import places as place_queries
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.described import WrongEvidence
from cityindex.services.knowledge.knowledge import Held
from cityindex.services.knowledge.reviewing import Changed
from cityindex.services.knowledge.said import Said, WrongKnowledge
from cityindex.web.assessments.evidence_files import attached
from cityindex.web.assessments.evidence_words import HELD
from cityindex.web.errors import answer
from cityindex.web.filters import translated
from cityindex.web.forms import given
from cityindex.web.knowledge import words
from cityindex.web.knowledge.deeds import back, decided_number, done, handed_in, own_places
from cityindex.web.knowledge.files import identifier
from cityindex.web.permissions import at_place, may, needs, reach, require
from cityindex.web.reader import me, reader
from cityindex.web.session import application, database
from cityindex.web.take_away.paper import as_sheet
from cityindex.web.uploads import takes

sharing = Blueprint("sharing", __name__)
READ = at_place(Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE)
WRITE = at_place(Permission.SHARE_KNOWLEDGE)
DECIDE = at_place(Permission.REVIEW_KNOWLEDGE)
LISTED = 100
UNFIT, CONFLICT = 422, 409
LINES = (
    "kind", "title_th", "title_en", "summary_th", "summary_en", "creator", "dated", "licence", "language",
    "innovation", "url",
)  # fmt: skip
TAGS = ("theme", "indicator", "area")
NOTHING: Mapping[str, str] = {}


@sharing.get("/sharing/")
@needs(READ)
def index() -> str:
    return render_template(
        "pages/sharing/index.html",
        mine=desk(database(), reach(Permission.SHARE_KNOWLEDGE), LISTED),
        waiting=waiting(database(), reach(Permission.REVIEW_KNOWLEDGE), LISTED),
        writes=bool(reach(Permission.SHARE_KNOWLEDGE)),
        decides=bool(reach(Permission.REVIEW_KNOWLEDGE)),
        words=words,
    )


@sharing.get("/sharing/new")
@needs(WRITE)
def new() -> str:
    reach(Permission.SHARE_KNOWLEDGE)
    return _form(Said(), NOTHING, place=request.args.get("place", ""))


@sharing.post("/sharing/new")
@needs(WRITE)
def begin() -> ResponseReturnValue:
    said, code = _said(), given("place").strip()
    reach(Permission.SHARE_KNOWLEDGE)
    try:
        place = place_queries.find_place(database(), code).place
    except NotFound:
        return _form(said, {"place": gettext("We know no place with this code.")}, place=code), UNFIT
    by = require(Permission.SHARE_KNOWLEDGE, place=place).account.id
    try:
        number = application().knowledge.begin(place.id, said, by, demo=place.demo)
    except WrongKnowledge as error:
        return _form(said, words.errors_of(error), place=code), UNFIT
    _thank(number, by)
    flash(gettext("The draft is saved. Attach files where there are some, then hand it in."))
    return redirect(url_for("sharing.one", item_id=number), 303)


@sharing.get("/sharing/<int:item_id>")
@needs(READ)
def one(item_id: int) -> str:
    return _page(_seen(item_id), NOTHING)


@sharing.get("/sharing/<int:item_id>/change")
@needs(WRITE)
def form(item_id: int) -> str:
    record = _written(item_id)
    version = record.pending or record.decided
    if version is None:
        raise NotFound(f"item {item_id} was thrown away")
    return _form(_said_of(version), NOTHING, record)


@sharing.post("/sharing/<int:item_id>/change")
@needs(WRITE)
def change(item_id: int) -> ResponseReturnValue:
    record, said = _written(item_id), _said()
    by = me().id
    try:
        application().knowledge.change(item_id, said, by, given("seen"))
    except WrongKnowledge as error:
        return _form(said, words.errors_of(error), record), UNFIT
    except Changed:
        return _form(said, {"changed": words.changed_meanwhile()}, item_of(database(), item_id)), CONFLICT
    _thank(item_id, by)
    flash(gettext("Saved."))
    return redirect(url_for("sharing.one", item_id=item_id), 303)


@sharing.post("/sharing/<int:item_id>/files")
@needs(WRITE)
@takes(lambda settings: settings.evidence_file_mb)
def add_file(item_id: int) -> ResponseReturnValue:
    record = _written(item_id)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(record, {"file": gettext("Choose a file first.")}), UNFIT
    name = given("name").strip() or PurePath(sent.filename.replace("\\", "/")).name
    try:
        application().knowledge.add_file(item_id, sent.stream, name, me().id)  # type: ignore[arg-type]
    except (Refused, TooLarge, WrongEvidence, WrongKnowledge) as error:
        return _page(record, words.errors_of(error, application().settings.evidence_file_mb)), UNFIT
    flash(gettext("The file is attached."))
    return redirect(url_for("sharing.one", item_id=item_id), 303)


@sharing.post("/sharing/<int:item_id>/files/<int:file_id>/remove")
@needs(WRITE)
def remove_file(item_id: int, file_id: int) -> ResponseReturnValue:
    _written(item_id)
    application().knowledge.remove_file(item_id, file_id, me().id)
    flash(gettext("It is removed. Versions that were handed in keep it."))
    return redirect(url_for("sharing.one", item_id=item_id), 303)


@sharing.get("/sharing/<int:item_id>/files/<int:file_id>")
@needs(READ)
def file(item_id: int, file_id: int) -> ResponseReturnValue:
    """A file of a draft or of what waits, for those who may see it."""
    seen = _seen(item_id)
    record, number = file_of(database(), item_id, file_id)
    if not _may_see(seen, seen.version(number)):
        raise NotFound(f"item {item_id} shows no file {file_id}")
    try:
        opened = application().knowledge.open(record)
    except Held as error:
        held = "waiting" if error.record.verdict == "waiting" else "infected"
        return answer(503 if held == "waiting" else 403, HELD[held])
    return attached(opened.record, opened.stream)


@sharing.post("/sharing/<int:item_id>/submit")
@needs(WRITE)
def submit(item_id: int) -> ResponseReturnValue:
    record = _written(item_id)
    try:
        application().knowledge.submit(item_id, me().id)
    except WrongKnowledge as error:
        return _page(record, words.errors_of(error)), UNFIT
    return _back(item_id, gettext("Handed in. A reviewer looks at it next; you see here what was decided."))


@sharing.post("/sharing/<int:item_id>/withdraw")
@needs(WRITE)
def withdraw(item_id: int) -> ResponseReturnValue:
    _written(item_id)
    said = gettext("Taken back: it is a draft again.")
    return _done(item_id, lambda: application().knowledge.withdraw(item_id, me().id), said)


@sharing.post("/sharing/<int:item_id>/discard")
@needs(WRITE)
def discard(item_id: int) -> ResponseReturnValue:
    _written(item_id)
    _done(item_id, lambda: application().knowledge.discard(item_id, me().id), gettext("The draft is thrown away."))
    return redirect(url_for("sharing.index"), 303)


@sharing.post("/sharing/<int:item_id>/accept")
@needs(DECIDE)
def accept(item_id: int) -> ResponseReturnValue:
    by = require(Permission.REVIEW_KNOWLEDGE, place=item_of(database(), item_id).place).account.id
    number = decided_number()
    said = gettext("Accepted. It is shown in the knowledge bank now.")
    return _done(item_id, lambda: application().knowledge.accept(item_id, by, number), said)


@sharing.post("/sharing/<int:item_id>/return")
@needs(DECIDE)
def give_back(item_id: int) -> ResponseReturnValue:
    record = item_of(database(), item_id)
    by = require(Permission.REVIEW_KNOWLEDGE, place=record.place).account.id
    if not given("reason").strip():
        return _page(record, {"reason": words.say_why()}), UNFIT
    number, reason = decided_number(), given("reason")
    said = gettext("Returned. The place sees your reason.")
    return _done(item_id, lambda: application().knowledge.give_back(item_id, by, number, reason), said)


@sharing.post("/sharing/<int:item_id>/hide")
@needs(DECIDE)
def hide(item_id: int) -> ResponseReturnValue:
    record = item_of(database(), item_id)
    by = require(Permission.REVIEW_KNOWLEDGE, place=record.place).account.id
    reason = given("reason")
    if not reason.strip():
        return _page(record, {"reason": words.say_why()}), UNFIT
    said = gettext("It is taken down.")
    return _done(item_id, lambda: application().knowledge.hide(item_id, by, reason), said)


@sharing.post("/sharing/<int:item_id>/show")
@needs(DECIDE)
def show(item_id: int) -> ResponseReturnValue:
    by = require(Permission.REVIEW_KNOWLEDGE, place=item_of(database(), item_id).place).account.id
    return _done(item_id, lambda: application().knowledge.show(item_id, by), gettext("It is shown again."))


@sharing.post("/sharing/<int:item_id>/thanks")
@needs(WRITE)
def thanks(item_id: int) -> ResponseReturnValue:
    _written(item_id)
    application().knowledge.thank(item_id, me().id, given("thanked"))
    return _back(item_id, gettext("Saved."))


@sharing.get("/sharing/<int:item_id>/certificate.pdf")
@needs(WRITE)
def certificate(item_id: int) -> Response:
    """A sheet that thanks the reader for an item that is shown, under the name that he gave."""
    record = _written(item_id)
    name, version = record.thanked.get(me().id), record.current
    if not name or version is None:
        raise NotFound(f"there is no certificate of item {item_id} for this reader")
    page = render_template(
        "paper/certificate.html",
        one=record,
        version=version,
        name=name,
        first=min(known.accepted_at for known in record.public if known.accepted_at),
        identifier=identifier(item_id),
        words=words,
        operator=application().settings.operator,
    )
    return as_sheet(page, f"{identifier(item_id)}-certificate")


@sharing.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    item_id = (request.view_args or {}).get("item_id")
    if reader() is None or item_id is None:
        return answer(413)
    limit = application().settings.evidence_file_mb
    try:
        page = _page(_written(item_id), words.errors_of(TooLarge(limit * 1_000_000), limit))
    except (NotFound, Forbidden):
        return answer(413)
    return page, 413, {"Connection": "close"}


def _seen(item_id: int) -> ItemRecord:
    """An item that the reader may see: its drafts are for its place, the rest for reviewers, too."""
    record = item_of(database(), item_id)
    require(Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE, place=record.place)
    if not any(_may_see(record, version) for version in record.versions):
        raise NotFound(f"item {item_id} was never handed in")
    return record


def _may_see(record: ItemRecord, version: VersionRecord) -> bool:
    return may(Permission.SHARE_KNOWLEDGE, record.place) or handed_in(version)


def _written(item_id: int) -> ItemRecord:
    """An item that the reader may write."""
    record = item_of(database(), item_id)
    require(Permission.SHARE_KNOWLEDGE, place=record.place)
    return record


def _said() -> Said:
    values: dict[str, Any] = {name: given(name) for name in LINES}
    values |= {name: tuple(request.form.getlist(name)) for name in TAGS}
    return Said(**values)


def _said_of(version: VersionRecord) -> Said:
    plain: dict[str, Any] = {name: getattr(version, name) or "" for name in LINES if name != "dated"}
    dated = words.date_as_written(version.dated, version.precision)
    plain |= {name: version.tags.get(name, ()) for name in TAGS}
    return Said(**plain, dated=dated)


def _thank(item_id: int, by: int) -> None:
    """The wish to be named stands in the form of what is written."""
    if "thanked" in request.form:
        application().knowledge.thank(item_id, by, given("thanked"))


def _done(item_id: int, deed: Callable[[], None], said: str) -> ResponseReturnValue:
    return done(deed, said, url_for("sharing.one", item_id=item_id))


def _back(item_id: int, said: str) -> ResponseReturnValue:
    return back(url_for("sharing.one", item_id=item_id), said)


def _form(said: Said, errors: Mapping[str, str], record: ItemRecord | None = None, place: str = "") -> str:
    version = (record.pending or record.decided) if record else None
    known = me()
    return render_template(
        "pages/sharing/form.html",
        record=record,
        said=said,
        errors=errors,
        place=place,
        places=own_places(),
        thanked=(
            given("thanked") if request.method == "POST" else (record.thanked.get(known.id, "") if record else "")
        ),
        seen=version.made_at.isoformat() if version and record and record.pending else "",
        by_theme=_by_theme(),
        words=words,
        catalogue=application().catalogue,
    )


def _by_theme() -> list[tuple[str, list[tuple[str, str]]]]:
    """The indicators to choose from, by theme."""
    catalogue = application().catalogue
    found: dict[str, list[tuple[str, str]]] = {}
    for code, one in catalogue.indicators.items():
        found.setdefault(one.theme or "", []).append((code, translated(one.name)))
    return [(words.label("theme", theme), sorted(some, key=lambda pair: pair[1])) for theme, some in found.items()]


def _page(record: ItemRecord, errors: Mapping[str, str]) -> str:
    shown = [version for version in reversed(record.versions) if _may_see(record, version)]
    require(Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE, place=record.place)
    writes = may(Permission.SHARE_KNOWLEDGE, record.place)
    own = me().id in record.contributors
    return render_template(
        "pages/sharing/one.html",
        record=record,
        versions=shown,
        version=shown[0],
        errors=errors,
        writes=writes,
        own=own,
        decides=may(Permission.REVIEW_KNOWLEDGE, record.place) and not own,
        editable=writes and shown[0].state in EDITABLE,
        megabytes=application().settings.evidence_file_mb,
        licence=application().catalogue.codelist("licences").items.get(shown[0].licence),
        thanked=record.thanked.get(me().id, ""),
        words=words,
    )
