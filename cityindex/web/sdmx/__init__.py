"""SDMX REST: version 1.5 of the interface at `/sdmx/2.1`, version 2 at `/sdmx/3.0`. Public data, without a key."""

from __future__ import annotations

import re
import zlib

from flask import Blueprint, Response, current_app, g, request, stream_with_context
from werkzeug.exceptions import HTTPException

from cityindex.errors import CityIndexError
from cityindex.formats.sdmx.artefacts import AGENCY
from cityindex.web.caching import A_MINUTE
from cityindex.web.language import language
from cityindex.web.sdmx import errors, flows
from cityindex.web.sdmx.asked import Asked, data_query, fits
from cityindex.web.sdmx.errors import NoResults, NotImplementedHere, Syntax
from cityindex.web.sdmx.flows import Known
from cityindex.web.sdmx.formats import Api, Format, Subject, wanted
from cityindex.web.sdmx.structures import Query, found

sdmx = Blueprint("sdmx", __name__)
FILTER = re.compile(r"c\[([A-Z_]+)\]")
CONTEXTS = ("dataflow", "datastructure", "*")


# Version 1.5 of the interface


@sdmx.get("/2.1/data/<flow>")
@sdmx.get("/2.1/data/<flow>/")
@sdmx.get("/2.1/data/<flow>/<key>")
@sdmx.get("/2.1/data/<flow>/<key>/")
@sdmx.get("/2.1/data/<flow>/<key>/<provider>")
def data_21(flow: str, key: str = "all", provider: str = "all") -> Response:
    one = _flow(*_named(flow))
    _provider(provider)
    return _data("2.1", one, data_query(key, request.args))


@sdmx.get("/2.1/availableconstraint/<flow>")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/<provider>")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/<provider>/<component>")
def available_21(flow: str, key: str = "all", provider: str = "all", component: str = "all") -> Response:
    _provider(provider)
    return _available("2.1", _flow(*_named(flow)), data_query(key, request.args), component)


@sdmx.get("/2.1/schema/<context>/<agency>/<name>")
@sdmx.get("/2.1/schema/<context>/<agency>/<name>/")
@sdmx.get("/2.1/schema/<context>/<agency>/<name>/<version>")
@sdmx.get("/2.1/schema/<context>/<agency>/<name>/<version>/")
def schema_21(context: str, agency: str, name: str, version: str = "latest") -> Response:
    return _schema("2.1", context, Query("*", agency, name, version))


@sdmx.get("/2.1/<resource>")
@sdmx.get("/2.1/<resource>/")
@sdmx.get("/2.1/<resource>/<agency>")
@sdmx.get("/2.1/<resource>/<agency>/")
@sdmx.get("/2.1/<resource>/<agency>/<name>")
@sdmx.get("/2.1/<resource>/<agency>/<name>/")
@sdmx.get("/2.1/<resource>/<agency>/<name>/<version>")
@sdmx.get("/2.1/<resource>/<agency>/<name>/<version>/")
@sdmx.get("/2.1/<resource>/<agency>/<name>/<version>/<items>")
def structures_21(
    resource: str, agency: str = "all", name: str = "all", version: str = "latest", items: str = "all"
) -> Response:
    return _structures("2.1", Query(resource, agency, name, version, items))


# Version 2 of the interface


@sdmx.get("/3.0/data/<context>/<agency>/<name>")
@sdmx.get("/3.0/data/<context>/<agency>/<name>/")
@sdmx.get("/3.0/data/<context>/<agency>/<name>/<version>")
@sdmx.get("/3.0/data/<context>/<agency>/<name>/<version>/")
@sdmx.get("/3.0/data/<context>/<agency>/<name>/<version>/<key>")
@sdmx.get("/3.0/data/<context>/<agency>/<name>/<version>/<key>/")
def data_30(context: str, agency: str, name: str, version: str = "+", key: str = "*") -> Response:
    return _data("3.0", _in_context(context, agency, name, version), data_query(key, request.args, _filters()))


@sdmx.get("/3.0/availability/<context>/<agency>/<name>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/<key>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/<key>/<component>")
def available_30(  # noqa: PLR0913, PLR0917 (the parts of the address)
    context: str, agency: str, name: str, version: str = "+", key: str = "*", component: str = "*"
) -> Response:
    asked = data_query(key, request.args, _filters())
    return _available("3.0", _in_context(context, agency, name, version), asked, component)


@sdmx.get("/3.0/schema/<context>/<agency>/<name>")
@sdmx.get("/3.0/schema/<context>/<agency>/<name>/")
@sdmx.get("/3.0/schema/<context>/<agency>/<name>/<version>")
@sdmx.get("/3.0/schema/<context>/<agency>/<name>/<version>/")
def schema_30(context: str, agency: str, name: str, version: str = "+") -> Response:
    return _schema("3.0", context, Query("*", agency, name, version))


