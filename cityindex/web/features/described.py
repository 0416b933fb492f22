"""What the service says about itself and its collections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex.formats.feature_set import FeatureSet
from cityindex.web.addresses import absolute
from cityindex.web.features.collections import Collection
from cityindex.web.features.parameters import CRS84
from cityindex.web.filters import translated

CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "oas30", "html", "geojson")
)
KINDS: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def links(*of: tuple[str, str, str]) -> list[dict[str, str]]:
    """Links of (relation, path of this site, media type)."""
    return [{"rel": rel, "href": absolute(path), "type": kind} for rel, path, kind in of]


def landing() -> dict[str, Any]:
    return {
        "title": gettext("City Index: places, boundaries and scores as features"),
        "description": gettext("OGC API – Features. Public data, without a key; the licence stands with each source."),
        "links": links(
            ("self", url_for("features.landing"), JSON),
            ("alternate", url_for("features.landing", f="html"), HTML),
            ("service-desc", url_for("features.api"), OPENAPI),
            ("service-doc", url_for("data.index"), HTML),
            ("conformance", url_for("features.conformance"), JSON),
            ("data", url_for("features.all_collections"), JSON),
        ),
    }


def collection(one: Collection, held: FeatureSet) -> dict[str, Any]:
    begin, end = held.lasting
    times = [begin and f"{begin}T00:00:00Z", end and f"{end}T23:59:59Z"]
    extent: dict[str, Any] = {"temporal": {"interval": [times]}}
    if held.extent:
        extent["spatial"] = {"bbox": [list(held.extent)], "crs": CRS84}
    return {
        "id": one.id,
        "title": translated(one.title),
        "description": translated(one.description),
        "itemType": "feature",
        "extent": extent,
        "crs": [CRS84],
        "snapshot": one.version,
        "demo": one.demo,
        "numberOfItems": len(held),
        "links": links(
            ("self", url_for("features.one_collection", name=one.id), JSON),
            ("items", url_for("features.items", name=one.id), GEOJSON),
            ("items", url_for("features.items", name=one.id, f="html"), HTML),
            (QUERYABLES, url_for("features.queryables", name=one.id), "application/schema+json"),
            ("describedby", url_for("data_catalogue.one", name=one.data_set), "application/ld+json"),
        ),
    }  # fmt: skip


def queryables(one: Collection, held: FeatureSet) -> dict[str, Any]:
    """A JSON schema of the properties that items can be chosen by."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": absolute(url_for("features.queryables", name=one.id)),
        "type": "object",
        "title": translated(one.title),
        "properties": {name: {"title": name, "type": kind_of(values)} for name, values in held.properties.items()},
        "additionalProperties": False,
    }


def kind_of(values: Iterable[Any]) -> str:
    """The type of a property in words of JSON Schema: of its values where they agree."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return "number"
    return KINDS[kinds.pop()] if len(kinds) == 1 else "string"
