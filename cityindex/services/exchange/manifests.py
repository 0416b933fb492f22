"""What stands in a manifest, and what is looked at before anything of a delivery is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from cityindex.definitions.agreements import Agreement
from cityindex.errors import Conflict, Invalid, Problem

AHEAD = timedelta(minutes=15)
"""How far another clock may be ahead of ours."""
ERAS = ("ce", "be")
WORDS = ("agreement", "version", "made_at", "era", "format", "sha256")
NUMBERS = ("sequence", "rows", "bytes")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The part of a manifest that decides. `era` is that of the years in the rows; `made_at` is of the common era."""

    agreement: str
    version: str
    sequence: int
    made_at: datetime
    era: Literal["be", "ce"]
    format: str
    rows: int
    bytes: int
    sha256: str
    demo: bool


class Gap(Conflict):
    """Another number comes next."""

    def __init__(self, agreement: str, sequence: int, expected: int) -> None:
        super().__init__(f"{agreement}: delivery {expected} comes next, not {sequence}")
        self.expected = expected


def read_manifest(said: Mapping[str, Any]) -> Manifest:
    """A manifest from what was signed. Raises `Invalid` naming all that is missing or wrong."""
    problems = [_problem(name, "write it as text") for name in WORDS if not isinstance(said.get(name), str)]
    problems += [_problem(name, "write a whole number") for name in NUMBERS if not _whole(said.get(name))]
    if not problems and said["era"] not in ERAS:
        problems.append(_problem("era", "write ce or be: the era of the years in the rows"))
    if problems:
        raise Invalid("the manifest cannot be read", problems)
    names = (*WORDS, *NUMBERS)
    parts = {name: said[name] for name in names if name != "made_at"}
    return Manifest(made_at=_moment(said["made_at"]), demo=said.get("demo") is True, **parts)


def check_terms(manifest: Manifest, agreement: Agreement) -> None:
    """Raises `Conflict` where a manifest does not fit the agreement that it names."""
    pairs = (
        ("version", manifest.version, agreement.version),
        ("format", manifest.format, agreement.format),
        ("demo", manifest.demo, agreement.demo),
    )
    problems = [
        Problem(f"the agreement says {ours}, the delivery {theirs}", "agree on one", column=name)
        for name, theirs, ours in pairs
        if theirs != ours
    ]
    if problems:
        raise Conflict("the delivery does not fit the agreement", problems)


def check_clock(manifest: Manifest, at: datetime) -> None:
    """Raises `Invalid` for a moment that has not come: a clock in the other era is 543 years ahead."""
    if manifest.made_at > at + AHEAD:
        far = manifest.made_at.year - at.year > 500
        cure = "write the year of the common era" if far else "set the clock"
        raise Invalid("the delivery was made in the future", [Problem("it has not come yet", cure, column="made_at")])


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("the manifest cannot be read", [_problem("made_at", "write a moment with its zone (ISO 8601)")])
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _problem(name: str, cure: str) -> Problem:
    return Problem("it is missing or not to be read", cure, column=name)
