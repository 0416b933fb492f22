"""What an operator is told by numbers: whether jobs come when they should, what waits, how old the editions are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cityindex.models import now
from cityindex.queries.watching import (
    EditionAge,
    JobRecord,
    deliveries_open,
    edition_ages,
    job_records,
    letters_waiting,
)
from cityindex.services.moments import trigger_of, upcoming

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


@dataclass(frozen=True, slots=True)
class JobFacts:
    """`overdue` are the seconds since a run should have begun (0 where none is owed, and of a job that is off)."""

    job: str
    overdue: float
    succeeded_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Letters and deliveries by state; `oldest_letter` are the seconds that the oldest one has waited."""

    jobs: tuple[JobFacts, ...]
    letters: Mapping[str, int]
    oldest_letter: float
    deliveries: Mapping[str, int]
    editions: tuple[EditionAge, ...]


class Watching:
    """`names`: the jobs that are run here. A schedule that is left of another one is nobody's concern."""

    def __init__(
        self, sessions: sessionmaker[Session], names: Collection[str], clock: Callable[[], datetime] = now
    ) -> None:
        self.sessions = sessions
        self.names = names
        self.clock = clock

    def facts(self) -> Facts:
        """Everything as it is now, in one reading."""
        with self.sessions() as session:
            at = self.clock()
            letters, oldest = letters_waiting(session)
            return Facts(
                jobs=tuple(_facts(one, at) for one in job_records(session) if one.job in self.names),
                letters=letters,
                oldest_letter=_seconds(oldest, at),
                deliveries=deliveries_open(session),
                editions=edition_ages(session),
            )


def _facts(record: JobRecord, at: datetime) -> JobFacts:
    due = upcoming(trigger_of(record.at, record.zone), record.after) if record.enabled else None
    return JobFacts(record.job, _seconds(due, at), record.succeeded_at, record.failures)


def _seconds(since: datetime | None, at: datetime) -> float:
    """Seconds since a moment; 0 where there is none, or it is still to come."""
    return max((at - since).total_seconds(), 0.0) if since else 0.0
