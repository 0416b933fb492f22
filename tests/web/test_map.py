"""The map page without a browser: its address is its state, and its parts may be kept for ever."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from flask.testing import FlaskClient

from cityindex.database import dbapi
from cityindex.queries.observations.observations import indicator_values
from tests.unit.maps.test_columns import unpacked, unpacked_codes
from tests.unit.maps.test_topology import unpacked as unpacked_shapes
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


def described(page: str) -> dict[str, Any]:
    """What a page says to its maps."""
    found = re.search(r'<script type="application/json" id="map-view">(.*?)</script>', page, re.DOTALL)
    assert found
    said: dict[str, Any] = json.loads(found[1])
    return said


def values_of(client: FlaskClient, page: str, panel: int = 0) -> dict[str, tuple[float | None, ...]]:
    """Value, rank and ends of its interval, by code, of the places that a map shows."""
    said = described(page)["panels"][panel]
    answer = client.get(said["values"])
    assert "immutable" in answer.headers["Cache-Control"]
    found = unpacked(answer.data)
    only = unpacked_codes(said["only"]) if said["only"] else found
    return {code: row for code, row in found.items() if code in only}


def test_nothing_published_says_so(make_client: MakeClient) -> None:
    page = make_client().get("/en/map")
    assert page.status_code == 200
    assert "Nothing is published yet" in page.text


def test_legend_counts_every_place_of_the_table(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=local-capacity&period=2025").text
    legend = page.split('id="legend-title"')[1].split("</section>", 1)[0]
    counts = [int(number) for number in re.findall(r'<td class="number">([\d,]+)</td>', legend)]
    assert sum(counts) == 400
    assert counts[-1] > 0, "the demo has places without a score, and they are counted as no data"
    assert "the first 50 of 400 places" in page


def test_values_are_those_of_the_published_run(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025").text
    places = values_of(client, page)
    assert len(places) == 400
    first = re.search(r"/en/places/(D\w+)", page.split("the first 50")[-1])
    assert first
    assert places[first[1]][1] == 1


def test_an_indicator_is_shown_in_its_own_unit(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025&node=waste_recycling_rate").text
    values = [row[0] for row in values_of(client, page).values() if row[0] is not None]
    assert "percent" in page.lower()
    assert 0 <= min(values) < max(values) <= 100


def test_a_filter_reaches_the_values(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025&type=city-municipality").text
    assert 0 < len(values_of(client, page)) < 50


def test_shapes_are_kept_for_ever_and_packed(client: FlaskClient) -> None:
    address = described(client.get("/th/map").text)["geometry"][0]
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    shapes, _ = unpacked_shapes(answer.get_json())
    assert len(shapes) == len(answer.get_json()["codes"]) == 400
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(answer.data) / 2
    whole = client.get(address.replace("shapes", "boundaries"))
    assert whole.mimetype == "application/geo+json"
    assert len(whole.get_json()["features"]) == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("framework=nothing", 404),
        ("period=1999", 404),
        ("node=nothing", 404),
        ("type=castle", 404),
        ("classes=<script>alert(1)</script>", 400),
        ("period=soon", 400),
        ("k=1", 400),
        ("k=many", 400),
        ("breaks=3,2,1", 400),
        ("breaks=1,nan", 400),
        ("breaks=1,<script>", 400),
        ("breaks=1,2,3,4,5,6,7", 400),
        ("palette=rainbow", 400),
        ("middle=inf", 400),
        ("palette=puor&middle=red", 400),
        ("view=globe", 400),
        ("peers=north", 400),
        ("peers=region:nowhere", 404),
        ("province=99", 404),
        ("programme=nothing", 404),
        ("place=nowhere at all", 404),
        ("view=both&second=nothing", 404),
        ("symbols=nothing", 404),
        ("indicator=nothing", 404),
        ("framework=observations&node=population&period=1900", 404),
        ("framework=observations&node=population&peers=region:north", 404),
        ("run=999999", 404),
        ("run=<script>", 404),
        ("format=exe", 400),
    ],
)
def test_an_address_that_cannot_be_is_answered_and_not_reflected(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/th/map?{query}")
    assert answer.status_code == status
    # The page that is read as text, and the links in it.
    assert not re.search(r"(<|%3C|&lt;)script(>|%3E|&gt;)", answer.text)
    assert client.get(f"/th/map/embed?{query}").status_code == status or query.startswith("format")


@pytest.mark.parametrize(
    "address",
    [
        "/map/boundaries/none/0.json",
        "/map/shapes/none/0.json",
        "/map/names/none.json",
        "/map/values/999999/livability.json",
        "/map/reported/population/2025/999999.json",
        "/map/reported/nothing/2025/1.json",
    ],
)
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
    address = described(reader.get("/en/map?framework=local-capacity&period=2025").text)["panels"][0]["values"]
    app.publishing.publish(app.scoring.run("local-capacity", 2025, "test"), "test")
    assert reader.get(address).status_code == 200
    app.publishing.rollback("local-capacity", 2025, "test")
    assert reader.get(address).status_code == 200
    app.publishing.rollback("local-capacity", 2025, "test")
    assert reader.get(address).status_code == 404
    app.engine.dispose()


def legend_of(page: str) -> str:
    return page.split('id="legend-title"')[1].split("</section>", maxsplit=1)[0]


def counts_of(page: str) -> list[int]:
    return [int(one.replace(",", "")) for one in re.findall(r'<td class="number">([\d,]+)</td>', legend_of(page))]


@pytest.mark.parametrize("classes", ["quantile", "equal", "natural", "deviation", "own&breaks=30,40,50"])
def test_the_legend_counts_what_the_map_colours(client: FlaskClient, classes: str) -> None:
    page = client.get(f"/en/map?framework=livable-city&period=2025&classes={classes}").text
    said = described(page)["panels"][0]
    values = [row[0] for row in values_of(client, page).values()]
    found = [0] * (len(said["breaks"]) + 1)
    for value in values:
        if value is not None:
            found[sum(1 for cut in said["breaks"] if value >= cut)] += 1
    assert counts_of(page)[: len(found)] == found[::-1]
    assert counts_of(page)[len(found)] == values.count(None)
    assert len(said["colours"]) == len(found)


def test_the_map_its_table_and_the_interface_say_the_same(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025").text
    shown = values_of(client, page)
    asked = "/api/v1/scores?framework=livable-city&period=2025&node=livability&limit=1000"
    said = {one["place"]: one for one in client.get(asked).get_json()["items"]}
    assert said.keys() == shown.keys()
    for code, one in said.items():
        value, *ranks = shown[code][:4]
        assert value == (None if one["score"] is None else pytest.approx(one["score"], abs=0.001))
        assert ranks == [one["rank"], one["rank_low"], one["rank_high"]]
    rows = re.findall(r'<tr data-place="(D\w+)".*?<td class="number">([\d.,]+)</td>\s*<td>', page, re.DOTALL)
    assert len(rows) == 50
    assert all(float(cell) == pytest.approx(said[code]["score"], abs=0.05001) for code, cell in rows)


def test_a_reported_figure_that_no_edition_shows_is_on_the_map(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=observations&node=population&period=2568").text
    assert described(page)["canonical"] == "/en/map?framework=observations&node=population&period=2025"
    assert "fiscal year 2025 (B.E. 2568)" in page or "2025 (B.E. 2568)" in page
    with application_of(client).sessions() as session:
        held = indicator_values(session, "population", 2025)
    values = [row[0] for row in values_of(client, page).values() if row[0] is not None]
    assert sorted(values) == sorted(held.values[~np.isnan(held.values)].tolist())
    assert client.get("/en/map?indicator=population").status_code == 200


def test_two_variables_in_one_map_count_every_place(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025&view=both&second=population").text
    said = described(page)["panels"][0]
    assert len(said["grid"]) == 3
    assert said["second"]["values"].startswith("/map/reported/population/2025/")
    cells = [int(one) for one in re.findall(r"</svg><br>(\d+)</td>", legend_of(page))]
    assert len(cells) == 9
    assert '<option value="population" selected>' in page, "the form keeps the second figure"
    assert sum(cells) + sum(counts_of(page)[:3]) == 400


@pytest.mark.parametrize(("view", "panels"), [("years", 5), ("parts", 6), ("pair&second=environment", 2)])
def test_several_maps(client: FlaskClient, view: str, panels: int) -> None:
    page = client.get(f"/en/map?framework=livable-city&period=2025&view={view}").text
    said = described(page)["panels"]
    assert len(said) == panels == page.count('class="map-frame"')
    assert len({one["values"] for one in said}) == panels
    if view == "years":
        assert len({json.dumps(one["breaks"]) for one in said}) == 1


def test_the_scale_is_locked_over_the_years(client: FlaskClient) -> None:
    address = "/en/map?framework=livable-city&node=environment&scale=locked&period="
    scales = [described(client.get(address + period).text)["panels"][0]["breaks"] for period in ("2021", "2025")]
    assert scales[0] == scales[1]
    free = [described(client.get(address.replace("&scale=locked", "") + one).text) for one in ("2021", "2025")]
    assert free[0]["panels"][0]["breaks"] != free[1]["panels"][0]["breaks"]


def test_it_opens_on_the_latest_period_with_enough_places(client: FlaskClient) -> None:
    """The demo has a round of 2026 in which few have come so far."""
    page = client.get("/en/map?framework=digital-maturity").text
    assert "period=2025" in described(page)["canonical"]
    assert "period=2026" in described(client.get("/en/map?framework=digital-maturity&period=2026").text)["canonical"]


def test_unsure_places_are_hidden_on_request_and_counted(client: FlaskClient) -> None:
    every = client.get("/en/map?framework=livable-city&period=2025").text
    page = client.get("/en/map?framework=livable-city&period=2025&hide=unsure").text
    hidden = len(values_of(client, every)) - len(values_of(client, page))
    assert (f'hidden as unsure</th><td class="number">{hidden}</td>' in page) == (hidden > 0)


def test_a_place_is_found_by_name_and_stands_first_in_the_table(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025").text
    last = re.findall(r'<tr data-place="(D\w+)"', page)[-1]
    found = client.get(f"/en/map?framework=livable-city&period=2025&place={last}").text
    assert re.findall(r'<tr data-place="(D\w+)"', found)[0] == last
    assert described(found)["place"] == last


def test_symbols_have_a_legend_and_an_address(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=livable-city&period=2025&symbols=population").text
    said = described(page)["symbols"]
    assert said["values"].startswith("/map/reported/population/2025/")
    assert page.count('class="circle"') == 3


def test_another_framework_forgets_what_belongs_to_the_one_before(client: FlaskClient) -> None:
    page = client.get("/en/map?framework=local-capacity&was=livable-city&node=environment&period=2021")
    assert page.status_code == 200
    assert "framework=local-capacity" in described(page.text)["canonical"]


def test_the_embed_may_be_framed_and_the_page_may_not(client: FlaskClient) -> None:
    framed = client.get("/th/map/embed?framework=livable-city")
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    assert 'rel="canonical" href="http://localhost/th/map?framework=livable-city' in framed.text
    assert "ตัวอย่าง" in framed.text.split("<h1>")[1].split("</h1>")[0]
    assert "frame-ancestors 'none'" in client.get("/th/map").headers["Content-Security-Policy"]


@pytest.mark.parametrize("view", ["", "&view=both&second=population", "&symbols=population", "&view=years"])
def test_the_map_is_taken_away(client: FlaskClient, view: str) -> None:
    address = f"/th/map?framework=livable-city&period=2025{view}"
    picture = client.get(f"{address}&format=svg")
    assert picture.status_code == 200
    drawn = ET.fromstring(picture.data)
    assert len({one.get("data-place") for one in drawn.iter() if one.get("data-place")}) == 400
    assert "ข้อมูลตัวอย่าง" in picture.text
    rows = client.get(f"{address}&format=csv").data.decode("utf-8-sig").splitlines()
    layers = {"": 1, "&view=both&second=population": 2, "&symbols=population": 1, "&view=years": 5}[view]
    assert len(rows) == 1 + 400 * layers


@pytest.mark.parametrize("view", ["&view=years", "&view=parts", "&view=both&second=population", "&symbols=population"])
def test_views_of_several_layers_ask_little_of_the_database(client: FlaskClient, view: str) -> None:
    address = f"/th/map?framework=livable-city&period=2025{view}"
    client.get(address)
    with counted(application_of(client).engine) as said:
        client.get(address)
    assert len(said) <= MOST_QUERIES


def test_what_a_filter_leaves_out_is_said_wherever_the_map_goes(client: FlaskClient) -> None:
    address = "/en/map?framework=livable-city&period=2025&province=50&programme=digital-transformation"
    said = "Province: Chiang Mai · members of"
    page = client.get(address).text
    assert said in page.split("<h1")[0].split("<main")[1], "over the heading"
    assert f"Only: {said}" in page, "in the legend"
    assert said in client.get(f"{address}&format=svg").text
    assert "programme=digital-transformation" in page.split("The whole table")[0].rsplit("<a ", 1)[1]
    assert "Only:" not in client.get("/en/map?framework=livable-city").text


def test_few_places_of_the_country_have_dots_to_be_seen(client: FlaskClient) -> None:
    some = "/en/map?framework=livable-city&period=2025&programme=national-learning-city"
    assert described(client.get(some).text)["dots"] == "all"
    picture = ET.fromstring(client.get(f"{some}&format=svg").data)
    circles = [one for one in picture.iter() if one.tag.endswith("circle") and one.get("data-place")]
    assert len(circles) == len(values_of(client, client.get(some).text))
    assert described(client.get("/en/map?framework=livable-city&period=2025").text)["dots"] is False


@pytest.mark.parametrize("narrowed", ["", "&programme=national-learning-city", "&province=50&type=town-municipality"])
def test_the_address_for_programs_gives_the_places_of_the_map(client: FlaskClient, narrowed: str) -> None:
    page = client.get(f"/en/map?framework=livable-city&period=2025{narrowed}").text
    address = re.search(r"http://localhost(/api/v1/runs/[0-9]+/scores[^<]*)", page)
    assert address
    listed = client.get(html.unescape(address[1]) + "&limit=1000").get_json()["items"]
    assert {one["place"] for one in listed} == set(values_of(client, page))
