"""Targets: those of a place with their history, those of the country, and how progress is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.calendars import common_year
from cityindex.definitions.catalogue import Text
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from cityindex.formats.numbers import plain
from cityindex.participation.counting import FEWEST
from cityindex.participation.progress import Progress
from cityindex.queries.participation.target_values import lasting
from cityindex.queries.participation.targets import NATION, PLACE, PROVINCE, SET, TargetRecord, TargetState, target
from cityindex.queries.places.places import PlaceRecord, find_place, provinces
from cityindex.services.accounts.roles import Permission
from cityindex.services.participation.targets import LONGEST, Said, Subject
from cityindex.thai import arabic_digits
from cityindex.web.filters import translated, year
from cityindex.web.forms import given
from cityindex.web.indicators.view import year_argument
from cityindex.web.links import here
from cityindex.web.page import full_name
from cityindex.web.participation import target_words
from cityindex.web.participation.target_view import Country, Listed, counted, of_country, of_place, taken_of
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.query import checked
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

targets = Blueprint("targets", __name__)
PAGE = 50
UNFIT, CONFLICT = 422, 409
SETTING = {
    PLACE: Permission.ASK_RESIDENTS,
    PROVINCE: Permission.SET_PROVINCE_TARGETS,
    NATION: Permission.SET_NATION_TARGETS,
}
"""Who sets a target on whose behalf."""
SETS = at_place(*SETTING.values())


class Wanted(Schema):
    """What the list of the country may be asked for."""

    class Meta:
        unknown = EXCLUDE

    progress = fields.String(load_default="", validate=validate.OneOf(["", *Progress]))
    owner = fields.String(load_default="", validate=validate.OneOf(["", *SET]))
    period = fields.Function(deserialize=year_argument, load_default=None)
    province = fields.String(load_default="", validate=validate.Length(max=10))
    indicator = fields.String(load_default="", validate=validate.Length(max=100))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True)
class Form:
    """A target as it was typed, with what is wrong with it by field."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@targets.get("/targets/")
def index() -> ResponseReturnValue:
    wanted = checked(Wanted(), request.args)
    every = of_country()
    fitting = [one for one in every.states if _fits(one, wanted)]
    country = counted(fitting, every.proposed)
    found = [one for one in fitting if wanted["progress"] in ("", one.told.progress)]
    title = Text("เป้าหมายของทุกพื้นที่", "Targets of all places")
    chosen = {name: value for name, value in wanted.items() if name != "page"}
    taken = taken_of(("targets", here(chosen), title), found, _api(wanted))
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    pages = max(-(-len(found) // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    return render_template(
        "pages/targets/index.html",
        country=country,
        every=len(every.states),
        narrowed=len(fitting) < len(every.states),
        found=found,
        shown=found[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]],
        wanted=wanted,
        pages=pages,
        page_link=lambda number: here(wanted, page=number),
        provinces=[(one.code, translated(one)) for one in provinces(database())],
        indicators=_subjects(every),
        years=[(one, year(one)) for one in sorted({one.target.period for one in every.states})],
        owners=[(owner, str(target_words.OWNERS[owner])) for owner in SET],
        taken=taken,
        say=target_words,
    )


@targets.get("/targets/method")
def method() -> str:
    return render_template("pages/targets/method.html", fewest=FEWEST, say=target_words)


@targets.get("/places/<code>/targets")
def place(code: str) -> ResponseReturnValue:
    session = database()
    found = find_place(session, code)
    if found.redirected:
        return redirect(url_for("targets.place", code=found.place.code), 301)
    listed = of_place(found.place, history=True)
    title = Text(f"เป้าหมาย: {found.place.name_th}", f"Targets: {found.place.name_en or found.place.name_th}")
    states = [one.state for one in listed]
    about = (f"{found.place.code.lower()}-targets", here({}), title)
    taken = taken_of(about, states, f"/api/v1/targets?place={found.place.code}")
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/targets/place.html",
        place=found.place,
        listed=listed,
        taken=taken,
        say=target_words,
        plans=may(Permission.ANSWER, found.place),
        mine=[owner for owner, permission in SETTING.items() if may(permission, found.place)],
    )


@targets.get("/places/<code>/targets/set")
@needs(SETS)
def form(code: str) -> str:
    where = _settable(code)
    old = request.args.get("target", "")
    return _form(where, _of_target(where, int(old)) if old.isdecimal() and len(old) < 10 else Form())


@targets.post("/places/<code>/targets/set")
@needs(SETS)
def save(code: str) -> ResponseReturnValue:
    where = _settable(code)
    owner, subject, said, errors = _sent(where)
    typed = dict(request.form.items())
    if subject is None or said is None:
        return _form(where, Form(typed, errors)), UNFIT
    if not may(SETTING[owner], where):
        raise Forbidden(f"this reader sets no target for {owner}")
    try:
        application().targets.set(subject, owner, said, me().id, _seen())
    except Invalid as error:
        return _form(where, Form(typed, _refused(error.problems))), UNFIT
    except Conflict:
        words = gettext("There is such a target already, or somebody changed it. Open it from the list and change it.")
        return _form(where, Form({**typed, "seen": "0", "number": ""}, {"value": words})), CONFLICT
    flash(gettext("The target is set."))
    return redirect(url_for("targets.place", code=where.code), 303)


