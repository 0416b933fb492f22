"""A person's data as it is shown: tables and columns in words, with what each is and how long it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from cityindex.definitions.catalogue import Text
from cityindex.queries.places.directory import directory
from cityindex.services.accounts.personal_data import NOT_SHOWN
from cityindex.web.assessments.deeds import deed_name, role_name
from cityindex.web.filters import show_date, show_time, translated
from cityindex.web.own_data_columns import COLUMNS
from cityindex.web.own_data_words import KEEPING, TABLES, Keeping, Kept
from cityindex.web.page import full_name
from cityindex.web.session import application, database

SHOWN = 5
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
Found = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """A table of the export. `rows` are its first few, each as (heading, value) without what is empty."""

    code: str
    words: Kept | None
    keeping: str
    count: int
    rows: Sequence[Sequence[tuple[str, str]]]


def tables_of(found: Found) -> list[Shown]:
    """The export for the page, in the language of the reader."""
    return [_shown(code, rows) for code, rows in found["tables"].items()]


def legend_of(found: Found) -> dict[str, Any]:
    """What stands in the file, in both languages: its keys stay as they are, whatever they are called."""
    columns = sorted({name for rows in found["tables"].values() for row in rows for name in row})
    return {
        "tables": {code: _told(TABLES[code]) for code in found["tables"] if code in TABLES},
        "columns": {name: _both(COLUMNS[name]) for name in columns if name in COLUMNS},
    }


def _shown(code: str, rows: Sequence[Mapping[str, Any]]) -> Shown:
    words = TABLES.get(code)
    keeping = translated(kept_for(words.keeping)) if words else ""
    return Shown(code, words, keeping, len(rows), [_row(row) for row in rows[:SHOWN]])


def _row(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    filled = {name: value for name, value in row.items() if value is not None and value != ""}
    return [(translated(COLUMNS.get(name, name)), _value(name, value)) for name, value in filled.items()]


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value == NOT_SHOWN:
        return gettext("kept, and shown to nobody")
    if name in WORDED:
        return WORDED[name](value)
    text = str(value)
    return _moment(text) if MOMENT.fullmatch(text) else text


def _place(number: int) -> str:
    place = directory(database()).named.get(number)
    return full_name(place) if place else str(number)


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{show_date(at)}, {show_time(at)}" if "T" in text else show_date(at.date())


WORDED: Mapping[str, Callable[[Any], str]] = {"place_id": _place, "action": deed_name, "role": role_name}
"""Columns whose values have words, too."""


def _told(kept: Kept) -> dict[str, dict[str, str]]:
    return {"name": _both(kept.name), "what": _both(kept.what), "kept": _both(kept_for(kept.keeping))}


def _both(words: Text) -> dict[str, str]:
    return {"th": words.th, "en": words.en}


def kept_for(keeping: Keeping) -> Text:
    """How long, with the days that are set here."""
    settings, words = application().settings, KEEPING[keeping]
    days = {"accounts": f"{settings.keep_accounts_days:,}", "letters": f"{settings.keep_letters_days:,}"}
    return Text(words.th.format(**days), words.en.format(**days))
