"""What is worked out once for each run and kept in memory: a run never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from cityindex.queries.runs.arrays import RunArrays

KEPT = 4
"""Runs of which a process keeps what was worked out; those asked for longest ago go first."""

T = TypeVar("T")


class OncePerRun(Generic[T]):
    """A function of a run, `make(session, run_id)`, that is called once for each run. Raises `NotFound`."""

    def __init__(self, make: Callable[[Session, int], T]) -> None:
        self.make = make
        self.kept: OrderedDict[tuple[str, str], T] = OrderedDict()
        self.lock = Lock()

    def __call__(self, session: Session, run_id: int) -> T:
        key = RunArrays(session, run_id).key
        with self.lock:
            if key not in self.kept:
                self.kept[key] = self.make(session, run_id)
                while len(self.kept) > KEPT:
                    self.kept.popitem(last=False)
            self.kept.move_to_end(key)
            return self.kept[key]
