"""Evidence beside a question: added, described, removed; downloaded and looked at by whoever may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import PurePath

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import RequestEntityTooLarge

from cityindex.calendars import day_of
from cityindex.errors import Forbidden, Invalid, NotFound
from cityindex.formats.file_kinds import Refused
from cityindex.gateways.evidence import Readable, TooLarge
from cityindex.models import now
from cityindex.queries.assessments.evidence import EvidenceRecord
from cityindex.queries.assessments.evidence import evidence as one_evidence
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.assessments import NotAnswerable
from cityindex.services.assessments.described import Described, Fault, WrongEvidence, checked, read_day
from cityindex.services.assessments.evidence import Unreadable
from cityindex.web.assessments.evidence_files import attached, inline
from cityindex.web.assessments.evidence_view import Beside, all_beside, shown, submitted_beside
from cityindex.web.assessments.evidence_words import FAULTS, HELD, NOT_NOW, REFUSED
from cityindex.web.errors import answer
from cityindex.web.filters import size
from cityindex.web.forms import given, own_path
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.reader import Reader, reader
from cityindex.web.session import application, database
from cityindex.web.uploads import takes

evidence = Blueprint("evidence", __name__)
READ = at_place(Permission.SEE_ASSESSMENT, Permission.REVIEW)
WRITE = at_place(Permission.ANSWER)
OF_QUESTION = "/assessments/<int:assessment_id>/evidence/question/<question>"
OF_ONE = "/assessments/<int:assessment_id>/evidence/<int:evidence_id>"
FIELDS = ("name", "note", "dated", "valid_until", "url")


@evidence.get(OF_QUESTION)
@needs(READ)
def index(assessment_id: int, question: str) -> str:
    return _page(assessment_id, question)


@evidence.post(OF_QUESTION + "/file")
@needs(WRITE)
@takes(lambda settings: settings.evidence_file_mb)
def add_file(assessment_id: int, question: str) -> ResponseReturnValue:
    by = _writer(assessment_id)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _again(assessment_id, question, "file", {"file": gettext("Choose a file first.")})
    try:
        said = _said()
        said = said if said.name.strip() else replace(said, name=_base(file.filename))
        application().evidence.add_file(assessment_id, question, file.stream, said, by)  # type: ignore[arg-type]
    except (Refused, TooLarge, WrongEvidence) as error:
        return _again(assessment_id, question, "file", _errors(error))
    return _done(assessment_id, question, gettext("The file is attached."))


@evidence.post(OF_QUESTION + "/link")
@needs(WRITE)
def add_link(assessment_id: int, question: str) -> ResponseReturnValue:
    by = _writer(assessment_id)
    try:
        application().evidence.add_link(assessment_id, question, given("url"), _said(), by)
    except WrongEvidence as error:
        return _again(assessment_id, question, "link", _errors(error))
    return _done(assessment_id, question, gettext("The link is added."))


@evidence.route(OF_ONE + "/change", methods=["GET", "POST"])
@needs(WRITE)
def change(assessment_id: int, evidence_id: int) -> ResponseReturnValue:
    by, record = _writer(assessment_id), _evidence(assessment_id, evidence_id)
    if request.method == "GET":
        return _change_page(record, _as_given(record), {})
    try:
        application().evidence.change(evidence_id, _said(), by)
    except WrongEvidence as error:
        return _change_page(record, _given(), _errors(error)), 400
    return _done(assessment_id, record.question, gettext("Saved."))


@evidence.route(OF_ONE + "/remove", methods=["GET", "POST"])
@needs(WRITE)
def remove(assessment_id: int, evidence_id: int) -> ResponseReturnValue:
    by, record = _writer(assessment_id), _evidence(assessment_id, evidence_id)
    if request.method == "GET":
        return render_template(
            "pages/evidence/remove.html", item=shown(record), back=_back(assessment_id, record.question)
        )
    application().evidence.remove(evidence_id, by)
    return _done(assessment_id, record.question, gettext("It is removed. Earlier submissions keep it."))


@evidence.get(OF_ONE)
@needs(READ)
def download(assessment_id: int, evidence_id: int) -> Response:
    record, stream = _opened(assessment_id, evidence_id)
    return attached(record, stream)


@evidence.get(OF_ONE + "/preview")
@needs(READ)
def preview(assessment_id: int, evidence_id: int) -> Response:
    record, stream = _opened(assessment_id, evidence_id)
    return inline(record, stream)


@evidence.errorhandler(Unreadable)
def held(error: Unreadable) -> Response:
    """There is such a file; the scanner stands before it."""
    waiting = error.record.verdict == "waiting"
    return answer(503 if waiting else 403, HELD["waiting" if waiting else "infected"])


@evidence.errorhandler(NotAnswerable)
def not_now(_error: NotAnswerable) -> Response:
    """Somebody else has the assessment, or its time is over."""
    return answer(409, NOT_NOW)


@evidence.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refused by its length: nothing of the form was read, so only the address says what it was for."""
    values = request.view_args or {}
    if reader() is None or "question" not in values:
        return answer(413)
    try:
        _writer(values["assessment_id"])
    except (NotFound, Forbidden):  # this answers an error already: nothing would answer a second one
        return answer(413)
    limit = TooLarge(application().settings.evidence_file_mb * 1_000_000)
    page = _page(values["assessment_id"], values["question"], "file", _errors(limit), {})
    return page, 413, {"Connection": "close"}


