"""What all tests share: the two databases, each test with a fresh copy of a migrated one."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from cityindex.database import make_engine

CHECKOUT = Path(__file__).parent.parent
SHARED_DATA = Path(os.environ.get("CITYINDEX_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
"""Real data to check with. It is not part of the project, and no test needs it."""

MakeDatabase = Callable[[], str]


def lacking(what: str) -> None:
    """A part of the environment is missing: a failure in CI, a reasoned skip elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI does not skip: run `make setup`")
    pytest.skip(f"{what} is missing: `make test` installs it")


def migrate(url: str) -> None:
    from cityindex.services.upkeep import Upkeep

    engine = make_engine(url)
    Upkeep(engine).upgrade()
    engine.dispose()


@pytest.fixture(scope="session")
def spatialite_databases(tmp_path_factory: pytest.TempPathFactory) -> MakeDatabase:
    folder = tmp_path_factory.mktemp("spatialite")
    template = folder / "template.sqlite"
    migrate(f"sqlite:///{template}")

    def make() -> str:
        copy = folder / f"{uuid.uuid4().hex}.sqlite"
        shutil.copy(template, copy)
        return f"sqlite:///{copy}"

    return make


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _as_postgres(command: str) -> None:
    # The server refuses to run as root; elsewhere the tests' own user runs it.
    line = ["su", "postgres", "-s", "/bin/sh", "-c", command] if os.geteuid() == 0 else ["/bin/sh", "-c", command]
    subprocess.run(line, check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A private PostgreSQL, gone after the tests. Gives a URL with `{}` for the name of the database."""
    programs = _postgres_programs()
    if programs is None or not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        lacking("PostgreSQL with PostGIS")
    # A socket's path may not be long, so it does not go below pytest's folder.
    folder = Path(
        subprocess.run(
            ["mktemp", "-d", "-t", "cityindex-pg.XXXX"], check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    _as_postgres(f"{programs}/initdb -D {folder}/data -U postgres -E UTF8 --locale=C.UTF-8 -A trust")
    options = f"-c listen_addresses='' -k {folder} -p 55432 -c fsync=off -c max_connections=60"
    _as_postgres(f'{programs}/pg_ctl -D {folder}/data -w -l {folder}/log -o "{options}" start')
    try:
        yield f"postgresql+psycopg://postgres@/{{}}?host={folder}&port=55432"
    finally:
        _as_postgres(f"{programs}/pg_ctl -D {folder}/data -m immediate stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgis_databases(postgres_cluster: str) -> Iterator[MakeDatabase]:
    server = create_engine(postgres_cluster.format("postgres"), isolation_level="AUTOCOMMIT")

    def create(name: str, template: str = "template1") -> str:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return postgres_cluster.format(name)

    migrate(create("migrated"))
    yield lambda: create(f"test_{uuid.uuid4().hex}", "migrated")
    server.dispose()


@pytest.fixture(params=["spatialite", "postgis"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated, empty database; every test that asks for it runs on both kinds."""
    make: MakeDatabase = request.getfixturevalue(f"{request.param}_databases")
    return make()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()
