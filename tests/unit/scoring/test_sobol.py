"""Sobol' sequences against published points, and the estimators on a function whose indices are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.scoring.sensitivity import estimates, indices
from cityindex.scoring.sobol import DIMENSIONS, plain, scrambled
from cityindex.scoring.streams import fractions, positions

FIRST = [
    [0, 0, 0, 0, 0],
    [0.5, 0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.25, 0.75],
    [0.25, 0.75, 0.75, 0.75, 0.25],
    [0.375, 0.375, 0.625, 0.875, 0.375],
    [0.875, 0.875, 0.125, 0.375, 0.875],
    [0.625, 0.125, 0.875, 0.625, 0.625],
    [0.125, 0.625, 0.375, 0.125, 0.125],
]
"""The first points of new-joe-kuo-6 in five dimensions."""


def test_the_first_points_are_those_published() -> None:
    points = fractions(plain(DIMENSIONS).points(0, 8))
    np.testing.assert_array_equal(points[:, :5], FIRST)
    np.testing.assert_array_equal(points[4:, -2:], [[0.875, 0.125], [0.375, 0.625], [0.125, 0.875], [0.625, 0.375]])


@pytest.mark.parametrize("sequence", [plain(DIMENSIONS), scrambled(DIMENSIONS, 7)])
def test_every_interval_holds_one_point(sequence: Any) -> None:
    """256 points have one in each 256th of each axis, and the first two axes one in each 16 by 16 square."""
    points = fractions(sequence.points(0, 256))
    for axis in points.T:
        assert sorted(np.floor(axis * 256)) == list(range(256))
    assert len(set(map(tuple, np.floor(points[:, :2] * 16).tolist()))) == 256


def test_points_may_be_had_from_anywhere() -> None:
    sequence = scrambled(6, 7)
    np.testing.assert_array_equal(sequence.points(0, 100)[37:], sequence.points(37, 100))


def test_a_seed_is_a_scramble_of_its_own() -> None:
    assert not np.array_equal(scrambled(3, 7).points(0, 8), scrambled(3, 8).points(0, 8))
    np.testing.assert_array_equal(scrambled(3, 7).points(0, 8), scrambled(3, 7).points(0, 8))


def test_a_list_is_chosen_from_by_its_share_of_the_unit_interval() -> None:
    words = np.array([0, 2**63 - 1, 2**63, 2**64 - 1], dtype=np.uint64)
    assert positions(words, 2).tolist() == [0, 0, 1, 1]
    assert positions(words, 3).tolist() == [0, 1, 1, 2]


def ishigami(points: Any) -> Any:
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1: indices (0.3139, 0.4424, 0) and (0.5576, 0.4424, 0.2437)."""
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def outputs(size: int, seed: int = 7) -> Any:
    points = fractions(scrambled(6, seed).points(0, size))
    a, b = points[:, :3], points[:, 3:]
    mixed = []
    for factor in range(3):
        columns = a.copy()
        columns[:, factor] = b[:, factor]
        mixed.append(ishigami(columns))
    return np.array([ishigami(a), ishigami(b), *mixed])


def test_the_indices_of_ishigami() -> None:
    y = outputs(8192)
    first, total = estimates(y[0], y[1], y[2:])
    np.testing.assert_allclose(first, [0.3139, 0.4424, 0], atol=0.01)
    np.testing.assert_allclose(total, [0.5576, 0.4424, 0.2437], atol=0.01)


def test_a_constant_changes_no_index() -> None:
    y = outputs(256)
    for one, other in zip(estimates(y[0], y[1], y[2:]), estimates(*(y[:2] + 50), y[2:] + 50), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_intervals_hold_the_indices() -> None:
    """Of 20 samples, the known index lies within its 95 % interval in nearly all."""
    known = {"s1": [0.3139, 0.4424, 0], "st": [0.5576, 0.4424, 0.2437]}
    inside = 0
    for seed in range(20):
        for at, found in enumerate(indices(("a", "b", "c"), outputs(64, seed), seed)):
            inside += found.s1_low <= known["s1"][at] <= found.s1_high
            inside += found.st_low <= known["st"][at] <= found.st_high
            assert found.s1_low <= found.s1 <= found.s1_high
    assert 108 <= inside <= 120


def test_negative_estimates_are_given_as_they_are() -> None:
    assert min(estimates(*outputs(16, 1)[:2], outputs(16, 1)[2:])[0].min() for _ in range(1)) < 0


def test_an_output_that_does_not_vary_has_no_indices() -> None:
    found = indices(("a",), np.ones((3, 8)), 7)
    assert np.isnan([found[0].s1, found[0].st_high]).all()
