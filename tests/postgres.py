"""A private PostgreSQL with PostGIS for tests and benchmarks, gone when they are done."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

PORT = 55432
MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def programs() -> Path | None:
    """The folder of the newest server that has PostGIS; None where there is none."""
    if not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return None
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def in_memory() -> Path | None:
    """Where a server of many small databases need not wait for a disk; None where memory has no such room."""
    room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free
    return MEMORY if room > ROOM else None


@contextmanager
def cluster(settings: str = "-c fsync=off", folder: Path | None = None) -> Iterator[str]:
    """Start a server, in `folder`; gives a URL with `{}` for the name of the database."""
    binaries = programs()
    if binaries is None:
        raise RuntimeError("PostgreSQL with PostGIS is missing: run `make test` once, it installs it")
    # A socket's path may not be long, so the folder is not below pytest's.
    folder = Path(tempfile.mkdtemp(prefix="cityindex-pg.", dir=folder))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    _as_postgres(f"{binaries}/initdb -D {folder}/data -U postgres -E UTF8 --locale=C.UTF-8 -A trust")
    options = f"-c listen_addresses='' -k {folder} -p {PORT} -c max_connections=60 {settings}"
    _as_postgres(f'{binaries}/pg_ctl -D {folder}/data -w -l {folder}/log -o "{options}" start')
    try:
        yield f"postgresql+psycopg://postgres@/{{}}?host={folder}&port={PORT}"
    finally:
        _as_postgres(f"{binaries}/pg_ctl -D {folder}/data -m immediate stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(settings: str = "") -> Iterator[str]:
    """The URL of an empty database on a server of its own, by default with the server's own settings."""
    with cluster(settings) as url:
        server = create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("CREATE DATABASE empty"))
        server.dispose()
        yield url.format("empty")


def _as_postgres(command: str) -> None:
    # The server refuses to run as root; elsewhere the tests' own user runs it.
    line = ["su", "postgres", "-s", "/bin/sh", "-c", command] if os.geteuid() == 0 else ["/bin/sh", "-c", command]
    subprocess.run(line, check=True, capture_output=True, cwd="/")
