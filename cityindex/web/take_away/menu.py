"""Take it with you: every view as files, pictures, a lasting address, an embed, citations and programs.

A page builds one `TakeAway` of what it shows and does

    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)

before it renders; it passes `taken` to its template, which imports `macros/take_away.html` and writes
`{{ take_away.menu(taken) }}`. With `taken` in the context, the page also has its preview for other sites (Open Graph).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext
from markupsafe import Markup

from cityindex import calendars
from cityindex.charts.frames import Picture, Words, framed
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.formats.taken import WRITERS, Column, Fact, TakenTable
from cityindex.models import now
from cityindex.queries.places.place_shapes import Shapes, shapes_of
from cityindex.queries.runs.editions import Edition
from cityindex.web.caching import A_YEAR
from cityindex.web.editions.shown_editions import names_run, run_is_named
from cityindex.web.errors import answer
from cityindex.web.filters import both_eras, translated
from cityindex.web.language import language
from cityindex.web.page import linked
from cityindex.web.security import embeddable
from cityindex.web.session import application, database
from cityindex.web.stories.state import VIEWS
from cityindex.web.take_away import snippets
from cityindex.web.take_away.citing import Cited, bibtex, citation
from cityindex.web.take_away.figure_style import standalone_style
from cityindex.web.take_away.pictures import CARD, CARD_SCALE, png_of
from cityindex.web.take_away.words import (
    address,
    api_address,
    boundary_words,
    demo_words,
    edition_words,
    facts,
    file_name,
    source_line,
)

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "xlsx": ("Excel (.xlsx)", SPREADSHEET),
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "geojson": ("GeoJSON", "application/geo+json"),
    "gpkg": ("GeoPackage", "application/geopackage+sqlite3"),
    "png": ("PNG", "image/png"),
    "svg": ("SVG", "image/svg+xml"),
    "py": ("Python", "text/x-python"),
    "r": ("R", "text/x-r"),
    "bib": ("BibTeX", "text/x-bibtex"),
}
"""In the order of the menu: for people first, then for programs."""
EMBED, PREVIEW = "embed", "preview"
GEOGRAPHIC, PICTURES = ("geojson", "gpkg"), ("png", "svg", EMBED, PREVIEW)


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        view_address=address,
        api_address=api_address,
        names_run=names_run,
        preview_words=both_eras,
        view_citations=citations,
        embed_code=embed_code,
        story_link=story_link,
        snippet=snippet,
        format_label=lambda code: FORMATS[code][0],
    )


@dataclass(frozen=True, slots=True)
class TakeAway:
    """A view as it may be taken away. Words are in the reader's language; citations need `title` in both.

    - `name`: what files are called, without ending: letters, digits and hyphens, such as `local-capacity-2023`.
    - `address`: this page with its checked arguments (`links.here(arguments)`), never with what was not checked.
    - `columns`, `rows`: the table behind the view, whole and in full precision; `rows` is called when a file is made.
      A missing cell is None. Scores carry rank, interval and coverage, values their unit and status.
    - `unit`, `source`, `licence`, `status`, `coverage`: lines that every file says. With `edition` and `entry`, source
      and licence need not be given. `periods` are years of the common era, `kind` is `fiscal-year` or `calendar-year`.
    - `edition`, `entry`: what the view is of, where it is one edition (from `shown_editions`, so that the run that a
      permalink names is heeded).
    - `figure`: makes the picture of the view, an SVG of `charts` or `maps` with its `<title>`.
      `card` makes the figure and key of the preview, where the legend within `figure` would be too small there.
      `key` pairs CSS classes of its colours with words, for a figure without a legend inside; `sheets` names more style
      sheets than `figures` whose `@layer figures` it needs.
    - `places`: the code of the column that holds codes of places; with it there are GeoJSON and GeoPackage.
    - `api`: the path of the same values under `/api/v1/`, with its query; `embed`: a path that may be framed, for a
      view with an embed of its own (the map); others with a figure have one by `format=embed`.
    """

    name: str
    address: str
    title: Text
    columns: Sequence[Column]
    rows: Callable[[], Iterable[Sequence[Any]]]
    unit: str = ""
    periods: Sequence[int] = ()
    kind: str = "fiscal-year"
    source: str = ""
    licence: str = ""
    status: str = ""
    coverage: str = ""
    edition: Edition | None = None
    entry: FrameworkEntry | None = None
    demo: bool = False
    figure: Callable[[], str] | None = None
    key: Sequence[tuple[str, str]] = ()
    card: Callable[[], tuple[str, Sequence[tuple[str, str]]]] | None = None
    sheets: Sequence[str] = ()
    places: str = ""
    api: str = ""
    embed: str = ""

    @property
    def formats(self) -> tuple[str, ...]:
        """What this view is offered as."""
        return tuple(code for code in FORMATS if _offered(self, code))


def taken_as(taken: TakeAway, wanted: str) -> Response:
    """The answer that gives a view in a format; a page with status 400 that names the formats for any other."""
    if not _offered(taken, wanted):
        return _no_such_format(taken)
    if wanted == EMBED:
        return _embed(taken)
    if wanted == PREVIEW:
        return _kept(Response(png_of(_picture(taken, CARD), CARD_SCALE), mimetype="image/png"), taken)
    response = Response(_body(taken, wanted), mimetype=FORMATS[wanted][1])
    response.headers.set("Content-Disposition", "attachment", filename=f"{file_name(taken)}.{wanted}")
    return _kept(response, taken)


def citations(taken: TakeAway) -> list[tuple[str, str]]:
    """Language and citation, in both languages, whatever the language of the page."""
    cited = _cited(taken)
    return [(code, citation(cited, code)) for code in ("th", "en")]


def bib(taken: TakeAway) -> str:
    return bibtex(_cited(taken), file_name(taken))


def embed_code(taken: TakeAway) -> str:
    """The element that shows a view on another site; empty where it may not be framed."""
    own = replace(taken, address=taken.embed)
    url = address(own) if taken.embed else address(taken, EMBED) if taken.figure else ""
    if not url:
        return ""
    return render_template("partials/iframe.html", url=url, title=translated(taken.title)).strip()


def snippet(taken: TakeAway, wanted: str) -> str:
    """A program in Python (`py`) or R (`r`) that reads the view again."""
    said = {fact.code: fact.said for fact in facts(taken)}
    heading = [said.get(code, "") for code in ("title", "edition", "source", "licence", "demo", "retrieved_from")]
    write = snippets.python if wanted == "py" else snippets.r
    return write(address(taken, "csv"), _columns(taken), heading)


def story_link(taken: TakeAway) -> str:
    """Where a view is added to a story; empty where this site has no stories, or none of such views."""
    return linked("story.index", add=taken.address) if request.blueprint in VIEWS else ""


def _offered(taken: TakeAway, wanted: str) -> bool:
    if wanted in GEOGRAPHIC:
        return bool(taken.places)
    return taken.figure is not None if wanted in PICTURES else wanted in FORMATS


def _body(taken: TakeAway, wanted: str) -> str | bytes:
    if wanted == "svg":
        return _picture(taken).svg
    if wanted == "png":
        return png_of(_picture(taken), scale=2)
    if wanted in ("py", "r"):
        return snippet(taken, wanted)
    return bib(taken) if wanted == "bib" else WRITERS[wanted](_table(taken, geometry=wanted in GEOGRAPHIC))


def _table(taken: TakeAway, *, geometry: bool) -> TakenTable:
    rows = [_stamped(taken, row) for row in taken.rows()]
    said = facts(taken)
    columns = _columns(taken)
    if not geometry:
        return TakenTable(columns, rows, said, language())
    at = [column.code for column in columns].index(taken.places)
    shapes = shapes_of(database(), {row[at] for row in rows if row[at]})
    lines = tuple(shapes.by_code.get(row[at]) for row in rows)
    made_at = taken.edition.made_at if taken.edition else None
    return TakenTable(columns, rows, (*said, _boundary_fact(shapes)), language(), lines, made_at)


def _columns(taken: TakeAway) -> list[Column]:
    """The columns of the page, and those that mark every row: its period in both eras, and whether it is demo data."""
    known = {column.code for column in taken.columns}
    extra = [
        Column("period", "ปี ค.ศ.", "Period (common era)", "whole"),
        Column("period_be", "ปี พ.ศ.", "Period (Buddhist era)", "whole"),
        Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
    ]
    one_period = len(set(taken.periods)) == 1
    return [*taken.columns, *(one for one in extra if one.code not in known and (one.code == "demo" or one_period))]


def _stamped(taken: TakeAway, row: Sequence[Any]) -> tuple[Any, ...]:
    known = {column.code for column in taken.columns}
    marks: dict[str, Any] = {}
    if len(set(taken.periods)) == 1:
        marks = {"period": taken.periods[0], "period_be": calendars.buddhist_year(taken.periods[0])}
    marks["demo"] = taken.demo
    return (*row, *(value for code, value in marks.items() if code not in known))


def _boundary_fact(shapes: Shapes) -> Fact:
    words = [boundary_words(*one) for one in shapes.sources]
    return Fact("boundaries", gettext("Boundaries"), "; ".join(words) or gettext("none is known"))


def _picture(taken: TakeAway, size: tuple[int, int] | None = None) -> Picture:
    """The view as a picture; of a `size`, as the preview of a link, with fewer words around it."""
    figure, key = taken.figure() if taken.figure else "", taken.key
    if size and taken.card:
        figure, key = taken.card()
    foot = [edition_words(taken) or source_line(taken)]
    words = Words(
        title=translated(taken.title),
        lines=[" · ".join(part for part in (taken.unit, both_eras(taken.periods, taken.kind)) if part)],
        foot=foot if size else [source_line(taken), edition_words(taken), address(taken)],
        demo=demo_words() if taken.demo else "",
        key=key,
    )
    return framed(figure, words, standalone_style(*taken.sheets), *(size or ()))


def _embed(taken: TakeAway) -> Response:
    embeddable()
    page = render_template(
        "pages/embed.html",
        taken=taken,
        figure=Markup(taken.figure() if taken.figure else ""),  # noqa: S704 (made by our charts, which escape)
        demo_words=demo_words(),
        title=translated(taken.title),
        period=both_eras(taken.periods, taken.kind),
        source=source_line(taken),
        edition=edition_words(taken),
        back=address(taken),
    )
    return _kept(make_response(page), taken)


def _kept(response: Response, taken: TakeAway) -> Response:
    """What names its run never changes."""
    if taken.edition is not None and run_is_named(taken.edition.run):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def _no_such_format(taken: TakeAway) -> Response:
    offered = ", ".join(taken.formats)
    advice = gettext("This view is given as %(list)s. Choose one of them under “Take it with you”.", list=offered)
    return answer(400, (gettext("We do not give this view in that format"), advice))


def _cited(taken: TakeAway) -> Cited:
    edition, entry = taken.edition, taken.entry
    here = language()
    urls = {code: address(taken, code="" if code == here else code) for code in ("th", "en")}
    return Cited(
        by=application().settings.operator,
        year=(edition.published_at if edition else now()).year,
        title=taken.title,
        of=_as_of_today() if edition is None else entry.name if entry else Text("", ""),
        when=Text(*(_when(taken, code) for code in ("th", "en"))),
        edition=edition,
        urls=Text(**urls),
        demo=taken.demo,
    )


def _when(taken: TakeAway, code: str) -> str:
    """The period of a view in words, or the first and last of several; empty where it has none."""
    years = sorted(set(taken.periods))
    one = len(years) == 1
    return calendars.show_period(years[0], taken.kind, code) if one else calendars.show_years(years, code)


def _as_of_today() -> Text:
    """As of when values are that may still be revised."""
    today = now().date()
    return Text(f"ข้อมูลเมื่อ {calendars.show_date(today, 'th')}", f"as of {calendars.show_date(today, 'en')}")
