"""Questionnaires: what is asked, in words; a blank form for meetings; the definition file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.errors import NotFound
from cityindex.resources import resource_root
from cityindex.web.assessments import answer_words
from cityindex.web.assessments.questionnaire_view import forms, parts
from cityindex.web.query import checked
from cityindex.web.session import application

questionnaires = Blueprint("questionnaires", __name__)


class TypeArguments(Schema):
    """The type of place that is asked, by its code or an alias; all types where none is given."""

    class Meta:
        unknown = EXCLUDE

    type = fields.String(load_default="", validate=validate.Length(max=64))


@questionnaires.get("/questionnaires/")
def index() -> str:
    return render_template(
        "pages/questionnaires/index.html", questionnaires=application().catalogue.questionnaires.values()
    )


@questionnaires.get("/questionnaires/<code>")
def profile(code: str) -> str:
    return _page("pages/questionnaires/profile.html", code)


@questionnaires.get("/questionnaires/<code>/blank")
def blank(code: str) -> str:
    """The form to print: every level with a box to tick."""
    return _page("pages/questionnaires/blank.html", code)


@questionnaires.get("/questionnaires/<code>/<name>.yaml")
def definition(code: str, name: str) -> Response:
    """The definition file as it lies in the project."""
    entry = application().catalogue.questionnaire(code)
    if name != code:
        raise NotFound(f"the definition of {code} is {code}.yaml")
    file = resource_root("indicators") / "questionnaires" / f"{entry.code}.yaml"
    headers = {"Content-Disposition": f'inline; filename="{entry.code}.yaml"'}
    return Response(file.read_text("utf-8"), mimetype="text/plain", headers=headers)


def _page(template: str, code: str) -> str:
    entry = application().catalogue.questionnaire(code)
    place_type = _place_type(entry, checked(TypeArguments(), request.args)["type"])
    shown = parts(entry, place_type)
    return render_template(
        template,
        entry=entry,
        framework=application().catalogue.framework(entry.questionnaire.framework),
        chosen=place_type,
        parts=shown,
        forms=forms(entry, shown),
        words=answer_words,
    )


def _place_type(entry: QuestionnaireEntry, written: str) -> str:
    """The code of a type that answers the questionnaire, or empty. Raises `NotFound`."""
    found = application().catalogue.place_type(written) if written else ""
    if found and not entry.questionnaire.applies(found):
        raise NotFound(f"{found} does not answer {entry.code}")
    return found
