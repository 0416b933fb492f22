"""What of several targets stands before the others, and when: by hand, and whatever is said in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cityindex.participation.standing import Deed, Stood, stood

OWNERS = ("place", "province", "nation")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DEEDS = st.lists(
    st.builds(
        Deed,
        st.sampled_from(OWNERS),
        st.none() | st.sampled_from([1.0, 2.0, 3.0]),
        st.integers(0, 20).map(lambda day: BEGIN + timedelta(days=day)),
    ),
    max_size=15,
).map(lambda deeds: sorted(deeds, key=lambda one: one.at))


def on(day: int) -> datetime:
    return BEGIN + timedelta(days=day)


def test_the_foremost_stands_and_what_it_hides_comes_back_when_it_is_taken_back() -> None:
    deeds = [
        Deed("nation", 10.0, on(0)),
        Deed("place", 12.0, on(2)),
        Deed("province", 11.0, on(3)),  # hidden by the place's own
        Deed("place", 12.0, on(4)),  # another reason, the same value
        Deed("place", None, on(6)),
        Deed("province", None, on(7)),
        Deed("nation", None, on(9)),
    ]
    assert list(stood(deeds, OWNERS)) == [
        Stood("nation", 10.0, on(0), on(2)),
        Stood("place", 12.0, on(2), on(6)),
        Stood("province", 11.0, on(6), on(7)),
        Stood("nation", 10.0, on(7), on(9)),
    ]


def test_what_nobody_has_taken_back_still_stands() -> None:
    [only] = stood([Deed("place", 1.0, on(0))], OWNERS)
    assert only.until is None
    assert list(stood([], OWNERS)) == []
    assert list(stood([Deed("place", None, on(0))], OWNERS)) == []


@given(DEEDS)
def test_at_every_moment_one_value_at_most_stands_and_it_is_the_foremost(deeds: list[Deed]) -> None:
    found = list(stood(deeds, OWNERS))
    assert all(one.until is not None and one.until <= other.since for one, other in pairwise(found))
    for day in range(22):
        moment = on(day)
        said = {one.owner: one.value for one in deeds if one.at <= moment}
        wanted = next(((owner, said[owner]) for owner in OWNERS if said.get(owner) is not None), None)
        standing = [one for one in found if one.since <= moment and (one.until is None or moment < one.until)]
        assert [(one.owner, one.value) for one in standing] == ([wanted] if wanted else [])
