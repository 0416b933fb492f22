"""Actions that only read, as CKAN answers them: for harvesters, the Thai Government Data Catalog among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, g, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from cityindex import __version__
from cityindex.errors import CityIndexError, Invalid, NotFound, Problem
from cityindex.formats import ckan as packing
from cityindex.formats.ckan import Package
from cityindex.formats.ckan_search import FACET_FIELDS, Search, search
from cityindex.formats.data_sets import DataCatalogue
from cityindex.web.addresses import absolute
from cityindex.web.caching import A_MINUTE
from cityindex.web.data_catalogue.contents import contents
from cityindex.web.errors import status_of

ckan = Blueprint("ckan", __name__)

Arguments = Mapping[str, Any]
MOST_BYTES = 64 * 1024
QUERIES = ("q", "fq", "sort")
CKAN_VERSION = "2.10"
"""Of the actions that these answer as."""


@ckan.record_once
def _without_token(state: BlueprintSetupState) -> None:
    """Clients send no token with their questions, and nothing here changes anything."""
    state.app.extensions["csrf"].exempt(ckan)


@ckan.route("/3/action/<action>", methods=["GET", "POST"])
@ckan.route("/action/<action>", methods=["GET", "POST"])
def act(action: str) -> Response:
    if action not in ACTIONS:
        return _error(400, "Bad Request", f"Action name not known. There are: {', '.join(ACTIONS)}")
    result = ACTIONS[action](contents(), _arguments())
    help_ = absolute(url_for(".act", action="help_show", name=action))
    response = _json({"help": help_, "success": True, "result": result}, 200)
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}" if request.method == "GET" else "no-store"
    return response


@ckan.errorhandler(CityIndexError)
def refuse(error: CityIndexError) -> Response:
    if isinstance(error, NotFound):
        return _error(404, "Not Found Error", str(error))
    status = status_of(error)
    if not isinstance(error, Invalid) or status >= 500:
        return _error(status, "Internal Server Error", "try again in a moment")
    if not error.problems:
        return _error(400, "Bad Request", str(error))
    if error.problems[0].column in QUERIES:
        return _error(400, "Search Query Error", f"Invalid search query: {error}")
    said = {one.column: [f"{one.reason} ({one.cure})"] for one in error.problems}
    return _json({"success": False, "error": {"__type": "Validation Error", **said}}, 409)


@ckan.errorhandler(HTTPException)
def refuse_http(error: HTTPException) -> Response:
    response = _error(error.code or 500, error.name, error.description or "")
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


@ckan.errorhandler(Exception)
def refuse_unexpected(error: Exception) -> Response:
    current_app.logger.exception("request %s", g.get("request_id"), exc_info=error)
    return _error(500, "Internal Server Error", "try again in a moment")


def _error(status: int, kind: str, message: str) -> Response:
    return _json({"success": False, "error": {"__type": kind, "message": message}}, status)


def _json(body: Mapping[str, Any], status: int) -> Response:
    """Public data may be read by scripts of other sites."""
    response = Response(orjson.dumps(body), status, content_type="application/json; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _arguments() -> Arguments:
    """Of the address, and of the body of a POST: a JSON object, or a form. Lists repeat their name in an address."""
    given: dict[str, Any] = {name: values[0] if len(values) == 1 else values for name, values in request.args.lists()}
    if request.method == "GET":
        return given
    if (request.content_length or 0) > MOST_BYTES:
        raise Invalid(f"the body is larger than {MOST_BYTES} bytes")
    form = request.form
    # Clients as old as CKAN's own examples send JSON, quoted or not, and call it a form: one name without a value.
    unnamed = "&".join(f"{name}={value}" if value else name for name, value in form.items(multi=True))
    if form and not unnamed.lstrip().startswith("{"):
        return {**given, **{name: form[name] for name in form}}
    try:
        body = orjson.loads(unnamed or request.get_data() or b"{}")
    except orjson.JSONDecodeError:
        raise Invalid("JSON Error: Error decoding JSON data.") from None
    if not isinstance(body, dict):
        raise Invalid("Request data JSON decoded is not a dictionary")
    return {**given, **body}


# The actions


def package_list(found: DataCatalogue, asked: Arguments) -> list[str]:
    names = sorted(one.name for one in found.data_sets)
    start = _whole(asked, "offset", 0)
    return names[start : start + _whole(asked, "limit", len(names))]


def package_show(found: DataCatalogue, asked: Arguments) -> Package:
    wanted = _text(asked, "id") or _text(asked, "name_or_id")
    if not wanted:
        raise _missing("id")
    return _one(packing.packages(found), wanted, ("name", "id"))


def package_search(found: DataCatalogue, asked: Arguments) -> dict[str, Any]:
    queries = asked.get("fq_list")
    fq = [_text(asked, "fq"), *(str(one) for one in queries)] if isinstance(queries, list) else [_text(asked, "fq")]
    wanted = Search(
        q=_text(asked, "q"),
        fq=" ".join(fq),
        rows=_whole(asked, "rows", 10),
        start=_whole(asked, "start", 0),
        sort=_text(asked, "sort"),
        facets=_facets(asked),
    )
    return search(packing.packages(found), wanted)


def current_package_list_with_resources(found: DataCatalogue, asked: Arguments) -> list[Package]:
    start = _whole(asked, "offset", 0)
    return packing.packages(found)[start : start + _whole(asked, "limit", 1000)]


def resource_show(found: DataCatalogue, asked: Arguments) -> dict[str, Any]:
    resources = [part for one in packing.packages(found) for part in one["resources"]]
    return _one(resources, _needed(asked, "id"), ("id",))


def organization_list(found: DataCatalogue, asked: Arguments) -> list[Any]:
    one = packing.organisation(found)
    return [one] if _said(asked, "all_fields") else [one["name"]]


def organization_show(found: DataCatalogue, asked: Arguments) -> dict[str, Any]:
    one = _one([packing.organisation(found)], _needed(asked, "id"), ("name", "id"))
    return {**one, "packages": packing.packages(found)} if _said(asked, "include_datasets") else one


def group_list(_found: DataCatalogue, _asked: Arguments) -> list[Any]:
    return []


def group_show(_found: DataCatalogue, asked: Arguments) -> dict[str, Any]:
    _needed(asked, "id")
    raise NotFound("there are no groups in this catalogue")


def tag_list(found: DataCatalogue, asked: Arguments) -> list[str]:
    query = _text(asked, "query").casefold()
    return [name for name in packing.tag_names(packing.packages(found)) if query in name.casefold()]


def license_list(_found: DataCatalogue, _asked: Arguments) -> list[dict[str, Any]]:
    return packing.licences()


def status_show(found: DataCatalogue, _asked: Arguments) -> dict[str, Any]:
    return {
        "ckan_version": CKAN_VERSION,
        "site_url": absolute(request.script_root + "/"),
        "site_title": found.title.th,
        "site_description": found.description.th,
        "locale_default": "th",
        "error_emails_to": None,
        "extensions": ["thai_gdc"],
        "software": f"cityindex {__version__}",
    }


def site_read(_found: DataCatalogue, _asked: Arguments) -> bool:
    return True


def help_show(_found: DataCatalogue, asked: Arguments) -> str:
    name = _needed(asked, "name")
    if name not in ACTIONS:
        raise NotFound("there is no such action")
    return f"{name}: an action that only reads, answered as CKAN {CKAN_VERSION} does"


ACTIONS: Mapping[str, Callable[[DataCatalogue, Arguments], Any]] = {
    action.__name__: action
    for action in (
        package_list, package_show, package_search, current_package_list_with_resources, resource_show,
        organization_list, organization_show, group_list, group_show, tag_list, license_list, status_show, site_read,
        help_show,
    )
}  # fmt: skip


# What they are asked with


def _one(found: list[dict[str, Any]], wanted: str, by: tuple[str, ...]) -> dict[str, Any]:
    for one in found:
        if wanted in (one[key] for key in by):
            return one
    raise NotFound("Not found")


def _text(asked: Arguments, name: str) -> str:
    said = asked.get(name)
    if said is None:
        return ""
    if isinstance(said, list) and name == "fq":
        return " ".join(map(str, said))
    if not isinstance(said, str):
        raise _wrong(name, "it is not a text")
    return said


def _needed(asked: Arguments, name: str) -> str:
    said = _text(asked, name)
    if not said:
        raise _missing(name)
    return said


def _whole(asked: Arguments, name: str, default: int) -> int:
    said = asked.get(name)
    if said in (None, ""):
        return default
    written = str(said)
    if isinstance(said, bool) or not written.isascii() or not written.isdecimal() or len(written) > 9:
        raise _wrong(name, "Must be a natural number")
    return int(written)


def _said(asked: Arguments, name: str) -> bool:
    return str(asked.get(name, "")).lower() in ("true", "1", "yes", "on")


def _facets(asked: Arguments) -> tuple[str, ...]:
    """`facet.field` is a list, also where it comes as the text of one."""
    said = asked.get("facet.field") or []
    if isinstance(said, str):
        try:
            said = orjson.loads(said) if said.startswith("[") else [said]
        except orjson.JSONDecodeError:
            raise _wrong("facet.field", "it is not a list of names") from None
    if not isinstance(said, list) or not all(one in FACET_FIELDS for one in said):
        raise _wrong("facet.field", f"there are {', '.join(FACET_FIELDS)}")
    return tuple(dict.fromkeys(said))


def _missing(name: str) -> Invalid:
    return Invalid(f"{name}: Missing value", [Problem("Missing value", f"name a data set by `{name}`", column=name)])


def _wrong(name: str, reason: str) -> Invalid:
    return Invalid(f"{name}: {reason}", [Problem(reason, "change it or leave it out", column=name)])
