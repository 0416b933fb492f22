"""How a framework is computed: in words from its definition, with the file itself and a worked example."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.runs.editions import Edition
from cityindex.resources import resource_root
from cityindex.web import words
from cityindex.web.editions.interval_words import sureness
from cityindex.web.editions.method_files import taken_of
from cityindex.web.editions.method_words import mean_of, steps
from cityindex.web.editions.quality_words import quality
from cityindex.web.editions.shown_editions import shown_editions
from cityindex.web.editions.structure import structure
from cityindex.web.editions.view import entry_of, name_of
from cityindex.web.editions.worked_example import Example, worked_example
from cityindex.web.links import here
from cityindex.web.places.words import scored_value
from cityindex.web.query import checked
from cityindex.web.session import application
from cityindex.web.take_away.menu import taken_as

methods = Blueprint("methods", __name__)


class MethodArguments(Schema):
    """The place that the worked example is about, by its code; the one in the middle where none is given."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(load_default="", validate=validate.Length(max=32))


@methods.get("/methods/<code>")
def index(code: str) -> ResponseReturnValue:
    arguments = checked(MethodArguments(), request.args)
    editions = shown_editions(code)
    entry = name_of(code, editions)
    tree = structure(entry)
    known = quality(editions[0]) if editions else None
    taken = taken_of(known, here(arguments)) if known else None
    if taken and (wanted := request.args.get("format")):
        return taken_as(taken, wanted)
    return render_template(
        "pages/methods.html",
        entry=entry,
        tree=tree,
        steps=steps(entry),
        sureness=sureness(entry, editions[0] if editions else None),
        quality=known,
        taken=taken,
        scored_value=scored_value,
        rules={column.code: column for column in tree.plan.columns},
        mean_of=mean_of,
        words=words,
        editions=editions,
        unverified=[one.indicator for one in tree.indicators if one.indicator and not _verified(one.code)],
        example=_example(editions, arguments["place"]),
        file=_file(entry),
        questionnaires=application().catalogue.questionnaires_for(code),
    )


@methods.get("/methods/<code>/<name>.yaml")
def definition(code: str, name: str) -> Response:
    """The definition file as it lies in the project."""
    entry = application().catalogue.framework(code)
    if name != code:
        raise NotFound(f"the definition of {code} is {code}.yaml")
    text = _file(entry)
    headers = {"Content-Disposition": f'inline; filename="{entry.code}.yaml"'}
    return Response(text, mimetype="text/plain", headers=headers)


def _example(editions: Sequence[Edition], place: str) -> Example | None:
    """From the latest edition, by the definition that it was made with."""
    return worked_example(entry_of(editions[0]), editions[0], place) if editions else None


def _file(entry: FrameworkEntry) -> str:
    file = resource_root("indicators") / "frameworks" / f"{entry.code}.yaml"
    return file.read_text("utf-8") if file.is_file() else ""


def _verified(code: str) -> bool:
    entry = application().catalogue.indicators.get(code)
    return entry is not None and entry.verified is not None
