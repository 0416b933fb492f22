"""What if the parts of an index had other weights: the ranking that would come of it, beside the published one.

The address is the whole state: nothing is stored, and no cache keeps it as if it were an edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex import calendars
from cityindex.errors import Invalid, NotFound, Problem
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.queries.runs.what_if import SORTS, Asked, Part, WhatIf, parts, what_if
from cityindex.web.editions.structure import structure
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import number
from cityindex.web.links import here
from cityindex.web.query import checked
from cityindex.web.session import database

what_ifs = Blueprint("what_ifs", __name__)

ROWS = 100
PREFIX = "w_"
"""Before the code of a part, in the address: `w_health=20`."""
LARGEST = 100.0


class WhatIfArguments(Schema):
    """What an address may ask for besides the weights."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    sort = fields.String(load_default="rank", validate=validate.OneOf(SORTS))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True, slots=True)
class Field:
    """A part with its published weight in percent, as it is shown, and what the reader wrote; why that cannot be."""

    part: Part
    given: str
    error: str = ""

    @property
    def name(self) -> str:
        return PREFIX + self.part.code

    @property
    def published(self) -> str:
        return _shown(self.part.share)

    @property
    def moved(self) -> bool:
        return self.given != self.published

    @property
    def weight(self) -> float:
        """In percent. What is left as it is shown is meant as it is published, to the last digit."""
        return float(self.given) if self.moved else 100 * self.part.share


@what_ifs.get("/frameworks/<code>/<int:period>/what-if")
def index(code: str, period: int) -> ResponseReturnValue:
    if period >= calendars.FIRST_BUDDHIST_YEAR:
        there = url_for("what_ifs.index", code=code, period=calendars.common_year(period))
        return redirect(f"{there}?{request.query_string.decode()}" if request.query_string else there, 301)
    found = next((one for one in current_editions(database(), code) if one.period == period), None)
    if found is None:
        raise NotFound(f"{code} is not published for {period}")
    form = _fields(parts(database(), found.run))
    if len(form) < 2:
        raise NotFound(f"the index of {code} has one part only: its weight changes nothing")
    arguments = checked(WhatIfArguments(), request.args)
    wrong = any(field.error for field in form) or not any(field.weight for field in form)
    result = None if wrong else _result(found, form, arguments)
    return _kept_by_nobody(_page(found, form, arguments, result), 400 if wrong else 200)


def _fields(weighted: tuple[Part, ...]) -> list[Field]:
    """A field for each part. Raises `Invalid` for a weight of something else, and for one that is given twice."""
    names = {PREFIX + part.code for part in weighted}
    given = {name: values for name, values in request.args.lists() if name.startswith(PREFIX)}
    odd = [name for name, values in given.items() if name not in names or len(values) > 1]
    if odd:
        cure = f"give each of {', '.join(sorted(names))} once or not at all"
        problems = [Problem("is no part of the index, or is given twice", cure, column=name) for name in odd]
        raise Invalid("the address gives weights that cannot be", problems)
    return [_field(part, given.get(PREFIX + part.code, [""])[0].strip().removesuffix("%").strip()) for part in weighted]


def _field(part: Part, text: str) -> Field:
    """An empty field means the published weight."""
    if not text or text == _shown(part.share):
        return Field(part, _shown(part.share))
    try:
        fits = 0 <= float(text) <= LARGEST
    except ValueError:
        fits = False
    return Field(part, text, "" if fits else gettext("Give a number from 0 to %(most)s.", most=number(LARGEST)))


def _shown(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _result(edition: Edition, form: list[Field], arguments: Mapping[str, Any]) -> WhatIf:
    weights = {field.part.code: field.weight for field in form} if any(field.moved for field in form) else {}
    asked = Asked(arguments["q"], arguments["sort"], ROWS, ROWS * (arguments["page"] - 1))
    result = what_if(database(), edition.run, weights, asked)
    if arguments["page"] > max(-(-result.total // ROWS), 1):
        raise NotFound("the ranking has fewer pages")
    return result


def _page(edition: Edition, form: list[Field], arguments: Mapping[str, Any], result: WhatIf | None) -> str:
    entry = entry_of(edition)
    moved = {field.name: field.given for field in form if field.moved}
    total = sum(field.weight for field in form if not field.error)
    return render_template(
        "pages/frameworks/what_if.html",
        entry=entry,
        edition=edition,
        form=form,
        moved=bool(moved),
        total=total,
        names={element.code: element.name for element in structure(entry).elements},
        arguments=arguments,
        result=result,
        pages=max(-(-result.total // ROWS), 1) if result else 1,
        page_link=lambda page: here({**arguments, **moved}, page=page),
        sorts=_sorts(),
    )


def _sorts() -> list[tuple[str, str]]:
    said = (gettext("New rank"), gettext("Those that climb most"), gettext("Those that fall most"))
    return list(zip(SORTS, said, strict=True))


def _kept_by_nobody(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
