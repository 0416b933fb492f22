"""What a view says of itself wherever it is taken: its address, period in both eras, source, edition, licence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from flask import g
from flask_babel import gettext

from cityindex.calendars import show_years
from cityindex.formats.taken import Fact
from cityindex.queries.runs.edition_sources import run_sources
from cityindex.web.addresses import absolute
from cityindex.web.editions.shown_editions import names_run
from cityindex.web.filters import show_date, translated
from cityindex.web.language import language
from cityindex.web.releases.words import correction, mark
from cityindex.web.session import database

if TYPE_CHECKING:
    from cityindex.web.take_away.menu import TakeAway

SCORES = "/api/v1/scores"
FINGERPRINT = 12
"""Letters of the fingerprint of boundaries, enough to tell versions apart."""


def address(taken: TakeAway, wanted: str = "", *, code: str = "") -> str:
    """The absolute address of a view, in a format where one is given; it names the run where the page heeds that.

    `code` is a language other than the reader's.
    """
    path = taken.address
    if code:
        path = path.replace(f"/{language()}/", f"/{code}/", 1)
    there = bool(parse_qs(urlsplit(path).query).get("run"))
    named = f"run={taken.edition.run}" if taken.edition and names_run() and not there else ""
    query = "&".join(part for part in (named, f"format={wanted}" if wanted else "") if part)
    return absolute(f"{path}{'&' if '?' in path else '?'}{query}" if query else path)


def api_address(taken: TakeAway) -> str:
    """Where programs read the same values; those of scores name the run as the page does."""
    if not taken.api:
        return ""
    url = urlsplit(taken.api)
    if taken.edition is None or not names_run() or url.path != SCORES:
        return absolute(taken.api)
    asked = [(name, value) for name, value in parse_qsl(url.query) if name not in ("framework", "period")]
    return absolute(f"/api/v1/runs/{taken.edition.run}/scores{'?' if asked else ''}{urlencode(asked, safe=',')}")


def facts(taken: TakeAway) -> tuple[Fact, ...]:
    """What every file of a view says of itself: codes, names and words."""
    said = [
        Fact("title", gettext("Title"), translated(taken.title)),
        Fact("unit", gettext("Unit"), taken.unit),
        Fact("period", gettext("Period"), show_years(taken.periods, "en")),
        Fact("period_be", gettext("Period (Buddhist era)"), show_years(taken.periods, "th")),
        Fact("status", gettext("Status"), taken.status),
        Fact("coverage", gettext("Coverage"), taken.coverage),
        Fact("source", gettext("Source"), taken.source or sources_of_edition(taken)),
        Fact("edition", gettext("Edition"), edition_words(taken)),
        Fact("edition_status", gettext("Status of the edition"), mark(taken.edition.note) if taken.edition else ""),
        Fact("correction", gettext("Correction"), correction(taken.edition.note) if taken.edition else ""),
        Fact("licence", gettext("Licence"), taken.licence or licence_of_edition(taken)),
        Fact("retrieved_from", gettext("Address"), address(taken)),
        Fact("demo", gettext("Demo data"), demo_words() if taken.demo else ""),
    ]
    return tuple(fact for fact in said if fact.said)


def demo_words() -> str:
    """What every file, picture and embed of demo data says."""
    return gettext("Demo data: made-up places and figures. None of this describes a real place.")


def boundary_words(source: str, since: date | None, fingerprint: str) -> str:
    """A version of boundaries in one line: where from, the day it holds from, and what names it in addresses."""
    return ", ".join(part for part in (source, since.isoformat() if since else "", fingerprint[:FINGERPRINT]) if part)


def edition_words(taken: TakeAway) -> str:
    """The edition that a view is of, in one line."""
    edition = taken.edition
    if edition is None:
        return ""
    said = gettext(
        "%(name)s, version %(version)s, run %(run)s, published %(day)s",
        name=translated(taken.entry.name) if taken.entry else edition.framework,
        version=edition.version,
        run=edition.run,
        day=show_date(edition.published_at),
    )
    return ", ".join(part for part in (said, mark(edition.note)) if part)


def sources_of_edition(taken: TakeAway) -> str:
    if taken.edition is None:
        return ""
    if "edition_sources" not in g:  # a page asks for it once for each of its snippets
        g.edition_sources = "; ".join(run_sources(database(), taken.edition.run)) or gettext("not stated")
    return str(g.edition_sources)


def licence_of_edition(taken: TakeAway) -> str:
    entries = taken.entry.indicators.values() if taken.entry else ()
    licences = {translated(one.source.licence) for one in entries if one.source and one.source.licence}
    return "; ".join(sorted(licences)) or gettext("not stated by the sources")


def source_line(taken: TakeAway) -> str:
    """Where the figures are from, in one line."""
    return gettext("Source: %(text)s", text=taken.source or sources_of_edition(taken) or gettext("not stated"))


def file_name(taken: TakeAway) -> str:
    """What files of a view are called, without ending."""
    return f"{taken.name}-run{taken.edition.run}" if taken.edition else taken.name
