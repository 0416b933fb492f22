"""What is said of an item of knowledge, in clean words, and all that can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from cityindex.calendars import ReadDate, read_date
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Invalid, WrongFields
from cityindex.services.assessments.described import Fault as AddressFault
from cityindex.services.assessments.described import fault_of_address
from cityindex.thai import arabic_digits, normalise

LONGEST_LINE, LONGEST_SUMMARY, MOST_TAGS = 300, 8000, 12
LANGUAGES = ("th", "en", "other")
LINES = ("title_th", "title_en", "creator", "innovation")
SUMMARIES = ("summary_th", "summary_en")
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&(?:[a-z]+|#\d+);")
BREAKS = re.compile(r"\s*\n\s*")
AREAS_OF = "learning-city"


class Fault(StrEnum):
    """What can be wrong with a field."""

    MISSING = "missing"
    LONG = "long"
    UNKNOWN = "unknown"
    MARKUP = "markup"
    DATE_WRONG = "date-wrong"
    DATE_FUTURE = "date-future"
    TOO_MANY = "too-many"
    ADDRESS = "address"
    ORDER = "order"
    """It ends before it begins."""
    NOTHING = "nothing"
    """A data set or map of which neither a file nor an address is given."""


_ENGLISH: Mapping[Fault, tuple[str, str]] = {
    Fault.MISSING: ("it is missing", "write or choose it"),
    Fault.LONG: ("it is too long", "write less"),
    Fault.UNKNOWN: ("there is no such choice", "choose one of the list"),
    Fault.MARKUP: ("there is HTML in it", "write plain text"),
    Fault.DATE_WRONG: ("this is not a date", "write a year, or a day such as 30/9/2568"),
    Fault.DATE_FUTURE: ("the date lies in the future", "write when it was made"),
    Fault.ORDER: ("it ends before it begins", "correct one of the dates"),
    Fault.TOO_MANY: ("too many are chosen", f"choose {MOST_TAGS} at most"),
    Fault.ADDRESS: ("this is not an address of a page", "copy it from the address bar"),
    Fault.NOTHING: ("there is neither a file nor an address", "attach the file, or give the address where it is"),
}


class WrongKnowledge(WrongFields):
    """What is said cannot be. `faults` are by field of `Said`, with `file` for what is attached."""

    english = _ENGLISH


@dataclass(frozen=True, slots=True)
class Said:
    """What a contributor says of an item. `dated` is as he wrote it: a year, a month or a day, in either era."""

    kind: str = ""
    title_th: str = ""
    title_en: str = ""
    summary_th: str = ""
    summary_en: str = ""
    creator: str = ""
    dated: str = ""
    licence: str = ""
    language: str = "th"
    innovation: str = ""
    url: str = ""
    theme: tuple[str, ...] = ()
    indicator: tuple[str, ...] = ()
    area: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The same in clean words, with the date as it was read."""

    said: Said
    dated: ReadDate | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a version."""
        plain = {one.name: getattr(self.said, one.name) for one in fields(Said)}
        for scheme in ("theme", "indicator", "area"):
            del plain[scheme]
        day = self.dated.first if self.dated else None
        precision = self.dated.precision if self.dated else "day"
        return {**plain, "dated": day, "precision": precision, "url": self.said.url or None}


@dataclass(frozen=True)
class Choices:
    """The codes that may be chosen, by field."""

    codes: Mapping[str, Collection[str]] = field(default_factory=dict)


def choices_of(catalogue: Catalogue) -> Choices:
    """What the definitions let somebody choose."""
    return Choices(
        {
            "kind": catalogue.codelist("knowledge-kinds").items,
            "licence": catalogue.codelist("licences").items,
            "language": LANGUAGES,
            "theme": catalogue.themes,
            "indicator": catalogue.indicators,
            "area": learning_areas(catalogue),
        }
    )


def learning_areas(catalogue: Catalogue) -> tuple[str, ...]:
    """The areas of learning cities: the nodes above the questions of their framework, in its order."""
    entry = catalogue.frameworks.get(AREAS_OF)
    if entry is None:
        return ()
    nodes = entry.framework.nodes
    within = {child.code for node in nodes for child in node.children if child in nodes}
    return tuple(
        node.code for node in nodes if node.code in within and not any(child in nodes for child in node.children)
    )


def checked(said: Said, choices: Choices, today: date) -> Checked:
    """What is said, in clean words. Raises `WrongKnowledge` with every fault."""
    clean = _clean(said)
    found = {**_words(clean), **_chosen(clean, choices)}
    if wrong := fault_of_link(clean.url):
        found["url"] = wrong
    dated, wrong = date_of(clean.dated)
    if wrong or (dated and dated.first > today):
        found["dated"] = wrong or Fault.DATE_FUTURE
    if found:
        raise WrongKnowledge(found)
    return Checked(clean, dated)


def clean_text(text: str) -> str:
    """Several lines of plain text: each in the normal form of Thai, empty lines as one between paragraphs."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = ("\n".join(filter(None, map(normalise, one.split("\n")))) for one in paragraphs)
    return "\n\n".join(filter(None, lines))


def _clean(said: Said) -> Said:
    values: dict[str, Any] = {name: normalise(getattr(said, name)) for name in LINES}
    values |= {name: clean_text(getattr(said, name)) for name in SUMMARIES}
    values |= {name: tuple(dict.fromkeys(getattr(said, name))) for name in ("theme", "indicator", "area")}
    return replace(said, **values, url=said.url.strip())


def _words(said: Said) -> dict[str, Fault]:
    found = {name: Fault.MISSING for name in ("title_th", "summary_th", "creator") if not getattr(said, name)}
    lengths = {**dict.fromkeys(LINES, LONGEST_LINE), **dict.fromkeys(SUMMARIES, LONGEST_SUMMARY)}
    return found | faults_of_text({name: getattr(said, name) for name in lengths}, lengths)


def faults_of_text(texts: Mapping[str, str], lengths: Mapping[str, int]) -> dict[str, Fault]:
    """Texts that are too long or hold HTML, by name."""
    found: dict[str, Fault] = {}
    for name, text in texts.items():
        if len(text) > lengths[name]:
            found[name] = Fault.LONG
        elif MARKUP.search(text):
            found[name] = Fault.MARKUP
    return found


def fault_of_link(url: str) -> Fault | None:
    """What is wrong with an address; nothing where none is given."""
    wrong = fault_of_address(url) if url else None
    return (Fault.LONG if wrong == AddressFault.URL_LONG else Fault.ADDRESS) if wrong else None


def _chosen(said: Said, choices: Choices) -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    for name in ("kind", "licence", "language"):
        code = getattr(said, name)
        if code not in choices.codes[name]:
            found[name] = Fault.UNKNOWN if code else Fault.MISSING
    for name in ("theme", "indicator", "area"):
        codes = getattr(said, name)
        if any(code not in choices.codes[name] for code in codes):
            found[name] = Fault.UNKNOWN
        elif len(codes) > MOST_TAGS:
            found[name] = Fault.TOO_MANY
    return found


DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def date_of(written: str) -> tuple[ReadDate | None, Fault | None]:
    """A date in either era as people write it, the day first or the year first; both None where nothing is written."""
    written = arabic_digits(written).strip()
    if not written:
        return None, None
    turned = DAY_FIRST.fullmatch(written)
    try:
        return read_date("-".join(reversed(turned.groups())) if turned else written), None
    except Invalid:
        return None, Fault.DATE_WRONG
