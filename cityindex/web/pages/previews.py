"""Looking at one's own results before they are published, and objecting to them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Conflict, Invalid
from cityindex.models import now
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.queries.runs.previews import PreviewRecord, objections, preview
from cityindex.services.accounts.roles import Permission
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.forms import Refused, given
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.reader import me
from cityindex.web.releases.preview_view import own_results
from cityindex.web.releases.words import title
from cityindex.web.session import application, database

previews = Blueprint("previews", __name__)
ONE = "/previews/<int:number>/places/<code>"
UNFIT, CONFLICT = 422, 409


@previews.get(ONE)
def one(number: int, code: str) -> str:
    place = find_place(database(), code).place
    require(Permission.SEE_ASSESSMENT, place=place)
    return _page(_preview(number, place), place)


@previews.post(ONE)
@needs(at_place(Permission.ANSWER))
def make(number: int, code: str) -> ResponseReturnValue:
    place = find_place(database(), code).place
    require(Permission.ANSWER, place=place)
    found = _preview(number, place)
    try:
        application().previews.object(number, place.id, given("node"), given("reason"), me().id)
    except Invalid:
        words = gettext("Choose what it is about, and say why in at most %(count)s characters.", count="4,000")
        return _page(found, place, words), UNFIT
    except Conflict:
        words = gettext("Not sent: the preview is over, or there is an objection to this that is not answered yet.")
        return _page(found, place, words), CONFLICT
    flash(gettext("Your objection is sent. You will find the answer here."))
    return redirect(url_for("previews.one", number=number, code=code), 303)


def _preview(number: int, place: PlaceRecord) -> PreviewRecord:
    return preview(database(), number, now(), place.id)


def _page(found: PreviewRecord, place: PlaceRecord, problem: str = "") -> str:
    """After its end, only the objections with their answers are shown."""
    entry = entry_of(found)
    return render_template(
        "pages/previews/one.html",
        preview=found,
        place=place,
        entry=entry,
        own=own_results(found, place) if found.open_now else None,
        objections=objections(database(), preview=found.id, place_id=place.id),
        node_name=lambda code: translated(entry.node_name(code)),
        title=title(found.framework, found.period),
        may_object=found.open_now and may(Permission.ANSWER, place),
        refused=Refused("object", problem) if problem else None,
    )
