"""The ledger of runs: what is owed after which moments, whatever the clock or other processes do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.errors import Invalid, NotFound
from cityindex.jobs.registry import JOBS, Job
from cityindex.jobs.runner import Runner
from cityindex.models import (
    Account,
    AuditEvent,
    ScheduledRun,
    SignInAttempt,
    Upload,
    UploadEvent,
    UploadFile,
)
from cityindex.models.schedules import DONE, FAILED, INTERRUPTED
from cityindex.services.accounts.retention import Retention
from cityindex.services.moments import trigger_of
from cityindex.services.schedules import MOST_ATTEMPTS, Schedules

START = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def schedules(engine: Engine, clock: Clock) -> Schedules:
    """One schedule, every ten minutes."""
    made = Schedules(sessionmaker(engine, expire_on_commit=False), clock)
    made.ensure({"count": "*/10 * * * *"})
    return made


class Counting:
    """A job that counts its runs, and fails where it is told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.error: Exception | None = None

    def __call__(self) -> str:
        self.runs += 1
        if self.error:
            raise self.error
        return f"run {self.runs}"


@pytest.fixture
def job() -> Counting:
    return Counting()


@pytest.fixture
def runner(schedules: Schedules, job: Counting) -> Runner:
    return Runner(schedules, {"count": job})


def ledger(engine: Engine) -> list[tuple[str, str | None, int, str]]:
    """Moment, outcome, attempt and words of every run."""
    with Session(engine) as session:
        rows = session.scalars(select(ScheduledRun).order_by(ScheduledRun.scheduled_at))
        return [(f"{row.scheduled_at:%d %H:%M}", row.outcome, row.attempt, row.said) for row in rows]


def test_nothing_is_owed_before_the_first_moment(runner: Runner, clock: Clock, engine: Engine) -> None:
    assert runner.run_all_owed() == ()
    clock.go(minutes=7)
    assert runner.run_all_owed() == ()
    clock.go(minutes=1)
    assert [one.said for one in runner.run_all_owed()] == ["run 1"]
    assert runner.run_all_owed() == ()
    assert ledger(engine) == [("23 01:10", DONE, 1, "run 1")]


def test_what_was_missed_is_made_up_for_once(runner: Runner, clock: Clock, engine: Engine) -> None:
    clock.go(days=40, minutes=3)
    assert len(runner.run_all_owed()) == 1
    assert runner.run_all_owed() == ()
    assert ledger(engine) == [("02 01:00", DONE, 1, "run 1")]


def test_the_clock_goes_back_and_on_again(runner: Runner, job: Counting, clock: Clock, engine: Engine) -> None:
    clock.go(hours=2)
    runner.run_all_owed()
    clock.go(hours=-1)  # it was ahead: nothing is run twice until it passes what was done
    for _ in range(5):
        clock.go(minutes=10)
        runner.run_all_owed()
    assert [row[0] for row in ledger(engine)] == [
        "23 02:10",
        "23 02:20",
        "23 02:30",
        "23 02:40",
        "23 02:50",
        "23 03:00",
    ]
    clock.go(minutes=10)  # 03:02: done already
    assert runner.run_all_owed() == ()
    clock.go(minutes=10)
    assert len(runner.run_all_owed()) == 1
    assert job.runs == 7


def test_a_schedule_made_while_the_clock_was_years_ahead_is_not_lost(
    schedules: Schedules, runner: Runner, clock: Clock
) -> None:
    clock.go(days=4000)
    schedules.change("count", "test", at="*/5 * * * *")
    assert not runner.run_all_owed()
    clock.go(days=-4000)
    schedules.ensure({})  # as every start does
    clock.go(minutes=5)
    assert len(runner.run_all_owed()) == 1


def test_a_failure_is_in_the_ledger_with_its_reason(
    runner: Runner, job: Counting, clock: Clock, schedules: Schedules
) -> None:
    clock.go(minutes=10)
    job.error = ValueError("the mail server said no")
    assert [one.outcome for one in runner.run_all_owed()] == [FAILED]
    assert runner.run_all_owed() == ()
    clock.go(minutes=10)
    job.error = None
    assert [one.outcome for one in runner.run_all_owed()] == [DONE]
    state = schedules.states()[0]
    assert state.last is not None
    assert state.last.outcome == DONE
    assert [failure.said for failure in state.failures] == ["the mail server said no"]


def test_a_failure_without_words_says_what_it_was(runner: Runner, job: Counting, clock: Clock) -> None:
    clock.go(minutes=10)
    job.error = ZeroDivisionError()
    assert [one.said for one in runner.run_all_owed()] == ["ZeroDivisionError"]


def test_an_interrupted_run_is_begun_again_and_given_up_in_the_end(
    schedules: Schedules, clock: Clock, engine: Engine
) -> None:
    clock.go(minutes=10)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claim = schedules.claim("count", "doomed")
        assert claim is not None
        assert claim.attempt == attempt
        assert schedules.claim("count", "another") is None  # while it runs
        assert schedules.take_over() == 1
    assert schedules.claim("count", "another") is None
    assert ledger(engine) == [("23 01:10", INTERRUPTED, 3, "the process that ran it ended before it did")]
    clock.go(minutes=10)
    assert schedules.claim("count", "next") is not None


