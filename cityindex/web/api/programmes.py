"""Programmes, their members, rounds of self-assessment and what of these is public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from cityindex.assessment.workflow import State
from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Programme
from cityindex.queries.assessments.pages import AssessmentWish, assessment_page
from cityindex.queries.assessments.progress import FEWEST, funnel
from cityindex.queries.assessments.rounds import AssessmentRecord, RoundRecord, round_, rounds
from cityindex.queries.places.programmes import MembershipRecord, member_page, members_by_programme
from cityindex.services.exchange.scopes import FOLLOW
from cityindex.web.api import keys
from cityindex.web.api.answers import Page, named, page, single
from cityindex.web.api.arguments import Paged, code, nothing, period, several
from cityindex.web.api.cursors import read, written
from cityindex.web.api.definitions import cut, reference, said
from cityindex.web.api.operations import listing, one
from cityindex.web.api.places import date_as_known, place_ids
from cityindex.web.api.schemas import programmes as schemas
from cityindex.web.filters import translated
from cityindex.web.session import application, database

TAG = "Programmes and assessments"
COUNTS = ("invited", "handed_in", "approved")


class MembersAsked(Paged):
    """Which members."""

    left = fields.Boolean(load_default=False, metadata={"description": "Those who left, too.", "type": "boolean"})


class RoundsAsked(Paged):
    """Which rounds."""

    programme_ = code("Code of a programme.")
    programme_.data_key = "programme"
    period = period()


class AssessmentsAsked(Paged):
    """Which assessments. Without a key that opens more, published ones."""

    questionnaire = code("Code of a questionnaire.")
    programme_ = code("Code of a programme.")
    programme_.data_key = "programme"
    round_ = fields.Integer(
        load_default=nothing,
        data_key="round",
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "Number of a round."},
    )
    period = period()
    place = several("Codes of places, separated by commas.")
    state = fields.String(
        load_default=nothing, validate=validate.OneOf(list(State)), metadata={"description": "A state."}
    )


@listing("/programmes", Paged, schemas.Programme, TAG)
def programmes(asked: dict[str, Any]) -> ResponseReturnValue:
    """List programmes and networks."""
    known = sorted(application().catalogue.programmes.values(), key=lambda one: one.code)
    return page(asked, lambda: cut(asked, known, _programme_with(members_by_programme(database()))))


@one("/programmes/<code>", schemas.Programme, TAG, code="digital-transformation")
def programme(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Show a programme or network."""
    found = application().catalogue.programme(code)
    return single(asked, lambda: _programme_with(members_by_programme(database()))(found))


@listing("/programmes/<code>/members", MembersAsked, schemas.Member, TAG, code="digital-transformation")
def members(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """List the members of a programme or network."""
    application().catalogue.programme(code)
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0
    limit = asked["limit"]

    def make() -> Page:
        found = member_page(database(), code, after, limit + 1, left=asked["left"])
        following = written({"after": found[limit - 1][0]}) if len(found) > limit else None
        return Page([_member(record) for _, record in found[:limit]], following)

    return page(asked, make)


@listing("/rounds", RoundsAsked, schemas.Round, TAG)
def all_rounds(asked: dict[str, Any]) -> ResponseReturnValue:
    """List rounds of self-assessment, with how many assessments are in which state."""
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0
    limit, wanted = asked["limit"], asked["period"]

    def make() -> Page:
        every = sorted(rounds(database(), asked["programme_"]), key=lambda one: one.id)
        rest = [one for one in every if one.id > after and wanted in (None, one.period)]
        following = written({"after": rest[limit - 1].id}) if len(rest) > limit else None
        return Page([_round(one) for one in rest[:limit]], following)

    return page(asked, make)


@one("/rounds/<int:number>", schemas.Round, TAG)
def one_round(asked: dict[str, Any], number: int) -> ResponseReturnValue:
    """Show a round of self-assessment."""
    found = round_(database(), number)
    return single(asked, lambda: _round(found))


@listing("/assessments", AssessmentsAsked, schemas.Assessment, TAG)
def assessments(asked: dict[str, Any]) -> ResponseReturnValue:
    """List published assessments; with a key that opens it, those of its places in every state."""
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0
    limit, places = asked["limit"], asked["place"]
    wish = AssessmentWish(
        questionnaire=asked["questionnaire"],
        programme=asked["programme_"],
        round=asked["round_"],
        period=asked["period"],
        place_ids=None if places is None else place_ids(places),
        state=State(asked["state"]) if asked["state"] else None,
        reach=keys.reach("assessments", FOLLOW),
    )

    def make() -> Page:
        found, following = assessment_page(database(), wish, after, limit)
        return Page([_assessment(one) for one in found], written({"after": following}) if following else None)

    return page(asked, make)


def _programme_with(counts: Mapping[str, int]) -> Any:
    def item(one: Programme) -> dict[str, Any]:
        return {
            "programme": one.code,
            **said(one.name),
            "description": translated(one.description) or None,
            "owner": translated(one.owner) or None,
            "framework": one.framework,
            "questionnaire": one.questionnaire,
            "members": counts.get(one.code, 0),
            "source": reference(one.source),
        }

    return item


def _member(one: MembershipRecord) -> dict[str, Any]:
    return {
        "programme": one.programme,
        "place": one.place,
        **named(one.name_th, one.name_en),
        "place_type": one.place_type,
        "joined": date_as_known(one.joined, one.joined_precision),
        "left": date_as_known(one.left, one.left_precision),
        "note": one.note,
        "source": one.source,
        "demo": one.demo,
    }


def _round(one: RoundRecord) -> dict[str, Any]:
    counts = funnel(database(), one.id)
    # Nothing of a round is public before something of it is published; of few municipalities, a count may say which.
    told = counts.public and counts.invited >= FEWEST
    shown = {name: getattr(counts, name) if told else None for name in COUNTS}
    plain = ("questionnaire", "version", "programme", "period", "opened_at", "deadline", "review_deadline", "closed_at")
    return {
        "round": one.id,
        **{name: getattr(one, name) for name in plain},
        "period_be": buddhist_year(one.period),
        **shown,
        "demo": one.demo,
    }


def _assessment(one: AssessmentRecord) -> dict[str, Any]:
    return {
        "assessment": one.id,
        "round": one.round.id,
        "questionnaire": one.round.questionnaire,
        "programme": one.round.programme,
        "period": one.round.period,
        "period_be": buddhist_year(one.round.period),
        "place": one.place.code,
        **named(one.place.name_th, one.place.name_en),
        "place_type": one.place.place_type,
        "state": one.standing.state,
        "since": one.standing.since,
        "run": one.standing.run,
        "demo": one.place.demo or one.round.demo,
    }
