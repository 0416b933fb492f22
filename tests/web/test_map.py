"""The map page without a browser: its address is its state, and its parts may be kept for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cityindex.database import dbapi
from tests.web.conftest import MOST_QUERIES, MakeClient, application_of, client_over, counted


@pytest.fixture(scope="module")
def client(demo_url: str) -> Iterator[FlaskClient]:
    made = client_over(demo_url)
    yield made
    application_of(made).engine.dispose()


@pytest.fixture
def demo_copy(demo_url: str, tmp_path: Path) -> str:
    """A copy of the demo that a test may change."""
    copy = tmp_path / "demo.sqlite"
    with (
        closing(dbapi().connect(demo_url.removeprefix("sqlite:///"))) as source,
        closing(dbapi().connect(copy)) as target,
    ):
        source.backup(target)
    return f"sqlite:///{copy}"


def parts(page: str) -> dict[str, str]:
    found = re.findall(r'"(geometry|outline|values)": "([^"]+)"', page)
    return {name: address.replace("\\u0026", "&") for name, address in found}


def test_nothing_published_says_so(make_client: MakeClient) -> None:
    page = make_client().get("/en/map")
    assert page.status_code == 200
    assert "Nothing is published yet" in page.text


def test_legend_counts_every_place_of_the_table(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=local-capacity&period=2025").text
    legend = page.split('id="legend-title"')[1].split("</section>")[0]
    counts = [int(number) for number in re.findall(r'<td class="number">([\d,]+)</td>', legend)]
    assert sum(counts) == 400
    assert counts[-1] > 0, "the demo has places without a score, and they are counted as no data"
    assert "the first 50 of 400 places" in page


def test_values_are_those_of_the_published_run(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025").text
    answer = client.get(parts(page)["values"])
    places = answer.get_json()["places"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(places) == 400
    first = re.search(r"/en/places/(D\w+)", page.split("the first 50")[-1])
    assert first
    assert places[first[1]][1] == 1


def test_an_indicator_is_shown_in_its_own_unit(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025&node=waste_recycling_rate").text
    values = [row[0] for row in client.get(parts(page)["values"]).get_json()["places"].values() if row[0] is not None]
    assert "percent" in page.lower()
    assert 0 <= min(values) < max(values) <= 100


def test_a_filter_reaches_the_values(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025&type=city-municipality").text
    assert 0 < len(client.get(parts(page)["values"]).get_json()["places"]) < 50


def test_shapes_are_kept_for_ever_and_are_geojson(client: FlaskClient) -> None:
    address = parts(client.get("/th/map").text)["geometry"]
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "application/geo+json"
    assert len(answer.get_json()["features"]) == 400
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(answer.data) / 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("framework=nothing", 404),
        ("period=1999", 404),
        ("node=nothing", 404),
        ("type=castle", 404),
        ("classes=<script>", 400),
    ],
)
def test_an_address_that_cannot_be_is_answered_and_not_reflected(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/th/map?{query}")
    assert answer.status_code == status
    assert "<script>alert" not in answer.text
    assert "classes=<script>" not in answer.text


@pytest.mark.parametrize("address", ["/map/boundaries/none/0.json", "/map/values/999999/livability.json"])
def test_parts_that_are_not_there(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_page_asks_little_of_the_database(client: FlaskClient) -> None:
    client.get("/th/map")
    with counted(application_of(client).engine) as said:
        client.get("/th/map")
    assert len(said) <= MOST_QUERIES


def test_values_of_an_edition_stay_where_a_newer_one_follows_and_go_where_it_is_taken_back(demo_copy: str) -> None:
    reader = client_over(demo_copy)
    app = application_of(reader)
    address = parts(reader.get("/en/map?framework=local-capacity&period=2025").text)["values"]
    app.publishing.publish(app.scoring.run("local-capacity", 2025, "test"), "test")
    assert reader.get(address).status_code == 200
    app.publishing.rollback("local-capacity", 2025, "test")
    assert reader.get(address).status_code == 200
    app.publishing.rollback("local-capacity", 2025, "test")
    assert reader.get(address).status_code == 404
    app.engine.dispose()
