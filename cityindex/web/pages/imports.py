"""Figures by hand: the table to fill in, the upload, what it would change, and what is decided about it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from werkzeug.exceptions import RequestEntityTooLarge

from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.formats.personal_tables import AboutPersons
from cityindex.formats.problems import write_report
from cityindex.formats.upload_templates import write_csv, write_xlsx
from cityindex.formats.uploaded import LARGEST_MEGABYTES, WrongKind
from cityindex.queries.observations.uploads import UploadRecord, upload, uploads, waiting
from cityindex.services.accounts.roles import Permission
from cityindex.services.observations.uploads import Changed
from cityindex.web.errors import answer
from cityindex.web.forms import given
from cityindex.web.imports.form import NOTHING_SENT, Sent, choices, refusal, sent
from cityindex.web.imports.template import options, template
from cityindex.web.imports.view import DEEDS, STATES, desk, may_do, offers, shown
from cityindex.web.permissions import at_place, needs, reach, require
from cityindex.web.query import checked
from cityindex.web.reader import reader
from cityindex.web.session import application, database
from cityindex.web.uploads import takes

imports = Blueprint("imports", __name__)
READ = at_place(Permission.UPLOAD_OBSERVATIONS, Permission.ACCEPT_OBSERVATIONS)
WRITE = at_place(Permission.UPLOAD_OBSERVATIONS)
DECIDE = at_place(Permission.ACCEPT_OBSERVATIONS)
LISTED = 50
UNFIT, CONFLICT = 422, 409
WRITERS = {
    "csv": (write_csv, "text/csv"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class TemplateArguments(Schema):
    """Whose table to fill in: a place, or, for an analyst, the places of a type and province."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(load_default="", validate=validate.Length(max=32))
    type = fields.String(load_default="", validate=validate.Length(max=32))
    province = fields.String(load_default="", validate=validate.Length(max=32))
    framework = fields.String(required=True, validate=validate.Length(max=64))
    period = fields.String(required=True, validate=validate.Length(max=8))
    kind = fields.String(load_default="xlsx", validate=validate.OneOf(list(WRITERS)))


@imports.get("/imports/")
@needs(READ)
def index() -> str:
    return _index(NOTHING_SENT, {})


@imports.get("/imports/template")
@needs(WRITE)
def template_file() -> Response:
    wanted = checked(TemplateArguments(), request.args)
    made = template(database(), desk(), wanted)
    write, media_type = WRITERS[wanted["kind"]]
    name = f"{wanted['framework']}-{made.year}-{wanted['place'] or wanted['type'] or 'places'}.{wanted['kind']}"
    return _attachment(lambda path: write(made, path), name, media_type)


@imports.post("/imports/")
@needs(WRITE)
@takes(lambda _: LARGEST_MEGABYTES)
def add() -> ResponseReturnValue:
    given_form, errors = sent(desk())
    if not errors:
        try:
            number = application().uploads.keep(given_form.new())
        except (WrongKind, AboutPersons) as error:
            errors = refusal(error)
        else:
            return redirect(url_for("imports.one", upload_id=number), 303)
    return _index(given_form, errors), UNFIT


@imports.get("/imports/<int:upload_id>")
@needs(READ)
def one(upload_id: int) -> str:
    return _page(_seen(upload_id), {})


@imports.get("/imports/<int:upload_id>/file")
@needs(READ)
def file(upload_id: int) -> Response:
    record = _seen(upload_id)
    content = application().uploads.file(upload_id)
    return _attachment(
        lambda path: path.write_bytes(content), f"upload-{upload_id}.{record.kind}", WRITERS[record.kind][1]
    )


@imports.get("/imports/<int:upload_id>/errors.csv")
@needs(READ)
def errors(upload_id: int) -> Response:
    _seen(upload_id)
    view = shown(database(), application().uploads.preview(upload_id))
    name = f"upload-{upload_id}-report.csv"
    return _attachment(lambda path: write_report(path, [*view.problems, *view.warnings]), name, "text/csv")


@imports.post("/imports/<int:upload_id>/choices")
@needs(WRITE)
def choose(upload_id: int) -> ResponseReturnValue:
    record = _seen(upload_id)
    may_do(record, "confirm" if record.place is None else "prepare")
    wanted, wrong = choices()
    if wrong:
        return _page(record, wrong), UNFIT
    application().uploads.choose(upload_id, wanted)
    return redirect(url_for("imports.one", upload_id=upload_id), 303)


