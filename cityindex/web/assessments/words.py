"""What the states, deeds and dates of assessments are called: what happened, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext, lazy_gettext, ngettext

from cityindex.assessment.completeness import Progress
from cityindex.assessment.workflow import Deed, Event, Holder, Standing, State
from cityindex.calendars import day_of
from cityindex.models import now
from cityindex.queries.assessments.answers import AnswerRecord
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord
from cityindex.services.accounts.roles import Permission
from cityindex.web.assessments.deeds import role_name
from cityindex.web.filters import period, show_date, show_time, translated
from cityindex.web.permissions import may
from cityindex.web.session import application, database

if TYPE_CHECKING:
    from cityindex.web.assessments.answering import Card

STATES: Mapping[State, Any] = {
    State.OPEN: lazy_gettext("Being answered"),
    State.SUBMITTED: lazy_gettext("Submitted"),
    State.RETURNED: lazy_gettext("Returned"),
    State.APPROVED: lazy_gettext("Approved"),
    State.PUBLISHED: lazy_gettext("Made public"),
    State.APPEALED: lazy_gettext("Appealed"),
}
HOLDERS: Mapping[Holder, Any] = {
    Holder.MUNICIPALITY: lazy_gettext("the municipality"),
    Holder.REVIEWER: lazy_gettext("the reviewer"),
    Holder.PROGRAMME: lazy_gettext("the programme office"),
    Holder.NOBODY: lazy_gettext("nobody: it is finished"),
}
DEEDS: Mapping[Deed, Any] = {
    Deed.OPENED: lazy_gettext("The round was opened"),
    Deed.SUBMITTED: lazy_gettext("Submitted"),
    Deed.RETURNED: lazy_gettext("Returned"),
    Deed.APPROVED: lazy_gettext("Approved"),
    Deed.PUBLISHED: lazy_gettext("Made public"),
    Deed.APPEALED: lazy_gettext("Appealed against"),
    Deed.APPEAL_DECIDED: lazy_gettext("The appeal was decided"),
    Deed.REOPENED: lazy_gettext("Opened again"),
    Deed.EXTENDED: lazy_gettext("Given more time"),
    Deed.ASSIGNED: lazy_gettext("Given to a reviewer"),
}
DOERS: Mapping[Deed, str] = {
    Deed.SUBMITTED: "approver",
    Deed.APPEALED: "approver",
    Deed.RETURNED: "reviewer",
    Deed.APPROVED: "reviewer",
}
"""The role in which a deed is done; all others are done by the programme office."""
SECTION_STATES: Mapping[str, Any] = {
    "not-started": lazy_gettext("not started"),
    "in-progress": lazy_gettext("in progress"),
    "done": lazy_gettext("done"),
    "does-not-apply": lazy_gettext("does not apply"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as the timeline shows it."""

    event: Event
    what: str
    who: str
    more: tuple[str, ...]


def timeline(record: AssessmentRecord, names: Mapping[int, str]) -> tuple[Happened, ...]:
    """What happened, the newest first."""
    return tuple(
        Happened(one, str(DEEDS[one.deed]), doer(one, names), _more(one, names)) for one in reversed(record.events)
    )


def doer(event: Event, names: Mapping[int, str]) -> str:
    """Who did it: the role, and the name where it is known."""
    return person(DOERS.get(event.deed, "programme-officer"), event.by, names) if event.by else gettext("the system")


def person(role: str, account: int | None, names: Mapping[int, str]) -> str:
    """`Reviewer Somsri`; the role alone where the person has no name here, or was erased."""
    name = names.get(account or 0, "")
    return f"{role_name(role)} {name}" if name else role_name(role)


def holder(standing: Standing, reviewers: str = "") -> str:
    """Who has the assessment now."""
    named = standing.holder is Holder.REVIEWER and reviewers
    return f"{HOLDERS[standing.holder]} {reviewers}" if named else str(HOLDERS[standing.holder])


def title(record: AssessmentRecord) -> str:
    """`Digital maturity · fiscal year 2026`."""
    entry = instrument(database(), record.round.definition)
    framework = application().catalogue.frameworks.get(entry.questionnaire.framework)
    when = period(record.round.period, framework.framework.period if framework else "fiscal-year")
    return f"{translated(entry.name)} · {when}"


def due(record: AssessmentRecord) -> str:
    """Until when it can be answered, in words; empty where it waits for nobody's answers."""
    if not record.standing.answerable:
        return ""
    today, day = day_of(now()), show_date(record.due)
    if not record.answerable(today):
        return gettext("The time for answering ended on %(day)s.", day=day)
    left = (record.due - today).days
    if left == 0:
        return gettext("Due today, %(day)s.", day=day)
    return ngettext("Due on %(day)s: %(num)s day left.", "Due on %(day)s: %(num)s days left.", left, day=day)


