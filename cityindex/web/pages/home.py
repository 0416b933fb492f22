"""The front page: the national picture."""

from __future__ import annotations

from flask import Blueprint, render_template

from cityindex.queries.site import places_by_type
from cityindex.web.session import application, database

home = Blueprint("home", __name__)
AREAS = ("province", "district")


@home.get("/")
def index() -> str:
    counts = places_by_type(database())
    catalogue = application().catalogue
    return render_template(
        "pages/home.html",
        local_governments=sum(count for kind, count in counts.items() if kind not in AREAS),
        provinces=counts.get("province", 0),
        catalogue=catalogue,
    )
