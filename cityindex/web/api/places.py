"""Places, what they are members of, and why they have their score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from cityindex.queries.places.places import PlaceRecord, Search, codes_of, find_place, place_page, spells_of
from cityindex.queries.places.programmes import MembershipRecord, memberships_of
from cityindex.queries.places.similar import Similar
from cityindex.web.api.answers import Page, named, page, single
from cityindex.web.api.arguments import Paged, code, place_type
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing, moving
from cityindex.web.api.schemas import places as schemas
from cityindex.web.api.usage import about
from cityindex.web.compare.similar_words import similar_to
from cityindex.web.session import application, database

TAG = "Places"
MOST_SIMILAR = 50
SHOWN = ("latitude", "longitude", "area_km2", "population", "valid_from", "valid_to", "source", "demo")


class PlacesAsked(Paged):
    """Which places. All that exist, local governments and areas alike, where nothing is said."""

    place_type = place_type()
    province = code("Code of a province: places within it.", example="50")
    programme = code("Code of a programme or network: its present members.")
    q = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "Parts of names or codes."}
    )
    ended = fields.Boolean(
        load_default=False, metadata={"description": "Places that are no more, too.", "type": "boolean"}
    )


class SimilarAsked(Paged):
    """How many of the places most like one."""

    limit = fields.Integer(
        load_default=5,
        validate=validate.Range(min=1, max=MOST_SIMILAR),
        metadata={"description": f"How many places, at most {MOST_SIMILAR}."},
    )


@listing("/places", PlacesAsked, schemas.Place, TAG)
def places(asked: dict[str, Any]) -> ResponseReturnValue:
    """List places, by code."""
    wanted = _search(asked)
    limit, after = asked["limit"], read(asked["cursor"])["after"] if asked["cursor"] else None

    def make() -> Page:
        found = place_page(database(), wanted, after, limit + 1, ended=asked["ended"])
        following = written({"after": found[limit - 1].code}) if len(found) > limit else None
        return Page([place_item(one) for one in found[:limit]], following)

    return page(asked, make)


@moving("/places/<code>", schemas.PlaceDetails, TAG, code="50")
def place(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Show a place with its codes, its past and its memberships."""
    session = database()
    found = find_place(session, code)
    if found.redirected:
        given: dict[str, Any] = request.args.to_dict()
        return redirect(url_for("api.place", code=found.place.code, **given), 301)
    record = found.place
    about(record.id)

    def make() -> Mapping[str, Any]:
        return {
            **place_item(record),
            "codes": [
                {"scheme": one.scheme, "code": one.code, "in_force": one.in_force, **_valid(one)}
                for one in codes_of(session, record.id)
            ],
            "before": [
                {**named(one.name_th, one.name_en), "place_type": one.place_type, "code": one.code, **_valid(one)}
                for one in spells_of(session, record.id)
            ],
            "memberships": [_membership(one) for one in memberships_of(session, record.id)],
            "links": {
                "scores": url_for("api.scores", place=record.code),
                "observations": url_for("api.observations", place=record.code),
                "page": url_for("places.profile", code=record.code),
            },
        }

    return single(asked, make)


@listing("/places/<code>/similar", SimilarAsked, schemas.SimilarPlace, TAG, code="50")
def similar(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """List the places most like a place, the nearest first, with the reasons."""
    found = find_place(database(), code).place
    about(found.id)
    if asked["cursor"]:
        read(asked["cursor"])  # there is one page: no cursor was ever given
    return page(asked, lambda: Page([_similar(one) for one in similar_to(found.code, asked["limit"]).found]))


def _similar(one: Similar) -> dict[str, Any]:
    return {
        "place": one.place.code,
        **named(one.place.name_th, one.place.name_en),
        "place_type": one.place.place_type,
        "province": one.place.province_code,
        "distance": one.distance,
        "traits": [{"trait": x.trait, "mine": x.mine, "other": x.other} for x in one.likenesses],
        "demo": one.place.demo,
    }


def place_item(one: PlaceRecord) -> dict[str, Any]:
    province = named(one.province_th or "", one.province_en)["name"] if one.province_th else None
    return {
        "place": one.code,
        **named(one.name_th, one.name_en),
        "place_type": one.place_type,
        "province": one.province_code,
        "province_name": province,
        "district": one.district_code,
        **{name: getattr(one, name) for name in SHOWN},
    }


def place_ids(codes: Sequence[str]) -> tuple[int, ...]:
    """The places that codes mean. Raises `NotFound`."""
    found = tuple(find_place(database(), one).place.id for one in codes)
    return (about(found[0]),) if len(found) == 1 else found


def date_as_known(value: date | None, precision: str) -> str | None:
    """A date as exactly as it is known: 2020, 2020-10 or 2020-10-31."""
    return None if value is None else value.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]


def _membership(one: MembershipRecord) -> dict[str, Any]:
    return {
        "programme": one.programme,
        "joined": date_as_known(one.joined, one.joined_precision),
        "left": date_as_known(one.left, one.left_precision),
        "source": one.source,
    }


def _valid(one: Any) -> dict[str, date | None]:
    return {"valid_from": one.valid_from, "valid_to": one.valid_to}


def _search(asked: Mapping[str, Any]) -> Search:
    """Codes that are not there are said to be so: they would filter everything away."""
    catalogue = application().catalogue
    kind = (catalogue.place_type(asked["place_type"]),) if asked["place_type"] else ()
    if asked["programme"]:
        catalogue.programme(asked["programme"])
    province = find_place(database(), asked["province"]).place.code if asked["province"] else None
    return Search(asked["q"], kind, province, asked["programme"])
