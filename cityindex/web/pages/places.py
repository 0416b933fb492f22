"""Places: the list and the profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.errors import NotFound
from cityindex.formats.value_sheets import write_sheet
from cityindex.formats.value_tables import ValueLine, write_values
from cityindex.queries.observations.observations import PlaceObservation, place_observations
from cityindex.queries.places import places as queries
from cityindex.queries.places.programmes import members_by_programme
from cityindex.queries.runs.explanations import explanation
from cityindex.queries.runs.place_scores import band_shares
from cityindex.queries.runs.ways_up import ways_up
from cityindex.web.editions import explain_files
from cityindex.web.editions.change_view import since
from cityindex.web.editions.explain_view import why_of
from cityindex.web.editions.shown_editions import heed_run, opened
from cityindex.web.editions.ways_view import up_of
from cityindex.web.indicators.view import year_argument
from cityindex.web.participation import target_words
from cityindex.web.places import words as place_words
from cityindex.web.places.book import book_of
from cityindex.web.places.profile import AREAS, Profile, profile_of
from cityindex.web.places.sheet import sheet_of
from cityindex.web.places.taken import taken_of
from cityindex.web.places.view import choose, editions_of, entry_of
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as
from cityindex.web.take_away.paper import as_sheet

places = Blueprint("places", __name__)
PAGE = 50
MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class Wanted(Schema):
    """What the list may be asked for. `type` is a place type or one of its aliases."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    type = fields.String(load_default="")
    province = fields.String(load_default="")
    programme = fields.String(load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class Chosen(Schema):
    """Which edition a profile shows; by default the latest of the first framework that has one."""

    class Meta:
        unknown = EXCLUDE

    framework = fields.String(load_default="")
    period = fields.Function(deserialize=year_argument, load_default=None)


@places.get("/places/")
def index() -> str:
    wanted = checked(Wanted(), request.args)
    catalogue = application().catalogue
    if wanted["type"]:
        wanted["type"] = catalogue.place_type(wanted["type"])
    session = database()
    counts = queries.counts_by_type(session)
    search = queries.Search(
        wanted["q"], _types(wanted, counts), wanted["province"] or None, wanted["programme"] or None
    )
    found = queries.search_places(session, search, limit=PAGE, offset=PAGE * (wanted["page"] - 1))
    pages = max(-(-found.total // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    members = members_by_programme(session)
    given = {name: value for name, value in wanted.items() if value and name != "page"}
    return render_template(
        "pages/places.html",
        found=found,
        wanted=wanted,
        pages=pages,
        first=PAGE * (wanted["page"] - 1) + 1,
        filtered=bool(given),
        types=_counted(catalogue.codelist("place-types").items, counts),
        provinces=queries.provinces(session),
        programmes=_counted(catalogue.programmes, members),
        page_link=lambda number: url_for("places.index", **given, **({"page": number} if number > 1 else {})),
    )


@places.get("/places/<code>")
def profile(code: str) -> ResponseReturnValue:
    session = database()
    found = queries.find_place(session, code)
    if found.redirected:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return redirect(url_for("places.profile", code=found.place.code) + query, 301)
    wanted = checked(Chosen(), request.args)
    profile = profile_of(session, found.place, wanted["framework"], wanted["period"])
    taken = taken_of(found.place, profile.view) if profile.view else None
    kind = request.args.get("format")
    if kind in ("pdf", "xlsx"):
        return _file(session, profile, kind)
    if kind and taken:
        return taken_as(taken, kind)
    return render_template(
        "pages/place.html",
        profile=profile,
        taken=taken,
        words=place_words,
        catalogue=application().catalogue,
        say=target_words,
    )


@places.get("/places/<code>.<any(pdf, xlsx):kind>")
def profile_file(code: str, kind: str) -> ResponseReturnValue:
    """The profile as one sheet of paper, or as a workbook."""
    session = database()
    found = queries.find_place(session, code)
    if found.redirected:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return redirect(url_for("places.profile_file", code=found.place.code, kind=kind) + query, 301)
    wanted = checked(Chosen(), request.args)
    profile = profile_of(session, found.place, wanted["framework"], wanted["period"])
    return _file(session, profile, kind)


def _file(session: Session, profile: Profile, kind: str) -> Response:
    name = _file_name(profile)
    if kind == "pdf":
        return as_sheet(sheet_of(session, profile), name)
    response = Response(book_of(profile), mimetype=MIME["xlsx"])
    response.headers["Content-Disposition"] = f"attachment; filename={name}.xlsx"
    return response


def _file_name(profile: Profile) -> str:
    edition = profile.view.edition if profile.view else None
    return f"cityindex-{profile.place.code}" + (f"-{edition.framework}-{edition.period}" if edition else "")


@places.get("/places/<code>/explain")
def explain(code: str) -> ResponseReturnValue:
    """Why a place has its score in an edition, and what would raise it."""
    session = database()
    found = queries.find_place(session, code)
    if found.redirected:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return redirect(url_for("places.explain", code=found.place.code) + query, 301)
    wanted = checked(Chosen(), request.args)
    editions = editions_of(session, found.place.id, heed_run())
    edition = choose(editions, *opened(wanted["framework"], wanted["period"]))
    if edition is None:
        raise NotFound("no published edition holds this place")
    entry = entry_of(session, edition.definition)
    parts = explanation(session, edition.run, found.place.id)
    why = why_of(parts, entry) if parts else None
    taken = explain_files.taken_of(found.place, edition, entry, parts, why) if parts and why else None
    if taken and (kind := request.args.get("format")):
        return taken_as(taken, kind)
    up = ways_up(session, edition.run, found.place.id)
    return render_template(
        "pages/explain.html",
        place=found.place,
        edition=edition,
        entry=entry,
        why=why,
        taken=taken,
        up=up_of(up, entry) if up else None,
        since=since(session, found.place.id, editions, edition),
        band_shares=band_shares(session, edition, found.place.id),
        words=place_words,
        back=url_for("places.profile", code=found.place.code, framework=edition.framework, period=edition.period),
    )


@places.get("/places/<code>/figures.<any(csv, xlsx):kind>")
def figures(code: str, kind: str) -> Response:
    """All figures that were reported about a place, as a file."""
    session = database()
    place = queries.find_place(session, code).place
    lines = [_value_line(place, one) for one in place_observations(session, place.id) if one.value is not None]
    body = write_sheet(lines, place.name_th) if kind == "xlsx" else write_values(lines)
    response = Response(body, mimetype=MIME[kind])
    response.headers["Content-Disposition"] = f"attachment; filename=cityindex-{place.code}.{kind}"
    return response


def _value_line(place: queries.PlaceRecord, one: PlaceObservation) -> ValueLine:
    catalogue = application().catalogue
    entry = catalogue.indicators.get(one.indicator)
    statuses = catalogue.codelist("observation-status").items
    name = entry.name if entry else Text(one.indicator, one.indicator)
    status = statuses[one.status].name if one.status in statuses else Text(one.status, one.status)
    return ValueLine(
        indicator=one.indicator,
        name_th=name.th,
        name_en=name.en,
        unit=(entry.unit or "") if entry else "",
        place=place.code,
        place_th=place.name_th,
        place_en=place.name_en or "",
        place_type=place.place_type,
        province=place.province_code or "",
        province_th=place.province_th or "",
        period=one.period,
        period_be=buddhist_year(one.period),
        value=one.value or 0.0,
        status=one.status,
        status_th=status.th,
        status_en=status.en,
        source=one.source,
        demo=one.demo,
    )


def _types(wanted: dict[str, Any], counts: Any) -> tuple[str, ...]:
    """Which types to list: the one asked for; without any wish, local governments and not the areas around them."""
    if wanted["type"]:
        return (wanted["type"],)
    anything = wanted["q"] or wanted["programme"]
    return () if anything else tuple(kind for kind in counts if kind not in AREAS)


def _counted(items: Any, counts: Any) -> Sequence[tuple[str, Any, int]]:
    """Code, name and number of what there is, in the order of the list."""
    return [(code, item.name, counts[code]) for code, item in items.items() if code in counts]
