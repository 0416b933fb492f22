"""The site as others meet it: gunicorn over PostGIS with demo data, and real clients of the standards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, insert, select, text

from cityindex.database import make_engine
from cityindex.models import Base
from tests.conftest import CHECKOUT, MakeDatabase
from tests.demo import demo_file

STARTS_WITHIN = 120.0


@pytest.fixture(scope="session")
def demo_on_postgis(postgis_databases: MakeDatabase) -> str:
    """A PostGIS database with the demo. Tests read it; whoever writes makes a copy."""
    url = postgis_databases()
    copy_to_postgis(demo_file(), url)
    return url


@pytest.fixture(scope="session")
def server(demo_on_postgis: str) -> Iterator[str]:
    """The address of a running site over the demo on PostGIS."""
    with serving(demo_on_postgis) as address:
        yield address


@contextmanager
def serving(database_url: str, **settings: str) -> Iterator[str]:
    """`cityindex serve` as a process of its own over a database, until the end of the block."""
    with running(free_port(), database_url, **settings) as (address, _):
        yield address


@contextmanager
def running(port: int, database_url: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same at a port that is known before, with the process."""
    address = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "CITYINDEX_DATABASE_URL": database_url, **settings}
    command = [str(Path(sys.executable).parent / "cityindex"), "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(address, process)
        yield address, process
    finally:
        process.send_signal(signal.SIGINT)  # at once: nobody waits for an answer any more
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def copy_to_postgis(file: Path, url: str) -> None:
    """Everything of a SpatiaLite file into an empty, migrated PostGIS database."""
    source, target = make_engine(f"sqlite:///{file}"), create_engine(url)
    with source.connect() as reading, target.begin() as writing:
        writing.execute(text("SET session_replication_role = replica"))  # places refer to places in their own table
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in reading.execute(select(table))]
            for start in range(0, len(rows), 5000):
                writing.execute(insert(table), rows[start : start + 5000])
            if "id" in table.c and rows:
                last = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM \"{table.name}\""
                writing.execute(text(last))
    source.dispose()
    target.dispose()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert process.poll() is None, "the server did not start"
        try:
            with urlopen(f"{address}/health/ready", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")
