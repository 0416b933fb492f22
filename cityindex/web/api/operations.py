"""How an address of the API is declared: what it may be asked, what it answers, and how it may fail."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from flask import g
from marshmallow import Schema

from cityindex.web.api.arguments import ApiBlueprint, Asked, asking
from cityindex.web.api.schemas.parts import ProblemDetails, answer_of, page_of
from cityindex.web.problems import API, MEDIA_TYPE, problem

api = ApiBlueprint("api", __name__)
View = Callable[..., Any]
Declare = Callable[[View], View]

FAILURES = {
    400: "Something in the address cannot be meant: `problems` says what, and the cure.",
    401: "The key is not known, has ended or was revoked.",
    404: "There is no such thing.",
    406: "Another media type is asked for than the one there is.",
    429: "Too many requests in a minute: wait as long as Retry-After says.",
    503: "The database is busy or being looked after: try again after Retry-After.",
}
KEYED = {
    401: "There is no key, or it is not known, has ended or was revoked.",
    403: "The key does not open this.",
}
SENT = {
    200: "It was taken before: this is the answer of that time.",
    403: "The key does not open this.",
    409: "It contradicts what is here: another content, a number out of turn (`expected`), an agreement not in force.",
    413: "It is larger than what is taken here.",
    415: "It is of another media type.",
    422: "It was bent on its way, or the signature is not right: `again` says whether to send it once more.",
}
NO_KEY = "this needs a key of an agreement: send it as `Authorization: Bearer KEY`"
HEADERS = {
    "ETag": "Fingerprint: send it back as If-None-Match.",
    "X-Request-ID": "Name of this request.",
    "RateLimit-Limit": "Requests a minute.",
    "RateLimit-Remaining": "Requests left in this minute.",
    "RateLimit-Reset": "Seconds until the next minute.",
}


PARTS = {
    "place": ("Code of a place; an earlier one finds it, too.", "50"),
    "code": ("Code.", None),
    "run": ("Number of a run.", 1),
    "number": ("Number.", 1),
}
"""Parts of addresses, with an example."""


def listing(address: str, wanted: type[Schema], item: type[Schema], tag: str, **examples: str) -> Declare:
    """Declare a list of items. `examples` are of parts of the address."""
    return _declared(address, asking(wanted, item().fields), page_of(item), (tag, examples, {}))


def one(address: str, item: type[Schema], tag: str, wanted: type[Schema] = Asked, **examples: str) -> Declare:
    """Declare the address of one thing."""
    return _declared(address, asking(wanted, item().fields), answer_of(item), (tag, examples, {}))


def moving(address: str, item: type[Schema], tag: str, **examples: str) -> Declare:
    """The same for a thing whose earlier addresses lead to the present one."""
    said = {301: "It has another address now: see Location."}
    return _declared(address, asking(Asked, item().fields), answer_of(item), (tag, examples, said))


def keyed(address: str, wanted: type[Schema], item: type[Schema], tag: str) -> Declare:
    """Declare a list that needs a key."""
    declare = _declared(address, asking(wanted, item().fields), page_of(item), (tag, {}, {403: KEYED[403]}))
    return lambda view: declare(_with_key(view))


def posting(address: str, answer: type[Schema], tag: str, kind: str, sent: type[Schema] | None = None) -> Declare:
    """Declare that something is handed in, with a key: a file of a media type, or what `sent` describes."""
    body = {"required": True, "content": {kind: {"schema": {"type": "string", "format": "binary"}}}}

    def declare(view: View) -> View:
        made: Any = view
        for status, words in {**{code: FAILURES[code] for code in FAILURES if code != 406}, **SENT}.items():
            schema = answer if status == 200 else ProblemDetails
            media = "application/json" if status == 200 else MEDIA_TYPE
            made = api.alt_response(status, schema=schema, content_type=media, description=words)(made)
        made = api.alt_response(406, schema=ProblemDetails, content_type=MEDIA_TYPE, description=FAILURES[406])(made)
        made = api.response(201, answer, description="It is taken.", headers=_headers())(made)
        made = api.arguments(sent, location="json")(made) if sent else api.doc(requestBody=body)(made)
        # The key is asked for first: whoever has none is told nothing about what he sent.
        api.route(address, methods=["POST"], tags=[tag])(_with_key(made))
        return view

    return declare


def fetching(address: str, wanted: type[Schema], kind: str, tag: str) -> Declare:
    """Declare a file of a media type that is fetched with a key; 204 where there is none."""
    failures = {**FAILURES, **KEYED, 409: SENT[409]}

    def declare(view: View) -> View:
        made: Any = view
        for status, words in failures.items():
            made = api.alt_response(status, schema=ProblemDetails, content_type=MEDIA_TYPE, description=words)(made)
        made = api.alt_response(204, description="Nothing waits.")(made)
        body = {"type": "string", "format": "binary"}
        made = api.response(200, body, content_type=kind, description="Here it is.", headers=_headers())(made)
        made = api.arguments(wanted, location="query")(made)
        api.route(address, tags=[tag])(_with_key(made))
        return view

    return declare


def _with_key(view: View) -> View:
    """Answer 401 to who comes without a key. What a key opens, the view asks."""

    @functools.wraps(view)
    def guarded(*args: Any, **more: Any) -> Any:
        if g.get("client") is None:
            response = problem(401, NO_KEY)
            response.headers["WWW-Authenticate"] = f'Bearer realm="{API}"'
            return response
        return view(*args, **more)

    return guarded


def _declared(
    address: str, wanted: type[Schema], answer: type[Schema], more: tuple[str, Mapping[str, str], Mapping[int, str]]
) -> Declare:
    tag, examples, others = more

    def declare(view: View) -> View:
        made: Any = view
        for status, words in FAILURES.items():
            made = api.alt_response(status, schema=ProblemDetails, content_type=MEDIA_TYPE, description=words)(made)
        for status, words in {304: "It has not changed.", **others}.items():
            made = api.alt_response(status, description=words)(made)
        made = api.response(200, answer, description="Here it is.", headers=_headers())(made)
        made = api.arguments(wanted, location="query")(made)
        api.route(address, tags=[tag], parameters=_parts(address, examples))(made)
        return view

    return declare


def _headers() -> dict[str, Any]:
    return {name: {"description": words, "schema": {"type": "string"}} for name, words in HEADERS.items()}


def _parts(address: str, examples: Mapping[str, str]) -> list[dict[str, Any]]:
    names = [part.strip("<>").rpartition(":")[2] for part in address.split("/") if part.startswith("<")]
    return [_part(name, examples.get(name)) for name in names]


def _part(name: str, example: str | None) -> dict[str, Any]:
    words, usual = PARTS[name]
    return {"in": "path", "name": name, "required": True, "description": words, "example": example or usual}
