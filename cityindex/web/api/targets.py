"""Targets: what places want to reach, by when, how far they are, and every revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy import or_
from webargs.fields import DelimitedList

from cityindex.calendars import buddhist_year
from cityindex.errors import NotFound
from cityindex.models import Place, Target, TargetRevision
from cityindex.participation.progress import Progress
from cityindex.queries.participation.target_history import SaidRecord, said
from cityindex.queries.participation.targets import OWNERS, TargetState, revisions_of, states, target, targets
from cityindex.queries.places.places import find_place
from cityindex.web.api.answers import Page, named, page, single
from cityindex.web.api.arguments import Paged, code, nothing, period, several
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing, one
from cityindex.web.api.places import place_ids
from cityindex.web.api.schemas import targets as schemas
from cityindex.web.api.usage import about
from cityindex.web.participation import target_words
from cityindex.web.participation.target_view import today
from cityindex.web.session import application, database

TAG = "Targets"


def owners() -> fields.Field[Any]:
    """Whose targets are asked for."""
    words = "Who sets it, separated by commas: `residents` (a proposal), `place`, `province`, `nation`."
    one = fields.String(validate=validate.OneOf(OWNERS))
    most = validate.Length(min=1, max=len(OWNERS))
    return DelimitedList(one, load_default=nothing, validate=most, metadata={"description": words})


PROVINCE = "Code of a province: itself and the places within it."
FRAMEWORK = "Code of the framework of a node; only targets for its nodes."


class AboutTargets(Paged):
    """Whose targets, for what and by when."""

    place = several("Codes of places, separated by commas.")
    province = code(PROVINCE, example="50")
    framework = code(FRAMEWORK)
    indicator = code("Code of the indicator or node.")
    period = period()
    owner = owners()


class TargetsAsked(AboutTargets):
    """Which targets. Without anything, all that are in force."""

    progress = fields.String(
        load_default=nothing,
        validate=validate.OneOf([*map(str, Progress)]),
        metadata={"description": "How far it is."},
    )


@listing("/targets", TargetsAsked, schemas.Target, TAG)
def listed(asked: dict[str, Any]) -> ResponseReturnValue:
    """List targets in force, in the order in which they were first set."""
    conditions = _conditions(asked)
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0

    def make() -> Page:
        records = sorted(targets(database(), *conditions, Target.id > after), key=lambda one: one.id)
        known = states(database(), application().catalogue, records, today())
        wanted = [one for one in known if asked["progress"] in (None, str(one.told.progress))]
        kept = wanted[: asked["limit"]]
        following = written({"after": kept[-1].target.id}) if len(wanted) > len(kept) else None
        return Page([_item(one) for one in kept], following)

    return page(asked, make)


@one("/targets/<int:number>", schemas.TargetDetails, TAG)
def single_target(asked: dict[str, Any], number: int) -> ResponseReturnValue:
    """Show a target with all its revisions."""
    record = target(database(), number)
    about(record.place_id)

    def make() -> Mapping[str, Any]:
        state = states(database(), application().catalogue, [record], today())
        if not state:
            raise NotFound(f"target {number} is about something that is defined no longer")
        revisions = [
            {"revision": one.revision, "value": one.value, "reason": one.reason, "set_at": one.at}
            for one in revisions_of(database(), number)
        ]
        return {**_item(state[0]), "revisions": revisions}

    return single(asked, make)


class RevisionsAsked(AboutTargets):
    """Which revisions. Without anything, all there ever were."""

    updated_after = fields.AwareDateTime(
        load_default=nothing,
        metadata={"description": "What was said at or after this moment (with its zone): a change feed."},
    )


@listing("/targets/revisions", RevisionsAsked, schemas.SaidOfTarget, TAG)
def revisions(asked: dict[str, Any]) -> ResponseReturnValue:
    """List everything that was ever said of targets, in its order: set, changed and taken back."""
    conditions = _conditions(asked)
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0
    if asked["updated_after"] is not None:
        conditions.append(TargetRevision.at >= asked["updated_after"])

    def make() -> Page:
        found = said(database(), *conditions, TargetRevision.id > after, limit=asked["limit"] + 1)
        kept = found[: asked["limit"]]
        following = written({"after": kept[-1].number}) if len(found) > len(kept) else None
        return Page([_said(one) for one in kept], following)

    return page(asked, make)


def _conditions(asked: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    if asked["place"] is not None:
        found.append(Target.place_id.in_(place_ids(asked["place"])))
    if asked["province"] is not None:
        province = find_place(database(), asked["province"]).place.id
        found.append(or_(Place.province_id == province, Place.id == province))
    if asked["owner"] is not None:
        found.append(Target.owner.in_(asked["owner"]))
    equal = (("framework", Target.framework), ("indicator", Target.code), ("period", Target.period))
    return found + [column == asked[name] for name, column in equal if asked[name] is not None]


def _item(state: TargetState) -> dict[str, Any]:
    held, told = state.target, state.told
    return {
        "target": held.id,
        "place": held.place,
        **named(held.name_th, held.name_en),
        "framework": held.framework or None,
        "indicator": held.code,
        "period": held.period,
        "period_be": buddhist_year(held.period),
        "value": held.value,
        "unit": target_words.unit_of(held.code, held.framework),
        "owner": held.owner,
        "progress": str(told.progress),
        "progress_why": told.why or None,
        "newest": told.value,
        "newest_period": told.year,
        "start_period": held.start,
        "expected": told.expected,
        "reason": held.reason,
        "consultation": held.consultation,
        "revision": held.revision,
        "set_at": held.at,
        "demo": held.demo,
    }


def _said(one: SaidRecord) -> dict[str, Any]:
    return {
        "target": one.target,
        "place": one.place,
        **named(one.name_th, one.name_en),
        "framework": one.framework or None,
        "indicator": one.code,
        "period": one.period,
        "period_be": buddhist_year(one.period),
        "value": one.value,
        "unit": target_words.unit_of(one.code, one.framework),
        "owner": one.owner,
        "reason": one.reason,
        "consultation": one.consultation,
        "revision": one.revision,
        "in_force": one.in_force and one.value is not None,
        "set_at": one.at,
        "demo": one.demo,
    }
