"""Improvement plans, where places show them to everybody: what stands on their public page, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from cityindex.calendars import buddhist_year
from cityindex.errors import NotFound
from cityindex.formats.plan_sheets import STATUSES
from cityindex.queries.observations.indicator_tables import Filter
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.queries.plans import shown
from cityindex.queries.plans.plans import ActionRecord, is_shown, shown_plan
from cityindex.web.addresses import absolute
from cityindex.web.api.answers import Page, page
from cityindex.web.api.arguments import Paged, code, place_type
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing
from cityindex.web.api.schemas.plans import PlanLine, ShownPlan
from cityindex.web.api.usage import about
from cityindex.web.session import application, database

TAG = "Plans"
PLAIN = ("programme", "what", "objective", "output", "outcome", "owner", "target", "status", "evidence", "changed_at")


class PlansAsked(Paged):
    """Whose plans. Those of all places that show one, where nothing is said."""

    place_type = place_type()
    province = code("Code of a province: places within it.", example="50")
    q = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "Parts of names or codes."}
    )


@listing("/plans", PlansAsked, ShownPlan, TAG)
def plans(asked: dict[str, Any]) -> ResponseReturnValue:
    """List the places that show their improvement plan, by name, with what stands in it."""
    types = [application().catalogue.place_type(asked["place_type"])] if asked["place_type"] else ()
    start, limit = read(asked["cursor"])["after"] if asked["cursor"] else 0, asked["limit"]

    def make() -> Page:
        fitting = shown.shown_places(database(), Filter(types, asked["province"] or "", asked["q"]))
        following = written({"after": start + limit}) if start + limit < len(fitting) else None
        return Page([_plan(one) for one in shown.shown_plans(database(), fitting[start : start + limit])], following)

    return page(asked, make)


@listing("/places/<code>/plan", Paged, PlanLine, TAG, code="50")
def plan(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """List the lines of the improvement plan that a place shows to everybody."""
    found = find_place(database(), code).place
    about(found.id)
    if not is_shown(database(), found.id):
        raise NotFound(f"place {found.code} shows no plan")
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0

    def make() -> Page:
        lines = [one for one in shown_plan(database(), found.id) if one.id > after]
        kept = lines[: asked["limit"]]
        following = written({"after": kept[-1].id}) if len(lines) > len(kept) else None
        return Page([_item(one, found) for one in kept], following)

    return page(asked, make)


def _plan(one: shown.ShownPlan) -> Mapping[str, Any]:
    return {
        "place": one.place.code,
        "place_type": one.place.place_type,
        "province": one.place.province_code,
        "lines": one.lines,
        "statuses": {status: one.statuses.get(status, 0) for status in STATUSES},
        "years": list(one.years),
        "years_be": [buddhist_year(when) for when in one.years],
        "baht": one.baht,
        "shown_since": one.since,
        "changed_at": one.changed_at,
        "page": absolute(url_for("plan_shown.published", code=one.place.code)),
        "demo": one.place.demo,
    }


def _item(one: ActionRecord, place: PlaceRecord) -> Mapping[str, Any]:
    return {
        "line": one.id,
        "place": place.code,
        **{name: getattr(one, name) for name in PLAIN},
        "budgets": [
            {"period": when or None, "period_be": buddhist_year(when) if when else None, "baht": baht}
            for when, baht in one.budgets
        ],
        "ends": one.fiscal_year,
        "ends_be": buddhist_year(one.fiscal_year) if one.fiscal_year else None,
        "indicator": one.indicator or None,
        "strategy": one.strategy.split(),
        "demo": place.demo,
    }
