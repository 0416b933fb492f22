"""Styles and scripts of a page, several in one answer: each file more is a request that a phone waits for."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from cityindex.errors import NotFound
from cityindex.web.caching import A_MINUTE
from cityindex.web.compressed import Compressed, immutable
from cityindex.web.permissions import PUBLIC, needs

STATIC = Path(__file__).parent / "static"
FOLDERS = {"css": "text/css", "js": "text/javascript"}
NAME = re.compile(r"[a-z0-9-]{1,40}")
MOST = 16
BETWEEN = "~"
VENDORED = {("leaflet", "css"): "vendor/leaflet/leaflet.css", ("leaflet", "js"): "vendor/leaflet/leaflet.js"}
LINKED = re.compile(r"""url\(\s*(["']?)(?!data:|#|/|[a-z]+:)([^)"']+)\1\s*\)""")

_kept = Compressed(64)


def install(app: Flask) -> None:
    app.jinja_env.globals.update(bundle=bundle)
    app.add_url_rule("/static/bundle/<names>.<kind>", "bundle", needs(PUBLIC)(answer))


def bundle(kind: str, *names: str) -> str:
    """The address of some files of `static/css` or `static/js` as one, with its fingerprint: it is kept for a year."""
    return url_for("bundle", kind=kind, names=BETWEEN.join(names), v=_fingerprint(kind, names))


def answer(names: str, kind: str) -> Response:
    """Raises `NotFound` for what is no list of such files."""
    wanted = tuple(names.split(BETWEEN))
    if kind not in FOLDERS or len(wanted) > MOST or not all(NAME.fullmatch(name) for name in wanted):
        raise NotFound("there is no such bundle")
    response = immutable(_kept.get(f"{names}.{kind}", lambda: _joined(kind, wanted)), FOLDERS[kind])
    if request.args.get("v") != _fingerprint(kind, wanted):
        response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    return response


@lru_cache(maxsize=64)
def _fingerprint(kind: str, names: Sequence[str]) -> str:
    return hashlib.sha256(_joined(kind, names)).hexdigest()[:12]


@lru_cache(maxsize=64)
def _joined(kind: str, names: Sequence[str]) -> bytes:
    return b"\n".join(_read(kind, name) for name in names)


def _read(kind: str, name: str) -> bytes:
    path = VENDORED.get((name, kind), f"{kind}/{name}.{kind}")
    try:
        text = (STATIC / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound("there is no such file in a bundle") from None
    return (_moved(text, posixpath.dirname(path)) if kind == "css" else f"{text}\n;").encode()


def _moved(style: str, folder: str) -> str:
    """A style whose links are relative to the bundle instead of its own folder."""

    def again(found: re.Match[str]) -> str:
        return f'url("../{posixpath.normpath(posixpath.join(folder, found[2]))}")'

    return LINKED.sub(again, style)
