"""How alike places are: nearer is more alike, by chance is 1, and what is not known makes nobody alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cityindex.scoring.matrix import Floats
from cityindex.scoring.similarity import UNKNOWN, Kinds, differences, distance, logs, nearest

SIZES = st.integers(2, 12)
NUMBER = st.one_of(st.floats(-1e6, 1e6), st.just(np.nan))


@st.composite
def towns(draw: st.DrawFn) -> tuple[Floats, Kinds]:
    count = draw(SIZES)
    numbers = draw(arrays.arrays(float, (count, 3), elements=NUMBER))
    return numbers, draw(arrays.arrays(np.int64, (count, 2), elements=st.integers(UNKNOWN, 3)))


@given(towns())
def test_it_is_as_far_there_as_back(world: tuple[Floats, Kinds]) -> None:
    numbers, kinds = world
    whole = np.array([distance(differences(numbers, kinds, at)) for at in range(len(numbers))])
    assert np.isfinite(whole).all()
    np.testing.assert_allclose(whole, whole.T, rtol=1e-9, atol=1e-12)


@given(towns())
def test_two_places_by_chance_differ_by_one(world: tuple[Floats, Kinds]) -> None:
    """In every trait that varies, or is missing for one of the two."""
    numbers, kinds = world
    parts = np.array([differences(numbers, kinds, at) for at in range(len(numbers))])
    for trait in range(5):
        mean = parts[:, :, trait].mean()
        assert mean == pytest.approx(1.0, rel=1e-6) or (mean <= 1.0 and _constant(world, trait))


def _constant(world: tuple[Floats, Kinds], trait: int) -> bool:
    column = world[0][:, trait] if trait < 3 else np.where(world[1] == UNKNOWN, np.nan, world[1])[:, trait - 3]
    known = column[~np.isnan(column)]
    return known.size == 0 or float(np.ptp(known)) <= 1e-6 * max(1.0, float(np.abs(known).max()))


@given(towns(), st.floats(0.01, 1000))
def test_the_unit_of_a_figure_does_not_matter(world: tuple[Floats, Kinds], factor: float) -> None:
    positive = np.abs(world[0]) + 1
    one, other = (distance(differences(logs(numbers), world[1], 0)) for numbers in (positive, positive * factor))
    spread = np.nanstd(np.where(np.isnan(logs(positive)), 0, logs(positive)), axis=0)
    if (spread > 1e-3).all():
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_a_place_is_most_like_its_double() -> None:
    numbers = logs(np.array([[1000.0, 10], [1000, 10], [2000, 10], [90_000, 900]]))
    kinds = np.array([[0, 1], [0, 1], [0, 1], [1, 2]])
    far = distance(differences(numbers, kinds, 0))
    assert far[0] == far[1] == 0
    assert far[1] < far[2] < far[3]


def test_what_is_missing_is_neither_near_nor_far() -> None:
    numbers = np.array([[1.0], [1.0], [np.nan], [5.0]])
    parts = differences(numbers, np.array([[0], [UNKNOWN], [0], [1]]), 0)
    assert parts[2, 0] == 1.0
    assert parts[1, 1] == 1.0
    assert differences(numbers, np.array([[0], [0], [0], [0]]), 2)[:, 0].tolist() == [1, 1, 1, 1]
    assert np.isnan(logs(np.array([0.0, -3.0, np.nan]))).all()


def test_the_nearest_are_allowed_ones_and_of_equals_the_first() -> None:
    far = np.array([0.0, 0.5, 0.1, 0.5, 0.5])
    allowed = np.array([False, True, True, True, True])
    assert nearest(far, allowed, 3).tolist() == [2, 1, 3]
    assert nearest(far, allowed, 9).tolist() == [2, 1, 3, 4]
    assert nearest(far, ~allowed, 0).tolist() == []
