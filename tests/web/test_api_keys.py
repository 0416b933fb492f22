"""Keys, limits, use and the sandbox of the REST API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from cityindex.models import Place
from cityindex.queries.accounts.clients import client as client_record
from cityindex.queries.accounts.clients import uses_of_client, uses_of_place
from cityindex.services.exchange.clients import NewKey, Wish
from cityindex.services.exchange.scopes import read_scopes
from cityindex.web.api import limits, usage
from tests.web.conftest import MakeClient, application_of, client_over

API = "/api/v1"


def key_of(client: FlaskClient, *scopes: str, rate: int = 3000, lasts: timedelta = timedelta(days=1)) -> NewKey:
    wish = Wish("Dashboard", "NESDC", "a dashboard", read_scopes(scopes))
    return application_of(client).clients.add(wish, "test", rate, lasts)


def read(client: FlaskClient, path: str, secret: str) -> TestResponse:
    return client.get(f"{API}/{path}", headers={"Authorization": f"Bearer {secret}"})


def test_a_key_opens_what_it_is_for_and_ends_at_once(world: FlaskClient) -> None:
    key = key_of(world)
    answer = read(world, "places", key.secret)
    assert (answer.status_code, answer.headers["RateLimit-Limit"]) == (200, "3000")
    assert answer.headers["Cache-Control"].startswith("private")
    assert "Authorization" in answer.headers["Vary"]
    page = read(world, "places?limit=2", key.secret).json
    application_of(world).clients.revoke(key.id, "test")
    refused = read(world, f"places?limit=2&cursor={page['next']}", key.secret)
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert key.secret not in refused.text


@pytest.mark.parametrize("header", ["Bearer ", "Basic eDp5", "Bearer ci_guessed", "ci_guessed"])
def test_what_is_no_key_is_refused(world: FlaskClient, header: str) -> None:
    answer = world.get(f"{API}/places", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "what is public" in answer.json["detail"]


def test_a_key_ends_by_itself_and_with_its_client(world: FlaskClient) -> None:
    clients = application_of(world).clients
    short = key_of(world, lasts=timedelta(seconds=30))
    clients.clock = lambda: datetime.now(UTC) + timedelta(minutes=1)
    assert read(world, "places", short.secret).status_code == 401
    key = key_of(world)
    clients.close(key.client, "test")
    assert read(world, "places", key.secret).status_code == 401


def test_only_the_hash_of_a_key_is_kept(world: FlaskClient) -> None:
    key = key_of(world)
    with application_of(world).sessions() as session:
        stored = client_record(session, key.client).keys[0]
    assert key.secret.startswith(stored.start)
    assert len(stored.start) == 10
    connection = application_of(world).engine.connect()
    with connection:
        rows = connection.exec_driver_sql("SELECT * FROM api_key").all()
    assert key.secret not in str(rows)


def test_more_requests_than_allowed_are_told_to_wait(world: FlaskClient) -> None:
    key = key_of(world, rate=3)
    answers = [read(world, "places", key.secret) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [one.headers["RateLimit-Remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].mimetype == "application/problem+json"
    assert world.get(f"{API}/places").status_code == 200


def test_without_a_key_there_are_600_a_minute_for_each_address(world: FlaskClient) -> None:
    world.application.extensions[limits.KEY].count = lambda who, at: 600 if who else 0
    assert world.get(f"{API}/places").status_code == 200
    world.application.extensions[limits.KEY].count = lambda who, at: 601
    assert world.get(f"{API}/places").status_code == 429
    assert world.get("/en/places/").status_code == 200
    assert world.options(f"{API}/places").status_code == 200


def test_processes_count_together(tmp_path: Path) -> None:
    one, other = (limits.Counter(tmp_path / "requests.sqlite") for _ in range(2))
    assert [one.count("a", 60.0), other.count("a", 61.0), one.count("b", 62.0), one.count("a", 119.9)] == [1, 2, 1, 3]
    assert other.count("a", 120.0) == 1
    assert limits.Counter(tmp_path / "nowhere" / "x.sqlite").count("a", 60.0) == 0


def test_what_is_read_is_counted_by_key_and_place(world: FlaskClient) -> None:
    key = key_of(world)
    for path in ("places/M1", "scores?place=M1", "scores?place=M1,M2", "observations", "places/nothing", "codelists"):
        read(world, path, key.secret)
    world.get(f"{API}/scores?place=M1")
    assert read(world, "scores?place=M1", key.secret).status_code == 200
    world.application.extensions[usage.KEY].write()
    since = date(2000, 1, 1)
    with application_of(world).sessions() as session:
        place = session.scalars(select(Place.id).where(Place.code == "M1")).one()
        uses = {(one.client, one.dataset, one.alone): one.requests for one in uses_of_place(session, place, since)}
        by_client = {dataset: count for _, dataset, count in uses_of_client(session, key.client, since)}
        used = client_record(session, key.client).keys[0].last_used_at
    assert uses == {
        ("Dashboard", "places", True): 1,
        ("Dashboard", "scores", True): 2,
        (None, "scores", True): 1,
        ("Dashboard", "scores", False): 1,
        ("Dashboard", "observations", False): 1,
        ("Dashboard", "indicators", False): 1,
    }
    assert by_client == {"places": 1, "scores": 3, "observations": 1, "indicators": 1}
    assert used is not None


def test_no_address_is_kept(world: FlaskClient) -> None:
    world.get(f"{API}/places", headers={"X-Forwarded-For": "203.0.113.77"})
    counter = world.application.extensions[limits.KEY]
    counted = counter._database().execute("SELECT who FROM requests").fetchall()
    assert counted
    assert "203.0.113.77" not in str(counted)


@pytest.mark.parametrize(
    ("scopes", "states"),
    [
        ((), {"published"}),
        (("assessments:read",), {"published"}),
        (("assessments:follow",), {"published", "open", "returned", "submitted", "approved", "appealed"}),
    ],
)
def test_a_scope_opens_assessments_before_they_are_published(
    demo_copy: FlaskClient, scopes: tuple[str, ...], states: set[str]
) -> None:
    key = key_of(demo_copy, *scopes)
    assert {one["state"] for one in everything(demo_copy, key)} == states


def test_a_scope_opens_no_other_place(demo_copy: FlaskClient) -> None:
    """Every assessment that is not published, against the place that the scope names."""
    whole = everything(demo_copy, key_of(demo_copy, "assessments:follow"))
    provinces = {one["place"]: one["place"][1:3] for one in whole}
    here, place = "50", next(one["place"] for one in whole if one["state"] == "open" and one["place"][1:3] != "50")
    seen = everything(demo_copy, key_of(demo_copy, f"assessments:follow@{here}", f"assessments:follow@{place}"))
    expected = [
        one for one in whole if one["state"] == "published" or provinces[one["place"]] == here or one["place"] == place
    ]
    assert seen == expected
    assert len(seen) < len(whole)


def test_a_key_changes_no_answer_but_those_that_its_scopes_name(demo_copy: FlaskClient) -> None:
    """Every address of the API with no key, with a key that opens nothing more, and with one of a province."""
    document = demo_copy.get(f"{API}/openapi.json").json
    plain, scoped = key_of(demo_copy), key_of(demo_copy, "assessments:follow@50")
    for path, known in document["paths"].items():
        if "get" not in known:
            continue
        address = path.removeprefix(f"{API}/")
        for one in known.get("parameters", ()):
            address = address.replace(f"{{{one['name']}}}", str(one["example"]))
        if any(one["name"] == "limit" for one in known["get"]["parameters"]):
            address += "?limit=1000"
        if "403" in known["get"]["responses"]:
            continue  # what partners ask for needs a key of theirs, and has tests of its own
        bare = demo_copy.get(f"{API}/{address}")
        same, more = (read(demo_copy, address, key.secret) for key in (plain, scoped))
        assert same.status_code == more.status_code == bare.status_code, address
        if bare.status_code == 200:  # a problem names its request, and so no two are alike
            assert same.data == bare.data, address
            assert (more.data == bare.data) == (not address.startswith("assessments")), address


def everything(client: FlaskClient, key: NewKey) -> list[dict[str, str]]:
    found, cursor = [], ""
    while cursor is not None:
        page = read(client, f"assessments?limit=600{'&cursor=' + cursor if cursor else ''}", key.secret).json
        found += page["items"]
        cursor = page["next"]
    return found


@pytest.fixture
def demo_copy(demo_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client over a copy of the demo that may be written to."""
    from cityindex.database import dbapi

    source, target = (
        dbapi().connect(path) for path in (demo_url.removeprefix("sqlite:///"), str(tmp_path / "x.sqlite"))
    )
    source.backup(target)
    source.close()
    target.close()
    client = client_over(f"sqlite:///{tmp_path / 'x.sqlite'}")
    yield client
    application_of(client).engine.dispose()


def test_the_sandbox_reads_invented_data_and_says_so(make_client: MakeClient, demo_url: str) -> None:
    client = make_client(sandbox_url=demo_url)
    answer = read(client, "scores?limit=1000", "ci_sandbox")
    assert answer.json["items"]
    assert all(one["demo"] for one in answer.json["items"])
    assert "invented" in answer.json["notice"]
    assert answer.headers["Cache-Control"].startswith("private")
    assert "notice" in read(client, "places/50", "ci_sandbox").json
    assert client.get(f"{API}/scores").json == {"items": [], "next": None}
    application_of(client).sandbox.engine.dispose()


def test_without_a_sandbox_its_key_says_how_to_make_one(make_client: MakeClient, tmp_path: Path) -> None:
    client = make_client(sandbox_url=f"sqlite:///{tmp_path / 'none.sqlite'}")
    answer = read(client, "scores", "ci_sandbox")
    assert answer.status_code == 503
    assert "cityindex client sandbox" in answer.json["detail"]
    application_of(client).sandbox.engine.dispose()
