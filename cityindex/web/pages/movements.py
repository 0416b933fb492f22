"""Which places moved in a ranking since the edition before, and what of it new figures and a new method did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import NotFound
from cityindex.queries.observations.indicator_tables import Filter, matching_places, places_by_id
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import provinces
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.rank_changes import PlaceSteps, apart, edition_changes, rank_intervals, rank_steps
from cityindex.queries.runs.scores import NO_INTERVAL, Interval
from cityindex.web.editions.ranking_files import moves_taken
from cityindex.web.editions.shown_editions import shown_editions
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.links import Sorting, here, page_links
from cityindex.web.pages.frameworks import frameworks
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

ROWS = 50
Intervals = Mapping[int, Interval]
UPWARD = frozenset({"before", "after"})


class MovementArguments(Schema):
    """What an address of the moves may ask for."""

    class Meta:
        unknown = EXCLUDE

    type = fields.String(load_default="")
    province = fields.String(load_default="", validate=validate.Length(max=10))
    sort = fields.String(
        load_default="total", validate=validate.OneOf(["total", "figures", "method", "before", "after"])
    )
    order = fields.String(load_default="", validate=validate.OneOf(["", "asc", "desc"]))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True, slots=True)
class Within:
    """A rank with its interval."""

    rank: int | None
    rank_low: int | None
    rank_high: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """A place that is ranked in both editions."""

    place: Named
    steps: PlaceSteps
    before: Within
    now: Within


@frameworks.get("/frameworks/<code>/<int:period>/movement")
def movement(code: str, period: int) -> ResponseReturnValue:
    """The places that are ranked in both editions, the longest climb first."""
    now, before = _editions(code, period)
    arguments = checked(MovementArguments(), request.args)
    by = arguments["sort"]
    descending = arguments["order"] == "desc" if arguments["order"] else by not in UPWARD
    moved = _sorted(_both(now, before, arguments), by, descending=descending)
    start = (arguments["page"] - 1) * ROWS
    if start and start >= len(moved):
        raise NotFound(f"there is no page {arguments['page']}")
    entry = entry_of(now)
    taken = moves_taken(entry, now, before, moved, arguments)
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    changes = edition_changes(database(), now, before)
    then, today = (rank_intervals(database(), one.run) for one in (before, now))
    types = application().catalogue.codelist("place-types").items
    return render_template(
        "pages/frameworks/movement.html",
        entry=entry,
        edition=now,
        taken=taken,
        before=before,
        changes=changes,
        parted=changes.method is not None,
        rows=_rows(moved[start : start + ROWS], then, today),
        clear=sum(apart(then.get(place, NO_INTERVAL), today.get(place, NO_INTERVAL)) for place, _ in moved),
        sure=any(low is not None for low, _ in (*then.values(), *today.values())),
        total=len(moved),
        up=sum(1 for _, steps in moved if (steps.total or 0) > 0),
        down=sum(1 for _, steps in moved if (steps.total or 0) < 0),
        arguments=arguments,
        sorting=Sorting(arguments, by, descending, UPWARD),
        pages=max(-(-len(moved) // ROWS), 1),
        page_link=page_links(arguments),
        here=partial(here, arguments),
        types=[(kind, translated(types[kind].name)) for kind in entry.framework.places or types],
        provinces=[(one.code, translated(one)) for one in provinces(database())],
    )


def _editions(code: str, period: int) -> tuple[Edition, Edition]:
    editions = shown_editions(code)
    now = next((one for one in editions if one.period == period), None)
    if now is None:
        raise NotFound(f"{code} is not published for {period}")
    before = next((one for one in editions if one.period < period), None)
    if before is None:
        raise NotFound(f"there is no edition of {code} before {period}")
    return now, before


def _both(now: Edition, before: Edition, arguments: Mapping[str, Any]) -> list[tuple[int, PlaceSteps]]:
    """Places by id, of those that pass the filter and are ranked in both."""
    both = [(place, steps) for place, steps in rank_steps(database(), now, before).items() if steps.total is not None]
    if not arguments["type"] and not arguments["province"]:
        return both
    types = [application().catalogue.place_type(arguments["type"])] if arguments["type"] else []
    wanted = set(matching_places(database(), Filter(types, arguments["province"])).tolist())
    return [(place, steps) for place, steps in both if place in wanted]


def _sorted(moved: Sequence[tuple[int, PlaceSteps]], by: str, *, descending: bool) -> list[tuple[int, PlaceSteps]]:
    """By a step or a rank; what is not known comes last, and the better rank now decides between equals."""

    def key(one: tuple[int, PlaceSteps]) -> tuple[bool, int, int]:
        value = getattr(one[1], by)
        return value is None, (-value if descending else value) if value is not None else 0, one[1].after or 0

    return sorted(moved, key=key)


def _rows(moved: Sequence[tuple[int, PlaceSteps]], then: Intervals, today: Intervals) -> list[Move]:
    names = places_by_id(database(), [place for place, _ in moved])
    return [
        Move(
            names[place],
            steps,
            Within(steps.before, *then.get(place, NO_INTERVAL)),
            Within(steps.after, *today.get(place, NO_INTERVAL)),
        )
        for place, steps in moved
        if place in names
    ]
