"""The catalogue of data sets for other catalogues: DCAT-AP at `/catalog.jsonld`, `/catalog.ttl` and `/catalog.xml`."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import NotAcceptable
from werkzeug.wrappers import Response as AnyResponse

from cityindex.errors import NotFound
from cityindex.formats import dcat
from cityindex.formats.data_sets import DataCatalogue
from cityindex.web.caching import A_MINUTE
from cityindex.web.data_catalogue.contents import contents
from cityindex.web.language import language

data_catalogue = Blueprint("data_catalogue", __name__)
HTML = "text/html"
KINDS = {kind: ending for ending, (_, kind) in dcat.SERIALISERS.items()}


@data_catalogue.get("/catalog.<any(jsonld, ttl, xml):ending>")
def file(ending: str) -> Response:
    return _written(contents(), ending)


@data_catalogue.get("/catalog/<name>.<any(jsonld, ttl, xml):ending>")
def file_of_one(name: str, ending: str) -> Response:
    """One data set of the catalogue."""
    return _written(_with(name), ending, name)


@data_catalogue.get("/catalog")
def whole() -> AnyResponse:
    """The address that the catalogue is known by: people are led to its page, programs to its description."""
    wanted = _wanted()
    target = url_for(".file", ending=wanted) if wanted else url_for("data.index")
    return _led_to(target)


@data_catalogue.get("/catalog/<name>")
def one(name: str) -> AnyResponse:
    """The same for a data set."""
    found = next(one for one in _with(name).data_sets if one.name == name)
    wanted = _wanted()
    return _led_to(url_for(".file_of_one", name=name, ending=wanted) if wanted else found.pages.get(language()))


def _with(name: str) -> DataCatalogue:
    found = contents()
    if all(one.name != name for one in found.data_sets):
        raise NotFound(f"there is no such data set; there are {', '.join(one.name for one in found.data_sets)}")
    return found


def _wanted() -> str:
    """The ending of the form that is asked for; empty for a page."""
    best = request.accept_mimetypes.best_match([HTML, *KINDS])
    if best is None and request.accept_mimetypes:
        raise NotAcceptable(f"there is {', '.join([HTML, *KINDS])}")
    return KINDS.get(best or HTML, "")


def _led_to(target: str) -> AnyResponse:
    response = redirect(target, 303)
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    return response


def _written(found: DataCatalogue, ending: str, only: str | None = None) -> Response:
    """The order of what stands in JSON-LD and XML differs between processes; the fingerprint is of what it says."""
    body = dcat.write(found, ending, only)
    tag = hashlib.sha256(dcat.write(found, "ttl", only)).hexdigest()[:20]
    response = Response(body, content_type=f"{dcat.SERIALISERS[ending][1]}; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(f"{ending}-{tag}", weak=True)
    return response
