"""What is worked out once for each run and kept in memory: a run never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from cityindex.memory import Memory
from cityindex.queries.runs.arrays import RunArrays

KEPT = 4
"""Runs of which a process keeps what was worked out."""

T = TypeVar("T")


class OncePerRun(Generic[T]):
    """A function of a run, `make(session, run_id)`, that is called once for each run. Raises `NotFound`."""

    def __init__(self, make: Callable[[Session, int], T]) -> None:
        self.make = make
        self.kept: Memory[T] = Memory(KEPT)

    def __call__(self, session: Session, run_id: int) -> T:
        return self.kept.get(RunArrays(session, run_id).key, lambda: self.make(session, run_id))
