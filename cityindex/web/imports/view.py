"""What a page about an uploaded file shows, and what its reader may do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.errors import Problem
from cityindex.queries.observations.uploads import UploadRecord
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import named_places
from cityindex.services.accounts.roles import Permission
from cityindex.services.observations.upload_preview import Change, Preview
from cityindex.web.filters import number, translated
from cityindex.web.filters import period as period_words
from cityindex.web.imports.words import in_words, problem_in_words
from cityindex.web.permissions import may, reach, require
from cityindex.web.reader import reader
from cityindex.web.session import application
from cityindex.web.words import unit_short, value

SHOWN_PROBLEMS = 200
STATES: Mapping[str, Any] = {
    "checked": lazy_gettext("looked at, not confirmed"),
    "confirmed": lazy_gettext("confirmed, waits for a decision"),
    "accepted": lazy_gettext("accepted and stored"),
    "returned": lazy_gettext("returned"),
    "withdrawn": lazy_gettext("withdrawn"),
}
DEEDS: Mapping[str, Any] = {
    "checked": lazy_gettext("uploaded"),
    "confirmed": lazy_gettext("confirmed"),
    "accepted": lazy_gettext("accepted and stored"),
    "returned": lazy_gettext("returned"),
    "withdrawn": lazy_gettext("withdrawn"),
}
NEEDED: Mapping[str, Permission] = {
    "prepare": Permission.ANSWER,
    "confirm": Permission.APPROVE_ASSESSMENT,
    "accept": Permission.ACCEPT_OBSERVATIONS,
}
"""What a deed about the figures of a place needs there. An analyst's own figures need `UPLOAD_OBSERVATIONS` alone."""


@dataclass(frozen=True, slots=True)
class DeskPlace:
    """A place whose figures the reader may bring in."""

    id: int
    code: str
    place_type: str
    name_th: str
    name_en: str | None


@dataclass(frozen=True)
class Desk:
    """What the reader may do here at all."""

    account_id: int
    places: tuple[DeskPlace, ...]
    anywhere: bool
    """As an analyst: figures of any place, stored at confirmation."""
    decides: bool

    @property
    def uploads(self) -> bool:
        return self.anywhere or bool(self.places)


@dataclass(frozen=True)
class Line:
    """A value that would be stored, in words."""

    change: Change
    place: Named | None
    name: str
    unit: str
    before: str
    after: str


@dataclass(frozen=True)
class View:
    """A preview in the words of the page."""

    preview: Preview
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]
    lines: tuple[Line, ...]
    indicators: Sequence[Mapping[str, Any]]
    places: Sequence[Named]


def desk() -> Desk:
    """What whoever reads may do."""
    known = reader()
    everywhere = reach(Permission.UPLOAD_OBSERVATIONS).everywhere
    held = known.account.grants if known else ()
    own = {
        one.place_id: DeskPlace(one.place_id, one.place or "", one.place_type or "", one.name_th or "", one.name_en)
        for one in held
        if one.place_id is not None and one.role in ("editor", "approver")
    }
    decides = bool(reach(Permission.ACCEPT_OBSERVATIONS))
    return Desk(known.account.id if known else 0, tuple(own.values()), everywhere, decides)


def may_do(record: UploadRecord, deed: str) -> int:
    """Whoever reads, by account, who may do `deed` about an upload. Raises `NotFound` or `Forbidden`."""
    if record.place is not None:
        return require(NEEDED[deed], place=record.place).account.id
    known = reader()
    assert known is not None  # noqa: S101 (the page has asked)
    return known.account.id


def offers(record: UploadRecord, deed: str) -> bool:
    """Whether the page shows the button of a deed."""
    known = reader()
    if known is None:
        return False
    if record.place is None:
        return deed != "accept"
    own = {event.account_id for event in record.events}
    return may(NEEDED[deed], record.place) and not (deed == "accept" and known.account.id in own)


def shown(session: Session, preview: Preview) -> View:
    """A preview in the words of the page."""
    codes = {change.place for change in preview.changes} | set(preview.places[:SHOWN_PROBLEMS])
    named = named_places(session, codes=sorted(codes)) if codes else {}
    return View(
        preview=preview,
        problems=tuple(map(problem_in_words, preview.problems)),
        warnings=tuple(map(problem_in_words, preview.warnings)),
        notes=tuple(map(in_words, preview.notes)),
        lines=tuple(_line(change, named.get(change.place)) for change in preview.changes),
        indicators=[_indicator(row) for row in preview.by_indicator],
        places=list(named.values()),
    )


def _line(change: Change, place: Named | None) -> Line:
    entry = application().catalogue.indicator(change.indicator)
    before = _amount(change.before, entry) if change.revised else ""
    return Line(change, place, translated(entry.name), unit_short(entry), before, _amount(change.value, entry))


def _indicator(row: Mapping[str, Any]) -> Mapping[str, Any]:
    entry = application().catalogue.indicator(row["indicator"])
    kind = entry.indicator.period or "calendar-year"
    words = {"name": translated(entry.name), "unit": unit_short(entry), "when": period_words(row["period"], kind)}
    return {**row, **words}


def _amount(amount: float | None, entry: IndicatorEntry) -> str:
    """A figure with all that tells it from the one before; the decimals of the indicator may hide the difference."""
    if amount is None:
        return gettext("no value")
    shortened = value(amount, entry)
    return (
        shortened
        if float(shortened.replace(",", "").replace("\u2212", "-")) == amount
        else number(amount, _decimals(amount))
    )


def _decimals(amount: float) -> int:
    return len(f"{amount:.15g}".partition(".")[2]) if "e" not in f"{amount:.15g}" else 6
