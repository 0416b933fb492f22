"""Properties of the fold: whatever happens in whatever order, no state is reachable that should not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.assessment.workflow import ANSWERABLE, Deed, Event, Holder, Standing, State, after, fold
from cityindex.errors import Conflict

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEEDS = st.sampled_from(list(Deed))
DETAILS = st.fixed_dictionaries({"upheld": st.booleans(), "run": st.integers(1, 9)})


def event(deed: Deed, hours: int = 0, **detail: object) -> Event:
    return Event(deed, START + timedelta(hours=hours), 1, detail)


def story(*deeds: Deed) -> Standing:
    return fold(event(deed, hours) for hours, deed in enumerate(deeds))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events that were possible, out of random ones that were tried."""
    tried = draw(st.lists(st.tuples(DEEDS, DETAILS), max_size=40))
    happened = [event(Deed.OPENED)]
    standing = fold(happened)
    for hours, (deed, detail) in enumerate(tried, start=1):
        one = Event(deed, START + timedelta(hours=hours), 1, detail)
        try:
            standing = after(standing, one)
        except Conflict:
            continue
        happened.append(one)
    return happened


def test_the_whole_way() -> None:
    standing = story(Deed.OPENED, Deed.SUBMITTED, Deed.RETURNED, Deed.SUBMITTED, Deed.APPROVED, Deed.PUBLISHED)
    assert standing.state is State.PUBLISHED
    assert (standing.submission, standing.approved) == (2, 2)
    assert standing.since == START + timedelta(hours=5)
    assert standing.holder is Holder.NOBODY


@pytest.mark.parametrize(
    ("deeds", "state"),
    [
        ((Deed.OPENED,), State.OPEN),
        ((Deed.OPENED, Deed.EXTENDED), State.OPEN),
        ((Deed.OPENED, Deed.SUBMITTED, Deed.ASSIGNED), State.SUBMITTED),
        ((Deed.OPENED, Deed.SUBMITTED, Deed.APPROVED, Deed.APPEALED), State.APPEALED),
        ((Deed.OPENED, Deed.SUBMITTED, Deed.APPROVED, Deed.REOPENED), State.RETURNED),
    ],
)
def test_each_deed_leads_to_its_state(deeds: tuple[Deed, ...], state: State) -> None:
    assert story(*deeds).state is state


def test_what_is_submitted_cannot_be_extended() -> None:
    with pytest.raises(Conflict, match="cannot be extended"):
        story(Deed.OPENED, Deed.SUBMITTED, Deed.EXTENDED)


def test_nothing_comes_before_opening_and_opening_comes_once() -> None:
    for deeds in ((Deed.SUBMITTED,), (Deed.OPENED, Deed.OPENED), ()):
        with pytest.raises(Conflict):
            story(*deeds)


def test_a_dismissed_appeal_leaves_published_what_was_published() -> None:
    before = [event(Deed.OPENED), event(Deed.SUBMITTED), event(Deed.APPROVED), event(Deed.PUBLISHED, run=7)]
    appealed = [*before, event(Deed.APPEALED)]
    assert fold([*appealed, event(Deed.APPEAL_DECIDED, upheld=False)]).state is State.PUBLISHED
    assert fold([*appealed, event(Deed.APPEAL_DECIDED, upheld=True)]).state is State.APPROVED


def test_one_appeal_for_one_approval() -> None:
    decided = (Deed.OPENED, Deed.SUBMITTED, Deed.APPROVED, Deed.APPEALED, Deed.APPEAL_DECIDED)
    with pytest.raises(Conflict, match="appealed against already"):
        story(*decided, Deed.APPEALED)
    again = story(*decided, Deed.REOPENED, Deed.SUBMITTED, Deed.APPROVED, Deed.APPEALED)
    assert again.state is State.APPEALED


@given(histories())
def test_published_is_reached_through_an_approval_of_the_newest_submission(events: list[Event]) -> None:
    standing = fold(events)
    if standing.state in (State.APPROVED, State.PUBLISHED, State.APPEALED):
        assert standing.approved == standing.submission >= 1
    if standing.state is State.PUBLISHED:
        assert standing.run is not None
    if standing.answerable:
        assert standing.state in ANSWERABLE
        assert standing.approved is None
        assert standing.run is None


@given(histories())
def test_submissions_are_counted_and_the_order_of_approvals_holds(events: list[Event]) -> None:
    deeds = [one.deed for one in events]
    standing = fold(events)
    assert standing.submission == deeds.count(Deed.SUBMITTED)
    assert deeds.count(Deed.APPROVED) <= deeds.count(Deed.SUBMITTED)
    assert deeds.count(Deed.APPEALED) <= deeds.count(Deed.APPROVED)
    assert deeds.count(Deed.APPEAL_DECIDED) <= deeds.count(Deed.APPEALED)


@given(histories(), st.integers(0, 40))
def test_folding_in_two_parts_is_folding_whole(events: list[Event], cut: int) -> None:
    head, tail = events[: cut + 1], events[cut + 1 :]
    standing = fold(head)
    for one in tail:
        standing = after(standing, one)
    assert standing == fold(events)


@given(histories(), DEEDS)
def test_a_refused_event_changes_nothing(events: list[Event], deed: Deed) -> None:
    standing = fold(events)
    try:
        after(standing, event(deed, 99))
    except Conflict:
        assert fold(events) == standing
