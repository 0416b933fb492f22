"""Answer once, fill several forms: the answers of a place in the order of another scheme's items, as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext

from cityindex.assessment.crosswalk import Filled, filled, schemes
from cityindex.calendars import buddhist_year
from cityindex.errors import NotFound
from cityindex.formats.progress_sheets import as_xlsx
from cityindex.queries.assessments.answers import values_of
from cityindex.web.assessments.answer_words import scheme as scheme_name
from cityindex.web.assessments.answering import Sheet
from cityindex.web.assessments.words import STATES
from cityindex.web.filters import translated
from cityindex.web.page import full_name

Row = list[Any]


def offered(sheet: Sheet) -> list[tuple[str, str]]:
    """(code, name) of the schemes that the questionnaire speaks to."""
    return [(code, scheme_name(code)) for code in schemes(sheet.entry.questionnaire)]


def agency_form(sheet: Sheet, scheme: str) -> bytes:
    """An XLSX with a row for each question of each item, unanswered ones too. Raises `NotFound` for another scheme."""
    questionnaire = sheet.entry.questionnaire
    if scheme not in schemes(questionnaire):
        raise NotFound(f"{questionnaire.code} has no questions for {scheme}")
    place = sheet.record.place
    found = filled(questionnaire, scheme, values_of(sheet.draft.answers), place.place_type)
    rows = [row for one in found for row in _rows(sheet, scheme, one)]
    return as_xlsx(_header(), rows, f"{scheme_name(scheme)}: {full_name(place)}")


def _header() -> list[str]:
    return [
        gettext("Item"), gettext("What it is"), gettext("Question"), gettext("Text"), gettext("Answer"),
        gettext("Note"),
        gettext("Evidence"), gettext("Verified"), gettext("Place"), gettext("Fiscal year (B.E.)"),
        gettext("Fiscal year (C.E.)"), gettext("Version"), gettext("State"), gettext("Demo data"),
    ]  # fmt: skip


def _rows(sheet: Sheet, scheme: str, one: Filled) -> Iterable[Row]:
    record, place = sheet.record, sheet.record.place
    about = [
        full_name(place), buddhist_year(record.round.period), record.round.period, record.round.version,
        str(STATES[record.standing.state]), gettext("yes") if place.demo else "",
    ]  # fmt: skip
    for question in one.item.questions:
        code = question.code
        saved = sheet.draft.answers.get(code) if code in one.answers else None
        verdict = sheet.decided.get(code)
        yield [
            one.item.code,
            scheme_name(f"{scheme}:{one.item.code}"),
            sheet.numbers[code],
            translated(sheet.entry.words_of(code).text),
            sheet.words(code, saved.value) if saved else "",
            saved.note if saved else "",
            "\n".join(item.url or item.name for item in sheet.draft.evidence.get(code, ())),
            sheet.words(code, verdict.value) if verdict and verdict.value is not None else "",
            *about,
        ]