@sdmx.get("/3.0/structure/<resource>")
@sdmx.get("/3.0/structure/<resource>/")
@sdmx.get("/3.0/structure/<resource>/<agency>")
@sdmx.get("/3.0/structure/<resource>/<agency>/")
@sdmx.get("/3.0/structure/<resource>/<agency>/<name>")
@sdmx.get("/3.0/structure/<resource>/<agency>/<name>/")
@sdmx.get("/3.0/structure/<resource>/<agency>/<name>/<version>")
@sdmx.get("/3.0/structure/<resource>/<agency>/<name>/<version>/")
@sdmx.get("/3.0/structure/<resource>/<agency>/<name>/<version>/<items>")
def structures_30(resource: str, agency: str = "*", name: str = "*", version: str = "+", items: str = "") -> Response:
    return _structures("3.0", Query(resource, agency, name, version, items))


@sdmx.get("/<path:_other>")
def nothing(_other: str) -> Response:
    raise NoResults("there is nothing here: queries begin with /sdmx/2.1/ or /sdmx/3.0/")


# What both have in common


def _data(api: Api, one: Known, asked: Asked) -> Response:
    form = _format(api, "data")
    tag = f"{zlib.crc32(request.full_path.encode()):08x}-{one.version}-{form.family}{form.version}-{language()}"
    if request.if_none_match.contains_weak(tag):
        return _kept(Response(status=304), tag)
    content = flows.content(one, asked, with_names=form.family == "json")
    body = form.write_data(content, language())
    return _kept(Response(stream_with_context(body), content_type=form.media_type), tag)


def _available(api: Api, one: Known, asked: Asked, component: str) -> Response:
    form = _format(api, "structure")
    constraint = flows.availability(one, asked, component)
    return _kept(Response(form.write_structures([constraint], language()), content_type=form.media_type))


def _structures(api: Api, query: Query) -> Response:
    form = _format(api, "structure")
    asked = Query(
        query.resource, query.agency, query.id, query.version, query.items,
        request.args.get("references", "none"), request.args.get("detail", "full"),
    )  # fmt: skip
    body = form.write_structures(found(flows.library(), asked), language())
    return _kept(Response(body, content_type=form.media_type))


def _schema(api: Api, context: str, query: Query) -> Response:
    """The structure of valid data: the dataflow with everything it refers to."""
    if context not in ("dataflow", "datastructure"):
        raise NotImplementedHere("schema: there are dataflow and datastructure")
    form = _format(api, "structure")
    whole = Query(context, query.agency, query.id, query.version, references="descendants", detail="referencepartial")
    body = form.write_structures(found(flows.library(), whole), language())
    return _kept(Response(body, content_type=form.media_type))


def _format(api: Api, subject: Subject) -> Format:
    found_format = wanted(api, subject, request.accept_mimetypes, request.args.get("format"))
    if found_format is None:
        raise NotAcceptable("none of the formats that are asked for is made here")
    return found_format


class NotAcceptable(CityIndexError):
    """The client takes none of the formats there are."""


def _named(flow: str) -> tuple[str, str, str]:
    parts = flow.split(",")
    if len(parts) > 3:
        raise Syntax("the dataflow is written AGENCY,ID,VERSION, or ID alone")
    if len(parts) == 1:
        return "all", parts[0], "latest"
    return parts[0], parts[1], parts[2] if len(parts) == 3 else "latest"


def _flow(agency: str, name: str, version: str) -> Known:
    one = flows.known(name)
    if agency not in ("all", "*", AGENCY) or not fits(version, one.flow.version):
        raise NoResults("there is no such dataflow")
    return one


def _in_context(context: str, agency: str, name: str, version: str) -> Known:
    if context not in CONTEXTS:
        raise NotImplementedHere("data is asked for by dataflow or datastructure")
    if context == "datastructure":
        name = f"DF_{name.removeprefix('DSD_')}"
    return _flow(agency, name, version)


def _provider(provider: str) -> None:
    if provider not in ("all", AGENCY, f"{AGENCY},{AGENCY}", ""):
        raise NoResults("there is no such data provider")


def _filters() -> dict[str, list[str]]:
    found_filters: dict[str, list[str]] = {}
    for name, text in request.args.items(multi=True):
        match = FILTER.fullmatch(name)
        if match:
            values = text.replace("+", ",").replace(" ", ",").split(",")
            found_filters.setdefault(match[1], []).extend(values)
    return found_filters


def _kept(response: Response, tag: str | None = None) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Content-Language"] = language()
    response.headers["Access-Control-Allow-Origin"] = "*"
    if tag:
        response.set_etag(tag, weak=True)
    return response


@sdmx.errorhandler(CityIndexError)
def refuse(error: CityIndexError) -> Response:
    if isinstance(error, NotAcceptable):
        return errors.answer(_api(), errors.SYNTAX, str(error), 406)
    return errors.answer(_api(), errors.code_of(error), str(error))


@sdmx.errorhandler(HTTPException)
def refuse_http(error: HTTPException) -> Response:
    return errors.answer(_api(), errors.SYNTAX, error.description or "", error.code)


@sdmx.errorhandler(Exception)
def refuse_unexpected(error: Exception) -> Response:
    current_app.logger.exception("request %s", g.get("request_id"), exc_info=error)
    return errors.answer(_api(), errors.INTERNAL, "something went wrong on our side: try again in a moment")


def _api() -> Api:
    return "3.0" if request.path.startswith("/sdmx/3.0") else "2.1"
