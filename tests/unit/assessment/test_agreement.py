"""Kappa against its inventor's example; and only what was decided without sight of the other counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cityindex.assessment.agreement import agreement, independent, weighted_kappa

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COHEN = ((44, 7, 9), (5, 20, 5), (1, 3, 6))
"""Percent of 200 patients: two psychiatrists, three diagnoses (Cohen 1968, also in R's psych::cohen.kappa)."""
COHEN_WEIGHTS = ((0, 1, 3), (1, 0, 6), (3, 6, 0))


def ratings(table: tuple[tuple[int, ...], ...]) -> list[tuple[int, int]]:
    return [(one, other) for one, row in enumerate(table) for other, count in enumerate(row) for _ in range(count)]


def test_the_example_of_cohen() -> None:
    assert weighted_kappa(ratings(COHEN), lambda one, other: one != other) == pytest.approx(0.492, abs=5e-4)
    assert weighted_kappa(ratings(COHEN), lambda one, other: COHEN_WEIGHTS[one][other]) == pytest.approx(
        0.348, abs=5e-4
    )


def test_squared_differences_weigh_far_more_than_near() -> None:
    near = [(0, 1), (5, 5), (0, 0), (3, 3)]
    far = [(0, 4), (5, 5), (0, 0), (3, 3)]
    assert (weighted_kappa(near) or 0) > (weighted_kappa(far) or 0)
    assert weighted_kappa([(0, 0), (5, 5)]) == 1
    assert weighted_kappa([(0, 5), (5, 0)]) == -1


def test_nothing_is_said_where_chance_would_agree_as_well() -> None:
    assert weighted_kappa([]) is None
    assert weighted_kappa([(3, 3), (3, 3)]) is None


@dataclass(frozen=True)
class Said:
    question: str
    part: str
    value: Any
    minute: int
    verdict: str = "accept"

    @property
    def by(self) -> int:
        return {"first": 1, "second": 2}.get(self.part, 3)

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)


def levels(*said: Said) -> list[tuple[Any, Any]]:
    return [pair.said for pair in independent(said, ("a", "b"), frozenset({"a", "b"}))]


def test_nothing_counts_before_the_second_review_is_complete() -> None:
    assert levels(Said("a", "first", 3, 1), Said("b", "first", 3, 2), Said("a", "second", 2, 3)) == []
    assert independent([], (), frozenset()) == ()


def test_what_is_changed_with_the_other_in_sight_does_not_count() -> None:
    first = [Said("a", "first", 3, 1), Said("b", "first", 1, 2)]
    second = [Said("a", "second", 2, 3), Said("b", "second", 1, 4)]
    assert levels(*first, *second) == [(3, 2), (1, 1)]
    assert levels(*first, *second, Said("a", "first", 2, 5), Said("b", "second", 5, 6)) == [(3, 2), (1, 1)]
    assert levels(Said("a", "first", 5, 0), *first, *second) == [(3, 2), (1, 1)]


def test_a_first_reviewer_who_comes_later_counts_as_he_first_decided() -> None:
    second = [Said("a", "second", 2, 1), Said("b", "second", 1, 2)]
    assert levels(*second, Said("a", "first", 4, 5), Said("a", "first", 2, 9)) == [(4, 2)]


def test_percent_and_kappa_have_their_own_counts() -> None:
    said = (
        Said("a", "first", 3, 1), Said("b", "first", None, 1, "return"), Said("c", "first", "yes", 1),
        Said("a", "second", 3, 2), Said("b", "second", 2, 2, "adjust"), Said("c", "second", "yes", 2),
        Said("a", "appeal", 0, 9),
    )  # fmt: skip
    pairs = independent(said, ("a", "b", "c"), frozenset({"a", "b"}))
    found = agreement(pairs)
    assert (found.count, found.same, found.levels) == (3, 2, 1)
    assert found.share == pytest.approx(2 / 3)
    assert {(pair.first, pair.second) for pair in pairs} == {(1, 2)}
    assert agreement([]).share is None
