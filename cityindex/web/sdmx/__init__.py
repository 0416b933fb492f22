"""SDMX REST: version 1.5 of the interface at `/sdmx/2.1`, version 2 at `/sdmx/3.0`. Public data, without a key."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from cityindex.errors import CityIndexError
from cityindex.formats.sdmx.artefacts import AGENCY, Artefact
from cityindex.web.caching import A_MINUTE
from cityindex.web.language import language
from cityindex.web.sdmx import errors, flows
from cityindex.web.sdmx.asked import (
    SCHEMA_PARAMETERS,
    STRUCTURE_PARAMETERS,
    Api,
    Asked,
    data_query,
    fits,
    known,
)
from cityindex.web.sdmx.errors import NoResults, NotImplementedHere, Syntax
from cityindex.web.sdmx.flows import Known
from cityindex.web.sdmx.formats import Format, Subject, offered, wanted
from cityindex.web.sdmx.structures import Query, found, with_references
from cityindex.web.session import database

sdmx = Blueprint("sdmx", __name__)
READING = ("GET", "HEAD", "OPTIONS")
CONTEXTS = ("dataflow", "datastructure", "*")
MODES = ("exact", "available")


# Version 1.5 of the interface


@sdmx.get("/2.1/data/<flow>")
@sdmx.get("/2.1/data/<flow>/")
@sdmx.get("/2.1/data/<flow>/<key>")
@sdmx.get("/2.1/data/<flow>/<key>/")
@sdmx.get("/2.1/data/<flow>/<key>/<provider>")
@sdmx.get("/2.1/data/<flow>/<key>/<provider>/")
def data_21(flow: str, key: str = "all", provider: str = "all") -> Response:
    one = _flow(*_named(flow))
    _provider(provider)
    return _data("2.1", one, _query("2.1", key))


@sdmx.get("/2.1/availableconstraint/<flow>")
@sdmx.get("/2.1/availableconstraint/<flow>/")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/<provider>")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/<provider>/")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/<provider>/<component>")
@sdmx.get("/2.1/availableconstraint/<flow>/<key>/<provider>/<component>/")
def available_21(flow: str, key: str = "all", provider: str = "all", component: str = "all") -> Response:
    _provider(provider)
    return _available("2.1", _flow(*_named(flow)), key, component)


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
    return _data("3.0", _in_context(context, agency, name, version), _query("3.0", key))


@sdmx.get("/3.0/availability/<context>/<agency>/<name>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/<key>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/<key>/")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/<key>/<component>")
@sdmx.get("/3.0/availability/<context>/<agency>/<name>/<version>/<key>/<component>/")
def available_30(  # noqa: PLR0913, PLR0917 (the parts of the address)
    context: str, agency: str, name: str, version: str = "+", key: str = "*", component: str = "*"
) -> Response:
    return _available("3.0", _in_context(context, agency, name, version), key, component)


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


@sdmx.get("/2.1/metadata/<path:_asked>")
@sdmx.get("/3.0/metadata/<path:_asked>")
def metadata(_asked: str) -> Response:
    raise NotImplementedHere("there are no sets of reference metadata here: what describes data stands in structures")


@sdmx.record_once
def open_to_programs(state: BlueprintSetupState) -> None:
    """Nothing is changed here: what is sent is refused as SDMX says it, not as a form of ours."""
    state.app.extensions["csrf"].exempt(sdmx)


@sdmx.route("/<path:_other>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(_other: str) -> Response:
    if request.method not in READING:
        raise MethodNotAllowed(READING, "queries are asked by GET, in the address")
    raise NoResults("there is nothing here: queries begin with /sdmx/2.1/ or /sdmx/3.0/")


# What both have in common


def _query(api: Api, key: str) -> Asked:
    return data_query(api, key, request.args.to_dict(flat=False))


def _data(api: Api, one: Known, asked: Asked) -> Response:
    form = _format(api, "data")
    tag = _tag(one.version, form)
    if request.if_none_match.contains_weak(tag):
        return _kept(Response(status=304), tag)
    session = flows.snapshot()
    try:
        content = flows.content(session, one, asked, with_names=form.named)
    except BaseException:
        session.close()
        raise
    response = Response(form.write_data(content, language()), content_type=form.media_type)
    response.call_on_close(session.close)
    return _kept(response, tag)


def _available(api: Api, one: Known, key: str, component: str) -> Response:
    arguments = request.args.to_dict(flat=False)
    mode, references = (arguments.pop(name, [usual])[0] for name, usual in (("mode", "exact"), ("references", "none")))
    if mode not in MODES:
        raise Syntax(f"mode: write one of {', '.join(MODES)}")
    asked = data_query(api, key, arguments)

    def made() -> list[Artefact]:
        return with_references(flows.library(), flows.availability(one, asked, component, mode), references)

    return _structure_message(api, one.version, made)


def _structures(api: Api, query: Query) -> Response:
    known(request.args, STRUCTURE_PARAMETERS)
    asked = replace(query, references=request.args.get("references", "none"), detail=request.args.get("detail", "full"))
    return _structure_message(api, flows.version(database()), lambda: found(flows.library(), asked))


def _schema(api: Api, context: str, query: Query) -> Response:
    """The structure of valid data: the dataflow with everything it refers to."""
    known(request.args, SCHEMA_PARAMETERS)
    if context not in ("dataflow", "datastructure"):
        raise Syntax("schema: there are dataflow and datastructure")
    whole = replace(query, resource=context, references="descendants", detail="referencepartial")
    return _structure_message(api, flows.version(database()), lambda: found(flows.library(), whole))


def _structure_message(api: Api, version: str, made: Callable[[], list[Artefact]]) -> Response:
    form = _format(api, "structure")
    tag = _tag(version, form)
    if request.if_none_match.contains_weak(tag):
        return _kept(Response(status=304), tag)
    body = form.write_structures(made(), language())
    return _kept(Response(body, content_type=form.media_type), tag)


def _tag(version: str, form: Format) -> str:
    return f"{version}-{zlib.crc32(form.media_type.encode()):08x}-{language()}"


def _format(api: Api, subject: Subject) -> Format:
    found_format = wanted(api, subject, request.accept_mimetypes, request.args.get("format"))
    if found_format is None:
        raise NotAcceptable(
            f"none of the formats that are asked for is made here (there are {offered(api, subject)}; "
            "in the address format=csv, json or xml, also with a version, such as format=csv-2.0)"
        )
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
    if context == "provisionagreement":
        raise NotImplementedHere("data is asked for by dataflow or datastructure; there are no provision agreements")
    if context not in CONTEXTS:
        raise Syntax("data is asked for by dataflow or datastructure")
    if name == "*" or "," in name:
        raise NotImplementedHere("one dataflow is answered at a time: ask for each by its name")
    if context == "datastructure":
        name = f"DF_{name.removeprefix('DSD_')}"
    return _flow(agency, name, version)


def _provider(provider: str) -> None:
    if provider not in ("all", AGENCY, f"{AGENCY},{AGENCY}", ""):
        raise NoResults("there is no such data provider")


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
    response = errors.answer(_api(), errors.SYNTAX, error.description or "", error.code)
    if isinstance(error, MethodNotAllowed):
        response.allow.update(READING)
    return response


@sdmx.errorhandler(Exception)
def refuse_unexpected(error: Exception) -> Response:
    current_app.logger.exception("request %s", g.get("request_id"), exc_info=error)
    return errors.answer(_api(), errors.INTERNAL, "something went wrong on our side: try again in a moment")


def _api() -> Api:
    return "3.0" if request.path.startswith("/sdmx/3.0") else "2.1"
