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

if TYPE_CHECKING:
    from cityindex.app import Application


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
    Job("remind", "08:00", lambda app: app.reminders.remind()),
    Job("forget", "03:10", lambda app: app.retention.forget()),
    Job("forget-people", "03:20", lambda app: app.personal_data.forget_due()),
)


def works(app: Application) -> Mapping[str, Callable[[], object]]:
    """What each job calls, over the services of `app`. A service is built when its job first runs."""
    return {job.name: partial(job.work, app) for job in JOBS}
