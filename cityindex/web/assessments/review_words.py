"""What reviewing is called: reasons to look at an answer first, verdicts, parts, and the people of a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from cityindex.assessment.risk import Contradiction, Reason, Why
from cityindex.assessment.workflow import State, Verdict
from cityindex.queries.places.places import provinces as named_provinces
from cityindex.services.assessments.assigning import BOTH, NO_PERSON, NO_PLACE, NOT_HIS, TWICE
from cityindex.web.filters import show_date, translated
from cityindex.web.session import application

REASONS: Mapping[Why, Any] = {
    "shared-file": lazy_gettext("Another municipality handed in the same file."),
    "no-evidence": lazy_gettext("Evidence is wanted for this answer, and there is none."),
    "undated": lazy_gettext("A file has no date of the document."),
    "unanswered": lazy_gettext("Not answered."),
}
SHORT: Mapping[Why, Any] = {
    "contradiction": lazy_gettext("contradictions"),
    "shared-file": lazy_gettext("same file as another municipality"),
    "jump": lazy_gettext("jumps since the last round"),
    "no-evidence": lazy_gettext("without evidence"),
    "outdated": lazy_gettext("old evidence"),
    "expired": lazy_gettext("evidence that has ended"),
    "undated": lazy_gettext("files without a date"),
    "unanswered": lazy_gettext("not answered"),
}
VERDICTS: Mapping[Verdict, Any] = {
    Verdict.ACCEPT: lazy_gettext("accepted"),
    Verdict.ADJUST: lazy_gettext("adjusted"),
    Verdict.RETURN: lazy_gettext("returned"),
}
PARTS: Mapping[str, Any] = {
    "first": lazy_gettext("first review"),
    "second": lazy_gettext("second review"),
    "appeal": lazy_gettext("appeal"),
}
QUEUE_STATES: Mapping[str, Any] = {
    State.SUBMITTED: lazy_gettext("To review"),
    State.APPEALED: lazy_gettext("Appealed"),
    State.RETURNED: lazy_gettext("Returned"),
    State.APPROVED: lazy_gettext("Approved"),
    State.PUBLISHED: lazy_gettext("Made public"),
}
PEOPLE: Mapping[str, Any] = {
    "none": lazy_gettext("nobody is invited"),
    "invited": lazy_gettext("invited, has not come yet"),
    "there": lazy_gettext("has an account"),
}
PROBLEMS: Mapping[str, Any] = {
    NO_PLACE[0]: lazy_gettext("This place has no assessment in this round."),
    NO_PERSON[0]: lazy_gettext("Nobody has an account with this address. Invite the person as a reviewer first."),
    NOT_HIS[0]: lazy_gettext("This person may not review this place: no role there, or had a hand in its answers."),
    BOTH[0]: lazy_gettext("This person does the other review of this place: it takes two people."),
    TWICE[0]: lazy_gettext("The place stands on two lines with different reviewers."),
    "this column is missing": lazy_gettext("This column is missing. Take the list of this round."),
}


def rules() -> Mapping[str, Sequence[Contradiction]]:
    """The contradictions of every questionnaire."""
    found = application().catalogue.contradictions
    return {code: [one.contradiction for one in some] for code, some in found.items()}


def reason(questionnaire: str, one: Reason) -> str:
    """Why an answer should be looked at, in a sentence."""
    if one.why == "contradiction":
        entries = application().catalogue.contradictions.get(questionnaire, ())
        said = {entry.contradiction.code: entry.words for entry in entries}
        return translated(said.get(one.detail["code"]))
    if one.why == "jump":
        return gettext("Level %(before)s in the round before, %(now)s now.", **one.detail)
    if one.why == "outdated":
        day = show_date(one.detail["dated"])
        return gettext("The newest evidence is of %(day)s, older than the round before.", day=day)
    if one.why == "expired":
        day = show_date(one.detail["until"])
        return gettext("The evidence was valid until %(day)s, before this round was opened.", day=day)
    return str(REASONS[one.why])


def summary(found: Iterable[Reason]) -> list[tuple[str, int]]:
    """Reasons of an assessment, counted: `contradictions 2`, the heaviest first."""
    counts: dict[Why, int] = {}
    for one in found:
        counts[one.why] = counts.get(one.why, 0) + 1
    return [(str(SHORT[why]), counts[why]) for why in SHORT if why in counts]


def problem(said: str) -> str:
    """Why a row of a list cannot be taken."""
    return str(PROBLEMS.get(said, said))


def provinces(session: Session) -> list[tuple[str, str]]:
    """(code, name) to choose from."""
    return [(one.code, translated(one)) for one in named_provinces(session)]


def place_types() -> list[tuple[str, str]]:
    """(code, name) of the types of local governments."""
    items = application().catalogue.codelist("place-types").items
    return [(code, translated(item.name)) for code, item in items.items()]
