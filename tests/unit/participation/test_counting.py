"""Counting of voices: nothing is told of few, and what is told is what was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cityindex.participation.counting import FEWEST, counted_up_to, fits, result, wanted_by_half

COUNTS = st.dictionaries(st.integers(0, 20).map(float), st.integers(0, 500), min_size=1, max_size=6)


def test_from_ten_voices_on() -> None:
    few, enough = {1: {1.0: 9}}, {1: {1.0: 4, 2.0: 6}}
    assert result(9, few, {1: 1.0}) is None
    found = result(10, enough, {1: 1.0})
    assert found is not None
    assert (found.topics[0].voices, found.topics[0].wanted) == (10, 2.0)


def test_a_topic_that_few_chose_is_not_told() -> None:
    found = result(30, {1: {1.0: 9}, 2: {3.0: 21}}, {1: 1.0, 2: 1.0})
    assert found is not None
    assert [(one.topic, one.voices, one.wanted) for one in found.topics] == [(2, 21, 3.0), (1, None, None)]


@given(COUNTS, st.sampled_from([1.0, -1.0]))
def test_at_least_half_want_what_is_wanted_and_less_than_half_want_more(
    counts: dict[float, int], better: float
) -> None:
    total, wanted = sum(counts.values()), wanted_by_half(counts, better)
    if not total:
        assert wanted is None
        return
    assert wanted is not None
    assert counts[wanted]
    as_much = sum(n for value, n in counts.items() if better * (value - wanted) >= 0)
    more = sum(n for value, n in counts.items() if better * (value - wanted) > 0)
    assert 2 * as_much >= total
    assert 2 * more < total or not more


@given(COUNTS)
def test_everybody_is_counted_once(counts: dict[float, int]) -> None:
    total = sum(counts.values())
    found = result(max(total, FEWEST), {1: counts}, {1: 1.0})
    assert found is not None
    if total >= FEWEST:
        assert found.topics[0].voices == total == sum(n for _, n in found.topics[0].counts)


@given(st.integers(0, 5000))
def test_an_open_result_moves_in_tens(voices: int) -> None:
    shown = counted_up_to(voices, closed=False)
    assert shown % FEWEST == 0
    assert shown <= voices < shown + FEWEST or not shown
    assert counted_up_to(voices, closed=True) == (voices if voices >= FEWEST else 0)


def test_what_a_voice_may_choose() -> None:
    offered = {1: (1.0, 2.0), 2: (5.0,), 3: (7.0,)}
    assert fits([(1, 2.0), (2, 5.0)], offered, 2)
    for wrong in ([], [(1, 2.0), (2, 5.0), (3, 7.0)], [(1, 1.0), (1, 2.0)], [(1, 3.0)], [(9, 1.0)]):
        assert not fits(wrong, offered, 2)
