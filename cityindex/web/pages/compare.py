"""Places side by side: up to six, in one edition of one framework. The address is the whole state of the page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import Search, named_places, search_places
from cityindex.queries.runs.comparison import index_results
from cityindex.web.compare.choice import MOST, Asked, read
from cityindex.web.compare.editions import choose
from cityindex.web.compare.files import taken_of
from cityindex.web.compare.similar_words import reasons, unknown
from cityindex.web.compare.view import peers_of, view_of
from cityindex.web.places import words as place_words
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

compare = Blueprint("compare", __name__)
FOUND = 12
"""Places that a search lists."""
DISTRICT = "district"


@compare.get("/compare")
def index() -> ResponseReturnValue:
    asked = read(request.args)
    if asked.too_many or asked.unknown:
        return _refused(asked), 400 if asked.too_many else 404
    choice = asked.choice
    if asked.moved:
        return redirect(choice.url(), 301)
    session = database()
    results = index_results(session, [place.id for place in asked.places])
    editions = choose(results, choice.framework, choice.period)
    peers = peers_of(choice, editions.edition) if choice.places else None
    edition = editions.edition if len(asked.places) > 1 else None
    view = view_of(asked.places, results, edition, peers) if edition else None
    taken = taken_of(view, choice) if view else None
    if taken and (wanted := request.args.get("format")):
        return taken_as(taken, wanted)
    return render_template(
        "pages/compare/index.html",
        choice=choice,
        asked=asked,
        editions=editions,
        found=_found(choice.q),
        view=view,
        taken=taken,
        peers=peers,
        reasons=reasons,
        unknown=unknown,
        out=named_places(session, codes=choice.without) if choice.without else {},
        words=place_words,
        catalogue=application().catalogue,
        most=MOST,
    )


def _refused(asked: Asked) -> str:
    return render_template("pages/compare/refused.html", asked=asked, choice=asked.choice, most=MOST)


def _found(text: str) -> tuple[int, tuple[Named, ...]] | None:
    """How many places a search finds, and the first of them; None where nothing is looked for."""
    if not text:
        return None
    kinds = tuple(kind for kind in application().catalogue.codelist("place-types").items if kind != DISTRICT)
    results = search_places(database(), Search(text, kinds), limit=FOUND)
    return results.total, results.items
