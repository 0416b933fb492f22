"""What pages, files and feeds say of releases: marks, kinds, and the note of a correction."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext, lazy_gettext

from cityindex.definitions.catalogue import Text
from cityindex.queries.runs.editions import Note
from cityindex.queries.runs.releases import Release
from cityindex.web.filters import period, translated
from cityindex.web.language import language
from cityindex.web.session import application

MARKS: Mapping[str, object] = {
    "provisional": lazy_gettext("provisional figures"),
    "final": lazy_gettext("final figures"),
}
KINDS: Mapping[str, object] = {
    "first": lazy_gettext("first edition"),
    "again": lazy_gettext("new edition, in place of run %(before)s"),
    "corrected": lazy_gettext("correction of run %(before)s"),
    "withdrawn": lazy_gettext("run %(before)s was withdrawn"),
    "back": lazy_gettext("run %(before)s was withdrawn, run %(run)s is public again"),
}


def install(app: Flask) -> None:
    app.jinja_env.globals.update(edition_mark=mark, note_words=words, note_language=spoken)


def mark(note: Note) -> str:
    """`provisional figures`; empty where nothing is said."""
    return str(MARKS.get(note.mark, ""))


def words(text: Mapping[str, str]) -> str:
    """A part of a note in the language of the reader, or in Thai where it was not written in the other."""
    return text.get(language()) or text.get("th", "")


def spoken(text: Mapping[str, str]) -> str:
    """The language that `words` is in."""
    return language() if text.get(language()) else "th"


def correction(note: Note) -> str:
    """What changed and why in one line, for files; empty where nothing was corrected."""
    if not note.what:
        return ""
    said = gettext("What changed: %(what)s – Why: %(why)s", what=words(note.what), why=words(note.why))
    of = gettext("Correction of run %(run)s", run=note.corrects)
    return f"{of}. {said}" if note.corrects else said


def kind(one: Release) -> str:
    """What a movement of what is public did."""
    code = "corrected" if one.kind == "again" and one.note.what else one.kind
    return str(KINDS[code]) % {"before": one.before, "run": one.run}


def title(framework: str, year: int) -> str:
    """`Livable city · 2023`; a framework that is no longer defined goes by its code."""
    name, what = named(framework)
    return f"{translated(name)} · {period(year, what)}"


def named(framework: str) -> tuple[Text, str]:
    """The name of a framework and the kind of its periods."""
    entry = application().catalogue.frameworks.get(framework)
    return (entry.name, entry.framework.period) if entry else (Text(framework, framework), "calendar-year")
