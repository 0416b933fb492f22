"""Improvement plans, where places show them to everybody: what stands on their public page, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue

from cityindex.calendars import buddhist_year
from cityindex.errors import NotFound
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.queries.plans import ActionRecord, is_shown, shown_plan
from cityindex.web.api.answers import Page, page
from cityindex.web.api.arguments import Paged
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing
from cityindex.web.api.schemas.plans import PlanLine
from cityindex.web.api.usage import about
from cityindex.web.session import database

TAG = "Plans"
PLAIN = ("programme", "what", "objective", "output", "outcome", "owner", "target", "status", "evidence", "changed_at")


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
