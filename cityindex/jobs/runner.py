"""Runs what is owed, and writes into the ledger how it ended."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass

from cityindex.models.schedules import DONE, FAILED
from cityindex.services.schedules import Claim, Schedules

log = logging.getLogger(__name__)
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended."""

    claim: Claim
    outcome: str
    said: str


class Runner:
    """`jobs` maps names to what is called."""

    def __init__(self, schedules: Schedules, jobs: Mapping[str, Work]) -> None:
        self.schedules = schedules
        self.jobs = jobs
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def run_owed(self, job: str) -> Ended | None:
        """Run a job if a run of it is owed now."""
        claim = self.schedules.claim(job, self.name)
        if claim is None:
            return None
        outcome, said = self._work(claim)
        self.schedules.finish(claim, outcome, said)
        log.info("%s: %s%s", job, outcome, f": {said}" if said else "")
        return Ended(claim, outcome, said)

    def run_all_owed(self) -> tuple[Ended, ...]:
        """Run one after the other what is owed now."""
        ended = map(self.run_owed, self.jobs)
        return tuple(one for one in ended if one is not None)

    def _work(self, claim: Claim) -> tuple[str, str]:
        try:
            said = self.jobs[claim.job]()
        except Exception as error:  # a job may fail in any way: the ledger has the reason, the log the rest
            log.exception("job %s of %s failed", claim.job, claim.scheduled_at)
            return FAILED, str(error) or type(error).__name__
        return DONE, in_words(said)


def in_words(result: object) -> str:
    """What a job returned, for the ledger: text as it is, a record of counts as `3 sent, 0 refused`."""
    if result is None:
        return ""
    if is_dataclass(result) and not isinstance(result, type):
        return ", ".join(f"{getattr(result, field.name)} {field.name}" for field in fields(result))
    return str(result)
