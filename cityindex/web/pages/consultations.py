"""Consultations for everybody: which there are, what is asked, what came of it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.models import Consultation, now
from cityindex.participation.counting import FEWEST
from cityindex.queries.participation.consultations import ConsultationRecord, answers_of, consultation
from cityindex.queries.participation.consultations import consultations as listed
from cityindex.queries.places.places import find_place
from cityindex.services.accounts.roles import Permission
from cityindex.web.participation import consultation_view, target_words
from cityindex.web.participation.consultation_view import state_of, view_of
from cityindex.web.permissions import may
from cityindex.web.query import checked
from cityindex.web.session import application, database

consultations = Blueprint("consultations", __name__)


class Wanted(Schema):
    """What the list may be asked for."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(load_default="", validate=validate.Length(max=20))


@consultations.get("/consultations/")
def index() -> ResponseReturnValue:
    wanted = checked(Wanted(), request.args)
    place = find_place(database(), wanted["place"]).place if wanted["place"] else None
    conditions = [Consultation.place_id == place.id] if place else []
    found = listed(database(), *conditions)
    return render_template(
        "pages/consultations/index.html",
        place=place,
        found=[(one, _state(one)) for one in found],
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


def _state(asked: ConsultationRecord) -> str:
    return state_of(asked, now(), answers_of(database(), asked))
