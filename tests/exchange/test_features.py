"""OGC API Features as GDAL reads it: every collection whole, with pages below and above what it asks for."""

from __future__ import annotations

import json
from math import isnan
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyogrio.raw
import pytest
import shapely
from sqlalchemy.orm import Session

from cityindex.database import make_engine
from cityindex.queries.runs.scores import map_values

JSON = {"Accept": "application/json"}


def get(address: str, **headers: str) -> tuple[int, Any, bytes]:
    try:
        with urlopen(Request(address, headers=headers), timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


def read(address: str) -> Any:
    status, _, body = get(address, **JSON)
    assert status == 200, body
    return json.loads(body)


@pytest.fixture(scope="module")
def features(server: str) -> str:
    return f"{server}/features"


@pytest.fixture(scope="module")
def listed(features: str) -> dict[str, Any]:
    return {one["id"]: one for one in read(f"{features}/collections")["collections"]}


def gdal(features: str, layer: str, **options: Any) -> tuple[dict[str, Any], Any]:
    """The fields and geometries that GDAL's driver makes of a collection."""
    meta, _, geometries, values = pyogrio.raw.read(f"OAPIF:{features}", layer=layer, **options)
    return dict(zip(meta["fields"], values, strict=True)), geometries


def test_what_is_listed_holds_something(listed: dict[str, Any]) -> None:
    assert {"places", "boundaries-municipality", "boundaries-province"} <= set(listed)
    assert any(name.startswith("livable-city-") for name in listed)
    assert all(one["numberOfItems"] for one in listed.values())


def test_gdal_reads_every_collection_whole(features: str, listed: dict[str, Any]) -> None:
    layers = {str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{features}")}
    assert layers == set(listed)
    for name, one in listed.items():
        for size in ("97", "20000"):
            fields, _ = gdal(features, name, PAGE_SIZE=size)
            assert len(fields["id"]) == len(set(fields["id"])) == one["numberOfItems"], (name, size)


def test_scores_are_those_that_were_published(features: str, listed: dict[str, Any], demo_on_postgis: str) -> None:
    name = max(one for one in listed if one.startswith("livable-city-"))
    fields, geometries = gdal(features, name)
    engine = make_engine(demo_on_postgis)
    with Session(engine) as session:
        published = map_values(session, int(listed[name]["snapshot"]), "livability")
    engine.dispose()
    assert sum(geometry is not None for geometry in geometries) > 300
    assert set(fields["place"]) == set(published)
    for code, score, rank in zip(fields["place"], fields["score"], fields["rank"], strict=True):
        assert (None if isnan(score) else score, None if isnan(rank) else int(rank)) == (
            published[code].score,
            published[code].rank,
        )


def test_boxes_and_properties_choose_as_geometry_and_values_do(features: str) -> None:
    items = f"{features}/collections/boundaries-municipality/items"
    every = read(f"{items}?limit=10000")["features"]
    box = (100.0, 13.0, 101.5, 16.0)
    inside = [
        one["id"] for one in every if shapely.box(*box).intersects(shapely.from_geojson(json.dumps(one["geometry"])))
    ]
    chosen = read(f"{items}?limit=10000&bbox={','.join(map(str, box))}")
    assert [one["id"] for one in chosen["features"]] == inside
    assert 0 < len(inside) < len(every)
    province = every[0]["properties"]["province"]
    mine = [one["id"] for one in every if one["properties"]["province"] == province]
    both = read(f"{items}?{urlencode({'province': province, 'bbox': '-180,-90,180,90', 'limit': 10000})}")
    assert [one["id"] for one in both["features"]] == mine
    fields, _ = gdal(features, "boundaries-municipality", where=f"province='{province}'")
    assert sorted(fields["id"]) == sorted(mine)


def test_places_within_a_province(features: str) -> None:
    within = read(f"{features}/collections/boundaries-municipality/items?within=50&limit=1")
    assert within["numberMatched"] > 0


def test_time_is_the_period_of_an_edition(features: str, listed: dict[str, Any]) -> None:
    name = max(one for one in listed if one.startswith("livable-city-"))
    year = int(name.rpartition("-")[2])
    count = {
        when: read(f"{features}/collections/{name}/items?limit=1&datetime={when}")["numberMatched"]
        for when in (f"{year}-01-15", f"{year - 3}-01-01/{year - 2}-01-01", f"../{year}-06-30T00:00:00Z")
    }
    assert list(count.values()) == [listed[name]["numberOfItems"], 0, listed[name]["numberOfItems"]]


def test_pages_of_one_reading_name_their_snapshot_and_may_be_kept(features: str) -> None:
    first = read(f"{features}/collections/places/items?limit=500")
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    status, headers, _ = get(following)
    assert status == 200
    assert "snapshot=" in following
    assert "immutable" in headers["Cache-Control"]
    assert get(following, **{"If-None-Match": headers["ETag"]})[0] == 304


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("bbox=1,2", "bbox"),
        ("bbox=1,2,nan,4", "bbox"),
        ("datetime=2566", "datetime"),
        ("datetime=2023-05-01/2022-05-01", "datetime"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("offset=x", "offset"),
        ("colour=red", "colour"),
        ("crs=EPSG:32647", "crs"),
        ("f=shp", "f"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(features: str, query: str, named: str) -> None:
    status, headers, body = get(f"{features}/collections/places/items?{query}")
    assert status == 400
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["description"].startswith(named)


@pytest.mark.parametrize(
    "path", ["nothing", "collections/none", "collections/none/items", "collections/places/items/none", "a/b/c"]
)
def test_what_is_not_there_is_said_in_json(features: str, path: str) -> None:
    status, headers, body = get(f"{features}/{path}")
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body)["code"] == "404"


def test_limits_above_the_largest_are_met_as_far_as_they_go(features: str) -> None:
    assert read(f"{features}/collections/places/items?limit=999999")["numberReturned"] > 1000


def test_people_get_pages(features: str) -> None:
    for path in ("/", "/collections", "/conformance", "/collections/places", "/collections/places/items?limit=3"):
        status, headers, body = get(features + path, Accept="text/html,*/*;q=0.8", **{"Accept-Language": "th"})
        assert (status, headers.get_content_type()) == (200, "text/html"), path
        assert 'lang="th"' in body.decode()
    assert 'lang="en"' in get(f"{features}/collections?f=html&lang=en")[2].decode()
