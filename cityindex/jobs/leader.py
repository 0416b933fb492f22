"""One process runs the jobs: it holds a lock that is free again the moment the process is gone, however it ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cityindex.database import is_sqlite
from cityindex.errors import Invalid, Unavailable

TAKEN = "another `cityindex scheduler` runs the jobs of this database: one is enough"
LOST = "the connection that says who runs the jobs is lost: start the scheduler again"


class Leadership:
    """Held while the context lasts."""

    def require(self) -> None:
        """Raise `Unavailable` where the lock was lost."""


@contextmanager
def leadership(engine: Engine) -> Iterator[Leadership]:
    """Be the process that runs the jobs. Raises `Unavailable` where another one is."""
    with _file_lock(engine) if is_sqlite(engine) else _advisory_lock(engine) as held:
        yield held


@contextmanager
def _file_lock(engine: Engine) -> Iterator[Leadership]:
    try:
        import fcntl
    except ImportError:
        raise Unavailable("this system has no file locks (fcntl): run the scheduler with PostgreSQL") from None
    if not engine.url.database or engine.url.database == ":memory:":
        raise Invalid("a database in memory has no scheduler: give it a file")
    with Path(f"{engine.url.database}.scheduler.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(TAKEN) from None
        yield Leadership()


class _Advisory(Leadership):
    def __init__(self, engine: Engine) -> None:
        # A connection of its own, outside every pool: the lock lives as long as it does.
        self.connection = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()

    def take(self) -> bool:
        return bool(self.connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('cityindex-scheduler'))")))

    def require(self) -> None:
        try:
            self.connection.execute(text("SELECT 1"))
        except DBAPIError:
            raise Unavailable(LOST) from None


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[Leadership]:
    held = _Advisory(engine)
    try:
        if not held.take():
            raise Unavailable(TAKEN)
        yield held
    finally:
        held.connection.close()
