"""What is said of knowledge, in the language of the reader: choices, states, and what is wrong with a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape

from cityindex.definitions.catalogue import IndicatorEntry, Text
from cityindex.formats.file_kinds import Refused
from cityindex.formats.thai_words import excerpt, marked
from cityindex.gateways.evidence import TooLarge
from cityindex.queries.knowledge.knowledge import VersionRecord
from cityindex.services.assessments.described import WrongEvidence
from cityindex.services.knowledge.said import AREAS_OF, Fault, WrongKnowledge, learning_areas
from cityindex.web.assessments.evidence_words import FAULTS as EVIDENCE_FAULTS
from cityindex.web.assessments.evidence_words import REFUSED
from cityindex.web.filters import show_date, translated
from cityindex.web.session import application
from cityindex.web.words import result_unit

LANGUAGES: Mapping[str, Any] = {
    "th": lazy_gettext("Thai"),
    "en": lazy_gettext("English"),
    "other": lazy_gettext("another language"),
}
CODELISTS = {
    "kind": "knowledge-kinds", "licence": "licences", "proposal-kind": "proposal-kinds",
    "proposal-status": "proposal-statuses",
}  # fmt: skip
STATES: Mapping[str, Any] = {
    "draft": lazy_gettext("draft, only your place sees it"),
    "submitted": lazy_gettext("handed in, waits for a reviewer"),
    "returned": lazy_gettext("returned with a reason"),
    "accepted": lazy_gettext("accepted and shown"),
    "hidden": lazy_gettext("taken down"),
    "discarded": lazy_gettext("thrown away"),
}
DEEDS: Mapping[str, Any] = {
    "submitted": lazy_gettext("handed in"),
    "accepted": lazy_gettext("accepted and shown"),
    "returned": lazy_gettext("returned"),
    "withdrawn": lazy_gettext("taken back by its place"),
    "hidden": lazy_gettext("taken down"),
    "shown": lazy_gettext("shown again"),
    "discarded": lazy_gettext("thrown away"),
}
FACETS: Mapping[str, Any] = {
    "kind": lazy_gettext("Kind"),
    "theme": lazy_gettext("Theme"),
    "indicator": lazy_gettext("Indicator"),
    "area": lazy_gettext("Area of learning cities"),
    "province": lazy_gettext("Province"),
    "licence": lazy_gettext("Licence"),
    "language": lazy_gettext("Language"),
}
FAULTS: Mapping[tuple[str, Fault] | Fault, Any] = {
    ("kind", Fault.MISSING): lazy_gettext("Choose what it is."),
    ("title_th", Fault.MISSING): lazy_gettext("Write a title in Thai."),
    ("summary_th", Fault.MISSING): lazy_gettext("Write a summary in Thai: without it nobody finds or understands it."),
    ("creator", Fault.MISSING): lazy_gettext("Say who made it."),
    ("licence", Fault.MISSING): lazy_gettext(
        "Choose a licence. Without one nobody knows whether it may be used, so nothing is shown without."
    ),
    ("status", Fault.MISSING): lazy_gettext("Choose how far it has come."),
    ("summary", Fault.MISSING): lazy_gettext("Write what it is: without it nobody understands what you propose."),
    ("rule", Fault.MISSING): lazy_gettext("Name the rule: a sandbox is an exception to one."),
    ("since", Fault.MISSING): lazy_gettext("Say since when: a sandbox begins on a day."),
    ("outcome", Fault.MISSING): lazy_gettext("It is decided or ended, so say what came of it, good or bad."),
    ("file", Fault.TOO_MANY): lazy_gettext("The files would be too many or too large together. Remove one first."),
    ("file", Fault.NOTHING): lazy_gettext("A data set or map needs its file, or the address where it is."),
    Fault.MISSING: lazy_gettext("This field is needed."),
    Fault.LONG: lazy_gettext("This is too long. Write less."),
    Fault.UNKNOWN: lazy_gettext("There is no such choice. Choose one of the list."),
    Fault.MARKUP: lazy_gettext("There is HTML in this text. Write plain words; they are shown as you write them."),
    Fault.DATE_WRONG: lazy_gettext("We cannot read this date. Write a year such as 2568, or a day such as 30/9/2568."),
    Fault.DATE_FUTURE: lazy_gettext("This date is still to come. Write when it was made."),
    Fault.ORDER: lazy_gettext("This lies before its beginning. Correct one of the two dates."),
    Fault.TOO_MANY: lazy_gettext("Too many are chosen. Take the twelve that fit best."),
    Fault.ADDRESS: lazy_gettext("This is not an address of a web page. It begins with https:// or http://."),
}


def errors_of(error: Exception, limit: int = 0) -> dict[str, str]:
    """What is wrong, by field, for what a form or file can be refused with."""
    if isinstance(error, WrongKnowledge):
        return {name: str(FAULTS.get((name, fault)) or FAULTS[fault]) for name, fault in error.faults.items()}
    if isinstance(error, Refused):
        what, cure = REFUSED[error.why]
        return {"file": f"{what} {cure}"}
    if isinstance(error, TooLarge):
        return {"file": gettext("This file is larger than %(size)s MB. Save it smaller, or in parts.", size=limit)}
    assert isinstance(error, WrongEvidence)  # noqa: S101 (there is no fifth)
    return {"file": str(EVIDENCE_FAULTS[next(iter(error.faults.values()))])}


def label(scheme: str, code: str) -> str:
    """A choice in words; a code that the definitions no longer have stays a code."""
    found = labels(scheme).get(code)
    return code if found is None else str(found)


def labels(scheme: str) -> Mapping[str, str]:
    """The choices of a field in words, by code, in their order."""
    return {code: translated(name) for code, name in names(scheme).items()}


def names(scheme: str) -> Mapping[str, Any]:
    """The same in both languages."""
    catalogue = application().catalogue
    if scheme in CODELISTS:
        return {code: one.name for code, one in catalogue.codelist(CODELISTS[scheme]).items.items()}
    if scheme == "theme":
        return catalogue.themes
    if scheme == "indicator":
        return {code: one.name for code, one in catalogue.indicators.items()}
    if scheme == "area":
        entry = catalogue.frameworks.get(AREAS_OF)
        return {code: entry.node_name(code) for code in learning_areas(catalogue)} if entry else {}
    return {code: Text(str(name), str(name)) for code, name in LANGUAGES.items()}


def title_of(one: Any) -> str:
    """In the reader's language where it is there, else in Thai."""
    return translated({"th": one.title_th, "en": one.title_en or one.title_th})