def _assessment(assessment_id: int) -> AssessmentRecord:
    return assessment(database(), assessment_id)


def _writer(assessment_id: int) -> int:
    """Whoever writes, by account; refused where he may not."""
    return require(Permission.ANSWER, place=_assessment(assessment_id).place).account.id


def _evidence(assessment_id: int, evidence_id: int) -> EvidenceRecord:
    record = one_evidence(database(), evidence_id)
    if record.assessment != assessment_id or record.removed_at is not None:
        raise NotFound(f"assessment {assessment_id} has no evidence {evidence_id}")
    return record


def _reader(record: AssessmentRecord) -> Reader:
    return require(Permission.SEE_ASSESSMENT, Permission.REVIEW, place=record.place, since=record.round.opened_at)


def _opened(assessment_id: int, evidence_id: int) -> tuple[EvidenceRecord, Readable]:
    who = _reader(_assessment(assessment_id))
    if one_evidence(database(), evidence_id).assessment != assessment_id:
        raise NotFound(f"assessment {assessment_id} has no evidence {evidence_id}")
    opened = application().evidence.read(evidence_id, who.account.held)
    return opened.record, opened.stream


def _page(
    assessment_id: int,
    question: str,
    form: str = "",
    errors: Mapping[str, str] | None = None,
    sent: Mapping[str, str] | None = None,
) -> str:
    record = _assessment(assessment_id)
    _reader(record)
    entry = instrument(database(), record.round.definition)
    entry.questionnaire.question(question)
    drafts = may(Permission.SEE_ASSESSMENT, record.place)
    if not drafts and not record.standing.submission:
        raise NotFound(f"assessment {assessment_id} was never submitted")
    items = all_beside(record) if drafts else submitted_beside(record, record.standing.submission)
    editable = may(Permission.ANSWER, record.place) and record.answerable(day_of(now()))
    back = own_path(request.args.get("next", "")) or ""
    beside = Beside(assessment_id, question, items.get(question, ()), editable, back, errors or {}, sent or {}, form)
    words = entry.words_of(question)
    return render_template("pages/evidence/index.html", record=record, entry=entry, beside=beside, words=words)


def _again(assessment_id: int, question: str, form: str, errors: Mapping[str, str]) -> ResponseReturnValue:
    return _page(assessment_id, question, form, errors, _given()), 400


def _change_page(record: EvidenceRecord, sent: Mapping[str, str], errors: Mapping[str, str]) -> str:
    back = _back(record.assessment, record.question)
    return render_template("pages/evidence/change.html", item=shown(record), given=sent, errors=errors, back=back)


def _given() -> dict[str, str]:
    return {name: given(name) for name in FIELDS}


def _as_given(record: EvidenceRecord) -> dict[str, str]:
    days = {"dated": record.dated, "valid_until": record.valid_until}
    return {"name": record.name, "note": record.note} | {name: str(day or "") for name, day in days.items()}


def _said() -> Described:
    """What the form says. Raises `WrongEvidence` where a date cannot be read, with what else is wrong."""
    days: dict[str, date | None] = {}
    faults: dict[str, Fault] = {}
    for name in ("dated", "valid_until"):
        try:
            days[name] = read_day(given(name))
        except Invalid:
            faults[name] = Fault.DATE_WRONG
    said = Described(given("name"), given("note"), days.get("dated"), days.get("valid_until"))
    if faults:
        checked(replace(said, name=said.name or "-"), day_of(now()), faults)
    return said


def _errors(error: Invalid) -> dict[str, str]:
    if isinstance(error, WrongEvidence):
        return {name: str(FAULTS[fault]) for name, fault in error.faults.items()}
    if isinstance(error, Refused):
        return {"file": " ".join(map(str, REFUSED[error.why]))}
    limit = size(error.limit) if isinstance(error, TooLarge) else ""
    return {"file": gettext("The file is larger than %(limit)s. Save it smaller, or in parts.", limit=limit)}


def _base(filename: str) -> str:
    return PurePath(filename.replace("\\", "/")).name


def _back(assessment_id: int, question: str) -> str:
    """Where to go on: to the page that the form stood on, else to that of the question's evidence."""
    own = url_for("evidence.index", assessment_id=assessment_id, question=question)
    return own_path(request.args.get("next", "")) or own


def _done(assessment_id: int, question: str, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(_back(assessment_id, question), 303)
