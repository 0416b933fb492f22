"""What all tests share: the two databases, each test with a fresh copy of a migrated one."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, text

from cityindex.database import make_engine
from tests import postgres
from tests.demo import demo_file

CHECKOUT = Path(__file__).parent.parent
SHARED_DATA = Path(os.environ.get("CITYINDEX_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
"""Real data to check with. It is not part of the project, and no test needs it."""

MakeDatabase = Callable[[], str]

# How fast a machine is, or how busy, says nothing of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


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


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A private PostgreSQL, gone after the tests. Gives a URL with `{}` for the name of the database."""
    if postgres.programs() is None:
        lacking("PostgreSQL with PostGIS")
    with postgres.cluster() as url:
        yield url


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


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the seeds and the demo, scored and published. Tests read it; none writes to it."""
    copy = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    shutil.copy(demo_file(), copy)
    return f"sqlite:///{copy}"
