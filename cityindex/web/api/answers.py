"""Answers of the API: pages of lists and single things, with their fingerprint, language and sparse fields."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, g, request

from cityindex import __version__
from cityindex.calendars import day_of
from cityindex.queries.runs.editions import RunRecord
from cityindex.queries.runs.versions import state_of
from cityindex.web.caching import A_MINUTE, A_YEAR
from cityindex.web.language import language
from cityindex.web.session import application, database

Item = Mapping[str, Any]
Made = tuple[Any, dict[str, str]]
"""What is to be written, and addresses for the header Link."""
OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATACLASS


@dataclass(frozen=True)
class Page:
    """Items, and the cursor of the next page. `links` are further addresses by their relation."""

    items: Sequence[Item]
    next: str | None = None
    links: Mapping[str, str] | None = None
    report: str = ""
    """The form for a mistake in an item, with the item's own fields in it (RFC 6570, sent as in RFC 9652)."""


def page(asked: Mapping[str, Any], make: Callable[[], Page], run: RunRecord | None = None) -> Response:
    """A page of a list. `make` is called unless the reader has the page already.

    With `run` the address names that run, and the answer is kept for ever.
    """

    def body() -> tuple[Any, dict[str, str]]:
        made = make()
        links = {**(made.links or {}), **({"next": _next(made.next)} if made.next else {})}
        g.report = made.report
        return {"items": sparse(made.items, asked["fields_"]), "next": made.next}, links

    return _answer(asked, body, run)


def single(asked: Mapping[str, Any], make: Callable[[], Item], run: RunRecord | None = None) -> Response:
    """One thing. As for `page`."""
    return _answer(asked, lambda: (next(iter(sparse([make()], asked["fields_"]))), {}), run)


def sparse(items: Sequence[Item], names: Iterable[str] | None) -> Sequence[Item]:
    """The items with some of their fields only."""
    if names is None:
        return items
    wanted = tuple(dict.fromkeys(names))
    return [{name: item[name] for name in wanted} for item in items]


def named(name_th: str, name_en: str | None, prefix: str = "name") -> dict[str, str | None]:
    """A name in the language of the request (Thai where there is no English), and in both."""
    said = name_en if language() == "en" and name_en else name_th
    return {prefix: said, f"{prefix}_th": name_th, f"{prefix}_en": name_en}


def _answer(asked: Mapping[str, Any], body: Callable[[], Made], run: RunRecord | None) -> Response:
    tag = _tag(run)
    if request.if_none_match.contains_weak(tag):
        return _headed(Response(status=304), asked, run, tag)
    made, links = body()
    if g.get("sandbox"):
        made = {**made, "notice": SANDBOX}
    response = Response(orjson.dumps(made, option=OPTIONS), mimetype="application/json")
    if links:
        response.headers["Link"] = ", ".join(f'<{url}>; rel="{name}"' for name, url in links.items())
    if g.get("report"):
        response.headers["Link-Template"] = f'"{g.report}"; rel="report-mistake"'
    return _headed(response, asked, run, tag)


SANDBOX = "Sandbox: invented data of places that do not exist. / ข้อมูลทดลองที่แต่งขึ้น ไม่ใช่พื้นที่จริง"


def _headed(response: Response, asked: Mapping[str, Any], run: RunRecord | None, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    keeper = "private" if g.get("client") or g.get("sandbox") else "public"
    kept = f"max-age={A_YEAR}, immutable" if run else f"max-age={A_MINUTE}"
    response.headers["Cache-Control"] = f"{keeper}, {kept}"
    response.headers["Content-Language"] = language()
    response.vary.update(["Authorization", *([] if asked["lang"] else ["Accept-Language"])])
    return response


def _tag(run: RunRecord | None) -> str:
    """The fingerprint of the answer, known before it is made: the question, the state of what it is read from, and the
    day: with it a year ends, and with that a target is reached or is not.
    """
    state = (
        f"run {run.id} {run.made_at} {run.data}"
        if run
        else f"{state_of(database())} {application().catalogue.fingerprint} {day_of(datetime.now(UTC))}"
    )
    who = "sandbox" if g.get("sandbox") else g.client.key if g.get("client") else ""
    question = (request.path, urlencode(sorted(request.args.items())), language(), state, who, __version__)
    return hashlib.sha256(repr(question).encode()).hexdigest()[:24]


def _next(cursor: str) -> str:
    query = urlencode({**request.args.to_dict(), "cursor": cursor})
    return f"{request.script_root}{request.path}?{query}"
