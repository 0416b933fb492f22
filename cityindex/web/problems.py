"""Errors for programs: application/problem+json (RFC 9457), naming what is wrong and the cure."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, g, request

from cityindex.errors import Problem

API = "/api/v1"
MEDIA_TYPE = "application/problem+json"


def wanted() -> bool:
    """Whether the address asked for is one of programs, which cannot make anything of a page."""
    return request.path == API or request.path.startswith(API + "/")


def problem(status: int, detail: str = "", problems: Sequence[Problem] = (), **more: Any) -> Response:
    """The answer for `status`. `problems` name the parameters, each with its cure."""
    body = {
        "type": f"{request.script_root}{API}/docs#error-{status}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or HTTPStatus(status).description or HTTPStatus(status).phrase,
        "request_id": g.get("request_id", ""),
        "problems": [{"parameter": one.column, "reason": one.reason, "cure": one.cure} for one in problems],
        **more,
    }
    response = Response(orjson.dumps(body), status, mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
