"""The plan of a place out to Excel and Word, and back: what differs is looked at before anything is saved."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from cityindex.errors import Invalid, NotFound, Problem
from cityindex.formats.plan_reading import PlanFile, read_plan
from cityindex.formats.plan_sheets import write_plan
from cityindex.formats.plan_tables import write_document
from cityindex.formats.uploaded import LARGEST_MEGABYTES, WrongKind, as_file, kind_of
from cityindex.queries.accounts.tasks import names_of
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.plans.plans import earlier, plan_of, taken_out
from cityindex.services.plans.changes import Difference, Differing, Now, difference
from cityindex.services.plans.lines import BUDGET, FIELDS, Change, flat, from_flat
from cityindex.services.plans.plans import StaleAction, line_of
from cityindex.web.imports.form import REFUSED as NOT_OURS
from cityindex.web.language import language
from cityindex.web.pages.plans import CONFLICT, READ, UNFIT, WRITE, back, index_page, page, plans, seen, writable
from cityindex.web.permissions import needs
from cityindex.web.plans.books import book_of, sheet_of
from cityindex.web.plans.file_words import file_problem
from cityindex.web.plans.view import plan_shown
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.uploads import takes, takes_words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILE, STORED = "file", "stored"
"""Whose value is right, where both have changed it."""


class Undecided(Exception):
    """A field that two people have changed was left undecided."""


@dataclass(frozen=True)
class Packed:
    """How changes travel between the difference and its confirmation: as text of hidden fields, checked again then."""

    found: Difference

    def line(self, change: Change) -> str:
        """A change with the fields of its row that are to be decided."""
        open_ = {one.field: one.yours for one in self.found.met if one.stored.id == change.id}
        said = flat(change.line) if change.line else None
        return json.dumps({"id": change.id, "seen": change.seen, "line": said, "open": open_}, ensure_ascii=False)

    @staticmethod
    def now(one: Differing) -> Mapping[str, Any]:
        """What is stored, field by field; nothing for money of a year without any."""
        return defaultdict(lambda: None, flat(line_of(one.stored)))

    @staticmethod
    def then(one: Differing) -> Mapping[str, Any]:
        """What would be stored."""
        return defaultdict(lambda: None, flat(one.change.line) if one.change.line else {})

    @staticmethod
    def said(change: Change) -> list[tuple[str, Any]]:
        """What a new line says besides what is done."""
        held = flat(change.line) if change.line else {}
        return [(name, value) for name, value in held.items() if name != "what" and value not in (None, "")]

    def met(self, number: int) -> list[Any]:
        """The fields of a line to decide on."""
        return [one for one in self.found.met if one.stored.id == number]


@plans.get("/places/<code>/plan.<any(xlsx, docx):kind>")
@needs(READ)
def file(code: str, kind: str) -> Response:
    place = seen(code)
    view = plan_shown(place)
    if kind == "xlsx":
        response = Response(write_plan(sheet_of(view), language()), mimetype=XLSX)
    else:
        response = Response(write_document(book_of(view), language()), mimetype=DOCX)
    response.headers["Content-Disposition"] = f"attachment; filename=plan-{place.code}.{kind}"
    return response


@plans.post("/places/<code>/plan/file")
@needs(WRITE)
@takes(lambda _: LARGEST_MEGABYTES)
def bring(code: str) -> ResponseReturnValue:
    """What a file would change, to be looked at before anything is saved."""
    place = writable(code)
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    try:
        with as_file(content, kind_of(content)) as path:
            read = read_plan(path)
    except WrongKind as error:
        return index_page(place, str(NOT_OURS[error.what])), UNFIT
    except Invalid as error:
        return _problems(place, error.problems or [Problem(str(error), gettext("Download the plan again."))])
    found = _difference(place, read)
    problems = sorted([*read.problems, *found.problems], key=lambda one: one.row or 0)
    if problems:
        return _problems(place, problems)
    people = [one.by for one in found.met] + [one.by for one in found.missing] + [one.stored.by for one in found.gone]
    return page("difference", place, found=found, packed=Packed(found), who=names_of(database(), people), read=read)


@plans.post("/places/<code>/plan/file/changes")
@needs(WRITE)
@takes_words(LARGEST_MEGABYTES)
def take(code: str) -> ResponseReturnValue:
    """Store what was looked at: all of it, or nothing."""
    place = writable(code)
    try:
        changes = [_unpacked(text, request.form) for text in request.form.getlist("change")]
        changes += [_removal(text) for text in request.form.getlist("remove")]
        count = application().plans.apply(place.id, changes, me().id)
    except Undecided:
        words = gettext(
            "Decide on each value that two people have changed. Nothing was saved. Bring the file in again."
        )
        return index_page(place, words), UNFIT
    except (StaleAction, NotFound):
        words = gettext("Somebody changed the plan in the meantime, so nothing was saved. Bring the file in again.")
        return index_page(place, words), CONFLICT
    except (Invalid, ValueError, TypeError, KeyError, AttributeError):
        words = gettext("This could not be read, so nothing was saved. Bring the file in again.")
        return index_page(place, words), UNFIT
    flash(ngettext("%(num)s line of the plan was changed.", "%(num)s lines of the plan were changed.", count))
    return back(place)


def _difference(place: PlaceRecord, read: PlanFile) -> Difference:
    session = database()
    lines = plan_of(session, place.id)
    plan = Now(lines, taken_out(session, place.id), earlier(session, [one.id for one in lines]))
    return difference(plan, read.rows, application().plans.known(session, place.id))


def _problems(place: PlaceRecord, problems: Any) -> ResponseReturnValue:
    return page("problems", place, problems=[file_problem(one) for one in problems]), UNFIT


def _removal(text: str) -> Change:
    number, _, seen_ = text.partition(":")
    return Change(None, int(number), int(seen_))


def _unpacked(text: str, form: MultiDict[str, str]) -> Change:
    said = json.loads(text)
    number = None if said["id"] is None else int(said["id"])
    line = _read(said["line"])
    for name, yours in said["open"].items():
        right = form.get(f"right-{number}-{name}")
        if right not in (FILE, STORED):
            raise Undecided(name)
        line |= _read({name: yours}) if right == FILE else {}
    return Change(from_flat(line), number, int(said["seen"]))


def _read(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a line as they must be, whatever a hidden field was made to say."""
    return {name: _value(name, value) for name, value in said.items()}


def _value(name: str, value: Any) -> Any:
    if name.startswith(BUDGET):
        int(name.removeprefix(BUDGET))
        return None if value is None else float(value)
    if name not in FIELDS or name == "budgets":
        raise KeyError(name)
    if name in ("target", "fiscal_year"):
        return None if value is None else int(value)
    return str(value)


__all__ = ["plans"]
