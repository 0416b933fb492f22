"""The catalogue as DCAT: one meaning in three forms, valid against the shapes of DCAT-AP, complete in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD
from rdflib.term import Node

from cityindex.formats.data_sets import FORMS
from cityindex.formats.dcat import ADMS, SERIALISERS, VCARD, graph, write
from tests.conftest import SHARED_DATA
from tests.unit.formats.catalogued import SITE, UNNAMED, URN, catalogue, places, scores

pytestmark = [pytest.mark.filterwarnings(f"ignore::DeprecationWarning:{name}") for name in ("rdflib", "pyshacl")]
"""Both use what rdflib will take away one day."""
SHAPES = {"dcat-ap_2.1.1.ttl": "none", "dcat-ap_3.0.0.ttl": "rdfs"}
"""The shapes of each version, and how much is inferred before they are applied."""
LIVABLE = URIRef(f"{SITE}/catalog/livable")


@pytest.fixture(params=SHAPES)
def shapes(request: pytest.FixtureRequest) -> Path:
    file = SHARED_DATA / "dcat-shapes" / str(request.param)
    if not file.exists():
        pytest.skip(f"{file.name} is not here")
    return file


def violations(held: Graph, shapes: Path) -> int:
    fits, report, _ = validate(held, shacl_graph=str(shapes), inference=SHAPES[shapes.name])
    assert isinstance(report, Graph)
    count = len(list(report.subjects(RDF.type, URIRef("http://www.w3.org/ns/shacl#ValidationResult"))))
    assert fits == (count == 0)
    return count


@pytest.mark.parametrize("publisher", ["named", "unnamed"])
def test_it_fits_the_shapes_of_both_versions(shapes: Path, publisher: str) -> None:
    made = catalogue(publisher=UNNAMED) if publisher == "unnamed" else catalogue()
    assert violations(graph(made), shapes) == 0


def test_the_shapes_notice_what_is_taken_away(shapes: Path) -> None:
    held = graph(catalogue())
    held.remove((LIVABLE, DCTERMS.description, None))
    held.remove((URIRef(f"{LIVABLE}#livable-sdmx"), DCAT.accessURL, None))
    assert violations(held, shapes) == 2


def test_three_forms_say_the_same() -> None:
    made = catalogue()
    kinds = {"jsonld": "json-ld", "ttl": "turtle", "xml": "xml"}
    assert set(kinds) == set(SERIALISERS)
    for ending, kind in kinds.items():
        assert isomorphic(Graph().parse(data=write(made, ending), format=kind), graph(made)), ending


def test_nothing_is_without_an_address_so_that_it_reads_the_same_each_time() -> None:
    assert not any(isinstance(node, BNode) for triple in graph(catalogue()) for node in triple)
    assert write(catalogue(), "ttl") == write(catalogue(scores(), places()), "ttl")


def test_every_data_set_service_and_file_is_named_in_both_languages() -> None:
    held = graph(catalogue())
    kinds = (DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, DCAT.DataService)
    found = [node for kind in kinds for node in held.subjects(RDF.type, kind)]
    assert len(found) == 1 + 2 + 4 + 2
    for node in found:
        for term in (DCTERMS.title, DCTERMS.description):
            assert languages(held.objects(node, term)) == {"th", "en"}, (node, term)


def languages(words: Iterator[Node]) -> set[str | None]:
    return {one.language for one in words if isinstance(one, Literal)}


def test_periods_are_days_of_the_common_era_and_years_where_no_more_is_known() -> None:
    held = graph(catalogue(scores(), places(years=(1993, 2021))))
    spans = {}
    for name in ("livable", "places"):
        period = held.value(URIRef(f"{SITE}/catalog/{name}"), DCTERMS.temporal)
        spans[name] = [held.value(period, term) for term in (DCAT.startDate, DCAT.endDate)]
    assert spans["livable"] == [Literal("2020-10-01", datatype=XSD.date), Literal("2023-09-30", datatype=XSD.date)]
    assert spans["places"] == [Literal("1993", datatype=XSD.gYear), Literal("2021", datatype=XSD.gYear)]
    silent = graph(catalogue(places()))
    assert silent.value(URIRef(f"{SITE}/catalog/places"), DCTERMS.temporal) is None
    assert silent.value(URIRef(f"{SITE}/catalog/places"), DCTERMS.modified) is None


def test_a_data_set_says_its_names_at_the_other_doors() -> None:
    held = graph(catalogue())
    assert list(held.objects(LIVABLE, DCTERMS.identifier)) == [Literal("livable")]
    others = {str(held.value(one, SKOS.notation)) for one in held.objects(LIVABLE, ADMS.identifier)}
    assert others == {"livable", "livable-2023", URN}
    pages = {str(one) for one in held.objects(LIVABLE, FOAF.page)}
    assert f"{SITE}/features/collections/livable-2023" in pages


def test_files_have_their_address_twice_and_services_are_linked_both_ways() -> None:
    held = graph(catalogue())
    csv, sdmx = (URIRef(f"{LIVABLE}#{name}") for name in ("livable-2023-run7-csv", "livable-sdmx"))
    assert held.value(csv, DCAT.downloadURL) == held.value(csv, DCAT.accessURL) == URIRef(f"{SITE}/7.csv")
    assert held.value(csv, DCAT.mediaType) == URIRef("https://www.iana.org/assignments/media-types/text/csv")
    assert held.value(sdmx, DCAT.downloadURL) is None
    service = held.value(sdmx, DCAT.accessService)
    assert (service, DCAT.servesDataset, LIVABLE) in held
    assert held.value(service, DCAT.endpointURL) == URIRef(f"{SITE}/sdmx/3.0")


def test_one_data_set_alone_has_its_services_and_no_other_data_set() -> None:
    held = graph(catalogue(), "places")
    assert list(held.objects(None, DCAT.distribution)) == [URIRef(f"{SITE}/catalog/places#api")]
    assert list(held.objects(None, DCAT.service)) == [URIRef(f"{SITE}/catalog#service-api")]


def test_nobody_is_invented_where_the_operator_is_not_stated() -> None:
    held = graph(catalogue(publisher=UNNAMED))
    agent, contact = URIRef(f"{SITE}/catalog#publisher"), URIRef(f"{SITE}/catalog#contact")
    assert {str(one) for one in held.objects(agent, FOAF.name)} == {
        "ผู้ดูแลเว็บไซต์นี้ (ไม่ได้ระบุชื่อ)",
        "The operator of this site (name not stated)",
    }
    assert held.value(contact, VCARD.hasEmail) is None
    named = graph(catalogue())
    assert named.value(contact, VCARD.hasEmail) == URIRef("mailto:data@example.org")


def test_every_form_has_a_name() -> None:
    assert all(form.label for form in FORMS.values())
    assert len({form.label for form in FORMS.values()}) == len(FORMS)
