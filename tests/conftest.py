"""What all tests share: the two databases, each test with a fresh copy of a migrated one; who runs which tests."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, make_url, text
from xdist.scheduler import LoadScopeScheduling

from cityindex.database import make_engine
from tests import postgres
from tests.compiled import compile_once
from tests.databases import MakeDatabase
from tests.demo import demo_file

CHECKOUT = Path(__file__).parent.parent
SHARED_DATA = Path(os.environ.get("CITYINDEX_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
"""Real data to check with. It is not part of the project, and no test needs it."""

LONGEST = ("browser", "exchange", "integration", "web")
"""Folders in the order in which they are begun: what is long, first, so that the processes end together."""
TOGETHER = ("browser", "exchange")
"""Folders whose tests share what is slow to begin with: Chromium, and servers over the demo data."""

# How fast a machine is, or how busy, says nothing of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

compile_once()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(_folder(item)) if _folder(item) in LONGEST else len(LONGEST))


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """The tests of a file go to one process, which makes what they share once, in the order in which they stand.

    (Groups by a mark reach the scheduler no more: pytest 9 keeps names of tests where pytest-xdist 3.8 does not look.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        folder = path.removeprefix("tests/").split("/")[0]
        return folder if folder in TOGETHER else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(CHECKOUT / "tests").parts[0]


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
    template = f"sqlite:///{folder / 'template.sqlite'}"
    migrate(template)

    def copy(url: str) -> str:
        new = folder / f"{uuid.uuid4().hex}.sqlite"
        shutil.copy(url.removeprefix("sqlite:///"), new)
        return f"sqlite:///{new}"

    return MakeDatabase(template, copy, lambda url: Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A private PostgreSQL, gone after the tests. Gives a URL with `{}` for the name of the database."""
    if postgres.programs() is None:
        lacking("PostgreSQL with PostGIS")
    with postgres.cluster(folder=postgres.in_memory()) as url:
        yield url


@pytest.fixture(scope="session")
def postgis_databases(postgres_cluster: str) -> Iterator[MakeDatabase]:
    server = create_engine(postgres_cluster.format("postgres"), isolation_level="AUTOCOMMIT")

    def copy(url: str) -> str:
        name, template = f"test_{uuid.uuid4().hex}", make_url(url).database
        with server.connect() as connection:
            how = "STRATEGY FILE_COPY" if connection.dialect.server_version_info >= (15,) else ""  # the only one before
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} {how}"))
        return postgres_cluster.format(name)

    def drop(url: str) -> None:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)"))

    template = copy(postgres_cluster.format("template1"))
    migrate(template)
    yield MakeDatabase(template, copy, drop)
    server.dispose()


@pytest.fixture(params=["spatialite", "postgis"])
def databases(request: pytest.FixtureRequest) -> Iterator[MakeDatabase]:
    """Makes databases of one kind; every test that asks for one runs on both kinds."""
    with request.getfixturevalue(f"{request.param}_databases").for_one_test() as make:
        yield make


@pytest.fixture
def database_url(databases: MakeDatabase) -> str:
    """A fresh, migrated, empty database."""
    return databases()


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
