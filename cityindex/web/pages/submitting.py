"""Submitting an assessment, its receipts, the results of its review, and the appeal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.assessment.difference import changed
from cityindex.assessment.path import held
from cityindex.assessment.workflow import Deed, State, Verdict
from cityindex.calendars import day_of
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.definitions.fingerprint import canonical_json
from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import now
from cityindex.queries.accounts.tasks import holders, names_of
from cityindex.queries.assessments.answers import DecisionRecord
from cityindex.queries.assessments.answers import submission as one_submission
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.assessments import NotAnswerable
from cityindex.services.assessments.submissions import frozen
from cityindex.web.assessments import answer_words
from cityindex.web.assessments import words as assessment_words
from cityindex.web.assessments.answering import Sheet, sheet
from cityindex.web.forms import given
from cityindex.web.permissions import at_place, needs, require
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.take_away.paper import as_pdf

submitting = Blueprint("submitting", __name__)
SEEN = at_place(Permission.SEE_ASSESSMENT, Permission.REVIEW)
UNFIT, CONFLICT = 422, 409
FINAL = (State.APPROVED, State.PUBLISHED, State.APPEALED)


@dataclass(frozen=True, slots=True)
class Result:
    """A question after the review: what was claimed and what holds, in words."""

    code: str
    number: str
    text: Any
    claimed: str
    verified: str
    decision: DecisionRecord | None
    appealed: str = ""
    dropped: bool = False
    """It was answered, and does not apply any more: another answer that it hangs on was adjusted."""

    @property
    def differs(self) -> bool:
        return self.dropped or (self.decision is not None and self.decision.verdict is not Verdict.ACCEPT)


@submitting.get("/assessments/<int:number>/submit")
@needs(at_place(Permission.ANSWER))
def submit(number: int) -> ResponseReturnValue:
    return _submit_page(sheet(number, Permission.ANSWER))


@submitting.post("/assessments/<int:number>/submit")
@needs(at_place(Permission.APPROVE_ASSESSMENT))
def hand_in(number: int) -> ResponseReturnValue:
    record = assessment(database(), number)
    by = require(Permission.APPROVE_ASSESSMENT, place=record.place).account.id
    try:
        receipt = application().submissions.submit(number, given("seal"), by)
    except NotAnswerable:
        record = _as_it_is_now(number)
        if _just_submitted(record, by):  # the button was pressed twice
            return _to_receipt(number, record.standing.submission)
        return _submit_again(number, assessment_words.closed(record))
    except Conflict:
        return _submit_again(number)
    return _to_receipt(number, receipt.number)


@submitting.get("/assessments/<int:number>/receipts/<int:submission>")
@needs(SEEN)
def receipt(number: int, submission: int) -> str:
    return _receipt(_seen(number), submission)


@submitting.get("/assessments/<int:number>/receipts/<int:submission>.pdf")
@needs(SEEN)
def receipt_pdf(number: int, submission: int) -> Response:
    record = _seen(number)
    return as_pdf(_receipt(record, submission), f"receipt-{record.place.code}-{record.round.period}-{submission}")


@submitting.get("/assessments/<int:number>/receipts/<int:submission>.json")
@needs(SEEN)
def receipt_content(number: int, submission: int) -> Response:
    """Byte for byte what was submitted: its SHA-256 is that of the receipt."""
    _seen(number)
    content = canonical_json(dict(one_submission(database(), number, submission).content))
    return Response(content, mimetype="application/json")


@submitting.get("/assessments/<int:number>/results")
def results(number: int) -> str:
    found = sheet(number)
    return _page("results", found, rows=_results(found), decided=_appeal_outcome(found.record))


@submitting.get("/assessments/<int:number>/appeal")
@needs(at_place(Permission.APPROVE_ASSESSMENT))
def appeal(number: int) -> ResponseReturnValue:
    return _appeal_page(sheet(number, Permission.APPROVE_ASSESSMENT))


@submitting.post("/assessments/<int:number>/appeal")
@needs(at_place(Permission.APPROVE_ASSESSMENT))
def send_appeal(number: int) -> ResponseReturnValue:
    found = sheet(number, Permission.APPROVE_ASSESSMENT)
    reasons = {row.code: given(f"reason-{row.code}") for row in _results(found)}
    try:
        application().assessments.appeal(number, reasons, me().id)
    except Invalid:
        return _appeal_page(found, reasons, gettext("Write a reason beside one answer at least.")), UNFIT
    except Conflict:
        if _as_it_is_now(number).standing.state is State.APPEALED:  # sent twice
            return redirect(url_for(".results", number=number), 303)
        return _appeal_page(
            found, reasons, gettext("The time for an appeal is over, or it was decided already.")
        ), CONFLICT
    return redirect(url_for(".results", number=number), 303)


def _submit_page(found: Sheet, closed: str = "", changed_since: datetime | None = None) -> str:
    whole = found.draft.completeness
    return _page(
        "submit",
        found,
        approvers=holders(database(), "approver", found.record.place.id),
        gaps=(
            (gettext("Without an answer"), whole.open_questions),
            (gettext("Without evidence"), whole.unproven_questions),
            (gettext("Taken over from the round before, and not confirmed"), found.unconfirmed),
            (gettext("Marked for later"), whole.marked_questions),
            (gettext("Returned by the reviewer, and not changed since"), _unchanged(found)),
        ),
        closed=closed,
        since=_since(found, changed_since) if changed_since else None,
        looked=now().isoformat(),
    )


def _submit_again(number: int, closed: str = "") -> ResponseReturnValue:
    """The page once more, with what is so now."""
    database().rollback()
    return _submit_page(sheet(number, Permission.ANSWER), closed, _looked()), CONFLICT


def _looked() -> datetime:
    """When the page was made that the approver has looked at."""
    try:
        return datetime.fromisoformat(given("looked")).astimezone(UTC)
    except ValueError:
        return now()


def _since(found: Sheet, moment: datetime) -> tuple[str, ...]:
    """Questions whose answer or evidence came after a moment."""
    answers, evidence = found.draft.answers, found.draft.evidence
    later = {code for code, one in answers.items() if one.at >= moment}
    later |= {code for code, some in evidence.items() if any(one.uploaded_at >= moment for one in some)}
    return tuple(one for one in found.draft.completeness.questions if one in later)


def _unchanged(found: Sheet) -> tuple[str, ...]:
    if not found.returned:
        return ()
    before = one_submission(database(), found.record.id, found.record.standing.submission)
    moved = changed(before.content, frozen(found.draft, before.number + 1))
    return tuple(one for one in found.returned if one not in moved)


def _as_it_is_now(number: int) -> AssessmentRecord:
    """Read anew: what was read before the deed may be from before another one."""
    database().rollback()
    return assessment(database(), number)


def _just_submitted(record: AssessmentRecord, by: int) -> bool:
    last = next(one for one in reversed(record.events) if one.deed not in (Deed.EXTENDED, Deed.ASSIGNED))
    return last.deed is Deed.SUBMITTED and last.by == by


def _to_receipt(number: int, submission: int) -> ResponseReturnValue:
    return redirect(url_for(".receipt", number=number, submission=submission), 303)


def _seen(number: int) -> AssessmentRecord:
    """An assessment whose submissions the reader may see."""
    record = assessment(database(), number)
    both = (Permission.SEE_ASSESSMENT, Permission.REVIEW)
    require(*both, place=record.place, since=record.round.opened_at)
    return record


def _receipt(record: AssessmentRecord, number: int) -> str:
    submitted = one_submission(database(), record.id, number)
    entry = instrument(database(), record.round.definition)
    return render_template(
        "pages/assessments/receipt.html",
        record=record,
        entry=entry,
        submitted=submitted,
        who=assessment_words.person("approver", submitted.by, names_of(database(), [submitted.by])),
        rows=[(code, answer_words.numbers(entry.questionnaire)[code]) for code in submitted.content["applicable"]],
        answer=lambda code: _words(entry, code, submitted.content["answers"][code]["value"]),
        say=assessment_words,
    )


def _results(found: Sheet) -> tuple[Result, ...]:
    """Every question of the approved submission; `NotFound` before there is one."""
    standing, session = found.record.standing, database()
    if standing.approved is None or standing.state not in FINAL:
        raise NotFound(f"assessment {found.record.id} is not approved")
    submitted = one_submission(session, found.record.id, standing.approved)
    reasons = _appeal_reasons(found.record)
    claimed = {code: one["value"] for code, one in submitted.content["answers"].items()}
    ruled = {code: one.value for code, one in found.decided.items()}
    after = held(found.entry.questionnaire, claimed, ruled, submitted.content["place_type"])
    return tuple(
        _result(found, code, (claimed[code], after[code]), reasons.get(code, ""))
        for code in submitted.content["applicable"]
    )


def _result(found: Sheet, code: str, values: tuple[Any, Any], reason: str) -> Result:
    decision = found.decided.get(code)
    words = found.entry.words_of(code).text
    before, after = (_words(found.entry, code, one) for one in values)
    dropped = values[1] is None and (decision.value if decision else values[0]) is not None
    return Result(code, found.numbers[code], words, before, after, decision, reason, dropped)


def _words(entry: QuestionnaireEntry, code: str, value: Any) -> str:
    return "" if value is None else answer_words.answered(entry, entry.questionnaire.question(code), value)


def _appeal_reasons(record: AssessmentRecord) -> Mapping[str, str]:
    """What the municipality said in the appeal against the approval in force."""
    last: Mapping[str, str] = {}
    for event in record.events:
        if event.deed is Deed.APPEALED:
            last = event.detail.get("reasons", {})
        elif event.deed is Deed.APPROVED:
            last = {}
    return last


def _appeal_outcome(record: AssessmentRecord) -> Any:
    """The decision on that appeal, where there is one."""
    after = [one for one in record.events if one.deed in (Deed.APPROVED, Deed.APPEAL_DECIDED)]
    return after[-1] if after and after[-1].deed is Deed.APPEAL_DECIDED else None


def _appeal_page(found: Sheet, reasons: Mapping[str, str] | None = None, problem: str = "") -> str:
    until = assessment_words.appeal_until(found.record)
    over = until is None or until < day_of(now())
    return _page("appeal", found, rows=_results(found), reasons=reasons or {}, problem=problem, until=until, over=over)


def _page(name: str, found: Sheet, **more: Any) -> str:
    return render_template(
        f"pages/assessments/{name}.html",
        sheet=found,
        record=found.record,
        entry=found.entry,
        say=assessment_words,
        words=answer_words,
        **more,
    )
