"""What many ranks come down to, against the ranks themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.scoring.framework import Bands
from cityindex.scoring.study import Block
from cityindex.scoring.tally import PERCENTILES, Tally, nearest

RNG = np.random.default_rng(11)
RUNS, PLACES = 30, 20
RANKS = np.array([RNG.permutation(PLACES) + 1 for _ in range(RUNS)], dtype=np.int16)
RANKS[::4, 3] = 0
RANKS[:, 7] = 0
NOMINAL = np.arange(1, PLACES + 1, dtype=np.int16)
NO_CUTS = np.zeros((0, PLACES), dtype=np.int32)


def tallied(counted: int = RUNS, kept: int = 1 << 20, bands: Bands | None = None) -> Tally:
    tally = Tally(NOMINAL, RUNS, counted, bands, kept)
    for start in range(0, RUNS, 7):
        tally.add(Block(start, RANKS[start : start + 7], NO_CUTS))
    return tally


@pytest.mark.parametrize("kept", [1 << 20, 0])
@pytest.mark.parametrize("counted", [RUNS, 13])
def test_every_place_by_its_ranks(kept: int, counted: int) -> None:
    bands = Bands(("A", "B", "C"), share=(0.1, 0.4, 0.5))
    found = tallied(counted, kept, bands).summary()
    for place, ranks in enumerate(RANKS[:counted].T):
        own, ranked = ranks[ranks > 0], (RANKS[:counted] > 0).sum(axis=1)[ranks > 0]
        assert found["ranked"][place] == len(own) / counted
        if not len(own):
            assert np.isnan(found["mean"][place])
            assert np.isnan(found["top"][place])
            assert found["percentiles"][:, place].tolist() == [0] * 5
            continue
        assert found["mean"][place] == own.mean()
        arranged = np.sort(own)
        wanted = [arranged[max(int(np.ceil(share / 100 * len(own) - 1e-9)), 1) - 1] for share in PERCENTILES]
        assert found["percentiles"][:, place].tolist() == wanted
        assert found["top"][place] == (own <= np.ceil(0.1 * ranked - 1e-9)).mean()
        ends = [(own <= np.floor(share * ranked + 1e-9)).mean() for share in (0.1, 0.5)]
        np.testing.assert_allclose(found["band_share"][:, place], np.diff([0, *ends, 1]), atol=1e-12)


def test_shifts_are_over_places_ranked_both_times() -> None:
    tally = tallied()
    for ranks, shift in zip(RANKS, tally.shift, strict=True):
        both = ranks > 0
        assert shift == np.abs(ranks[both].astype(int) - NOMINAL[both]).mean()
    nobody = Tally(np.zeros(3, dtype=np.int16), 1, 1)
    nobody.add(Block(0, np.array([[1, 2, 3]], dtype=np.int16), np.zeros((0, 3), dtype=np.int32)))
    assert nobody.shift.tolist() == [0.0]


def test_without_bands_there_are_no_shares_of_them() -> None:
    assert tallied().summary()["band_share"].shape == (0, PLACES)


def test_cuts_are_counted_by_whoever_ran_them() -> None:
    tally = Tally(NOMINAL, RUNS, RUNS, Bands(("A", "B"), cuts=(50,)))
    reached = np.arange(PLACES, dtype=np.int32)[None]
    tally.add(Block(0, RANKS, reached))
    share = tally.summary()["band_share"]
    times = (RANKS > 0).sum(axis=0)
    there = times > 0
    np.testing.assert_allclose(share[0][there], (np.arange(PLACES) / np.maximum(times, 1))[there])
    np.testing.assert_allclose(share.sum(axis=0)[there], 1)


@pytest.mark.parametrize(("places", "kind"), [(2**15 - 1, np.int16), (2**15, np.int32)])
def test_ranks_are_kept_in_what_holds_them(places: int, kind: Any) -> None:
    assert Tally(np.zeros(places, dtype=np.int32), 1, 1).ranks.dtype == kind


@pytest.mark.parametrize(
    ("share", "times", "position"),
    [(5, 1, 1), (5, 20, 1), (5, 21, 2), (50, 4, 2), (50, 5, 3), (95, 10, 10), (95, 20, 19), (25, 0, 1)],
)
def test_nearest_ranks(share: int, times: int, position: int) -> None:
    assert nearest(share, np.array([times])).tolist() == [position]