def closed(record: AssessmentRecord) -> str:
    """Why an assessment takes no answers now; empty where it does."""
    if not record.standing.answerable:
        return gettext(
            "It is %(state)s since %(day)s: answers cannot be changed now.",
            state=str(STATES[record.standing.state]).lower(),
            day=show_date(record.standing.since),
        )
    if record.answerable(day_of(now())):
        return ""
    if record.round.closed_at is not None:
        return gettext("This round is closed. The programme office can give your municipality more time: ask there.")
    return gettext(
        "The time for answering ended on %(day)s. The programme office can give more time: ask there.",
        day=show_date(record.due),
    )


def saved_at(answer: AnswerRecord) -> str:
    """`Saved 10:42`, with the day where it was another."""
    if day_of(answer.at) == day_of(now()):
        return gettext("Saved %(time)s", time=show_time(answer.at))
    return gettext("Saved %(day)s, %(time)s", day=show_date(answer.at), time=show_time(answer.at))


def next_step(record: AssessmentRecord, may_answer: bool, may_submit: bool) -> str:
    """What comes next, for whoever reads."""
    if record.standing.answerable:
        return _answering(record, may_answer, may_submit)
    return {
        State.SUBMITTED: gettext("The reviewer looks at it. Until a decision there is nothing to do."),
        State.APPROVED: gettext("The programme office will publish it together with others."),
        State.PUBLISHED: gettext("It is finished and public."),
        State.APPEALED: gettext("The programme office looks at the appeal."),
    }[record.standing.state]


def _answering(record: AssessmentRecord, may_answer: bool, may_submit: bool) -> str:
    if shut := closed(record):
        return shut
    if record.standing.state is State.RETURNED:
        return gettext("Look at what was returned, change or explain it, and submit again.")
    if may_submit:
        return gettext("Answer, look through it, and submit it by the due date.")
    if may_answer:
        return gettext("Answer what you can. The approver of the municipality submits it.")
    return gettext("The municipality answers and submits it.")


def card_state(card: Card) -> str:
    """How a question stands, for the list of its section."""
    whole = card.sheet.draft.completeness
    if card.reason:
        said = gettext("returned")
    elif card.unconfirmed:
        said = gettext("still true?")
    elif card.code in whole.open_questions:
        said = gettext("not answered")
    else:
        said = gettext("without evidence") if card.unproven else gettext("answered")
    return said + " · " + gettext("marked") if card.later else said


def how_far(progress: Progress) -> str:
    """`23 of 40 applicable questions answered, 5 without evidence`."""
    said = gettext(
        "%(answered)s of %(all)s applicable questions answered", answered=progress.answered, all=progress.applicable
    )
    if progress.without_evidence:
        said += ", " + gettext("%(count)s without evidence", count=progress.without_evidence)
    return said


def may_see(record: AssessmentRecord) -> bool:
    """Whether the reader may open the assessment itself, drafts and all: reviewers may not."""
    return may(Permission.SEE_ASSESSMENT, record.place)


def appeal_until(record: AssessmentRecord) -> date | None:
    """The last day for an appeal against the approval in force; None where none is possible."""
    standing = record.standing
    final = standing.state in (State.APPROVED, State.PUBLISHED)
    if not final or standing.approved_at is None or standing.appealed:
        return None
    return day_of(standing.approved_at) + timedelta(days=record.round.appeal_days)


def _more(event: Event, names: Mapping[int, str]) -> tuple[str, ...]:
    """What else is known of an event, in sentences."""
    detail = event.detail
    said: Mapping[Deed, tuple[str | None, ...]] = {
        Deed.SUBMITTED: (gettext("Submission %(number)s", number=detail.get("number", "")),),
        Deed.RETURNED: (_count_back(detail), detail.get("message"), _until(detail.get("due"))),
        Deed.REOPENED: (detail.get("message"), _until(detail.get("due"))),
        Deed.EXTENDED: (_until(detail.get("until")), detail.get("reason")),
        Deed.APPROVED: (detail.get("note"),),
        Deed.APPEALED: (_count_appealed(detail),),
        Deed.APPEAL_DECIDED: (outcome(detail), detail.get("message")),
        Deed.ASSIGNED: (person("reviewer", detail.get("reviewer"), names),),
    }
    return tuple(one for one in said.get(event.deed, ()) if one)


def _count_back(detail: Mapping[str, Any]) -> str:
    count = len(detail.get("questions", ()))
    return ngettext("%(num)s answer came back.", "%(num)s answers came back.", count)


def _count_appealed(detail: Mapping[str, Any]) -> str:
    count = len(detail.get("reasons", ()))
    return ngettext("About %(num)s answer.", "About %(num)s answers.", count)


def outcome(detail: Mapping[str, Any]) -> str:
    """How an appeal ended."""
    if detail.get("upheld"):
        return gettext("The municipality was right in part or in whole: values were changed.")
    return gettext("The decisions stay as they were.")


def _until(day: str | None) -> str:
    return gettext("Until %(day)s.", day=show_date(date.fromisoformat(day))) if day else ""
