"""The process that runs jobs by the clock.

APScheduler is the alarm clock only: its jobs live in memory and are made from our rows. Which run is owed is decided by
the rows and the ledger, so that an alarm too many does nothing, and one that was missed is made up for at the start.
"""

from __future__ import annotations

import logging
import signal
import threading
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from cityindex.jobs.leader import Leadership
from cityindex.jobs.runner import Runner
from cityindex.services.moments import trigger_of

log = logging.getLogger(__name__)
LOOK = 30.0
"""Seconds between looks at the rows, by a clock that nobody sets: a changed schedule or clock is seen by then."""


class Process:
    """Runs until `stop` is set."""

    def __init__(self, runner: Runner, held: Leadership) -> None:
        self.runner, self.held = runner, held
        self.stop = threading.Event()
        self.alarms = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self.set_to: dict[str, tuple[str, str]] = {}

    def run(self, look: float = LOOK) -> None:
        """Raises `Unavailable` where another process has taken the jobs; what runs is let finish first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        interrupted = self.runner.schedules.take_over()
        if interrupted:
            log.warning("runs that were interrupted by the end of their process: %s", interrupted)
        self.alarms.start()
        try:
            while not self.stop.is_set():
                self.held.require()
                self.set_alarms()
                self.stop.wait(look)
        finally:
            self.alarms.shutdown(wait=True)

    def set_alarms(self) -> None:
        """Make the alarms those of the rows. A new one rings at once, for what was missed."""
        wanted = {
            state.job: (state.at, state.zone)
            for state in self.runner.schedules.states()
            if state.enabled and state.job in self.runner.jobs
        }
        for job in self.set_to.keys() - wanted.keys():
            self.alarms.remove_job(job)
        for job, times in wanted.items():
            if self.set_to.get(job) != times:
                self._set_alarm(job, times)
        self.set_to = wanted
        self.alarms.wakeup()  # the clock may have been set since it fell asleep

    def _set_alarm(self, job: str, times: tuple[str, str]) -> None:
        at_once = datetime.now(UTC)
        self.alarms.add_job(
            self.runner.run_owed,
            trigger_of(*times),
            args=[job],
            id=job,
            next_run_time=at_once,
            replace_existing=True,
        )
