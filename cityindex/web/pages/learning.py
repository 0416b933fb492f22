"""The learning-city network: who is in it, since when, and when the next report to UNESCO is due."""

from __future__ import annotations

from flask import Blueprint, render_template

from cityindex.queries.progress import FEWEST
from cityindex.services.roles import Permission
from cityindex.web.member_view import present_members
from cityindex.web.permissions import may
from cityindex.web.progress_view import open_round, published
from cityindex.web.session import application, database

learning = Blueprint("learning", __name__)

NETWORK = "unesco-gnlc"
THEME = "learning"


@learning.get("/learning-cities")
def index() -> str:
    catalogue = application().catalogue
    programme = catalogue.programme(NETWORK)
    members, editions = present_members(programme)
    return render_template(
        "pages/programmes/learning.html",
        programme=programme,
        members=members,
        provinces=sum(member.whole_province for member in members),
        editions=editions,
        catalogue=catalogue,
        indicators=catalogue.of_theme(THEME),
        published=published(database(), programme),
        going_on=open_round(database(), programme, len(members)),
        fewest=FEWEST,
        office=may(Permission.RUN_ROUNDS),
    )
