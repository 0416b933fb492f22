"""Programmes and networks: what each is, who is in it, and what has been reported about it."""

from __future__ import annotations

from flask import Blueprint, render_template

from cityindex.queries.programmes import members_by_programme
from cityindex.web.member_view import present_members
from cityindex.web.session import application, database

programmes = Blueprint("programmes", __name__)


@programmes.get("/programmes/")
def index() -> str:
    catalogue = application().catalogue
    return render_template(
        "pages/programmes/index.html",
        programmes=catalogue.programmes.values(),
        members=members_by_programme(database()),
    )


@programmes.get("/programmes/<code>")
def profile(code: str) -> str:
    programme = application().catalogue.programme(code)
    members, editions = present_members(programme)
    return render_template(
        "pages/programmes/profile.html",
        programme=programme,
        members=members,
        editions=editions,
        catalogue=application().catalogue,
    )
