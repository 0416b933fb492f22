"""`cityindex scheduler`: jobs by the clock."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cityindex.cli.output import application, emit, json_option, say
from cityindex.errors import CityIndexError

if TYPE_CHECKING:
    from cityindex.services.schedules import ScheduleState

BY = "command line"


@click.group(invoke_without_command=True)
@click.option("--once", is_flag=True, help="Run what is owed now, and end: for a crontab.")
@click.option("--list", "listing", is_flag=True, help="Say when each job runs next, and how it ended last.")
@json_option
def scheduler(once: bool, listing: bool, **_: Any) -> None:
    """Run jobs by the clock until it is stopped: letters, reminders, forgetting what is too old.

    One process runs the jobs of a database; another one that is started says so and ends. A run that was missed while
    none ran is made up for once. Times are those of Bangkok.
    """
    from cityindex.jobs.registry import jobs_of

    application().schedules.ensure({job.name: job.at for job in jobs_of(application())})
    if click.get_current_context().invoked_subcommand:
        return
    if listing:
        _list()
    else:
        _run(once)


@scheduler.command("set")
@click.argument("job")
@click.argument("time")
def set_time(job: str, time: str) -> None:
    """Run JOB at another TIME: a time of day (07:00), or a crontab ("0 7 * * mon")."""
    application().schedules.change(job, BY, at=time)
    _list()


@scheduler.command()
@click.argument("job")
def on(job: str) -> None:
    """Turn JOB on. What it missed while it was off is not made up for."""
    application().schedules.change(job, BY, enabled=True)
    _list()


@scheduler.command()
@click.argument("job")
def off(job: str) -> None:
    """Turn JOB off."""
    application().schedules.change(job, BY, enabled=False)
    _list()


def _run(once: bool) -> None:
    from cityindex.jobs.leader import leadership
    from cityindex.jobs.process import Process
    from cityindex.jobs.registry import works
    from cityindex.jobs.runner import Runner

    app = application()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    logging.getLogger("cityindex").setLevel(logging.INFO)
    runner = Runner(app.schedules, works(app))
    with leadership(app.engine) as held:
        if once:
            _run_once(runner)
        else:
            say("the scheduler runs (Ctrl-C stops it)")
            Process(runner, held).run()


def _run_once(runner: Any) -> None:
    runner.schedules.take_over()
    ended = runner.run_all_owed()
    result = [
        {"job": one.claim.job, "at": one.claim.scheduled_at, "outcome": one.outcome, "said": one.said} for one in ended
    ]
    emit({"runs": result}, f"{len(ended)} runs were owed")
    bad = [one.claim.job for one in ended if one.outcome != "done"]
    if bad:
        raise CityIndexError(f"failed: {', '.join(bad)} (`cityindex scheduler --list` says why)")


def _list() -> None:
    states = application().schedules.states()
    emit({"schedules": [_as_json(state) for state in states]}, "\n".join(map(_line, states)))


def _as_json(state: ScheduleState) -> dict[str, Any]:
    last = state.last
    ended = {"at": last.scheduled_at, "outcome": last.outcome or "running", "said": last.said} if last else None
    return {
        "job": state.job,
        "time": state.at,
        "zone": state.zone,
        "on": state.enabled,
        "next": state.next,
        "last": ended,
    }


def _line(state: ScheduleState) -> str:
    following = f"next {_shown(state.next, state)}" if state.next else "off"
    return f"{state.job:<16} {state.at:<16} {following:<24} {_ended(state)}"


def _ended(state: ScheduleState) -> str:
    last = state.last
    return f"last {_shown(last.scheduled_at, state)} {last.outcome or 'running'}: {last.said}" if last else "never run"


def _shown(moment: datetime, state: ScheduleState) -> str:
    return f"{moment.astimezone(ZoneInfo(state.zone)):%Y-%m-%d %H:%M}"
