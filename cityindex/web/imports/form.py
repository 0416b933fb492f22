"""The form of an upload: what was chosen is kept, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext

from cityindex.calendars import Era, common_year
from cityindex.errors import Invalid
from cityindex.formats.personal_tables import AboutPersons
from cityindex.formats.uploaded import WrongKind
from cityindex.services.observations.uploads import AS_IT_SAYS, Choices, NewUpload
from cityindex.web.forms import given
from cityindex.web.imports.view import Desk
from cityindex.web.imports.words import in_words

REFUSED: Mapping[str, Any] = {
    "empty": lazy_gettext("The file is empty."),
    "old-excel": lazy_gettext("This is a file of an old Excel (.xls). Save it as .xlsx and send that."),
    "macros": lazy_gettext("The workbook holds macros. Save it as .xlsx, without them, and send that."),
    "other": lazy_gettext(
        "This is no CSV and no XLSX inside, whatever its name says. Fill in the template and send that."
    ),
}
NOT_HERE = lazy_gettext(
    "A number of a person, a telephone number or an e-mail address stands in these words or in the name of the file. "
    "Name the office or the document instead: readers see it."
)
TOLD = 5
"""Places in a file that are named; more would hide the first."""
ERAS: Mapping[str, Era] = {"be": "be", "ce": "ce"}


@dataclass(frozen=True)
class Sent:
    """What was chosen, as it was typed; the file cannot be shown again."""

    place: str = ""
    source: str = ""
    era: str = ""
    period: str = ""
    file_name: str = ""
    content: bytes = b""
    account_id: int = 0
    place_id: int | None = None
    choices: Choices = AS_IT_SAYS

    def new(self) -> NewUpload:
        return NewUpload(self.content, self.file_name, self.source, self.account_id, self.place_id, self.choices)


NOTHING_SENT = Sent()


def sent(desk: Desk) -> tuple[Sent, dict[str, str]]:
    """The form as it was sent, and what is wrong with it by field."""
    wanted, errors = choices()
    file = request.files.get("file")
    if file is None or not file.filename:
        errors["file"] = gettext("Choose a file first.")
    if not given("source").strip():
        errors["source"] = gettext("Say where the figures come from: a report, a register, an accounting system.")
    place = next((one for one in desk.places if one.code == given("place")), None)
    if place is None and not desk.anywhere:
        errors["place"] = gettext("Choose the place whose figures these are.")
    form = Sent(
        place=given("place"),
        source=given("source"),
        era=given("era"),
        period=given("period"),
        file_name=(file.filename or "") if file else "",
        content=file.read() if file else b"",
        account_id=desk.account_id,
        place_id=place.id if place else None,
        choices=wanted,
    )
    return form, errors


def choices() -> tuple[Choices, dict[str, str]]:
    """How the file is to be read, and what is wrong with the year."""
    period, errors = None, {}
    try:
        period = common_year(given("period")) if given("period").strip() else None
    except Invalid:
        errors["period"] = gettext("Write a year such as 2566 or 2023.")
    return Choices(given("sheet") or None, ERAS.get(given("era")), period), errors


def refusal(error: WrongKind | AboutPersons) -> dict[str, str]:
    """Why a file is not taken, by the field of the form."""
    if isinstance(error, WrongKind):
        return {"file": str(REFUSED[error.what])}
    if not error.problems:
        return {"source": str(NOT_HERE)}
    return {"file": _about_persons(error)}


def _about_persons(error: AboutPersons) -> str:
    """Where such data seem to be, without repeating any."""
    told = [
        gettext("Line %(line)s, “%(column)s”: %(reason)s", line=one.row, column=one.column, reason=in_words(one.reason))
        for one in error.problems[:TOLD]
    ]
    if len(error.problems) > TOLD:
        told.append("…")
    said = gettext(
        "The file seems to hold data about persons. Nothing of it was kept. Take these out, and send it again."
    )
    return " • ".join([said, *told])
