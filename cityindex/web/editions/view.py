"""An edition as pages show it: its framework as it was, its pictures, how to cite and download it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from cityindex import calendars
from cityindex.charts import Axis, Caption, Marker, Missing, histogram
from cityindex.definitions.canonical import entry_from_canonical
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.errors import NotFound
from cityindex.queries.runs.edition_facts import EditionFacts
from cityindex.queries.runs.editions import Edition, RunRecord, definition_of
from cityindex.queries.runs.previews import PreviewRecord
from cityindex.queries.runs.scores import RankingRow
from cityindex.web.addresses import absolute
from cityindex.web.filters import number, period, score, translated
from cityindex.web.page import full_name
from cityindex.web.session import application, database
from cityindex.web.take_away.citing import Cited, citation

TICKS = 5
FORMATS = (
    ("xlsx", "Excel (.xlsx)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("csv", "CSV", "text/csv"),
    ("geojson", "GeoJSON", "application/geo+json"),
    ("parquet", "Parquet", "application/vnd.apache.parquet"),
    ("sdmx-csv", "SDMX-CSV", "application/vnd.sdmx.data+csv; version=2.0.0"),
    ("zip", lazy_gettext("Everything (.zip)"), "application/zip"),
)
"""What an edition is offered as: for people first, then for programs."""

_old: dict[str, FrameworkEntry] = {}


@dataclass(frozen=True, slots=True)
class Citation:
    """How to name an edition in a paper, in one language."""

    language: str
    text: str


def entry_of(edition: Edition | RunRecord | PreviewRecord) -> FrameworkEntry:
    """The framework as it was when the edition was made; the one of the files where it has not changed since."""
    present = application().catalogue.frameworks.get(edition.framework)
    if present is not None and present.fingerprint == edition.definition:
        return present
    if edition.definition not in _old:
        _old[edition.definition] = entry_from_canonical(definition_of(database(), edition.definition))
    return _old[edition.definition]


def name_of(code: str, editions: Sequence[Edition]) -> FrameworkEntry:
    """A framework of the files, or one of the past that still has editions. Raises `NotFound`."""
    if code in application().catalogue.frameworks:
        return application().catalogue.frameworks[code]
    if not editions:
        raise NotFound(f"there is no framework {code}")
    return entry_of(editions[0])


def pointed(rows: Sequence[RankingRow]) -> list[Marker]:
    """Places in question with their scores, for the picture of the distribution."""
    return [
        Marker(row.index.score, f"{full_name(row)} {score(row.index.score)}", row.code)
        for row in rows
        if row.index.score is not None
    ]


def score_figure(
    entry: FrameworkEntry, edition: Edition, facts: EditionFacts, places: Sequence[Marker] = ()
) -> Markup | None:
    """How the scores of the index are spread over the scale, with where bands begin and the `places` in question."""
    if facts.median is None:
        return None
    low, high = entry.framework.scale
    unscored = edition.places - edition.scored
    ticks = [(low + i * (high - low) / TICKS, number(low + i * (high - low) / TICKS)) for i in range(TICKS + 1)]
    caption = Caption(
        gettext("Scores of %(name)s", name=translated(entry.name)),
        gettext(
            "Distribution of %(n)s places: median %(median)s; %(missing)s places without data.",
            n=number(edition.scored),
            median=score(facts.median),
            missing=number(unscored),
        ),
    )
    picture = histogram(
        facts.counts,
        Axis(
            low,
            high,
            ticks,
            gettext("score"),
            gettext("%(n)s places", n=number(max(facts.counts))),
            cuts=_cuts(entry),
            pointed=places,
        ),
        caption,
        marker=Marker(facts.median, gettext("median %(value)s", value=score(facts.median))),
        missing=Missing(unscored, number(unscored), gettext("no score")),
    )
    return Markup(picture)  # noqa: S704 (made by cityindex.charts, which escapes)


def _cuts(entry: FrameworkEntry) -> list[Marker]:
    """Where bands begin on the scale; none where a band is a share of the places."""
    bands = entry.framework.bands
    if bands is None or bands.cuts is None:
        return []
    starts = [*bands.cuts, entry.framework.scale[0]]
    return [Marker(at, translated(entry.band_names[name])) for name, at in zip(bands.names, starts, strict=True)]


def downloads(edition: Edition) -> list[tuple[str, str, str]]:
    """Label, address and note of each file of an edition; an address names the run, so the file never changes."""
    return [
        (
            str(label),
            url_for("frameworks.download", code=edition.framework, period=edition.period, run=edition.run, kind=kind),
            "",
        )
        for kind, label, _ in FORMATS
    ]


def citations(entry: FrameworkEntry, edition: Edition) -> list[Citation]:
    """The suggested citation in both languages, whatever the language of the page."""
    cited = cited_edition(entry, edition)
    return [Citation(language, citation(cited, language)) for language in ("th", "en")]


def cited_edition(entry: FrameworkEntry, edition: Edition) -> Cited:
    """What citations of a whole edition are made of."""
    kind, year = entry.framework.period, edition.period
    urls = (
        absolute(url_for("frameworks.edition", language=code, code=edition.framework, period=year, run=edition.run))
        for code in ("th", "en")
    )
    return Cited(
        by=application().settings.operator,
        year=edition.published_at.year,
        title=Text(
            f"{entry.name.th} {calendars.show_period(year, kind, 'th')}",
            f"{entry.name.en}, {calendars.show_period(year, kind, 'en')}",
        ),
        of=Text("", ""),
        when=Text("", ""),
        edition=edition,
        urls=Text(*urls),
        demo=edition.demo,
    )


def titled(entry: FrameworkEntry, edition: Edition) -> str:
    """`ดัชนีเมืองน่าอยู่ ปีงบประมาณ 2567`."""
    return f"{translated(entry.name)} {period(edition.period, entry.framework.period)}"
