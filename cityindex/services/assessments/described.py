"""What is said of evidence: a name, a note, dates, an address; and what can be wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from cityindex.calendars import read_date
from cityindex.errors import Invalid, WrongFields
from cityindex.thai import arabic_digits

LONGEST_NAME, LONGEST_NOTE, LONGEST_URL = 200, 2000, 2000
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Fault(StrEnum):
    """What can be wrong with what is said of evidence."""

    NAME_MISSING = "name-missing"
    NAME_LONG = "name-long"
    NOTE_LONG = "note-long"
    DATE_WRONG = "date-wrong"
    DATE_FUTURE = "date-future"
    VALID_BEFORE = "valid-before"
    URL_MISSING = "url-missing"
    URL_WRONG = "url-wrong"
    URL_SCHEME = "url-scheme"
    URL_PASSWORD = "url-password"  # noqa: S105 (a fault, no password)
    URL_LONG = "url-long"
    TOO_MUCH = "too-much"
    """With this file, those of the assessment are larger together than they may be."""


_ENGLISH: Mapping[Fault, tuple[str, str]] = {
    Fault.NAME_MISSING: ("there is no name", "say in a few words what it is"),
    Fault.NAME_LONG: ("the name is too long", f"write {LONGEST_NAME} characters at most"),
    Fault.NOTE_LONG: ("the note is too long", f"write {LONGEST_NOTE:,} characters at most"),
    Fault.DATE_WRONG: ("this is not a day", "write a day such as 30/9/2568 or 2025-09-30"),
    Fault.DATE_FUTURE: ("the date lies in the future", "write the date that the document bears"),
    Fault.VALID_BEFORE: ("it ends before it begins", "write a day after the date of the document"),
    Fault.URL_MISSING: ("there is no address", "copy it from the address bar"),
    Fault.URL_WRONG: ("this is not an address of a page", "copy it from the address bar"),
    Fault.URL_SCHEME: ("only pages on the web can be linked", "write an address with https:// or http://"),
    Fault.URL_PASSWORD: ("the address holds a password", "write it without"),
    Fault.URL_LONG: ("the address is too long", f"write {LONGEST_URL:,} characters at most"),
    Fault.TOO_MUCH: ("the files of this assessment are too large together", "remove one, or hand in a smaller one"),
}


class WrongEvidence(WrongFields):
    """What is said of evidence cannot be. `faults` are by field: name, note, dated, valid_until, url, file."""

    english = _ENGLISH


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of a file or link. `dated` is the date that the document itself bears."""

    name: str = ""
    note: str = ""
    dated: date | None = None
    valid_until: date | None = None


def read_day(text: str) -> date | None:
    """The day that a form sends (`2025-09-30`) or somebody writes (`30/9/2568`); None for none. Raises `Invalid`."""
    written = arabic_digits(text).strip()
    if not written:
        return None
    turned = DAY_FIRST.fullmatch(written)
    read = read_date("-".join(reversed(turned.groups())) if turned else written)
    if read.precision != "day":
        raise Invalid(f"«{text}» is not a day: write one such as 30/9/2568")
    return read.first


def checked(said: Described, today: date, faults: Mapping[str, Fault] | None = None) -> Described:
    """What is said, in clean words. Raises `WrongEvidence` with every fault, those found before among them."""
    clean = Described(_clean(said.name), said.note.strip(), said.dated, said.valid_until)
    found = {**(faults or {}), **_faults(clean, today)}
    if found:
        raise WrongEvidence(found)
    return clean


def _faults(said: Described, today: date) -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    if not said.name:
        found["name"] = Fault.NAME_MISSING
    if len(said.name) > LONGEST_NAME:
        found["name"] = Fault.NAME_LONG
    if len(said.note) > LONGEST_NOTE:
        found["note"] = Fault.NOTE_LONG
    if said.dated and said.dated > today:
        found["dated"] = Fault.DATE_FUTURE
    if said.dated and said.valid_until and said.valid_until < said.dated:
        found["valid_until"] = Fault.VALID_BEFORE
    return found


def fault_of_address(url: str) -> Fault | None:
    """What is wrong with the address of a link; it is opened by readers, never by this program."""
    if not url:
        return Fault.URL_MISSING
    if len(url) > LONGEST_URL:
        return Fault.URL_LONG
    try:
        parts = urlsplit(url)
        host, port_is_fine = parts.hostname, parts.port is None or parts.port > 0
    except ValueError:
        return Fault.URL_WRONG
    if SCHEME.match(url) and parts.scheme not in ("http", "https"):
        return Fault.URL_SCHEME
    if not parts.scheme or not host or not port_is_fine or not url.isprintable() or " " in url or "\\" in url:
        return Fault.URL_WRONG
    return Fault.URL_PASSWORD if parts.username or parts.password else None


def _clean(name: str) -> str:
    """Without marks that nobody sees or that turn letters around."""
    kinds = {one: unicodedata.category(one) for one in set(name)}
    seen = "".join(" " if kinds[one] in ("Cc", "Zl", "Zp") else one for one in name if kinds[one] != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())