@imports.post("/imports/<int:upload_id>/confirm")
@needs(WRITE)
def confirm(upload_id: int) -> ResponseReturnValue:
    said = gettext("Confirmed. A reviewer or the programme office decides next.")
    if _seen(upload_id).place is None:
        said = gettext("The figures are stored. The next run counts them.")
    return _decide(upload_id, "confirm", application().uploads.confirm, said)


@imports.post("/imports/<int:upload_id>/accept")
@needs(DECIDE)
def accept(upload_id: int) -> ResponseReturnValue:
    said = gettext("The figures are accepted and stored. The next run counts them.")
    return _decide(upload_id, "accept", application().uploads.accept, said)


@imports.post("/imports/<int:upload_id>/return")
@needs(DECIDE)
def give_back(upload_id: int) -> ResponseReturnValue:
    record = _seen(upload_id)
    who = may_do(record, "accept")
    if not given("reason").strip():
        return _page(record, {"reason": gettext("Say why: the place needs to know what to change.")}), UNFIT
    application().uploads.give_back(upload_id, who, given("reason"))
    flash(gettext("Returned. The place sees your reason."))
    return redirect(url_for("imports.one", upload_id=upload_id), 303)


@imports.post("/imports/<int:upload_id>/withdraw")
@needs(WRITE)
def withdraw(upload_id: int) -> ResponseReturnValue:
    record = _seen(upload_id)
    application().uploads.withdraw(upload_id, may_do(record, "prepare"))
    flash(gettext("Withdrawn: nothing of it is stored."))
    return redirect(url_for("imports.index"), 303)


@imports.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refused by its length, or when more had come: nothing of the form was kept."""
    if reader() is None:
        return answer(413)
    words = gettext(
        "The file is larger than %(limit)s MB. Leave out sheets and pictures, or send it in parts.",
        limit=LARGEST_MEGABYTES,
    )
    return _index(NOTHING_SENT, {"file": words}), 413, {"Connection": "close"}


def _index(form: Sent, errors: dict[str, str]) -> str:
    session, mine = database(), desk()
    return render_template(
        "pages/imports/index.html",
        desk=mine,
        form=form,
        errors=errors,
        limit=LARGEST_MEGABYTES,
        upload_states=STATES,
        **options(session, mine),
        waiting=waiting(session, reach(Permission.ACCEPT_OBSERVATIONS)),
        uploads=uploads(session, reach(Permission.ANSWER), mine.anywhere, LISTED),
    )


def _seen(upload_id: int) -> UploadRecord:
    """An upload that the reader may see: a draft is for its place alone, an analyst's is for analysts."""
    record = upload(database(), upload_id)
    if record.place is None:
        if not reach(Permission.UPLOAD_OBSERVATIONS).everywhere:
            raise NotFound(f"there is no upload {upload_id}")
    elif record.deed("confirmed"):
        require(Permission.ANSWER, Permission.ACCEPT_OBSERVATIONS, place=record.place)
    else:
        require(Permission.ANSWER, place=record.place)
    return record


def _decide(upload_id: int, deed: str, decide: Callable[[int, int, str], None], said: str) -> ResponseReturnValue:
    """Confirm or accept what was shown; where something else would be stored by now, show that first."""
    record = _seen(upload_id)
    who = may_do(record, deed)
    if not given("sure") and application().uploads.preview(upload_id).warning_count:
        words = gettext("Look at the values that are unusual, and tick that they are right.")
        return _page(record, {"sure": words}), UNFIT
    try:
        decide(upload_id, who, given("shown"))
    except Changed:
        return _page(
            record, {"changed": gettext("Other figures were stored since you looked. This is what would change now.")}
        ), CONFLICT
    except Invalid:
        return _page(
            record, {"changed": gettext("The file no longer fits what is stored. Look at what is wrong now.")}
        ), CONFLICT
    except Conflict:  # the button was pressed twice, or somebody else was quicker
        said = gettext("It was decided already, as you see here.")
    flash(said)
    return redirect(url_for("imports.one", upload_id=upload_id), 303)


def _page(record: UploadRecord, errors: dict[str, str]) -> str:
    undecided = record.state in ("checked", "confirmed")
    return render_template(
        "pages/imports/upload.html",
        record=record,
        view=shown(database(), application().uploads.preview(record.id)) if undecided else None,
        errors=errors,
        upload_deeds=DEEDS,
        offers=offers,
        sheets_of=lambda names: [(name, name) for name in names],
    )


def _attachment(write: Callable[[Path], Any], name: str, media_type: str) -> Response:
    with tempfile.TemporaryDirectory(prefix="cityindex-") as folder:
        path = Path(folder) / "file"
        write(path)
        response = Response(path.read_bytes(), mimetype=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
