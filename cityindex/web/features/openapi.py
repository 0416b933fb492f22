"""The OpenAPI document of the features: GDAL and QGIS find in it which properties the server can choose by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex import __version__
from cityindex.formats.feature_set import FeatureSet
from cityindex.web.addresses import absolute
from cityindex.web.features.collections import Collection
from cityindex.web.features.described import GEOJSON, HTML, JSON, kind_of
from cityindex.web.features.parameters import KNOWN, LIMIT, MOST
from cityindex.web.filters import translated

ERROR = {"type": "object", "required": ["code"], "properties": {n: {"type": "string"} for n in ("code", "description")}}


def document(collections: Mapping[str, Collection], sets: Mapping[str, FeatureSet]) -> dict[str, Any]:
    """OpenAPI 3.0 of the service as it is now."""
    root = url_for("features.landing").rstrip("/")
    paths: dict[str, Any] = {
        "/": _get("landing", gettext("What there is")),
        "/conformance": _get("conformance", gettext("What it conforms to")),
        "/collections": _get("collections", gettext("All collections")),
    }
    for name, one in collections.items():
        paths |= _paths(name, one, sets[name])
    return {
        "openapi": "3.0.3",
        "info": {"title": gettext("City Index: places, boundaries and scores as features"), "version": __version__},
        "servers": [{"url": absolute(root)}],
        "paths": paths,
        "components": {"parameters": _parameters(), "schemas": {"exception": ERROR}},
    }


def _paths(name: str, one: Collection, held: FeatureSet) -> dict[str, Any]:
    title = translated(one.title)
    shared = [{"$ref": f"#/components/parameters/{each}"} for each in _parameters() if each != "featureId"]
    # A property named as a parameter of the service cannot be chosen by; none is today.
    own = [_property(each, values) for each, values in held.properties.items() if each not in KNOWN]
    feature = [{"$ref": f"#/components/parameters/{each}"} for each in ("featureId", "f", "snapshot")]
    return {
        f"/collections/{name}": _get(f"describe-{name}", title),
        f"/collections/{name}/items": _get(f"items-{name}", title, [*shared, *own], GEOJSON),
        f"/collections/{name}/items/{{featureId}}": _get(f"item-{name}", title, feature, GEOJSON),
    }


def _get(operation: str, summary: str, parameters: list[Any] | None = None, kind: str = JSON) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    wrong = {"description": "error", "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}}}
    answers = {"200": {"description": summary, "content": content}, "400": wrong, "404": wrong, "406": wrong}
    return {"get": {"operationId": operation, "summary": summary, "parameters": parameters or [], "responses": answers}}


def _property(name: str, values: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind_of(values)}}


def _parameters() -> dict[str, Any]:
    number: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}
    text = {"type": "string"}
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    found = {
        "limit": _query("limit", number),
        "offset": _query("offset", {"type": "integer", "minimum": 0, "default": 0}),
        "bbox": {**_query("bbox", box), "style": "form", "explode": False},
        "datetime": _query("datetime", text),
        "within": _query("within", text),
        "snapshot": _query("snapshot", text),
        "f": _query("f", {"type": "string", "enum": ["json", "html"]}),
    }
    found["featureId"] = {"name": "featureId", "in": "path", "required": True, "schema": text}
    return found


def _query(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": dict(schema)}