def test_a_later_moment_stands_for_an_interrupted_one(schedules: Schedules, clock: Clock, engine: Engine) -> None:
    clock.go(minutes=10)
    schedules.claim("count", "doomed")
    schedules.take_over()
    clock.go(minutes=10)
    claim = schedules.claim("count", "next")
    assert claim is not None
    schedules.finish(claim, DONE, "")
    assert [row[:3] for row in ledger(engine)] == [("23 01:10", INTERRUPTED, 1), ("23 01:20", DONE, 1)]


def test_many_processes_at_once_run_it_once(engine: Engine, schedules: Schedules, clock: Clock) -> None:
    clock.go(minutes=10)

    def claim(number: int) -> bool:
        return schedules.claim("count", f"process {number}") is not None

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(claim, range(24)))
    assert won.count(True) == 1
    assert len(ledger(engine)) == 1


def test_a_job_that_is_off_does_nothing_and_owes_nothing_later(
    schedules: Schedules, runner: Runner, clock: Clock, engine: Engine
) -> None:
    schedules.change("count", "boss", enabled=False)
    clock.go(days=2)
    assert not runner.run_all_owed()
    assert schedules.states()[0].next is None
    schedules.change("count", "boss", enabled=True)
    assert not runner.run_all_owed()
    clock.go(minutes=10)
    assert len(runner.run_all_owed()) == 1
    with Session(engine) as session:
        deeds = session.scalars(select(AuditEvent.detail).order_by(AuditEvent.id)).all()
    assert deeds == ["off", "*/10 * * * *"]


def test_a_bad_change_changes_nothing(schedules: Schedules) -> None:
    with pytest.raises(Invalid, match="is not a time"):
        schedules.change("count", "boss", at="soon")
    with pytest.raises(NotFound):
        schedules.change("dance", "boss", at="07:00")
    assert schedules.states()[0].at == "*/10 * * * *"


def test_ensure_keeps_what_an_administrator_chose(schedules: Schedules) -> None:
    schedules.change("count", "boss", at="07:00")
    schedules.ensure({"count": "*/10 * * * *", "more": "08:00"})
    assert [(state.job, state.at) for state in schedules.states()] == [("count", "07:00"), ("more", "08:00")]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_has_a_time_that_comes(job: Job) -> None:
    trigger_of(job.at, "Asia/Bangkok")
    assert len(job.name) <= 40


def test_the_names_of_jobs_differ() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_forgetting(engine: Engine, clock: Clock) -> None:
    """Old files that came to nothing go; what was confirmed, and what is new, stays."""
    old, new = START - timedelta(days=31), START - timedelta(days=29)
    uploads = [(old, ["checked"]), (old, ["checked", "withdrawn"]), (old, ["checked", "confirmed", "returned"])]
    with Session(engine) as session:
        account = Account(email="a@b.go.th", link_hash="x", link_expires_at=START - timedelta(seconds=1))
        session.add_all([account, Account(email="c@d.go.th", link_hash="y", link_expires_at=START)])
        session.add_all(SignInAttempt(key="k", at=START - timedelta(minutes=age)) for age in (14, 16, 17))
        session.flush()
        for at, deeds in [*uploads, (new, ["checked"])]:
            upload = Upload(
                account_id=account.id, at=at, source="s", file_name="f.csv", file_hash="h", file_size=1, kind="csv"
            )
            session.add(upload)
            session.flush()
            session.add(UploadFile(upload_id=upload.id, content=b"x"))
            session.add_all(UploadEvent(upload_id=upload.id, deed=deed, account_id=account.id, at=at) for deed in deeds)
        session.commit()
    make_old_runs(engine, clock)
    forgotten = Retention(sessionmaker(engine), clock).forget()
    assert (forgotten.attempts, forgotten.links, forgotten.uploads, forgotten.runs) == (2, 1, 2, 1)
    with Session(engine) as session:
        assert session.scalars(select(Upload.id).order_by(Upload.id)).all() == [3, 4]
        assert session.scalar(select(func.count()).select_from(UploadFile)) == 2
    assert ledger(engine) == [("15 01:02", DONE, 1, "")]


def make_old_runs(engine: Engine, clock: Callable[[], datetime]) -> None:
    """Two runs of a job that has not been due for a hundred days."""
    schedules = Schedules(sessionmaker(engine, expire_on_commit=False), clock)
    schedules.ensure({"rare": "0 7 1 1 *"})
    with Session(engine) as session:
        for days in (100, 200):
            moment = START - timedelta(days=days)
            session.add(ScheduledRun(job="rare", scheduled_at=moment, outcome=DONE, runner="test"))
            session.flush()  # the older one has the larger number
        session.commit()
