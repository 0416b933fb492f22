"""The catalogue as others read it: CKAN's own client and harvester, rdflib, and the shapes of DCAT-AP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from ckanapi import CKANAPIError, NotFound, RemoteCKAN, ValidationError
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from cityindex.formats.ckan import MANDATORY
from tests.conftest import SHARED_DATA

pytestmark = [pytest.mark.filterwarnings(f"ignore::DeprecationWarning:{name}") for name in ("rdflib", "pyshacl")]
"""Both use what rdflib will take away one day."""
FRAMEWORKS = {"livable-city", "local-capacity", "digital-maturity", "learning-city"}
PAGE = 4


@pytest.fixture(scope="module")
def ckan(server: str) -> RemoteCKAN:
    return RemoteCKAN(server)


@pytest.fixture(scope="module")
def turtle(server: str) -> Graph:
    return Graph().parse(f"{server}/catalog.ttl", format="turtle")


def test_the_client_lists_and_reads_every_data_set(ckan: RemoteCKAN) -> None:
    names = ckan.action.package_list()
    assert {*FRAMEWORKS, "observations", "places", "boundaries-province", "programme-unesco-gnlc"} <= set(names)
    for name in names:
        one = ckan.action.package_show(id=name)
        assert ckan.action.package_show(id=one["id"]) == one
        assert all(one[field] for field in MANDATORY), name
        assert one["num_resources"] == len(one["resources"]) > 0
    resource = one["resources"][0]
    assert ckan.action.resource_show(id=resource["id"]) == resource


def test_the_client_may_also_ask_by_get(server: str, ckan: RemoteCKAN) -> None:
    by_get = RemoteCKAN(server, get_only=True)
    assert by_get.action.package_list() == ckan.action.package_list()
    asked = {"q": "เมือง", "rows": 3, "facet.field": ["tags", "res_format"]}
    assert by_get.call_action("package_search", asked) == ckan.call_action("package_search", asked)
    assert by_get.call_action("package_search", asked)["search_facets"]["res_format"]["items"]


def test_the_other_actions(ckan: RemoteCKAN) -> None:
    organisation = ckan.action.organization_list()[0]
    assert ckan.action.organization_list(all_fields=True)[0]["name"] == organisation
    shown = ckan.action.organization_show(id=organisation, include_datasets=True)
    assert shown["package_count"] == len(shown["packages"]) == len(ckan.action.package_list())
    assert ckan.action.site_read() is True
    assert ckan.action.status_show()["locale_default"] == "th"
    assert {"id": "License not specified"}.items() <= ckan.action.license_list()[0].items()
    assert "ข้อมูลตัวอย่าง" in ckan.action.tag_list(query="ตัวอย่าง")
    assert ckan.action.group_list() == []
    assert len(ckan.action.current_package_list_with_resources(limit=2, offset=1)) == 2


def test_errors_are_those_that_the_client_knows(ckan: RemoteCKAN) -> None:
    for ask in (ckan.action.package_show, ckan.action.organization_show, ckan.action.group_show):
        with pytest.raises(NotFound):
            ask(id="nowhere")
    with pytest.raises(ValidationError) as missing:
        ckan.action.package_show()
    assert "id" in missing.value.error_dict
    with pytest.raises(ValidationError) as wrong:
        ckan.action.package_search(rows=-1)
    assert "rows" in wrong.value.error_dict
    with pytest.raises(CKANAPIError):
        ckan.action.package_create(name="x")
    with pytest.raises(CKANAPIError):
        ckan.action.package_search(q="colour:red")


def test_a_harvester_pages_to_the_end_and_comes_back_for_what_changed(server: str) -> None:
    """What the CKAN harvester asks: pages in the order of identifiers until one is empty."""
    found = harvested(server)
    assert {one["name"] for one in found} > FRAMEWORKS
    assert len({one["id"] for one in found}) == len(found)
    organisation = found[0]["organization"]["name"]
    assert len(harvested(server, f"organization:({organisation} OR other)")) == len(found)
    assert harvested(server, f"-organization:{organisation}") == []
    newest = max(one["metadata_modified"] or "" for one in found)
    again = {one["name"] for one in harvested(server, f"metadata_modified:[{newest}Z TO *]")}
    assert again == {one["name"] for one in found if not one["metadata_modified"] or one["metadata_modified"] >= newest}
    assert harvested(server, "allow_harvest:True") == []  # invented data, and nobody has said who runs the site


def harvested(server: str, fq: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        asked = {"rows": PAGE, "start": len(found), "sort": "id asc", **({"fq": fq} if fq else {})}
        with urlopen(f"{server}/api/3/action/package_search?{urlencode(asked)}", timeout=60) as answer:
            page = json.load(answer)["result"]["results"]
        if not page:
            return found
        found += page


def test_the_command_line_of_the_client_searches(server: str) -> None:
    program = str(Path(sys.executable).parent / "ckanapi")
    command = [program, "action", "package_search", "q=local-capacity", "rows:1", "-r", server]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)
    assert answer["results"][0]["name"] == "local-capacity"


def test_dcat_lists_the_same_data_sets_under_the_same_names(turtle: Graph, ckan: RemoteCKAN, server: str) -> None:
    names = {str(turtle.value(one, DCTERMS.identifier)) for one in turtle.subjects(RDF.type, DCAT.Dataset)}
    assert names == set(ckan.action.package_list())
    for name in names:
        extras = {one["key"]: one["value"] for one in ckan.action.package_show(id=name)["extras"]}
        assert extras["uri"] == f"{server}/catalog/{name}"
        collections = extras.get("ogc_address", "").split()
        if "ogc_address" in extras:
            assert read(collections[0], Accept="application/json")["numberOfItems"] > 0


@pytest.mark.parametrize(("file", "inferred"), [("dcat-ap_2.1.1.ttl", "none"), ("dcat-ap_3.0.0.ttl", "rdfs")])
def test_what_the_site_says_fits_the_shapes(turtle: Graph, file: str, inferred: str) -> None:
    shapes = SHARED_DATA / "dcat-shapes" / file
    if not shapes.exists():
        pytest.skip(f"{file} is not here")
    fits, _, said = validate(turtle, shacl_graph=str(shapes), inference=inferred)
    assert fits, said


def test_one_way_of_each_form_leads_to_data(turtle: Graph, server: str) -> None:
    ways = {}
    for node in turtle.subjects(RDF.type, DCAT.Distribution):
        address = turtle.value(node, DCAT.accessURL)
        kind = turtle.value(node, DCAT.mediaType) or turtle.value(node, DCTERMS.conformsTo)
        if "learning-city" in str(node) or "places" in str(node) or "observations" in str(node):
            ways[kind, turtle.value(node, DCAT.accessService)] = str(address)
    assert len(ways) >= 7
    for address in ways.values():
        with urlopen(address, timeout=60) as answer:
            assert answer.status == 200, address
            assert answer.read(1), address


def test_the_address_of_a_data_set_leads_people_to_its_page_and_programs_to_its_description(server: str) -> None:
    address = f"{server}/catalog/local-capacity"
    with urlopen(Request(address, headers={"Accept": "text/turtle"}), timeout=60) as answer:
        held = Graph().parse(data=answer.read(), format="turtle")
    assert (URIRef(address), RDF.type, DCAT.Dataset) in held
    with urlopen(Request(address, headers={"Accept": "text/html", "Accept-Language": "en"}), timeout=60) as answer:
        assert "/en/frameworks/local-capacity/" in answer.url


def read(address: str, **headers: str) -> Any:
    with urlopen(Request(address, headers=headers), timeout=60) as answer:
        return json.load(answer)
