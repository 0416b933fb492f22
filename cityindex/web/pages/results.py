"""Published results of a place's self-assessment: its maturity. What is not published is nowhere here."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cityindex.queries.places.places import find_place
from cityindex.queries.runs.place_scores import place_editions
from cityindex.services.accounts.roles import Permission
from cityindex.web.assessments.maturity_files import maturity_taken
from cityindex.web.assessments.maturity_view import maturity_of
from cityindex.web.editions.shown_editions import heed_run, opened
from cityindex.web.pages.places import Chosen
from cityindex.web.permissions import may
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

results = Blueprint("results", __name__)


@results.get("/places/<code>/maturity")
def maturity(code: str) -> ResponseReturnValue:
    session = database()
    found = find_place(session, code)
    if found.redirected:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return redirect(url_for("results.maturity", code=found.place.code) + query, 301)
    wanted = checked(Chosen(), request.args)
    editions = place_editions(session, found.place.id, heed_run())
    view = maturity_of(session, found.place.id, editions, *opened(wanted["framework"], wanted["period"]))
    taken = maturity_taken(found.place, view)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/results/maturity.html",
        place=found.place,
        taken=taken,
        view=view,
        catalogue=application().catalogue,
        inside=may(Permission.SEE_ASSESSMENT, found.place),
    )
