"""Real processes: one runs the jobs, one that is killed in the middle is followed by another."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from cityindex.models import Schedule, ScheduledRun
from cityindex.models.schedules import DONE
from cityindex.services.schedules import Schedules
from tests.waiting import PATIENCE, wait_until

PROGRAM = """
import sys, time
from pathlib import Path

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.errors import Unavailable
from cityindex.jobs.leader import Leadership, leadership
from cityindex.jobs.process import Process
from cityindex.jobs.runner import Runner

url, folder = sys.argv[1], Path(sys.argv[2])

def work():
    with (folder / "began").open("a") as file:
        file.write("x")
    while not (folder / "go").exists():
        time.sleep(0.02)
    return "finished"

class Told(Leadership):
    # Asked at every look, by when the process hears what it is told.
    def require(self):
        held.require()
        (folder / "leads").touch()

app = Application(read_settings({"CITYINDEX_DATABASE_URL": url}))
try:
    with leadership(app.engine) as held:
        Process(Runner(app.schedules, {"slow": work}), Told()).run(look=0.1)
except Unavailable:
    raise SystemExit(75)
"""

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[Start]:
    """Start a scheduler with one slow job, whose yearly moment was missed."""
    schedules = Schedules(sessionmaker(engine, expire_on_commit=False))
    schedules.ensure({"slow": "0 0 1 1 *"})
    with Session(engine) as session:
        session.execute(update(Schedule).values(since=datetime.now(UTC) - timedelta(days=800)))
        session.commit()
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", PROGRAM, database_url, str(tmp_path)]))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def runs(engine: Engine) -> list[tuple[int, str | None, str]]:
    with Session(engine) as session:
        return [(row.attempt, row.outcome, row.said) for row in session.scalars(select(ScheduledRun))]


def began(folder: Path) -> int:
    file = folder / "began"
    return len(file.read_text()) if file.exists() else 0


def test_killed_in_the_middle_and_taken_over(start: Start, engine: Engine, tmp_path: Path) -> None:
    first = start()
    wait_until(lambda: began(tmp_path) == 1)
    assert start().wait(PATIENCE) == 75  # one leads already
    assert runs(engine) == [(1, None, "")]
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start()
    wait_until(lambda: began(tmp_path) == 2)
    (tmp_path / "go").touch()
    wait_until(lambda: runs(engine) == [(2, DONE, "finished")])
    second.send_signal(signal.SIGTERM)
    assert second.wait(PATIENCE) == 0
    third = start()  # nothing is owed any more
    (tmp_path / "leads").unlink(missing_ok=True)
    wait_until((tmp_path / "leads").exists)
    time.sleep(0.5)
    third.send_signal(signal.SIGTERM)
    assert third.wait(PATIENCE) == 0
    assert began(tmp_path) == 2


def test_who_is_asked_to_stop_finishes_what_runs(start: Start, engine: Engine, tmp_path: Path) -> None:
    process = start()
    wait_until(lambda: began(tmp_path) == 1)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert process.poll() is None
    (tmp_path / "go").touch()
    assert process.wait(PATIENCE) == 0
    assert runs(engine) == [(1, DONE, "finished")]


def test_a_changed_schedule_is_seen_by_the_running_process(start: Start, engine: Engine, tmp_path: Path) -> None:
    schedules = Schedules(sessionmaker(engine, expire_on_commit=False))
    (tmp_path / "go").touch()
    schedules.change("slow", "test", enabled=False)
    process = start()
    wait_until((tmp_path / "leads").exists)
    time.sleep(0.5)
    assert runs(engine) == []
    schedules.change("slow", "test", enabled=True)
    with Session(engine) as session:
        session.execute(update(Schedule).values(since=datetime.now(UTC) - timedelta(days=800)))
        session.commit()
    wait_until(lambda: runs(engine) == [(1, DONE, "finished")])
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
