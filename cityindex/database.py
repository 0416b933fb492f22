"""Engines for SpatiaLite and PostGIS: one way to connect, for pages, commands, jobs and migrations."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from cityindex.errors import Invalid, Unavailable

SQLITE_CURE = "run `cityindex doctor`: it says what to install"


def dbapi() -> ModuleType:
    """An SQLite driver that can load extensions. One for the whole process: two would lose each other's file locks."""
    try:
        import pysqlite3.dbapi2 as bundled
    except ImportError:
        if hasattr(sqlite3.Connection, "enable_load_extension"):
            return sqlite3
        raise Unavailable(f"this Python's SQLite cannot load SpatiaLite: {SQLITE_CURE}") from None
    else:
        return bundled  # type: ignore[no-any-return]


def make_engine(url: str) -> Engine:
    """The engine of a database URL (`sqlite:////path` or `postgresql+psycopg://…`). Raises `Invalid` for any other."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _spatialite_engine(parsed)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    raise Invalid(
        f"CITYINDEX_DATABASE_URL names «{parsed.drivername}»: write sqlite:////path or postgresql+psycopg://…"
    )


def is_sqlite(bind: Engine | Connection | Session) -> bool:
    connection = bind.get_bind() if isinstance(bind, Session) else bind
    return connection.dialect.name == "sqlite"


def address_of(bind: Engine | Session) -> str:
    """What tells a database from the others that this process reads, without its password."""
    return str((bind.get_bind() if isinstance(bind, Session) else bind).engine.url)


def _spatialite_engine(url: URL) -> Engine:
    # GeoAlchemy2 wants the name of the module in the environment of the process.
    os.environ.setdefault("SPATIALITE_LIBRARY_PATH", "mod_spatialite")
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, module=dbapi())
    event.listen(engine, "connect", _connect_spatialite)
    event.listen(engine, "begin", _begin)
    return engine


def _connect_spatialite(connection: Any, record: Any) -> None:
    from geoalchemy2 import load_spatialite

    try:
        # WGS84 in one transaction takes 0.03 s; the default, all reference systems, takes 10 s.
        load_spatialite(connection, record, transaction=True, init_mode="WGS84")  # type: ignore[no-untyped-call]
    except Exception as error:
        raise Unavailable(f"SpatiaLite does not load ({error}): {SQLITE_CURE}") from error
    # With isolation_level None the driver never commits by itself, so that a failing migration leaves nothing behind.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")


def _begin(connection: Connection) -> None:
    # A use case that writes says so (`writing`) and takes the write lock at once, so that it cannot fail half way.
    immediate = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def writing(session: Session) -> Session:
    """Declare that the transaction of `session`, not yet begun, writes. `Unavailable` while another does (SQLite)."""
    try:
        session.connection(execution_options={"writing": True})
    except OperationalError as error:
        if "locked" not in str(error):
            raise
        raise Unavailable("something else is being written to the database now: try again when it is done") from error
    return session


def bulk_insert(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add many rows within the transaction of `session`: SQLAlchemy's own way takes seven times as long."""
    connection = session.connection()
    names = ", ".join(columns)
    cursor = connection.connection.cursor()
    try:
        if is_sqlite(connection):
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # type: ignore[arg-type]  # noqa: S608
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    finally:
        cursor.close()
