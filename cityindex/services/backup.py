"""Backups: one consistent file of everything, made and put back by the database's own tools."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from sqlalchemy import Connection, Engine, inspect, text

from cityindex.database import dbapi, is_sqlite
from cityindex.errors import Invalid, Unavailable

SQLITE_MARK = b"SQLite format 3\0"
POSTGRES_MARK = b"PGDMP"
KINDS = {SQLITE_MARK: "SQLite", POSTGRES_MARK: "PostgreSQL"}


class Backup(Protocol):
    """How one kind of database is copied to a file and back. `restore` replaces everything, or nothing."""

    mark: bytes

    def save(self, file: Path) -> None: ...

    def revision(self, file: Path) -> str | None: ...

    def restore(self, file: Path) -> None: ...


def backup_of(engine: Engine) -> Backup:
    return SqliteBackup(engine) if is_sqlite(engine) else PostgresBackup(engine)


def require_kind(backup: Backup, file: Path) -> None:
    """Raise `Invalid` where `file` is no backup of this kind of database."""
    with file.open("rb") as stream:
        head = stream.read(16)
    found = next((kind for mark, kind in KINDS.items() if head.startswith(mark)), None)
    if found is None:
        raise Invalid(f"{file} is not a backup: give a file that `cityindex db backup` wrote")
    if not head.startswith(backup.mark):
        raise Invalid(
            f"{file} is a backup of {found} and the database is {KINDS[backup.mark]}: "
            "set CITYINDEX_DATABASE_URL to a database of the same kind"
        )


class SqliteBackup:
    """SQLite's online backup: consistent while others write, and put back in one transaction."""

    mark = SQLITE_MARK

    def __init__(self, engine: Engine) -> None:
        self.database = str(engine.url.database)

    def save(self, file: Path) -> None:
        with closing(dbapi().connect(self.database)) as source, closing(dbapi().connect(str(file))) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")

    def revision(self, file: Path) -> str | None:
        try:
            with closing(dbapi().connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
                sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except dbapi().DatabaseError:
            return None
        return str(row[0]) if row and sound else None

    def restore(self, file: Path) -> None:
        with closing(dbapi().connect(str(file))) as source, closing(dbapi().connect(self.database)) as target:
            target.execute("PRAGMA busy_timeout=10000")
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")


class PostgresBackup:
    """pg_dump's custom format of our tables alone: PostGIS and its own tables belong to the server."""

    mark = POSTGRES_MARK

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def save(self, file: Path) -> None:
        with self.engine.connect() as connection:
            tables = [argument for name in our_tables(connection) for argument in ("--table", f'"{name}"')]
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", *tables, f"--file={file}", dbname=True)

    def revision(self, file: Path) -> str | None:
        rows = self._run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file)).splitlines()
        starts = [number for number, row in enumerate(rows) if row.startswith("COPY public.alembic_version")]
        return rows[starts[0] + 1].strip() if starts else None

    def restore(self, file: Path) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
            tables = our_tables(connection)
        drops = "".join(f'DROP TABLE "{name}" CASCADE;\n' for name in tables)
        with NamedTemporaryFile(suffix=".sql", dir=file.parent) as script:
            self._run("pg_restore", "--no-owner", "--no-privileges", f"--file={script.name}", str(file))
            steps = ("--single-transaction", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
            self._run("psql", *steps, f"--command={drops or 'SELECT 1'}", f"--file={script.name}", dbname=True)

    def _run(self, program: str, *arguments: str, dbname: bool = False) -> str:
        # The password goes by the environment of the child: arguments can be read by every user of the machine.
        environment = dict(os.environ)
        url = self.engine.url
        if url.password is not None:
            environment["PGPASSWORD"] = str(url.password)
        target = url.set(drivername="postgresql", password=None).render_as_string() if dbname else None
        line = [str(find_program(program)), *([f"--dbname={target}"] if target else []), *arguments]
        done = subprocess.run(line, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
        if done.returncode:
            raise Unavailable(f"{program} failed: {done.stderr.strip() or done.returncode}")
        return done.stdout


def find_program(name: str) -> Path:
    """The newest of PostgreSQL's own programs: one older than the server refuses to work."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: _number(path.parts[-3]))
    on_path = [Path(folder) / name for folder in os.get_exec_path() if (Path(folder) / name).is_file()]
    for candidate in [*found[::-1], *on_path]:
        return candidate
    raise Unavailable(f"{name} is not installed: `sudo apt-get install postgresql-client`")


def our_tables(connection: Connection) -> list[str]:
    """The tables of the current schema that no extension owns."""
    if is_sqlite(connection):
        return inspect(connection).get_table_names()
    query = """
        SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1
    """
    return list(connection.scalars(text(query)))


def _number(text_: str) -> int:
    return int(text_) if text_.isdigit() else 0
