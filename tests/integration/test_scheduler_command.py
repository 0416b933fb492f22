"""The command `cityindex scheduler`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session

from cityindex.app import Application
from cityindex.cli import run
from cityindex.config import read_settings
from cityindex.errors import Unavailable
from cityindex.jobs.leader import leadership
from cityindex.jobs.registry import JOBS
from cityindex.models import Schedule

Outcome = tuple[int, str, str]
Command = Callable[..., Outcome]


@pytest.fixture
def command(
    database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": database_url}))

    def call(*words: str) -> Outcome:
        monkeypatch.setattr("sys.argv", ["cityindex", "scheduler", *words])
        with pytest.raises(SystemExit) as ended:
            run(application)
        out, err = capsys.readouterr()
        return int(str(ended.value.code or 0)), out, err

    yield call
    application.engine.dispose()


def owe_all(engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(update(Schedule).values(since=datetime.now(UTC) - timedelta(days=400)))
        session.commit()


def test_once_runs_what_is_owed_and_ends(command: Command, engine: Engine) -> None:
    command("off", "send-letters")  # whose moment comes every minute
    assert command("--once")[:2] == (0, "0 runs were owed\n")
    owe_all(engine)
    code, out, _ = command("--once", "--json")
    assert code == 0
    assert {one["job"]: one["outcome"] for one in json.loads(out)["runs"]} == {
        job.name: "done" for job in JOBS if job.name != "send-letters"
    }
    assert command("--once")[1] == "0 runs were owed\n"


def test_list_and_change(command: Command) -> None:
    assert "forget           03:10            next " in command("--list")[1]
    assert "forget           04:00" in command("set", "forget", "04:00")[1]
    assert "04:00            off" in command("off", "forget")[1]
    shown = {one["job"]: one for one in json.loads(command("--list", "--json")[1])["schedules"]}
    assert shown["forget"]["on"] is False
    assert "next " in command("on", "forget")[1]
    assert command("set", "forget", "noon")[0] == 2
    assert command("on", "dance")[0] == 3


def test_a_failure_is_said_and_ends_with_1(command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: object) -> None:
        raise ValueError("the disk is full")

    monkeypatch.setattr("cityindex.services.accounts.retention.Retention.forget", fail)
    command("--list")
    owe_all(engine)
    code, _, err = command("--once")
    assert code == 1
    assert "failed: forget" in err
    assert "failed: the disk is full" in command("--list")[1]


def test_a_second_scheduler_says_that_there_is_one(command: Command, engine: Engine) -> None:
    with leadership(engine):
        code, _, err = command("--once")
    assert code == 75
    assert "another `cityindex scheduler` runs the jobs" in err
    assert command("--once")[0] == 0


def test_who_lost_the_connection_does_not_lead(engine: Engine) -> None:
    """PostgreSQL was restarted: the lock is gone with the connection, and another process may have it."""
    if engine.dialect.name != "postgresql":
        return
    with leadership(engine) as held:
        held.require()
        with engine.connect() as connection:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            connection.execute(text(ended))
        with pytest.raises(Unavailable, match="is lost"):
            held.require()
