"""The web application over an empty database, and a way to count what a page asks the database.

What pages show and take is tested on one database each, half of the tests on either: services and queries are tested on
both in `integration`. Where both have to say the same, a file says so: `pytestmark = pytest.mark.both_databases`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.queries.runs.editions import Edition, current_editions
from tests.conftest import CHECKOUT, MakeDatabase
from tests.integration import small

MOST_QUERIES = 15
MOST_OF_A_PROFILE = 19
"""The profile of a place also tells its targets, what it shares, what was corrected and what residents are asked."""
"""What a page may ask the database (the limit of the project)."""

MakeClient = Callable[..., FlaskClient]


class Reader(FlaskClient):
    """Reads every answer to its end, so that no file stays open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


def client_over(url: str, **settings: str) -> FlaskClient:
    """A browser, as it were, for a site over the database at `url`; settings without their prefix, in lower case."""
    environ = {f"CITYINDEX_{name.upper()}": value for name, value in settings.items()}
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": url, **environ}))
    app = application.web()
    app.test_client_class = Reader
    return app.test_client()


def application_of(client: FlaskClient) -> Application:
    found: Application = client.application.extensions["cityindex"]
    return found


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The questions that the database is asked in the meantime; beginning and ending are none."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "ROLLBACK")):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "databases" in metafunc.fixturenames:
        kinds = ["spatialite", "postgis"]
        if metafunc.definition.get_closest_marker("both_databases") is None:
            kinds = [kinds[crc32(metafunc.definition.nodeid.encode()) % 2]]
        metafunc.parametrize("databases", kinds, indirect=True)


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Iterator[MakeDatabase]:
    """Makes databases of the kind that the test runs on."""
    with request.getfixturevalue(f"{request.param}_databases").for_one_test() as make:
        yield make


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a real OpenID provider on this machine."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.openid_provider"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@pytest.fixture(scope="module")
def demo_client(demo_url: str) -> Iterator[FlaskClient]:
    """A client over the demo, for tests that write nothing."""
    client = client_over(demo_url)
    yield client
    application_of(client).engine.dispose()


@pytest.fixture(scope="module")
def edition(demo_client: FlaskClient) -> Edition:
    """The latest edition of the livable city index of the demo."""
    with application_of(demo_client).sessions() as session:
        return current_editions(session, "livable-city")[0]


@pytest.fixture
def world(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """A client over a small world, on both databases: an index of two parts, works (2) and nature (1)."""
    small.published_run(engine)
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    yield client
    application_of(client).engine.dispose()


@pytest.fixture
def make_client(spatialite_databases: MakeDatabase) -> Iterator[MakeClient]:
    """A client over a fresh, empty SpatiaLite database, with settings as keywords."""
    made: list[FlaskClient] = []

    def make(**settings: str) -> FlaskClient:
        made.append(client_over(spatialite_databases(), **settings))
        return made[-1]

    yield make
    for client in made:
        application_of(client).engine.dispose()


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    return make_client()