def summary_of(one: Any) -> str:
    return translated({"th": one.summary_th, "en": one.summary_en or one.summary_th})


def highlighted(text: str, asked: Sequence[tuple[str, ...]], length: int = 0) -> Markup:
    """Text with the words that were asked for marked; cut to about `length` around the first where that is given."""
    shown = excerpt(text.replace("\n", " "), asked, length) if length else text
    pieces = (Markup("<mark>{}</mark>").format(piece) if hit else escape(piece) for piece, hit in marked(shown, asked))
    return Markup("").join(pieces)


def made_when(version: VersionRecord) -> str:
    """When it was made, as exactly as is known; empty where nobody said."""
    return show_date(version.dated, version.precision) if version.dated else ""


def date_as_written(day: date | None, precision: str) -> str:
    """A date as a form takes it, as exactly as it is known; empty where there is none."""
    return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[precision]] if day else ""


def changed_meanwhile() -> str:
    return gettext(
        "Somebody else has changed this draft since you opened it. Nothing of yours is lost: it stands below. "
        "Look at the present draft in another tab, then save again to put yours in its place."
    )


def handed_in() -> str:
    return gettext("Handed in. A reviewer looks at it next; you see here what was decided.")


def say_why() -> str:
    return gettext("Say why: the place needs to know what to change.")


def paragraphs(text: str) -> Iterable[str]:
    return [part for part in text.split("\n\n") if part.strip()]


def joined(scheme: str, codes: Iterable[str]) -> str:
    """Several choices in words, one after the other."""
    return ", ".join(label(scheme, code) for code in codes)


def unit_of(entry: IndicatorEntry) -> str:
    """The unit of what is compared: of a count, after it is divided."""
    return str(result_unit(entry))
