"""What is said of evidence, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from cityindex.formats.file_kinds import Refusal
from cityindex.queries.assessments.evidence import EvidenceRecord, Use
from cityindex.services.assessments.described import Fault
from cityindex.web.filters import period, translated

AS_PDF = lazy_gettext("Save it as PDF and attach that.")
REFUSED: Mapping[Refusal, tuple[Any, Any]] = {
    Refusal.EMPTY: (
        lazy_gettext("The file is empty."),
        lazy_gettext("Open it to see what is in it, and choose it again."),
    ),
    Refusal.PROGRAM: (
        lazy_gettext("This is a program, whatever its name says."),
        lazy_gettext("Attach the document itself, as PDF or picture."),
    ),
    Refusal.ARCHIVE: (
        lazy_gettext("This is a package of files, such as ZIP."),
        lazy_gettext("Unpack it and attach the files one by one."),
    ),
    Refusal.WEB_PAGE: (
        lazy_gettext("This is a web page or a drawing with code in it."),
        lazy_gettext("Add the page as a link, or print it to PDF."),
    ),
    Refusal.OLD_OFFICE: (
        lazy_gettext("This is an older Office file (.doc, .xls, .ppt), or one with a password."),
        AS_PDF,
    ),
    Refusal.MACROS: (lazy_gettext("This document has macros in it."), AS_PDF),
    Refusal.PACKED_PROGRAM: (lazy_gettext("There is another file inside this document."), AS_PDF),
    Refusal.BOMB: (
        lazy_gettext("This file would become far too large when it is opened."),
        lazy_gettext("Save it smaller, or print it to PDF."),
    ),
    Refusal.DAMAGED: (
        lazy_gettext("The file is damaged or cut off."),
        lazy_gettext("Open it, save it again and choose it once more."),
    ),
    Refusal.MIXED: (
        lazy_gettext("There is something else in this file beside the document."),
        lazy_gettext("Open it, print it to PDF and attach that."),
    ),
    Refusal.OTHER_IMAGE: (
        lazy_gettext("This kind of picture cannot be shown to everybody."),
        lazy_gettext("Save it as JPEG or PNG."),
    ),
    Refusal.RECORDING: (
        lazy_gettext("This is sound or film."),
        lazy_gettext("Put it on the web and add it as a link."),
    ),
    Refusal.TEXT: (lazy_gettext("This is plain text."), AS_PDF),
    Refusal.UNKNOWN: (
        lazy_gettext("We do not know this kind of file."),
        lazy_gettext("Attach a PDF, a picture (JPEG, PNG, WebP, HEIC) or an Office document (.docx, .xlsx, .pptx)."),
    ),
}
FAULTS: Mapping[Fault, Any] = {
    Fault.NAME_MISSING: lazy_gettext("Say in a few words what it is."),
    Fault.NAME_LONG: lazy_gettext("The name is too long: at most 200 characters."),
    Fault.NOTE_LONG: lazy_gettext("The note is too long: at most 2,000 characters."),
    Fault.DATE_WRONG: lazy_gettext("We cannot read this date. Write a day such as 30/9/2568."),
    Fault.DATE_FUTURE: lazy_gettext("This day is still to come. Write the date that the document bears."),
    Fault.VALID_BEFORE: lazy_gettext("This day is before the date of the document."),
    Fault.URL_MISSING: lazy_gettext("Copy the address from the address bar of your browser."),
    Fault.URL_WRONG: lazy_gettext("This is not an address of a web page. It begins with https:// or http://."),
    Fault.URL_SCHEME: lazy_gettext("Only web pages can be linked. The address begins with https:// or http://."),
    Fault.URL_PASSWORD: lazy_gettext("There is a password in this address. Write it without."),
    Fault.URL_LONG: lazy_gettext("The address is too long: at most 2,000 characters."),
    Fault.TOO_MUCH: lazy_gettext(
        "The files of this assessment would be too large together. Remove one, or attach a smaller one."
    ),
}
KINDS: Mapping[str, Any] = {
    "application/pdf": "PDF",
    "image/jpeg": lazy_gettext("picture"),
    "image/png": lazy_gettext("picture"),
    "image/webp": lazy_gettext("picture"),
    "image/heic": lazy_gettext("picture (HEIC)"),
}
NOT_NOW = (
    lazy_gettext("This assessment takes no changes now"),
    lazy_gettext(
        "It was submitted, or its time is over. What is there stays as it is. When it is returned to you, or the "
        "programme office gives more time, evidence can be added again."
    ),
)
HELD = {
    "waiting": (
        lazy_gettext("This file is waiting for the virus scanner"),
        lazy_gettext("It is stored. Nobody can open it until it has been looked at; try again in a few minutes."),
    ),
    "infected": (
        lazy_gettext("The virus scanner found something in this file"),
        lazy_gettext("Nobody can open it. Check the computer it comes from, remove it here and attach a clean copy."),
    ),
}


def kind_of(record: EvidenceRecord) -> str:
    if record.url is not None:
        return gettext("link")
    return str(KINDS.get(record.media_type or "", gettext("Office document")))


def use_words(uses: Iterable[Use]) -> list[str]:
    """Where else the file is used, each once."""
    return list(dict.fromkeys(map(_use, uses)))


def _use(use: Use) -> str:
    if use.where == "here":
        return gettext("also beside another question of this assessment")
    if use.where == "earlier":
        return gettext("also in the round of %(period)s", period=period(use.period, "fiscal-year"))
    return gettext("also handed in by %(place)s", place=translated(use))
