"""Sharing what a place knows: its drafts, what was handed in, and what reviewers decide. Signed in, never cached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from cityindex.errors import Forbidden, NotFound
from cityindex.formats.file_kinds import Refused
from cityindex.gateways.evidence import TooLarge
from cityindex.queries.knowledge.knowledge import TABLES, ItemRecord, VersionRecord, file_of, items
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.described import WrongEvidence
from cityindex.services.knowledge.knowledge import Held, Knowledge
from cityindex.services.knowledge.said import Said, WrongKnowledge
from cityindex.web.assessments.evidence_files import attached
from cityindex.web.assessments.evidence_words import HELD
from cityindex.web.errors import answer
from cityindex.web.filters import translated
from cityindex.web.forms import given
from cityindex.web.knowledge import words
from cityindex.web.knowledge.files import identifier
from cityindex.web.pages.desk import UNFIT, Desk
from cityindex.web.permissions import at_place, needs
from cityindex.web.reader import me, reader
from cityindex.web.session import application, database
from cityindex.web.take_away.paper import as_sheet
from cityindex.web.uploads import takes

WRITE = at_place(Permission.SHARE_KNOWLEDGE)
LINES = (
    "kind", "title_th", "title_en", "summary_th", "summary_en", "creator", "dated", "licence", "language",
    "innovation", "url",
)  # fmt: skip
TAGS = ("theme", "indicator", "area")


class _Sharing(Desk[ItemRecord, Said]):
    name, tables, saying = "sharing", TABLES, Said
    write, decide = Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE
    begun = lazy_gettext("The draft is saved. Attach files where there are some, then hand it in.")
    accepted = lazy_gettext("Accepted. It is shown in the knowledge bank now.")

    def service(self) -> Knowledge:
        return application().knowledge

    def read(self, session: Session, ids: Sequence[int]) -> list[ItemRecord]:
        return items(session, ids)

    def said(self) -> Said:
        values: dict[str, Any] = {name: given(name) for name in LINES}
        values |= {name: tuple(request.form.getlist(name)) for name in TAGS}
        return Said(**values)

    def said_of(self, version: VersionRecord) -> Said:
        plain: dict[str, Any] = {name: getattr(version, name) or "" for name in LINES if name != "dated"}
        plain |= {name: version.tags.get(name, ()) for name in TAGS}
        return Said(**plain, dated=words.date_as_written(version.dated, version.precision))

    def choices(self, record: ItemRecord | None) -> Mapping[str, Any]:
        known = record.thanked.get(me().id, "") if record else ""
        thanked = given("thanked") if request.method == "POST" else known
        return {"thanked": thanked, "by_theme": _by_theme(), "catalogue": application().catalogue}

    def beside(self, record: ItemRecord, version: VersionRecord) -> Mapping[str, Any]:
        return {
            "megabytes": application().settings.evidence_file_mb,
            "licence": application().catalogue.codelist("licences").items.get(version.licence),
            "thanked": record.thanked.get(me().id, ""),
        }

    def saved(self, number: int, by: int) -> None:
        """The wish to be named stands in the form of what is written."""
        if "thanked" in request.form:
            application().knowledge.thank(number, by, given("thanked"))


DESK = _Sharing()
READ, sharing = DESK.reads, DESK.blueprint


@sharing.post("/sharing/<int:number>/files")
@needs(WRITE)
@takes(lambda settings: settings.evidence_file_mb)
def add_file(number: int) -> ResponseReturnValue:
    record = DESK.written(number)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return DESK.page(record, {"file": gettext("Choose a file first.")}), UNFIT
    name = given("name").strip() or PurePath(sent.filename.replace("\\", "/")).name
    try:
        application().knowledge.add_file(number, sent.stream, name, me().id)  # type: ignore[arg-type]
    except (Refused, TooLarge, WrongEvidence, WrongKnowledge) as error:
        return DESK.page(record, words.errors_of(error, application().settings.evidence_file_mb)), UNFIT
    return DESK.back(number, gettext("The file is attached."))


@sharing.post("/sharing/<int:number>/files/<int:file_id>/remove")
@needs(WRITE)
def remove_file(number: int, file_id: int) -> ResponseReturnValue:
    DESK.written(number)
    application().knowledge.remove_file(number, file_id, me().id)
    return DESK.back(number, gettext("It is removed. Versions that were handed in keep it."))


@sharing.get("/sharing/<int:number>/files/<int:file_id>")
@needs(READ)
def file(number: int, file_id: int) -> ResponseReturnValue:
    """A file of a draft or of what waits, for those who may see it."""
    seen = DESK.seen(number)
    record, version = file_of(database(), number, file_id)
    if not DESK.sees(seen, seen.version(version)):
        raise NotFound(f"item {number} shows no file {file_id}")
    try:
        opened = application().knowledge.open(record)
    except Held as error:
        held = "waiting" if error.record.verdict == "waiting" else "infected"
        return answer(503 if held == "waiting" else 403, HELD[held])
    return attached(opened.record, opened.stream)


@sharing.post("/sharing/<int:number>/thanks")
@needs(WRITE)
def thanks(number: int) -> ResponseReturnValue:
    DESK.written(number)
    application().knowledge.thank(number, me().id, given("thanked"))
    return DESK.back(number, gettext("Saved."))


@sharing.get("/sharing/<int:number>/certificate.pdf")
@needs(WRITE)
def certificate(number: int) -> Response:
    """A sheet that thanks the reader for an item that is shown, under the name that he gave."""
    record = DESK.written(number)
    name, version = record.thanked.get(me().id), record.current
    if not name or version is None:
        raise NotFound(f"there is no certificate of item {number} for this reader")
    page = render_template(
        "paper/certificate.html",
        one=record,
        version=version,
        name=name,
        first=min(known.accepted_at for known in record.public if known.accepted_at),
        identifier=identifier(number),
        words=words,
        operator=application().settings.operator,
    )
    return as_sheet(page, f"{identifier(number)}-certificate")


@sharing.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    number = (request.view_args or {}).get("number")
    if reader() is None or number is None:
        return answer(413)
    limit = application().settings.evidence_file_mb
    try:
        page = DESK.page(DESK.written(number), words.errors_of(TooLarge(limit * 1_000_000), limit))
    except (NotFound, Forbidden):
        return answer(413)
    return page, 413, {"Connection": "close"}


def _by_theme() -> list[tuple[str, list[tuple[str, str]]]]:
    """The indicators to choose from, by theme."""
    catalogue = application().catalogue
    found: dict[str, list[tuple[str, str]]] = {}
    for code, one in catalogue.indicators.items():
        found.setdefault(one.theme or "", []).append((code, translated(one.name)))
    return [(words.label("theme", theme), sorted(some, key=lambda pair: pair[1])) for theme, some in found.items()]
