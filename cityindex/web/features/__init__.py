"""OGC API – Features, part 1: places, boundaries and published editions for QGIS, GDAL and everybody's scripts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, g, make_response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotAcceptable

from cityindex.errors import CityIndexError, Invalid, NotFound
from cityindex.formats.feature_set import FeatureSet
from cityindex.queries.exchange.features import area_of
from cityindex.web.caching import A_MINUTE, A_YEAR
from cityindex.web.errors import status_of
from cityindex.web.features import described
from cityindex.web.features.collections import Collection, collection, collections, features_of
from cityindex.web.features.openapi import document
from cityindex.web.features.parameters import CRS84, Asked, asked, without_page
from cityindex.web.session import database

features = Blueprint("features", __name__)
READING = ("GET", "HEAD", "OPTIONS")

GEOJSON, JSON, HTML = "application/geo+json", "application/json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
FORMS = {"json": JSON, "html": HTML}


@features.get("/")
def landing() -> Response:
    return _answer(described.landing(), "pages/features/landing.html")


@features.get("/conformance")
def conformance() -> Response:
    return _answer({"conformsTo": list(described.CONFORMS)}, "pages/features/conformance.html")


@features.get("/api")
def api() -> Response:
    sets = {name: features_of(one) for name, one in collections().items()}
    return _json(document(collections(), sets), OPENAPI)


@features.get("/collections")
def all_collections() -> Response:
    listed = [described.collection(one, features_of(one)) for one in collections().values()]
    links = described.links(("self", url_for(".all_collections"), JSON))
    return _answer({"links": links, "collections": listed}, "pages/features/collections.html")


@features.get("/collections/<name>")
def one_collection(name: str) -> Response:
    one = collection(name)
    return _answer(described.collection(one, features_of(one)), "pages/features/collection.html")


@features.get("/collections/<name>/queryables")
def queryables(name: str) -> Response:
    one = collection(name)
    return _json(described.queryables(one, features_of(one)), SCHEMA)


@features.get("/collections/<name>/items")
def items(name: str) -> Response:
    one = collection(name, request.args.get("snapshot", ""))
    held = features_of(one)
    wanted = asked(request.args, held, _area(request.args.get("within")))
    if _form() == "html":
        return _page_of_items(one, held, wanted)
    tag = f"{zlib.crc32(request.query_string):08x}-{one.version}"
    if request.if_none_match.contains_weak(tag):
        return _kept(Response(status=304), tag)
    rows = held.choose(wanted.choice)
    matched = len(held) if rows is None else len(rows)
    texts = held.page(rows, wanted.offset, wanted.limit)
    links = _page_links(one, wanted, matched)
    body = b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"links":%b,"features":[%b]}' % (
        matched,
        len(texts),
        orjson.dumps(links),
        b",".join(texts),
    )
    response = _kept(Response(body, content_type=GEOJSON), tag)
    response.headers["Link"] = ", ".join(f'<{link["href"]}>; rel="{link["rel"]}"' for link in links)
    response.headers["OGC-NumberMatched"] = str(matched)
    return response


@features.get("/collections/<name>/items/<feature>")
def item(name: str, feature: str) -> Response:
    one = collection(name, request.args.get("snapshot", ""))
    held = features_of(one)
    row = held.row(feature)
    if row is None:
        raise NotFound("there is no such feature in this collection")
    if _form() == "html":
        read = orjson.loads(held.texts[row])
        return _html("pages/features/item.html", {"one": one, "feature": read})
    links = described.links(
        ("self", request.full_path.rstrip("?"), GEOJSON),
        ("alternate", url_for(".item", name=name, feature=feature, f="html"), HTML),
        ("collection", url_for(".one_collection", name=name), JSON),
    )
    body = b'%b,"links":%b}' % (held.texts[row][:-1], orjson.dumps(links))
    return _kept(Response(body, content_type=GEOJSON), f"{zlib.crc32(feature.encode()):08x}-{one.version}")


@features.record_once
def open_to_programs(state: BlueprintSetupState) -> None:
    """Nothing is changed here: what is sent is refused as the standard says it, not as a form of ours."""
    state.app.extensions["csrf"].exempt(features)


@features.route("/<path:_other>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(_other: str) -> Response:
    if request.method not in READING:
        raise MethodNotAllowed(READING, "features are read here, by GET")
    raise NotFound("there is nothing here: the landing page lists what there is")


@features.errorhandler(CityIndexError)
def refuse(error: CityIndexError) -> Response:
    problems = error.problems if isinstance(error, Invalid) else ()
    said = "; ".join(f"{one.column}: {one.reason} ({one.cure})" for one in problems) or str(error)
    return _problem(status_of(error), said)


@features.errorhandler(HTTPException)
def refuse_http(error: HTTPException) -> Response:
    response = _problem(error.code or 500, error.description or "")
    if isinstance(error, MethodNotAllowed):
        response.allow.update(READING)
    return response


@features.errorhandler(Exception)
def refuse_unexpected(error: Exception) -> Response:
    current_app.logger.exception("request %s", g.get("request_id"), exc_info=error)
    return _problem(500, "")


def _problem(status: int, said: str) -> Response:
    body = orjson.dumps({"code": str(status), "description": said if status < 500 else "try again in a moment"})
    return _open(Response(body, status, content_type=JSON))


def _area(code: str | None) -> str | None:
    if code is None:
        return None
    area = area_of(database(), code)
    if area is None:
        raise NotFound("there is no place with this code that has a boundary (parameter `within`)")
    return area


def _form() -> str:
    """`json` or `html`: what the address says, else what the client likes best; JSON for whoever takes anything."""
    written = request.args.get("f")
    if written is not None:
        if written not in FORMS:
            raise Invalid(f"f: it is not a format of this service (write one of {', '.join(FORMS)})")
        return written
    best = request.accept_mimetypes.best_match([JSON, GEOJSON, HTML])
    if best is None and request.accept_mimetypes:
        raise NotAcceptable("there is GeoJSON, JSON and HTML")
    return "html" if best == HTML and request.accept_mimetypes.find(HTML) >= 0 else "json"


def _answer(body: Mapping[str, Any], template: str) -> Response:
    return _html(template, dict(body)) if _form() == "html" else _json(body, JSON)


def _json(body: Mapping[str, Any], kind: str) -> Response:
    response = _open(Response(orjson.dumps(body), content_type=kind))
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def _html(template: str, values: Mapping[str, Any]) -> Response:
    response = make_response(render_template(template, **values))
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def _page_of_items(one: Collection, held: FeatureSet, wanted: Asked) -> Response:
    rows = held.choose(wanted.choice)
    matched = len(held) if rows is None else len(rows)
    read = [orjson.loads(text)["properties"] for text in held.page(rows, wanted.offset, wanted.limit)]
    ids = held.ids if rows is None else [held.ids[row] for row in rows.tolist()]
    return _html(
        "pages/features/items.html",
        {
            "one": one,
            "rows": list(zip(ids[wanted.offset : wanted.offset + wanted.limit], read, strict=True)),
            "columns": list(held.properties),
            "matched": matched,
            "wanted": wanted,
            "links": {link["rel"]: link["href"] for link in _page_links(one, wanted, matched)},
        },
    )


def _page_links(one: Collection, wanted: Asked, matched: int) -> list[dict[str, str]]:
    """Pages name the version, so that all pages of one reading show the same."""
    same = without_page(request.args)
    found = [
        ("self", request.full_path.rstrip("?"), GEOJSON),
        ("alternate", url_for(".items", name=one.id, **{**same, "f": "html"}), HTML),
        ("collection", url_for(".one_collection", name=one.id), JSON),
    ]
    for rel, offset in (("next", wanted.offset + wanted.limit), ("prev", wanted.offset - wanted.limit)):
        if offset < matched and (rel == "next" or wanted.offset > 0):
            page = {**same, "limit": wanted.limit, "offset": max(offset, 0), "snapshot": one.version}
            found.append((rel, url_for(".items", name=one.id, **page), GEOJSON))
    return described.links(*found)


def _kept(response: Response, tag: str) -> Response:
    """A page of a version never changes; without one it is what there is now."""
    age = f"max-age={A_YEAR}, immutable" if request.args.get("snapshot") else f"max-age={A_MINUTE}"
    response.headers["Cache-Control"] = f"public, {age}"
    response.headers["Content-Crs"] = f"<{CRS84}>"
    response.headers["Vary"] = "Accept, Accept-Language"
    response.set_etag(tag, weak=True)
    return _open(response)


def _open(response: Response) -> Response:
    """Public data may be read by scripts of other sites."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
