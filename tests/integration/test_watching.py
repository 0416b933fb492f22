"""What an operator is told: a job that does not come, failures, what waits, and how old editions are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, null
from sqlalchemy.orm import sessionmaker

from cityindex.jobs.runner import Runner
from cityindex.models import Account, Delivery, Letter
from cityindex.services.schedules import Schedules
from cityindex.services.watching import JobFacts, Watching
from tests.integration import small

START = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def _failing() -> str:
    raise ValueError("as it was told to")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watching(engine: Engine, clock: Clock) -> Watching:
    return Watching(sessionmaker(engine, expire_on_commit=False), {"count", "never"}, clock)


def test_of_jobs(engine: Engine, watching: Watching, clock: Clock) -> None:
    schedules = Schedules(watching.sessions, clock)
    schedules.ensure({"count": "*/10 * * * *", "never": "*/10 * * * *", "of-an-agreement-that-is-gone": "* * * * *"})
    schedules.change("never", "test", enabled=False)
    assert watching.facts().jobs == (JobFacts("count", 0, None, 0), JobFacts("never", 0, None, 0))

    clock.now = START.replace(minute=11)
    assert watching.facts().jobs[0].overdue == 60
    clock.now = START.replace(minute=31)
    assert watching.facts().jobs[0].overdue == 21 * 60, "since the first moment that nobody came for"

    assert Runner(schedules, {"count": lambda: "well"}).run_owed("count")
    assert watching.facts().jobs[0] == JobFacts("count", 0, clock.now, 0)
    good = clock.now
    for _ in range(2):
        clock.now += timedelta(minutes=10)
        assert Runner(schedules, {"count": _failing}).run_owed("count")
    assert watching.facts().jobs[0] == JobFacts("count", 0, good, 2)
    clock.now += timedelta(minutes=10)
    assert Runner(schedules, {"count": lambda: "well"}).run_owed("count")
    assert watching.facts().jobs[0] == JobFacts("count", 0, clock.now, 0)


def test_a_job_that_never_ended_well_has_all_its_failures(watching: Watching, clock: Clock) -> None:
    schedules = Schedules(watching.sessions, clock)
    schedules.ensure({"count": "*/10 * * * *"})
    for _ in range(3):
        clock.now += timedelta(minutes=10)
        assert Runner(schedules, {"count": _failing}).run_owed("count")
    schedules.change("count", "test", at="*/20 * * * *")
    assert watching.facts().jobs == (JobFacts("count", 0, None, 3),)


def test_of_letters_and_deliveries(watching: Watching) -> None:
    before = watching.facts()
    assert (before.letters, before.oldest_letter) == ({"waiting": 0, "given-up": 0}, 0)
    assert before.deliveries == {"waiting": 0, "given-up": 0}
    written = START - timedelta(hours=7)
    with watching.sessions() as session:
        session.add(Account(id=1, email="somchai@example.go.th", name="สมชาย"))
        session.flush()
        session.add_all(
            [
                Letter(account_id=1, kind="reset", written_at=written, next_try_at=START),
                Letter(account_id=1, kind="reset", written_at=START, next_try_at=START),
                Letter(account_id=1, kind="reset", written_at=written, next_try_at=null(), sent_at=START),
                Letter(account_id=1, kind="reset", written_at=written, next_try_at=null(), handed_by="account 2"),
                Letter(account_id=1, kind="reset", written_at=written, next_try_at=null(), error="no such box"),
                _delivery(1, "accepted"),
                _delivery(2, "given-up"),
            ]
        )
        session.commit()
    after = watching.facts()
    assert (after.letters, after.oldest_letter) == ({"waiting": 2, "given-up": 1}, 7 * 3600)
    assert after.deliveries == {"waiting": 0, "given-up": 1}


def _delivery(number: int, state: str) -> Delivery:
    facts = {"agreement": "nesdc", "direction": "send", "manifest": "", "sha256": "", "rows": 0, "by": "test"}
    return Delivery(sequence=number, state=state, made_at=START, **facts)


def test_of_editions(engine: Engine, watching: Watching) -> None:
    assert watching.facts().editions == ()
    small.published_run(engine)
    (found,) = watching.facts().editions
    assert (found.framework, found.demo) == ("small", False)
    assert datetime.now(UTC) - found.published_at < timedelta(hours=1)
