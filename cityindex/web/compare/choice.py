"""What an address of the compare page asks for: places, edition, peers. Checked, and made into other such addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from marshmallow import EXCLUDE, Schema, fields, validate
from werkzeug.datastructures import MultiDict

from cityindex.calendars import common_year
from cityindex.queries.places.places import PlaceRecord, find_places
from cityindex.web.query import checked
from cityindex.web.session import database

MOST = 6
"""Places beside each other."""
PEERS, FEWEST_PEERS, MOST_PEERS = 10, 3, 50
LISTS = ("place", "pin", "without")
MOST_LISTED = 60


class Wanted(Schema):
    """What an address may say beside its lists of places."""

    class Meta:
        unknown = EXCLUDE

    framework = fields.String(load_default="", validate=validate.Length(max=64))
    period = fields.String(load_default="", validate=validate.Regexp(r"^(\d{4})?$"))
    peers = fields.Integer(load_default=PEERS, validate=validate.Range(min=FEWEST_PEERS, max=MOST_PEERS))
    q = fields.String(load_default="", validate=validate.Length(max=100))


@dataclass(frozen=True)
class Choice:
    """A state of the page. `places`, `pin` (into the peers) and `without` (not among them) are codes, each once."""

    places: tuple[str, ...]
    framework: str = ""
    period: int | None = None
    peers: int = PEERS
    pin: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    q: str = ""

    @property
    def full(self) -> bool:
        return len(self.places) >= MOST

    def arguments(self) -> Mapping[str, Any]:
        """As an address says it: only what is not chosen by itself. The search is over once a place was chosen."""
        said = {
            "place": list(self.places),
            "framework": self.framework,
            "period": self.period,
            "peers": self.peers if self.peers != PEERS else None,
            "pin": list(self.pin),
            "without": list(self.without),
        }
        return {name: value for name, value in said.items() if value}

    def url(self, **changes: Any) -> str:
        return url_for("compare.index", **replace(self, **changes).arguments())

    def added(self, code: str) -> str:
        return self.url(places=(*self.places, code))

    def taken_out(self, code: str) -> str:
        return self.url(places=_without(self.places, code))

    def put_first(self, code: str) -> str:
        return self.url(places=(code, *_without(self.places, code)))

    def pinned(self, code: str) -> str:
        return self.url(pin=(*self.pin, code), without=_without(self.without, code))

    def left_out(self, code: str) -> str:
        return self.url(without=(*self.without, code), pin=_without(self.pin, code))

    def let_in(self, code: str) -> str:
        return self.url(without=_without(self.without, code), pin=_without(self.pin, code))


@dataclass(frozen=True)
class Asked:
    """A choice with the places it names; `unknown` is how many codes nobody has, `twice` who was named twice."""

    choice: Choice
    places: tuple[PlaceRecord, ...]
    unknown: int
    twice: tuple[PlaceRecord, ...]
    too_many: int
    """How many places were named, where they are more than the page can hold; else 0."""
    moved: bool
    """Whether a place was named by a code that it has no more."""


def read(arguments: MultiDict[str, str]) -> Asked:
    """What an address asks for. Raises `Invalid` for what cannot be meant."""
    wanted = checked(Wanted(), {name: value for name, value in arguments.items() if value != ""})
    lists = {name: [code for code in arguments.getlist(name) if code.strip()][:MOST_LISTED] for name in LISTS}
    found = find_places(database(), lists["place"])
    places = [one.place for one in found if one]
    single = list({one.id: one for one in places}.values())
    choice = Choice(
        places=tuple(one.code for one in single),
        framework=wanted["framework"],
        period=common_year(wanted["period"]) if wanted["period"] else None,
        peers=wanted["peers"],
        pin=tuple(dict.fromkeys(lists["pin"])),
        without=tuple(dict.fromkeys(lists["without"])),
        q=wanted["q"].strip(),
    )
    return Asked(
        choice=choice,
        places=tuple(single),
        unknown=sum(one is None for one in found),
        twice=tuple(one for one in single if sum(other.id == one.id for other in places) > 1),
        too_many=len(single) if len(single) > MOST else 0,
        moved=any(one.redirected for one in found if one),
    )


def _without(codes: Sequence[str], code: str) -> tuple[str, ...]:
    return tuple(one for one in codes if one != code)
