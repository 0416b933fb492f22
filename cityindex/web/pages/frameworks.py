"""Frameworks: the list, the ranking of an edition, and an edition as files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex import calendars
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.places.places import provinces
from cityindex.queries.places.programmes import members_by_programme
from cityindex.queries.runs.edition_facts import edition_facts
from cityindex.queries.runs.editions import Edition, current_editions, run_record, standing_edition
from cityindex.queries.runs.rank_changes import edition_changes, rank_steps
from cityindex.queries.runs.scores import Wanted, ranking
from cityindex.web import words
from cityindex.web.caching import A_YEAR
from cityindex.web.data_catalogue.markup import of_edition
from cityindex.web.editions.catalogue_files import catalogue_taken
from cityindex.web.editions.contribution_strip import Strip
from cityindex.web.editions.files import edition_files
from cityindex.web.editions.ranking_files import Since, taken_of, with_figure
from cityindex.web.editions.shown_editions import shown_editions
from cityindex.web.editions.structure import structure
from cityindex.web.editions.view import FORMATS, citations, downloads, entry_of, name_of, pointed, score_figure
from cityindex.web.filters import translated
from cityindex.web.links import Sorting, here, map_link, page_links
from cityindex.web.places.chosen import chosen_places
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

frameworks = Blueprint("frameworks", __name__)

ROWS = 100
REGIONS = "regions"
GROUPS = {"region": REGIONS, "population_band": "population-bands"}
"""What a ranking is filtered by, where it is among the peers of a framework, with the lists of their codes."""
UPWARD = frozenset({"rank", "name"})
"""Columns that begin with their lowest values."""


class RankingArguments(Schema):
    """What an address of a ranking may ask for."""

    class Meta:
        unknown = EXCLUDE

    type = fields.String(load_default="")
    province = fields.String(load_default="", validate=validate.Length(max=10))
    region = fields.String(load_default="", validate=validate.Length(max=64))
    population_band = fields.String(load_default="", validate=validate.Length(max=64))
    programme = fields.String(load_default="")
    q = fields.String(load_default="", validate=validate.Length(max=100))
    sort = fields.String(load_default="rank", validate=validate.Length(max=100))
    order = fields.String(load_default="", validate=validate.OneOf(["", "asc", "desc"]))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@frameworks.get("/frameworks/")
def index() -> ResponseReturnValue:
    editions = current_editions(database())
    taken = catalogue_taken(editions, "frameworks", url_for("frameworks.index"))
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    by_framework: dict[str, list[Edition]] = {code: [] for code in application().catalogue.frameworks}
    for one in editions:
        by_framework.setdefault(one.framework, []).append(one)
    listed = [(name_of(code, those), those) for code, those in by_framework.items()]
    return render_template("pages/frameworks/index.html", listed=listed, structure=structure, taken=taken)


@frameworks.get("/frameworks/<code>")
def current(code: str) -> ResponseReturnValue:
    """The latest edition; its lasting address is the one with the period."""
    editions = shown_editions(code)
    entry = name_of(code, editions)
    if not editions:
        return render_template("pages/frameworks/unpublished.html", entry=entry, tree=structure(entry))
    return _edition_page(editions[0], editions)


@frameworks.get("/frameworks/<code>/<int:period>")
def edition(code: str, period: int) -> ResponseReturnValue:
    if period >= calendars.FIRST_BUDDHIST_YEAR:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        there = url_for("frameworks.edition", code=code, period=calendars.common_year(period))
        return redirect(there + query, 301)
    editions = shown_editions(code)
    found = next((one for one in editions if one.period == period), None)
    if found is None:
        raise NotFound(f"{code} is not published for {period}")
    return _edition_page(found, editions)


@frameworks.get("/frameworks/<code>/<int:period>/download/<int:run>.<kind>")
def download(code: str, period: int, run: int, kind: str) -> Response:
    """An edition as a file. The address names the run, so what it gives never changes."""
    media = {name: media for name, _, media in FORMATS}
    if kind not in media:
        raise NotFound(f"editions are not given as {kind}")
    found = standing_edition(database(), code, period, run)
    suffix = kind.replace("sdmx-csv", "sdmx.csv")
    response = send_file(
        edition_files.path(found, kind),
        mimetype=media[kind],
        as_attachment=True,
        download_name=f"{code}-{period}-run{run}.{suffix}",
        conditional=True,
        etag=f"{code}-{period}-{run}-{kind}",
        last_modified=found.made_at,
    )
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def _edition_page(found: Edition, editions: tuple[Edition, ...]) -> ResponseReturnValue:
    entry = entry_of(found)
    tree = structure(entry)
    chosen = chosen_places(request.args.getlist("place"))
    arguments = {**checked(RankingArguments(), request.args), "place": chosen.codes}
    sorting = _sorting(arguments)
    wanted = _wanted(arguments, sorting)
    page = ranking(database(), found.run, wanted)
    pages = max(-(-page.total // ROWS), 1)
    if arguments["page"] > pages:
        raise NotFound(f"the ranking has {pages} pages")
    run = run_record(database(), found.run)
    facts = edition_facts(database(), run, entry.framework.scale)
    before = next((one for one in editions if one.period < found.period), None)
    mine = Wanted(places=tuple(one.id for one in chosen.places))
    own = ranking(database(), found.run, mine).rows if chosen.places else ()
    steps = rank_steps(database(), found, before) if before else {}
    figure = score_figure(entry, found, facts, pointed(own))
    drawn = (lambda: str(figure)) if figure else None
    taken = with_figure(taken_of(entry, found, wanted, Since(before, steps) if before else None, arguments), drawn)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/frameworks/edition.html",
        taken=taken,
        entry=entry,
        tree=tree,
        edition=found,
        run=run,
        facts=facts,
        changes=edition_changes(database(), found, before) if before else None,
        before=before,
        steps=steps,
        chosen=chosen,
        own=own,
        strip=Strip.of(tree, entry.framework.scale),
        here=partial(here, arguments),
        frozen=bool(entry.framework.uncertainty) and run.summary.get("uncertainty") is None,
        editions=editions,
        ranking=page,
        arguments=arguments,
        filtered=any(arguments[name] for name in ("type", "province", "region", "population_band", "programme", "q")),
        sorting=sorting,
        pages=pages,
        page_link=page_links(arguments),
        figure=figure,
        downloads=downloads(found),
        structured=of_edition(entry, found),
        citations=citations(entry, found),
        map_link=map_link(found.framework, tree.index.code, found.period),
        **_choices(entry),
        **_row_words(entry),
    )


def _row_words(entry: FrameworkEntry) -> dict[str, Any]:
    """What a table of a hundred rows looks up again and again, made once."""
    low, high = entry.framework.scale
    types = application().catalogue.codelist("place-types").items
    return {
        "profile": url_for("places.profile", code="_")[:-1],
        "type_names": {code: translated(item.name) for code, item in types.items()},
        "band_names": {code: translated(name) for code, name in entry.band_names.items()},
        "flag_words": {flag: str(said) for flag, said in words.FLAGS.items()},
        "no_data_words": gettext("no data"),
        "peer_words": gettext("(%(rank)s of %(size)s)"),
        "demo_tag": Markup('<span class="tag demo">{}</span>').format(gettext("demo")),
        "share": lambda value: round(100 * (value - low) / (high - low), 1),
        "sorts": _sorts(entry),
    }


def _sorts(entry: FrameworkEntry) -> list[tuple[str, str]]:
    fixed = (("rank", gettext("Rank")), ("name", gettext("Name")), ("coverage", gettext("Figures there")))
    return [*fixed, *((domain.code, translated(domain.name)) for domain in structure(entry).domains)]


def _wanted(arguments: Mapping[str, Any], sorting: Sorting) -> Wanted:
    place_type = application().catalogue.place_type(arguments["type"]) if arguments["type"] else None
    if arguments["programme"]:
        application().catalogue.programme(arguments["programme"])
    region = arguments["region"]
    for name, codelist in GROUPS.items():
        if arguments[name] and arguments[name] not in application().catalogue.codelist(codelist).items:
            raise NotFound(f"there is no group {arguments[name]} in {codelist}")
    return Wanted(
        place_type=place_type,
        province=arguments["province"] or None,
        programme=arguments["programme"] or None,
        provinces=application().catalogue.codelist(REGIONS).items[region].members if region else (),
        groups=(("population_band", arguments["population_band"]),) if arguments["population_band"] else (),
        search=arguments["q"],
        sort=sorting.by,
        descending=sorting.descending,
        limit=ROWS,
        offset=ROWS * (arguments["page"] - 1),
    )


def _sorting(arguments: Mapping[str, Any]) -> Sorting:
    by = arguments["sort"]
    descending = arguments["order"] == "desc" if arguments["order"] else by not in UPWARD
    return Sorting(arguments, by, descending, UPWARD)


def _choices(entry: FrameworkEntry) -> dict[str, Any]:
    """What the filter of a ranking offers."""
    catalogue = application().catalogue
    types = catalogue.codelist("place-types").items
    members = members_by_programme(database())
    return {
        "groups": {
            name: [(code, translated(item.name)) for code, item in catalogue.codelist(codelist).items.items()]
            for name, codelist in GROUPS.items()
            if name in entry.framework.peers
        },
        "types": [(code, translated(types[code].name)) for code in entry.framework.places or types],
        "provinces": [(one.code, translated(one)) for one in provinces(database())],
        "programmes": [(code, translated(one.name)) for code, one in catalogue.programmes.items() if members.get(code)],
    }
