"""Where a list goes on: opaque to whoever carries it, signed, and good for the same question only."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson
from flask import request

from cityindex.errors import Invalid, Problem
from cityindex.web.session import application

FREE = frozenset({"cursor", "limit", "fields", "lang"})
"""Arguments that may change from page to page."""
SIGNED = 12
"""Bytes of the signature."""


def written(place: Mapping[str, Any]) -> str:
    """A cursor for the question of this request."""
    body = orjson.dumps(place)
    return base64.urlsafe_b64encode(_signature(body) + body).decode().rstrip("=")


def read(text: str) -> dict[str, Any]:
    """What a cursor says. Raises `Invalid` for one that was not given for this question."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise _bad() from None
    signature, body = packed[:SIGNED], packed[SIGNED:]
    if not hmac.compare_digest(signature, _signature(body)):
        raise _bad()
    found: dict[str, Any] = orjson.loads(body)
    return found


def _bad() -> Invalid:
    problem = Problem(
        "it was not given for this question",
        "leave it out to begin anew; later pages need the `next` of the page before, and the same other parameters",
        column="cursor",
    )
    return Invalid("the cursor cannot be used here", [problem])


def _signature(body: bytes) -> bytes:
    asked = sorted((name, value) for name, value in request.args.items() if name not in FREE)
    question = orjson.dumps([request.path, asked])
    key = application().settings.secret_key.encode()
    return hmac.digest(key, b"cursor" + hashlib.sha256(question).digest() + body, "sha256")[:SIGNED]
