"""What becomes of each assessment of the demo, and when: drawn, so that every state is there to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import numpy as np

from cityindex.services.demo.accounts import NAMED

Rng = np.random.Generator


class Course(StrEnum):
    """How far an assessment has come."""

    UNTOUCHED = "untouched"
    PARTLY = "partly"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    AGAIN = "again"
    """Returned and submitted once more."""
    APPROVED = "approved"
    TWICE = "twice"
    """Returned, submitted once more and approved."""


ANSWERED = frozenset(Course) - {Course.UNTOUCHED, Course.PARTLY}
RETURNS = frozenset({Course.RETURNED, Course.AGAIN, Course.TWICE})
RESUBMITS = frozenset({Course.AGAIN, Course.TWICE})
APPROVES = frozenset({Course.APPROVED, Course.TWICE})
FINISHED = {Course.UNTOUCHED: 0.03, Course.PARTLY: 0.02, Course.TWICE: 0.18, Course.APPROVED: 0.77}
"""Shares of the courses in a round that is over; then those of the one that is open."""
OPEN = {
    Course.UNTOUCHED: 0.26,
    Course.PARTLY: 0.27,
    Course.SUBMITTED: 0.17,
    Course.IN_REVIEW: 0.07,
    Course.RETURNED: 0.06,
    Course.AGAIN: 0.03,
    Course.TWICE: 0.03,
    Course.APPROVED: 0.11,
}
EXTENDED = 0.05
DAYS_OPEN, DAYS_LEFT = 40, 30
SOON = 38.6
"""Days after the opening of the open round, when the last ones are approved: after its first publication."""
DEADLINE, CLOSED, PUBLISHED = 45, 75, 110
"""Days after the opening of a round that is over."""
UPHELD, DISMISSED, PENDING = 2, 3, 2
"""Appeals in the last round that is over."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one assessment. `early`: it is in the first publication; `late`: approved much later.

    Moments are days after the opening of its round.
    """

    course: Course
    submitted: float
    decided: float
    early: bool = True
    extended: bool = False
    late: bool = False
    appeal: str = ""


def opening(today: date, rounds_ago: int) -> datetime:
    """When a round was opened: the open one `DAYS_OPEN` ago, each one before a year earlier, at nine in Thailand."""
    day = today - timedelta(days=DAYS_OPEN + 365 * rounds_ago)
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def fates(codes: Sequence[str], rounds_ago: int, appeals: bool, rng: Rng) -> tuple[Fate, ...]:
    """The fates of places in a round, in their order."""
    shares = FINISHED if rounds_ago else OPEN
    courses = _drawn(shares, len(codes), rng)
    special = _appeals(codes) if appeals else {}
    return tuple(
        _fate(code, course, rounds_ago, special.get(code, ""), rng) for code, course in zip(codes, courses, strict=True)
    )


def _fate(code: str, course: Course, rounds_ago: int, appeal: str, rng: Rng) -> Fate:
    named = _of_named(code, rounds_ago)
    submitted, waited = rng.uniform(8, 42 if rounds_ago else 27), rng.uniform(2, 5)
    late = appeal == "pending"
    if late:  # an extension long after the round, so that the clock of its appeal runs today
        submitted = DAYS_OPEN + 365 * rounds_ago - 28.0
    extended = late or rng.random() < EXTENDED
    early = bool(rounds_ago) or named is Course.APPROVED or rng.random() < 0.4
    return Fate(
        Course.APPROVED if appeal else named or course,
        submitted,
        submitted + (8 if late else waited),
        early and not late,
        extended and named is None,
        late,
        appeal,
    )


def _of_named(code: str, rounds_ago: int) -> Course | None:
    """The places with accounts to try were approved before, and stand now where their accounts say."""
    if code not in NAMED.values():
        return None
    now = {NAMED["returned"]: Course.RETURNED, NAMED["open"]: Course.UNTOUCHED, NAMED["published"]: Course.APPROVED}
    return Course.APPROVED if rounds_ago else now[code]


def _appeals(codes: Sequence[str]) -> Mapping[str, str]:
    free = iter([code for code in codes if code not in NAMED.values()])
    kinds = ["upheld"] * UPHELD + ["dismissed"] * DISMISSED + ["pending"] * PENDING
    return {next(free): kind for kind in kinds}


def _drawn(shares: Mapping[Course, float], count: int, rng: Rng) -> Iterator[Course]:
    """In the very numbers that the shares give, in any order."""
    exact = np.cumsum(list(shares.values())) * count
    ends = np.round(exact / exact[-1] * count).astype(int)
    sizes = np.diff(ends, prepend=0)
    listed = [course for course, size in zip(shares, sizes, strict=True) for _ in range(size)]
    return (listed[one] for one in rng.permutation(count))
