"""The form that publishes one or several runs, now or at a moment: what it asks, reads, and finds wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request
from flask_babel import gettext

from cityindex.calendars import BUDDHIST_OFFSET, FIRST_BUDDHIST_YEAR, THAILAND
from cityindex.errors import Conflict
from cityindex.models import now
from cityindex.queries.accounts.administration import Changes, RunRow, rank_changes
from cityindex.queries.runs.editions import Note
from cityindex.queries.runs.previews import objections
from cityindex.services.runs.publication import LONGEST_NOTE, PROVISIONAL, Terms
from cityindex.services.runs.releases import FURTHEST, Approved
from cityindex.web.forms import given
from cityindex.web.session import database

AT = "at"
HALVES = {"what_th": "why_th", "why_th": "what_th", "what_en": "why_en", "why_en": "what_en"}


@dataclass(frozen=True, slots=True)
class Item:
    """A run that is to be published, the edition in force, and what readers would see change."""

    run: RunRow
    title: str
    before: RunRow | None
    before_note: Note
    changes: Changes
    unanswered: int
    """Objections of places that are not answered yet."""

    @property
    def note_needed(self) -> bool:
        """Readers are told why an edition is replaced; of a provisional one they know that it will be."""
        return self.before is not None and self.before_note.mark != PROVISIONAL

    @property
    def refused(self) -> bool:
        """Nothing is scored or ranked in it."""
        said = self.run.summary
        return not said["scored"] or (not said["ranked"] and "rank" in said["order"])


def item(run: RunRow, title: str, before: RunRow | None, note: Note) -> Item:
    changes = rank_changes(database(), before.id if before else None, run.id)
    waiting = sum(one.accepted is None for one in objections(database(), run=run.id))
    return Item(run, title, before, note, changes, waiting)


def require_shown(items: Sequence[Item]) -> None:
    """Somebody else may have published in the meantime: then what was shown is no longer what would happen."""
    for one in items:
        if given(f"before-{one.run.id}") != (str(one.before.id) if one.before else ""):
            raise Conflict("another edition is in force than the one that was shown")


def approved(items: Sequence[Item]) -> list[Approved]:
    """The runs with what is said of them, from a form in which nothing is wrong."""
    return [Approved(one.run.id, one.before.id if one.before else None, _terms(one)) for one in items]


def wrong_in(items: Sequence[Item]) -> dict[str, str]:
    """What is wrong with the form that was sent, by field; empty where nothing is."""
    found: dict[str, str] = {}
    for one in items:
        found |= {} if one.refused else _wrong_note(one)
    if given("when") == "later":
        words = _wrong_moment()
        found |= {AT: words} if words else {}
    return found


def moment() -> datetime | None:
    """The moment to publish at; None for now, and for one that cannot be read. A year of either era may be given."""
    if given("when") != "later":
        return None
    text = given(AT).strip()
    year, _, rest = text.partition("-")
    if year.isascii() and year.isdecimal() and len(year) == 4 and int(year) >= FIRST_BUDDHIST_YEAR:
        text = f"{int(year) - BUDDHIST_OFFSET}-{rest}"
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=THAILAND).astimezone(UTC)
    except ValueError:
        return None


def _terms(one: Item) -> Terms:
    mark, words = _said(one, "mark"), {name: _said(one, name) for name in HALVES}
    return Terms(mark, **words) if one.before else Terms(mark)


def _said(one: Item, name: str) -> str:
    return given(f"{name}-{one.run.id}").strip()


def _wrong_note(one: Item) -> dict[str, str]:
    found = {}
    for name, other in HALVES.items() if one.before else ():
        text, half = _said(one, name), _said(one, other)
        needed = name.endswith("_th") and (one.note_needed or _said(one, name.replace("_th", "_en")))
        if len(text) > LONGEST_NOTE:
            found[f"{name}-{one.run.id}"] = gettext("Take at most %(count)s characters.", count=LONGEST_NOTE)
        elif not text and needed:
            found[f"{name}-{one.run.id}"] = gettext("Readers need this in Thai: what changed, and why.")
        elif not text and half:
            found[f"{name}-{one.run.id}"] = gettext("Write both what changed and why, or neither.")
    return found


def _wrong_moment() -> str:
    at = moment()
    if at is None:
        return gettext("Give a day and a time.")
    if not now() < at < now() + FURTHEST:
        return gettext("This moment is over, or further away than two years. Choose another one.")
    return ""


def chosen_runs() -> list[int]:
    """The runs that the address names, each once, in their order; what is no number is left out."""
    named = request.args.getlist("run")
    return list(dict.fromkeys(int(one) for one in named if one.isascii() and one.isdecimal() and len(one) < 10))
