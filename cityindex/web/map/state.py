"""What an address of the map may say: the whole state of the view. What is left out is chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, validate
from marshmallow import fields as arguments

from cityindex.maps.classes import CLASSES, FEWEST, METHODS, MOST
from cityindex.maps.palettes import PALETTES, SITE
from cityindex.web.indicators.view import year_argument
from cityindex.web.query import checked

OBSERVATIONS = "observations"
"""Stands in place of a framework for figures as they were reported."""
VIEWS = ("one", "pair", "both", "years", "parts")
"""One map; two beside each other; two variables in one map; one map a year; one map for each part of a node."""
CLASSINGS = ("bands", *METHODS, "own")
CODE = validate.Length(max=64)
MOST_BREAKS = MOST - 1
NUMBERS = validate.Length(max=120)


def breaks_argument(text: str) -> tuple[float, ...]:
    """Ascending numbers between commas. Raises `ValidationError`."""
    if not text:
        return ()
    try:
        breaks = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValidationError("is not a list of numbers between commas") from None
    if len(breaks) > MOST_BREAKS:
        raise ValidationError(f"has more than {MOST_BREAKS} numbers")
    if not all(math.isfinite(one) for one in breaks) or list(breaks) != sorted(set(breaks)):
        raise ValidationError("is not a list of numbers that grow")
    return breaks


def number_argument(text: str) -> float | None:
    """A finite number, or none. Raises `ValidationError`."""
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise ValidationError("is not a number") from None
    if not math.isfinite(number):
        raise ValidationError("is not a number")
    return number


def group_argument(text: str) -> tuple[str, str]:
    """A group of peers: what they share and which group, with a colon between them. Raises `ValidationError`."""
    peers, colon, group = text.partition(":")
    if text and not (peers and colon and group):
        raise ValidationError("is not a group of peers, such as region:north")
    return peers, group


def _one_of(*choices: str, default: str = "") -> arguments.String:
    return arguments.String(load_default=default, validate=validate.OneOf(["", *choices]))


class StateSchema(Schema):
    """The arguments of an address."""

    class Meta:
        unknown = EXCLUDE

    framework = arguments.String(load_default="", validate=CODE)
    node = arguments.String(load_default="", validate=CODE)
    indicator = arguments.String(load_default="", validate=CODE)
    was = arguments.String(load_default="", validate=CODE)
    period = arguments.Function(deserialize=year_argument, load_default=None)
    view = _one_of(*VIEWS)
    second = arguments.String(load_default="", validate=CODE)
    symbols = arguments.String(load_default="", validate=CODE)
    type = arguments.String(load_default="", validate=CODE)
    province = arguments.String(load_default="", validate=CODE)
    programme = arguments.String(load_default="", validate=CODE)
    peers = arguments.Function(deserialize=group_argument, load_default=("", ""))
    classes = _one_of(*CLASSINGS)
    k = arguments.Integer(load_default=CLASSES, validate=validate.Range(min=FEWEST, max=MOST))
    breaks = arguments.Function(deserialize=breaks_argument, load_default=())
    palette = _one_of(*PALETTES)
    middle = arguments.Function(deserialize=number_argument, load_default=None)
    scale = _one_of("locked")
    hide = _one_of("unsure")
    labels = _one_of("on")
    place = arguments.String(load_default="", validate=CODE)


@dataclass(frozen=True, slots=True)
class State:
    """The arguments as they were meant: see `StateSchema`."""

    framework: str = ""
    node: str = ""
    period: int | None = None
    view: str = "one"
    second: str = ""
    symbols: str = ""
    type: str = ""
    province: str = ""
    programme: str = ""
    peers: tuple[str, str] = ("", "")
    classes: str = ""
    k: int = CLASSES
    breaks: tuple[float, ...] = ()
    palette: str = SITE
    middle: float | None = None
    scale: str = ""
    hide: str = ""
    labels: str = ""
    place: str = ""

    def address(self) -> dict[str, Any]:
        """The arguments of the address of this view, without those that say what goes without saying."""
        written = {field.name: getattr(self, field.name) for field in fields(self)}
        written |= {
            "peers": ":".join(self.peers) if self.peers[1] else "",
            "breaks": ",".join(f"{one:g}" for one in self.breaks) if self.classes == "own" else "",
        }
        usual = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in written.items() if value not in ("", None, usual[name])}


def state_of(said: Mapping[str, str]) -> State:
    """The state that an address says. Raises `Invalid` with all that cannot be."""
    # An empty field of a form says nothing.
    wanted = checked(StateSchema(), {name: value for name, value in said.items() if value})
    indicator, was = wanted.pop("indicator"), wanted.pop("was")
    if indicator and not wanted["framework"]:
        wanted |= {"framework": OBSERVATIONS, "node": indicator}
    if was and was != wanted["framework"]:
        # Another framework was chosen in the form: what else it says belongs to the one before.
        wanted |= {"node": "", "period": None, "peers": ("", "")}
    own = wanted["breaks"] and wanted["classes"] in ("", "own")
    # "Own" without breaks: the suggested ones are shown, to be changed.
    wanted["classes"] = "own" if own else wanted["classes"].replace("own", "")
    return State(**{**wanted, "view": wanted["view"] or "one", "palette": wanted["palette"] or SITE})
