"""Which jobs there are: a name, the time they come with, and the method of a service that is called.

To add one, add a line. The method takes nothing and may be called again for the same moment after its process was
killed in the middle, so it has to see by itself what is done already. What it returns is written into the ledger as
text (a dataclass as its counts); an error that it raises is written there as the reason of the failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cityindex.definitions.agreements import FETCH, RECEIVE, SEND
from cityindex.errors import Conflict
from cityindex.queries.exchange.deliveries import GIVEN_UP

if TYPE_CHECKING:
    from cityindex.app import Application


BY = "scheduler"


@dataclass(frozen=True, slots=True)
class Job:
    """`at` is the time of a new installation (`07:00`, or a crontab), in Bangkok; the row of the schedule decides."""

    name: str
    at: str
    work: Callable[[Application], object]


JOBS = (
    Job("publish", "* * * * *", lambda app: app.releases.publish_due()),
    Job("send-letters", "* * * * *", lambda app: app.letters.send_letters()),
    Job("scan-evidence", "*/5 * * * *", lambda app: app.evidence.scan_waiting()),
    Job("conclude-consultations", "*/5 * * * *", lambda app: app.consultations.conclude()),
    Job("forget-tries", "*/5 * * * *", lambda app: app.retention.forget_tries()),
    Job("remind", "08:00", lambda app: app.reminders.remind()),
    Job("forget", "03:10", lambda app: app.retention.forget()),
    Job("forget-people", "03:20", lambda app: app.personal_data.forget_due()),
    Job("tell-readers", "*/5 * * * *", lambda app: app.mistakes.tell()),
    Job("forget-reports", "03:30", lambda app: app.mistakes.forget()),
    Job("retry-deliveries", "*/5 * * * *", lambda app: app.deliveries.retry(BY)),
)
TIMES: Mapping[str, str] = {
    "daily": "30 2 * * *",
    "weekly": "30 2 * * mon",
    "monthly": "30 2 1 * *",
    "quarterly": "30 2 1 jan,apr,jul,oct *",
    "yearly": "30 2 1 oct *",
}
"""When an agreement is served, by its frequency; the year is the fiscal one."""


def jobs_of(app: Application) -> tuple[Job, ...]:
    """The jobs of every installation, one for each agreement to send and one for each mapping that is in force."""
    sent = [one for one in app.catalogue.agreements.values() if one.active and one.direction == SEND]
    fetched = [
        one
        for one in app.catalogue.agreements.values()
        if one.active and one.direction == RECEIVE and one.transport == FETCH
    ]
    pulled = [one for one in app.catalogue.mappings.values() if one.active]
    return (
        *JOBS,
        *(Job(f"deliver-{one.code}", TIMES[one.frequency], partial(_deliver, one.code)) for one in sent),
        *(Job(f"fetch-{one.code}", TIMES[one.frequency], partial(_fetch, one.code)) for one in fetched),
        *(Job(f"pull-{one.code}", TIMES[one.frequency], partial(_pull, one.code)) for one in pulled),
    )


def _deliver(code: str, app: Application) -> str:
    """Build and send. A failure is tried again by `retry-deliveries`, and is no failure of the schedule."""
    outcome = app.deliveries.deliver(code, BY)
    if outcome is None:
        return "nothing changed"
    if outcome.state == GIVEN_UP:
        raise Conflict(f"delivery {outcome.sequence} was given up, and the next ones wait: {outcome.error}")
    return f"delivery {outcome.sequence} {outcome.state}" + (f": {outcome.error}" if outcome.error else "")


def _fetch(code: str, app: Application) -> str:
    return f"{app.fetching.fetch(code)} deliveries fetched"


def _pull(code: str, app: Application) -> str:
    """Fetch and record; what cannot be taken is a failure of the schedule, with the reason."""
    done = app.pulls.pull(code, BY)
    return f"{done.outcome}: {done.report.plan.changes} values" if done.report else done.outcome


def works(app: Application) -> Mapping[str, Callable[[], object]]:
    """What each job calls, over the services of `app`. A service is built when its job first runs."""
    return {job.name: partial(job.work, app) for job in jobs_of(app)}
