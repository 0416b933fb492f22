"""Appeals counted in a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cityindex.assessment.appeals import Appeals, appeals
from cityindex.assessment.workflow import Deed, Event

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(deed: Deed, day: int, **detail: object) -> Event:
    return Event(deed, START + timedelta(days=day), None, detail)


def test_without_an_appeal_nothing_is_counted() -> None:
    assert appeals([at(Deed.OPENED, 0), at(Deed.APPROVED, 9)], 15, START) == Appeals()


@pytest.mark.parametrize(("decided", "in_time"), [(15, 1), (16, 0)])
def test_an_appeal_is_decided_in_time_or_not(decided: int, in_time: int) -> None:
    events = [at(Deed.APPEALED, 0), at(Deed.APPEAL_DECIDED, decided, upheld=True)]
    assert appeals(events, 15, START + timedelta(days=99)) == Appeals(made=1, decided=1, in_time=in_time, changed=1)


@pytest.mark.parametrize(("today", "late"), [(15, 0), (16, 1)])
def test_an_open_appeal_is_late_after_its_time(today: int, late: int) -> None:
    found = appeals([at(Deed.APPEALED, 0)], 15, START + timedelta(days=today))
    assert found == Appeals(made=1, late=late)
    assert found.open == 1


def test_appeals_of_two_approvals_are_two() -> None:
    events = [
        at(Deed.APPEALED, 0),
        at(Deed.APPEAL_DECIDED, 3, upheld=False),
        at(Deed.REOPENED, 4),
        at(Deed.APPROVED, 5),
        at(Deed.APPEALED, 6),
    ]
    assert appeals(events, 15, START + timedelta(days=7)) == Appeals(made=2, decided=1, in_time=1)
