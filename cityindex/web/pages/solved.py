"""Who solved this before: from a weak figure of a place to what similar places know that improved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from cityindex.queries.knowledge.search import Entry, Wish, newest
from cityindex.queries.knowledge.solved import Improved, improved, own_point
from cityindex.queries.places import places as place_queries
from cityindex.queries.places.places import named_places
from cityindex.queries.places.similar import SimilarPlaces
from cityindex.web.compare.similar_words import reasons, similar_to
from cityindex.web.indicators.view import scorers
from cityindex.web.knowledge import words
from cityindex.web.pages.knowledge import knowledge
from cityindex.web.query import checked
from cityindex.web.session import application, database

LOOKED_AT, SHOWN, ITEMS = 40, 12, 200


class Asked(Schema):
    """Of which place and indicator."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(required=True, validate=validate.Length(min=1, max=32))
    indicator = fields.String(required=True, validate=validate.Length(min=1, max=100))


@dataclass(frozen=True, slots=True)
class Solver:
    """A similar place that improved, why it is similar, and what it shares about this figure."""

    place: Any
    improved: Improved
    reasons: Sequence[str]
    items: Sequence[Entry]


@knowledge.get("/knowledge/solved")
def solved() -> str:
    session, asked = database(), checked(Asked(), request.args)
    entry = application().catalogue.indicator(asked["indicator"])
    place = place_queries.find_place(session, asked["place"]).place
    similar = similar_to(place.code, LOOKED_AT)
    codes = [one.place.code for one in similar.found]
    frameworks = scorers(application().catalogue, entry.code)
    better = improved(session, entry.indicator, frameworks, codes)
    about = newest(session, ITEMS, Wish(indicator=entry.code))
    solvers = _solvers(session, better, similar, about)
    near = {one.place.code for one in solvers if one.items}
    return render_template(
        "pages/knowledge/solved.html",
        place=place,
        entry=entry,
        similar=similar,
        better=len(better),
        solvers=solvers[:SHOWN],
        elsewhere=[one for one in about if one.place not in near and one.place != place.code][:SHOWN],
        own=own_point(session, entry.indicator, frameworks, place.id),
        words=words,
    )


def _solvers(
    session: Session, better: Sequence[Improved], similar: SimilarPlaces, about: Sequence[Entry]
) -> list[Solver]:
    """Those with something to read first; among equals by how much they improved."""
    likeness = {one.place.code: one for one in similar.found}
    named = named_places(session, codes=[one.code for one in better])
    items: dict[str, list[Entry]] = {}
    for one in about:
        items.setdefault(one.place, []).append(one)
    found = [Solver(named[one.code], one, reasons(likeness[one.code]), items.get(one.code, ())) for one in better]
    return sorted(found, key=lambda one: not one.items)
