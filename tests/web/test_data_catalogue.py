"""The doors to the catalogue: forms, addresses, caching, and answers to what cannot be meant."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from rdflib import Graph

from cityindex.queries.runs.editions import Edition
from tests.web.conftest import application_of, client_over

ACTION = "/api/3/action"


def refusal(answer: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer.data)
    assert said["success"] is False
    return said["error"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("ending", "kind"),
    [("jsonld", "application/ld+json"), ("ttl", "text/turtle"), ("xml", "application/rdf+xml")],
)
def test_each_form_is_kept_by_its_fingerprint(demo_client: FlaskClient, ending: str, kind: str) -> None:
    first = demo_client.get(f"/catalog.{ending}")
    assert (first.status_code, first.mimetype) == (200, kind)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = demo_client.get(f"/catalog.{ending}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    one = demo_client.get(f"/catalog/places.{ending}")
    assert len(one.data) < len(first.data)


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        ("text/turtle", "/catalog/places.ttl"),
        ("application/ld+json;q=0.9, text/html;q=0.1", "/catalog/places.jsonld"),
        ("application/rdf+xml", "/catalog/places.xml"),
        ("text/html,*/*;q=0.8", "/th/places/"),
        ("*/*", "/th/places/"),
        ("", "/th/places/"),
    ],
)
def test_the_address_of_a_data_set_answers_as_is_asked_for(demo_client: FlaskClient, accept: str, target: str) -> None:
    answer = demo_client.get("/catalog/places", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(target)
    assert "Accept" in answer.headers["Vary"]


def test_what_is_not_there_is_said(demo_client: FlaskClient) -> None:
    assert demo_client.get("/catalog/nothing").status_code == 404
    assert demo_client.get("/catalog/nothing.ttl").status_code == 404
    assert demo_client.get("/catalog.csv").status_code == 404
    assert demo_client.get("/catalog/places", headers={"Accept": "image/png"}).status_code == 406


def test_demo_data_say_so_in_titles_and_words(demo_client: FlaskClient) -> None:
    found = json.loads(demo_client.get(f"{ACTION}/package_search?rows=100").data)["result"]["results"]
    demo = {one["name"] for one in found if {"key": "demo", "value": "True"} in one["extras"]}
    assert {"livable-city", "observations", "places", "boundaries-municipality"} <= demo
    assert "boundaries-province" not in demo
    for one in found:
        assert ("ข้อมูลตัวอย่าง" in one["title"]) == (one["name"] in demo)
        assert ("ข้อมูลตัวอย่าง" in one["notes"]) == (one["name"] in demo)
        assert one["allow_harvest"] == "False"


def test_a_register_of_real_and_invented_places_says_how_many_are_which(demo_client: FlaskClient) -> None:
    shown = json.loads(demo_client.get(f"{ACTION}/package_show?id=places").data)["result"]
    assert "400 แห่งเป็นข้อมูลตัวอย่าง" in shown["notes"]
    assert "400 of them are demo data" in shown["notes"]
    assert "Demo data about no real place" not in shown["notes"]


def test_every_address_is_below_the_public_one_of_the_site(demo_url: str) -> None:
    client = client_over(demo_url, base_url="http://cities.example.org/index")
    held = Graph().parse(data=client.get("/index/catalog.ttl").data, format="turtle")
    ours = {str(node) for triple in held for node in triple if "cities.example.org" in str(node)}
    assert len(ours) > 100
    assert all(one.startswith("http://cities.example.org/index/") or " " in one for one in ours)
    shown = json.loads(client.get(f"/index{ACTION}/package_search?rows=100").data)["result"]["results"]
    for part in (part for one in shown for part in one["resources"]):
        assert part["url"].startswith("http://cities.example.org/index/")
    page = client.get("/index/en/data").text
    assert "-r http://cities.example.org/index\n" in page
    application_of(client).engine.dispose()


def test_an_empty_site_has_an_empty_catalogue(client: FlaskClient) -> None:
    assert json.loads(client.get(f"{ACTION}/package_search").data)["result"]["count"] == 0
    assert "dcat:Catalog" in client.get("/catalog.ttl").text


def test_the_operator_is_named_with_an_address_for_mail_where_there_is_one(demo_url: str) -> None:
    client = client_over(demo_url, operator="เทศบาลตัวอย่าง", contact="โทร 02 123 4567 หรือ data@city.example.org")
    shown = json.loads(client.get(f"{ACTION}/package_show?id=boundaries-province").data)["result"]
    assert (shown["maintainer"], shown["maintainer_email"]) == ("เทศบาลตัวอย่าง", "data@city.example.org")
    assert shown["organization"]["title"] == "เทศบาลตัวอย่าง"
    assert shown["allow_harvest"] == "True"
    assert "mailto:data@city.example.org" in client.get("/catalog.ttl").text
    application_of(client).engine.dispose()


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("package_show?id=nothing", 404, "Not Found Error"),
        ("package_show", 409, "Validation Error"),
        ("package_show?id=a&id=b", 409, "Validation Error"),
        ("resource_show?id=nothing", 404, "Not Found Error"),
        ("package_search?rows=x", 409, "Validation Error"),
        ("package_search?rows=-1", 409, "Validation Error"),
        ("package_search?start=99999999999999", 409, "Validation Error"),
        ("package_search?facet.field=colour", 409, "Validation Error"),
        ("package_search?facet.field=[", 409, "Validation Error"),
        ("package_search?sort=colour asc", 400, "Search Query Error"),
        ("package_search?q=name:(", 400, "Search Query Error"),
        ("package_search?fq=colour:red", 400, "Search Query Error"),
        (f"package_search?q={'a' * 5000}", 400, "Search Query Error"),
        ("package_delete?id=places", 400, "Bad Request"),
        ("package_search?q=%00", 400, "Bad Request"),
    ],
)
def test_bad_questions_are_answered_as_ckan_does(demo_client: FlaskClient, query: str, status: int, kind: str) -> None:
    answer = demo_client.get(f"{ACTION}/{query}")
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert refusal(answer)["__type"] == kind
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "' OR 1=1 --", '"}; DROP TABLE place', "{{7*7}}"])
def test_nothing_of_a_question_comes_back(demo_client: FlaskClient, words: str) -> None:
    for name in ("q", "fq", "sort", "rows", "facet.field"):
        answer = demo_client.get(f"{ACTION}/package_search", query_string={name: words})
        assert words not in json.dumps(json.loads(answer.data), ensure_ascii=False)
    assert words not in demo_client.get(f"{ACTION}/{words}").text


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'"x"', 400), (b"x" * 70_000, 400), (b'{"rows": true}', 409)]
)
def test_bodies_that_cannot_be_read_are_refused(demo_client: FlaskClient, body: bytes, status: int) -> None:
    answer = demo_client.post(f"{ACTION}/package_search", data=body, content_type="application/json")
    assert answer.status_code == status
    refusal(answer)


def test_questions_may_be_posted_as_json_or_as_a_form(demo_client: FlaskClient) -> None:
    as_form = "application/x-www-form-urlencoded"
    for given in (
        {"json": {"id": "places"}},
        {"data": {"id": "places"}},
        # What `curl --data` and CKAN's own examples send: JSON that is called a form, plain or quoted.
        {"data": '{"id": "places"}', "content_type": as_form},
        {"data": quote('{"id": "places"}'), "content_type": as_form},
        {"data": '{"id": "places", "q": "a=b&c"}', "content_type": as_form},
    ):
        answer = demo_client.post("/api/action/package_show", **given)
        assert json.loads(answer.data)["result"]["name"] == "places"
    assert json.loads(demo_client.post("/api/action/site_read").data)["result"] is True


def test_answers_are_kept_for_a_minute_and_said_to_be_unchanged(demo_client: FlaskClient) -> None:
    first = demo_client.get(f"{ACTION}/package_list")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    same = demo_client.get(f"{ACTION}/package_list", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    assert demo_client.put(f"{ACTION}/package_list").status_code == 405


def test_pages_of_data_describe_themselves(demo_client: FlaskClient) -> None:
    page = demo_client.get("/en/data").text
    held = markup(page)
    assert held["@type"] == "DataCatalog"
    assert {one["@id"].rpartition("/")[2] for one in held["dataset"]} >= {"livable-city", "local-capacity"}
    for ending in ("jsonld", "ttl", "xml"):
        assert f'href="http://localhost/catalog.{ending}"' in page


def test_an_edition_is_a_part_of_the_data_set_of_its_framework(demo_client: FlaskClient, edition: Edition) -> None:
    address = f"/th/frameworks/livable-city/{edition.period}"
    page = demo_client.get(address).text
    held = markup(page)
    assert (held["@type"], held["@id"]) == ("Dataset", f"http://localhost{address}")
    assert held["isPartOf"]["@id"] == "http://localhost/catalog/livable-city"
    assert held["name"].endswith(f"ปีงบประมาณ {edition.period + 543}")
    assert held["temporalCoverage"] == f"{edition.period - 1}-10-01/{edition.period}-09-30"
    assert "ข้อมูลตัวอย่าง" in held["description"]
    for file in held["distribution"]:
        assert f"/download/{edition.run}." in file["contentUrl"]
    assert "/catalog/livable-city.ttl" in page


def markup(page: str) -> dict[str, Any]:
    """The block of data of a page; it cannot end before its own end."""
    block = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert "<" not in block
    found: dict[str, Any] = json.loads(block)
    return found


def test_a_collection_of_features_leads_to_its_data_set(demo_client: FlaskClient, edition: Edition) -> None:
    for name, data_set in ((f"livable-city-{edition.period}", "livable-city"), ("places", "places")):
        said = json.loads(demo_client.get(f"/features/collections/{name}?f=json").data)
        link = next(one["href"] for one in said["links"] if one["rel"] == "describedby")
        assert link == f"http://localhost/catalog/{data_set}"
        assert demo_client.get(link, headers={"Accept": "text/turtle"}, follow_redirects=True).status_code == 200
