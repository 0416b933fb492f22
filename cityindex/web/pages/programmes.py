"""Programmes and networks: what each is, who is in it, how far they have come, and what others have reported."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import NotFound
from cityindex.formats.progress_sheets import as_csv, as_xlsx
from cityindex.queries.assessments.progress import FEWEST
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import provinces
from cityindex.queries.places.programmes import members_by_programme
from cityindex.queries.runs.editions import current_editions
from cityindex.services.accounts.roles import Permission
from cityindex.web.assessments import progress_view
from cityindex.web.assessments.member_view import present_members
from cityindex.web.assessments.result_files import result_table, results_taken
from cityindex.web.filters import translated
from cityindex.web.pages.places import MIME
from cityindex.web.permissions import may
from cityindex.web.places.view import entry_of
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

programmes = Blueprint("programmes", __name__)
LISTED = 30
"""Members that a page lists at once; more are listed when they are asked for."""


class Wanted(Schema):
    """Which members are listed."""

    class Meta:
        unknown = EXCLUDE

    province = fields.String(load_default="", validate=validate.Length(max=10))


@programmes.get("/programmes/")
def index() -> str:
    catalogue = application().catalogue
    return render_template(
        "pages/programmes/index.html",
        programmes=catalogue.programmes.values(),
        members=members_by_programme(database()),
    )


@programmes.get("/programmes/<code>")
def profile(code: str) -> ResponseReturnValue:
    programme = application().catalogue.programme(code)
    found = progress_view.published(database(), programme, request.args.get("period", type=int))
    taken = results_taken(programme, found) if found else None
    if taken and (wanted := request.args.get("format")):
        return taken_as(taken, wanted)
    count = members_by_programme(database()).get(code, 0)
    area = _province(checked(Wanted(), request.args)["province"])
    folded = count > LISTED and request.args.get("members") != "all" and area is None
    members, editions = ([], []) if folded else present_members(programme)
    members = [one for one in members if area is None or area.code in (one.place.code, one.place.province_code)]
    return render_template(
        "pages/programmes/profile.html",
        programme=programme,
        members=members,
        count=count,
        area=area,
        editions=editions,
        catalogue=application().catalogue,
        published=found,
        taken=taken,
        going_on=progress_view.open_round(database(), programme, count),
        fewest=FEWEST,
        office=may(Permission.RUN_ROUNDS),
    )


def _province(code: str) -> Named | None:
    """The province whose members are asked for. Raises `NotFound`."""
    if not code:
        return None
    for one in provinces(database()):
        if one.code == code:
            return one
    raise NotFound(f"there is no province {code}")


@programmes.get("/programmes/<code>/results.<any(csv, xlsx):kind>")
def results(code: str, kind: str) -> Response:
    """The published results of the members, the newest or those of a period, as a file."""
    session, programme = database(), application().catalogue.programme(code)
    editions = current_editions(session, programme.framework) if programme.framework else ()
    wanted = request.args.get("period", type=int)
    editions = tuple(one for one in editions if wanted in (None, one.period))
    if not editions or not application().catalogue.questionnaires_for(editions[0].framework):
        raise NotFound(f"no results of an assessment of {code} are published")
    entry = entry_of(session, editions[0].definition)
    header, rows = result_table(session, code, editions[0], entry)
    title = gettext("Results: %(name)s", name=translated(programme.name))
    body = as_xlsx(header, rows, title) if kind == "xlsx" else as_csv(header, rows)
    response = Response(body, mimetype=MIME[kind])
    name = f"{code}-{editions[0].period}-run-{editions[0].run}.{kind}"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
