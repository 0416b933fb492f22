"""Learning cities: who is in the networks, since when, when the next report is due; and the members like a place."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.queries.assessments.progress import FEWEST
from cityindex.queries.places.places import Search, search_places
from cityindex.queries.places.programmes import member_sites
from cityindex.services.accounts.roles import Permission
from cityindex.web.assessments.learning_view import map_of, mine_of, profile_of, taken_of
from cityindex.web.assessments.member_view import Member, present_members
from cityindex.web.assessments.progress_view import open_round
from cityindex.web.compare.similar_words import reasons, unknown
from cityindex.web.editions.shown_editions import shown_editions
from cityindex.web.permissions import may
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

learning = Blueprint("learning", __name__)

NETWORK, NATIONAL = "unesco-gnlc", "national-learning-city"
THEME = "learning"
FOUND = 12
"""Places that a search lists."""
MOST_LISTED = 60
"""Members of the national programme on this page; of a longer list, the programme's own page tells."""


class Wanted(Schema):
    """Whose likes are looked for: a place by its code, or places by a part of their name."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(load_default="", validate=validate.Length(max=32))
    q = fields.String(load_default="", validate=validate.Length(max=100))


@learning.get("/learning-cities")
def index() -> ResponseReturnValue:
    catalogue, published = application().catalogue, shown_editions()
    programme, national = catalogue.programme(NETWORK), catalogue.programme(NATIONAL)
    members, editions = present_members(programme, published)
    sites = member_sites(database(), NETWORK, NATIONAL)
    picture = map_of(members, sites[NETWORK])
    taken = taken_of(programme, members, picture) if members else None
    if taken and (kind := request.args.get("format")):
        return taken_as(taken, kind)
    cohort, _ = present_members(national, ())
    latest = next((one for one in published if one.framework == national.framework), None)
    return render_template(
        "pages/programmes/learning.html",
        programme=programme,
        members=members,
        provinces=sum(member.whole_province for member in members),
        soonest=min((member for member in members if member.due), key=_due, default=None),
        editions=editions,
        catalogue=catalogue,
        indicators=catalogue.of_theme(THEME),
        going_on=open_round(database(), programme, len(members)),
        fewest=FEWEST,
        office=may(Permission.RUN_ROUNDS),
        picture=picture,
        taken=taken,
        national=national,
        cohort=cohort[:MOST_LISTED],
        count=len(cohort),
        profile=profile_of(cohort, latest, sites[NATIONAL]) if latest and cohort else None,
    )


@learning.get("/learning-cities/like-mine")
def like_mine() -> ResponseReturnValue:
    """The members most like a place, and what they do better."""
    wanted = checked(Wanted(), request.args)
    text = wanted["q"].strip()
    mine = None
    if wanted["place"]:
        catalogue, sites = application().catalogue, member_sites(database(), NETWORK, NATIONAL)
        mine = mine_of(
            wanted["place"], [(catalogue.programme(code), list(sites[code])) for code in (NETWORK, NATIONAL)]
        )
        if mine.place.code != wanted["place"]:
            return redirect(url_for("learning.like_mine", place=mine.place.code), 301)
    return render_template(
        "pages/programmes/like_mine.html",
        mine=mine,
        q=text,
        found=search_places(database(), Search(text), limit=FOUND) if text else None,
        reasons=reasons,
        unknown=unknown,
    )


def _due(member: Member) -> str:
    return member.due.on.isoformat() if member.due else ""