@targets.post("/places/<code>/targets/<int:number>/take-back")
@needs(SETS)
def take_back(code: str, number: int) -> ResponseReturnValue:
    where = _settable(code)
    held = _of_target(where, number)
    if not may(SETTING.get(held.typed["owner"], ""), where):
        raise NotFound(f"place {where.id} has no target {number} that this reader sets")
    try:
        application().targets.take_back(number, given("reason"), _seen(), me().id)
    except Invalid:
        words = gettext("Say why, in at most %(count)s characters.", count=f"{LONGEST:,}")
        return _form(where, Form(held.typed, {"why": words})), UNFIT
    except Conflict:
        words = gettext("Somebody changed this target in the meantime. This is how it stands now: look at it again.")
        return _form(where, Form(held.typed, {"value": words})), CONFLICT
    flash(gettext("The target is taken back. It stays in the history."))
    return redirect(url_for("targets.place", code=where.code), 303)


def _fits(one: TargetState, wanted: Mapping[str, Any]) -> bool:
    """Whether a target passes the filters, but for that of progress."""
    held = one.target
    return (
        wanted["province"] in ("", held.province_code, held.place)
        and wanted["indicator"] in ("", _subject(held))
        and wanted["owner"] in ("", held.owner)
        and wanted["period"] in (None, held.period)
    )


def _subject(one: TargetRecord) -> str:
    """What a target is about, as the form has it: an indicator, or a node with its framework."""
    return f"{one.framework}/{one.code}" if one.framework else one.code


def _api(wanted: Mapping[str, Any]) -> str:
    """The same list for programs. What residents propose is no target before it is adopted."""
    framework, _, code = wanted["indicator"].rpartition("/")
    asked = {
        "owner": wanted["owner"] or ",".join(SET),
        "province": wanted["province"],
        "framework": framework,
        "indicator": code,
        "period": wanted["period"],
        "progress": wanted["progress"],
    }
    said = {name: value for name, value in asked.items() if value}
    return f"/api/v1/targets?{urlencode(said, safe=',')}"


def _subjects(country: Country) -> list[tuple[str, str]]:
    """What targets are about, by name, to choose from."""
    held = {_subject(one.target): target_words.name_of(one.target.code, one.target.framework) for one in country.states}
    return sorted(held.items(), key=lambda pair: pair[1])


def _settable(code: str) -> PlaceRecord:
    found = find_place(database(), code).place
    require(*SETTING.values(), place=found)
    return found


def _form(where: PlaceRecord, typed: Form) -> str:
    database().rollback()
    owners = [(owner, str(target_words.OWNERS[owner])) for owner in SETTING if may(SETTING[owner], where)]
    return render_template(
        "pages/targets/form.html",
        place=where,
        form=typed,
        owners=owners,
        indicators=_indicators(where),
        nodes=_nodes(),
        most=LONGEST,
        say=target_words,
        heading=full_name(where),
    )


def _indicators(where: PlaceRecord) -> list[tuple[str, str, str]]:
    """Code, name and unit of every indicator that applies to the place."""
    found = application().catalogue.indicators.values()
    return [
        (one.code, translated(one.name), target_words.unit_of(one.code))
        for one in found
        if one.indicator.status != "retired"
        and (one.indicator.applies_to is None or where.place_type in one.indicator.applies_to)
    ]


def _nodes() -> list[tuple[str, str]]:
    """Nodes whose scores may be compared from year to year, as `framework/node`."""
    known = application().catalogue.frameworks.values()
    return [
        (f"{entry.framework.code}/{code}", target_words.name_of(code, entry.framework.code))
        for entry in known
        if lasting(entry.framework)
        for code in entry.names
    ]


def _seen() -> int:
    """The revision that the reader had before him; 0 where there was none."""
    seen = given("seen")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else 0


def _sent(where: PlaceRecord) -> tuple[str, Subject | None, Said | None, dict[str, str]]:
    """What the form says: owner, subject and words; None where it cannot be read, which the errors say."""
    errors: dict[str, str] = {}
    owner = given("owner")
    if owner not in SETTING:
        errors["owner"] = gettext("Choose on whose behalf you set it.")
    framework, _, code = given("code").rpartition("/")
    value, when = _number(given("value")), _year(given("period"))
    if not code:
        errors["code"] = gettext("Choose what the target is about.")
    if value is None:
        errors["value"] = gettext("Write the value as a number, without its unit.")
    if when is None:
        errors["period"] = gettext("Write a year such as 2570 or 2027.")
    if errors or value is None or when is None:
        return owner, None, None, errors
    return owner, Subject(where.id, code, when, framework), Said(value, given("reason")), {}


def _number(text: str) -> float | None:
    try:
        return float(plain(text).replace(",", "").replace(" ", ""))
    except ValueError:
        return None


def _year(text: str) -> int | None:
    try:
        return common_year(arabic_digits(text.strip()))
    except Invalid:
        return None


def _of_target(where: PlaceRecord, number: int) -> Form:
    held = target(database(), number)
    if held.place_id != where.id:
        raise NotFound(f"place {where.id} has no target {number}")
    typed = {"code": _subject(held), "value": f"{held.value:.10g}", "reason": held.reason, "owner": held.owner}
    return Form({**typed, "period": str(held.period), "seen": str(held.revision), "number": str(held.id)})


def _refused(problems: Sequence[Problem]) -> dict[str, str]:
    said = {
        "code": gettext(
            "A target cannot be set for this: it does not apply to this kind of place, it is retired, "
            "or its scores cannot be compared from year to year."
        ),
        "period": gettext("Choose a year that is not over, at most 30 years ahead."),
        "value": gettext("The indicator cannot have this value."),
        "reason": gettext("Say why, in at most %(count)s characters.", count=f"{LONGEST:,}"),
    }  # fmt: skip
    return {one.column: said[one.column] for one in problems if one.column in said}


__all__ = ["Listed", "targets"]
