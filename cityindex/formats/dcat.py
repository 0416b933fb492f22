"""The catalogue of data sets as DCAT-AP: JSON-LD, Turtle and RDF/XML, for catalogues that harvest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, XSD

from cityindex.definitions.catalogue import Text
from cityindex.formats.data_sets import FORMS, DataCatalogue, DataSet, Distribution, Publisher, Service

ADMS, VCARD = Namespace("http://www.w3.org/ns/adms#"), Namespace("http://www.w3.org/2006/vcard/ns#")
EUROPE = Namespace("http://publications.europa.eu/resource/authority/")
MEDIA_TYPES = Namespace("https://www.iana.org/assignments/media-types/")
PROFILE = "http://data.europa.eu/r5r/"
SERIALISERS: Mapping[str, tuple[str, str]] = {
    "jsonld": ("json-ld", "application/ld+json"),
    "ttl": ("turtle", "text/turtle"),
    "xml": ("xml", "application/rdf+xml"),
}
"""By the ending of an address: the name of the serialiser, and the media type."""
PREFIXES = {
    "dcat": str(DCAT), "dct": str(DCTERMS), "foaf": str(FOAF), "rdfs": str(RDFS), "skos": str(SKOS),
    "xsd": str(XSD), "owl": str(OWL), "adms": str(ADMS), "vcard": str(VCARD),
}  # fmt: skip
THEMES: Mapping[str, Text] = {
    "REGI": Text("ภูมิภาคและเมือง", "Regions and cities"),
    "GOVE": Text("รัฐบาลและภาครัฐ", "Government and public sector"),
}
FREQUENCIES = {"year": "ANNUAL", "irregular": "IRREG"}
NOT_STATED = Text("ผู้ดูแลเว็บไซต์นี้ (ไม่ได้ระบุชื่อ)", "The operator of this site (name not stated)")
RIGHTS = Text("ข้อมูลสาธารณะ ใช้ได้โดยไม่ต้องมีกุญแจ", "Public data; no key is needed")


@lru_cache(maxsize=8)
def write(catalogue: DataCatalogue, ending: str, only: str | None = None) -> bytes:
    """The catalogue in the form of an ending of `SERIALISERS`; with `only`, that data set of it."""
    found = graph(catalogue, only)
    name, _ = SERIALISERS[ending]
    if name == "json-ld":
        return found.serialize(format=name, encoding="utf-8", context=PREFIXES, auto_compact=True, sort_keys=True)
    return found.serialize(format=name, encoding="utf-8")


def graph(catalogue: DataCatalogue, only: str | None = None) -> Graph:
    """The catalogue as triples. Nothing in it is without an address, so that it reads the same each time."""
    made = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        made.bind(prefix, namespace)
    chosen = [one for one in catalogue.data_sets if only in (None, one.name)]
    node = _catalogue(made, catalogue)
    for one in chosen:
        made.add((node, DCAT.dataset, _data_set(made, catalogue, one)))
    used = {part.service for one in chosen for part in one.distributions}
    for service in catalogue.services:
        if only is None or service.id in used:
            made.add((node, DCAT.service, _service(made, catalogue, service)))
    return made


def _catalogue(made: Graph, one: DataCatalogue) -> URIRef:
    node = URIRef(one.address)
    made.add((node, RDF.type, DCAT.Catalog))
    _words(made, node, DCTERMS.title, one.title)
    _words(made, node, DCTERMS.description, one.description)
    made.add((node, DCTERMS.publisher, _publisher(made, one)))
    made.add((node, FOAF.homepage, _typed(made, one.pages.th, FOAF.Document)))
    _languages(made, node)
    _location(made, node)
    _moments(made, node, one.issued, one.modified)
    made.add((node, DCAT.themeTaxonomy, _taxonomy(made)))
    made.add((node, DCTERMS.conformsTo, _typed(made, PROFILE, DCTERMS.Standard)))
    return node


def _data_set(made: Graph, of: DataCatalogue, one: DataSet) -> URIRef:
    node = URIRef(of.address_of(one.name))
    made.add((node, RDF.type, DCAT.Dataset))
    made.add((node, DCTERMS.identifier, Literal(one.name)))
    _words(made, node, DCTERMS.title, one.title)
    _words(made, node, DCTERMS.description, one.description)
    for word in one.keywords:
        _words(made, node, DCAT.keyword, word)
    made.add((node, DCTERMS.publisher, _publisher(made, of)))
    made.add((node, DCAT.contactPoint, _contact(made, of)))
    for page in (one.pages.th, one.pages.en):
        made.add((node, DCAT.landingPage, _typed(made, page, FOAF.Document)))
    if one.creator:
        creator = _typed(made, f"{node}#creator", FOAF.Agent)
        made.add((creator, FOAF.name, Literal(one.creator)))
        made.add((node, DCTERMS.creator, creator))
    _coverage(made, node, one)
    _moments(made, node, one.issued, one.modified)
    _about(made, node, one)
    for other in one.elsewhere:
        _elsewhere(made, node, other.door, other.identifier, other.address)
    for part in one.distributions:
        made.add((node, DCAT.distribution, _distribution(made, of, one, part)))
    return node


def _about(made: Graph, node: URIRef, one: DataSet) -> None:
    """How often, on what, from where and by which method."""
    frequency = EUROPE[f"frequency/{FREQUENCIES[one.frequency]}"]
    made.add((node, DCTERMS.accrualPeriodicity, _typed(made, frequency, DCTERMS.Frequency)))
    _languages(made, node)
    for code, name in THEMES.items():
        theme = _typed(made, EUROPE[f"data-theme/{code}"], SKOS.Concept)
        _words(made, theme, SKOS.prefLabel, name)
        made.add((theme, SKOS.inScheme, _taxonomy(made)))
        made.add((node, DCAT.theme, theme))
    rights = _typed(made, EUROPE["access-right/PUBLIC"], DCTERMS.RightsStatement)
    _words(made, rights, RDFS.label, RIGHTS)
    made.add((node, DCTERMS.accessRights, rights))
    provenance = _typed(made, f"{node}#provenance", DCTERMS.ProvenanceStatement)
    for source in one.sources:
        made.add((provenance, RDFS.label, Literal(source)))
    if one.method:
        _words(made, provenance, RDFS.label, one.method)
    if one.sources or one.method:
        made.add((node, DCTERMS.provenance, provenance))
    if one.version:
        made.add((node, OWL.versionInfo, Literal(one.version)))


def _coverage(made: Graph, node: URIRef, one: DataSet) -> None:
    _location(made, node)
    span: tuple[Literal, ...] = ()
    if one.days:
        span = tuple(Literal(day, datatype=XSD.date) for day in one.days)
    elif one.years:
        span = tuple(Literal(str(year), datatype=XSD.gYear) for year in one.years)
    if span:
        period = _typed(made, f"{node}#period", DCTERMS.PeriodOfTime)
        made.add((node, DCTERMS.temporal, period))
        made.add((period, DCAT.startDate, span[0]))
        made.add((period, DCAT.endDate, span[1]))


def _distribution(made: Graph, of: DataCatalogue, one: DataSet, part: Distribution) -> URIRef:
    node = URIRef(f"{of.address_of(one.name)}#{part.id}")
    form = FORMS[part.form]
    made.add((node, RDF.type, DCAT.Distribution))
    _words(made, node, DCTERMS.title, part.title)
    _words(made, node, DCTERMS.description, part.description)
    made.add((node, DCAT.accessURL, _typed(made, part.address, RDFS.Resource)))
    if part.download:
        made.add((node, DCAT.downloadURL, URIRef(part.address)))
    if form.media_type:
        made.add((node, DCAT.mediaType, _typed(made, MEDIA_TYPES[form.media_type], DCTERMS.MediaType)))
    if form.file_type:
        kind = _typed(made, EUROPE[f"file-type/{form.file_type}"], DCTERMS.MediaTypeOrExtent)
        made.add((node, DCTERMS["format"], kind))
    if form.standard:
        made.add((node, DCTERMS.conformsTo, _typed(made, form.standard, DCTERMS.Standard)))
    if part.service:
        made.add((node, DCAT.accessService, _service_node(of, part.service)))
    rights = _typed(made, f"{of.address_of(one.name)}#rights", DCTERMS.RightsStatement)
    _words(made, rights, RDFS.label, one.licence)
    made.add((node, DCTERMS.rights, rights))
    licence = one.licence_address or of.licence_pages.en
    made.add((node, DCTERMS.license, _typed(made, licence, DCTERMS.LicenseDocument)))
    _moments(made, node, part.issued, None)
    return node


def _service(made: Graph, of: DataCatalogue, one: Service) -> URIRef:
    node = _service_node(of, one.id)
    made.add((node, RDF.type, DCAT.DataService))
    made.add((node, DCTERMS.identifier, Literal(one.id)))
    _words(made, node, DCTERMS.title, one.title)
    _words(made, node, DCTERMS.description, one.description)
    made.add((node, DCAT.endpointURL, _typed(made, one.address, RDFS.Resource)))
    made.add((node, DCAT.endpointDescription, _typed(made, one.described, RDFS.Resource)))
    made.add((node, DCTERMS.publisher, _publisher(made, of)))
    made.add((node, DCAT.contactPoint, _contact(made, of)))
    if one.standard:
        made.add((node, DCTERMS.conformsTo, _typed(made, one.standard, DCTERMS.Standard)))
    if one.pages:
        made.add((node, DCAT.landingPage, _typed(made, one.pages, FOAF.Document)))
    for data_set in of.data_sets:
        if any(part.service == one.id for part in data_set.distributions):
            made.add((node, DCAT.servesDataset, _typed(made, of.address_of(data_set.name), DCAT.Dataset)))
    return node


def _service_node(of: DataCatalogue, name: str) -> URIRef:
    return URIRef(f"{of.address}#service-{name}")


def _publisher(made: Graph, of: DataCatalogue) -> URIRef:
    node = _typed(made, f"{of.address}#publisher", FOAF.Agent)
    for name in _named(of.publisher):
        made.add((node, FOAF.name, name))
    return node


def _contact(made: Graph, of: DataCatalogue) -> URIRef:
    said = of.publisher
    node = _typed(made, f"{of.address}#contact", VCARD.Kind)
    for name in _named(said):
        made.add((node, VCARD.fn, name))
    if said.mail:
        made.add((node, VCARD.hasEmail, URIRef(f"mailto:{said.mail}")))
    made.add((node, VCARD.hasURL, URIRef(said.pages.th)))
    return node


def _named(said: Publisher) -> Iterator[Literal]:
    if said.name:
        yield Literal(said.name)
    else:
        yield from (Literal(NOT_STATED.get(code), lang=code) for code in ("th", "en"))


def _elsewhere(made: Graph, node: URIRef, door: str, identifier: str, address: str) -> None:
    other = _typed(made, f"{node}#in-{door}-{identifier.rpartition('=')[2]}".replace(" ", "-"), ADMS.Identifier)
    notation = Literal(identifier, datatype=XSD.anyURI) if ":" in identifier else Literal(identifier)
    made.add((other, SKOS.notation, notation))
    made.add((other, ADMS.schemaAgency, Literal(door)))
    made.add((node, ADMS.identifier, other))
    made.add((node, FOAF.page, _typed(made, address, FOAF.Document)))


def _taxonomy(made: Graph) -> URIRef:
    node = _typed(made, EUROPE["data-theme"], SKOS.ConceptScheme)
    _words(made, node, DCTERMS.title, Text("หัวเรื่องของข้อมูล", "Data theme"))
    return node


def _location(made: Graph, node: URIRef) -> None:
    country = _typed(made, EUROPE["country/THA"], DCTERMS.Location)
    _words(made, country, SKOS.prefLabel, Text("ประเทศไทย", "Thailand"))
    made.add((node, DCTERMS.spatial, country))


def _languages(made: Graph, node: URIRef) -> None:
    for code in ("THA", "ENG"):
        made.add((node, DCTERMS.language, _typed(made, EUROPE[f"language/{code}"], DCTERMS.LinguisticSystem)))


def _moments(made: Graph, node: URIRef, issued: datetime | None, modified: datetime | None) -> None:
    for term, moment in ((DCTERMS.issued, issued), (DCTERMS.modified, modified)):
        if moment:
            made.add((node, term, Literal(_whole(moment), datatype=XSD.dateTime)))


def _whole(moment: datetime | date) -> str:
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


def _words(made: Graph, node: URIRef, term: URIRef, words: Text) -> None:
    for code in ("th", "en"):
        made.add((node, term, Literal(words.get(code), lang=code)))


def _typed(made: Graph, address: str, kind: URIRef) -> URIRef:
    node = URIRef(address)
    made.add((node, RDF.type, kind))
    return node
