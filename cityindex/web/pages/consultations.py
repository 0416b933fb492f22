"""Consultations for everybody: which there are, what is asked, what came of it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import NotFound
from cityindex.models import Consultation
from cityindex.participation.counting import FEWEST
from cityindex.queries.participation.consultations import consultation, count
from cityindex.queries.participation.consultations import consultations as listed
from cityindex.queries.places.places import find_place
from cityindex.services.accounts.roles import Permission
from cityindex.web.links import page_links
from cityindex.web.participation import consultation_view, target_words
from cityindex.web.participation.consultation_view import view_of
from cityindex.web.permissions import may
from cityindex.web.query import checked
from cityindex.web.session import application, database

consultations = Blueprint("consultations", __name__)
PAGE = 30


class Wanted(Schema):
    """What the list may be asked for."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(load_default="", validate=validate.Length(max=20))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@consultations.get("/consultations/")
def index() -> ResponseReturnValue:
    wanted = checked(Wanted(), request.args)
    place = find_place(database(), wanted["place"]).place if wanted["place"] else None
    conditions = [Consultation.place_id == place.id] if place else []
    pages = max(-(-count(database(), *conditions) // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    found = listed(database(), *conditions, limit=PAGE, offset=PAGE * (wanted["page"] - 1))
    return render_template(
        "pages/consultations/index.html",
        place=place,
        found=consultation_view.with_states(found),
        page=wanted["page"],
        pages=pages,
        page_link=page_links({"place": wanted["place"]}),
        words=consultation_view,
        asks=place is not None and may(Permission.ASK_RESIDENTS, place),
    )


@consultations.get("/consultations/<int:number>")
def one(number: int) -> ResponseReturnValue:
    asked = consultation(database(), number)
    entry = application().catalogue.frameworks.get(asked.framework)
    return render_template(
        "pages/consultations/one.html",
        view=view_of(asked),
        asked=asked,
        entry=entry,
        words=consultation_view,
        say=target_words,
        fewest=FEWEST,
        keeps=may(Permission.ASK_RESIDENTS, asked.place) or may(Permission.MODERATE, asked.place),
    )
