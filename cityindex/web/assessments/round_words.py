"""What a round is called, and its list as a file: in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext

from cityindex.calendars import day_of
from cityindex.errors import Conflict, NotFound
from cityindex.models import now
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.round_list import Line
from cityindex.queries.assessments.rounds import RoundRecord
from cityindex.web.assessments.review_words import PEOPLE
from cityindex.web.assessments.words import HOLDERS, STATES
from cityindex.web.filters import period, show_date, translated
from cityindex.web.page import full_name
from cityindex.web.session import application, database


def title(record: RoundRecord) -> str:
    """`Digital maturity · fiscal year 2026 · programme`."""
    entry = instrument(database(), record.definition)
    catalogue = application().catalogue
    framework = catalogue.frameworks.get(entry.questionnaire.framework)
    when = period(record.period, framework.framework.period if framework else "fiscal-year")
    programme = catalogue.programmes.get(record.programme)
    named = translated(programme.name) if programme else record.programme
    return f"{translated(entry.name)} · {when} · {named}"


def refused(error: Exception) -> str:
    """Why a round was not opened."""
    if isinstance(error, Conflict):
        return gettext("There is such a round already.")
    if isinstance(error, NotFound):
        return gettext("Choose a programme with a questionnaire.")
    if isinstance(error, ValueError):
        return gettext("Write days and shares as whole numbers.")
    return gettext(
        "This does not go together: the days have to come in their order and lie ahead, and somebody has to take part."
    )


def headings() -> list[str]:
    """Those that a list of reviewers is read by stand among them."""
    return [
        gettext("place code"),
        gettext("Place"),
        gettext("Type"),
        gettext("State"),
        gettext("With"),
        gettext("Since"),
        gettext("Due"),
        gettext("Submissions"),
        gettext("People"),
        gettext("reviewer e-mail"),
        gettext("Second reviewer"),
        gettext("In the sample"),
    ]


def export_rows(found: Iterable[Line], emails: Mapping[int, str]) -> list[list[str | int]]:
    types = application().catalogue.codelist("place-types").items
    return [
        [
            line.record.place.code,
            full_name(line.record.place),
            translated(types[line.record.place.place_type].name),
            str(STATES[line.state]),
            str(HOLDERS[line.record.standing.holder]),
            day_of(line.record.standing.since).isoformat(),
            line.record.due.isoformat() if line.record.standing.answerable else "",
            line.record.standing.submission,
            str(PEOPLE[line.people]),
            emails.get(line.first or 0, ""),
            emails.get(line.second or 0, ""),
            gettext("yes") if line.drawn else "",
        ]
        for line in found
    ]


def notes(record: RoundRecord) -> list[str]:
    """What the file is: its second sheet."""
    return [
        title(record),
        gettext("Made on %(day)s. Days are of the common era, in Thailand.", day=show_date(now())),
        gettext("To assign reviewers, write their e-mail addresses and upload this file on the page of the round."),
        *([gettext("Demo data: places and people are invented.")] if record.demo else []),
    ]
