"""The front page: the national picture."""

from __future__ import annotations

from flask import Blueprint, render_template

from cityindex.queries.editions import Edition, current_editions
from cityindex.queries.places import counts_by_type
from cityindex.queries.scores import Wanted, ranking
from cityindex.web.session import application, database

home = Blueprint("home", __name__)
AREAS = ("province", "district")
TOP = 5


@home.get("/")
def index() -> str:
    session = database()
    counts = counts_by_type(session)
    newest = _newest(current_editions(session))
    first = next(iter(newest), None)
    return render_template(
        "pages/home.html",
        governments=sum(count for kind, count in counts.items() if kind not in AREAS),
        provinces=counts.get("province", 0),
        editions=newest,
        top=ranking(session, first.run, Wanted(limit=TOP)).rows if first else (),
        catalogue=application().catalogue,
    )


def _newest(editions: tuple[Edition, ...]) -> list[Edition]:
    """The newest edition of each framework that is still defined, in the order of the definitions."""
    latest = {one.framework: one for one in reversed(editions)}
    return [latest[code] for code in application().catalogue.frameworks if code in latest]
