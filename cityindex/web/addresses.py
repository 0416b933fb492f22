"""Addresses: the public one of the site, and links that are absolute."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from cityindex.web.session import held

A_YEAR = 365 * 24 * 3600
LARGEST_NUMBER = 2**31 - 1
WATCHED = ("/health/", "/metrics")
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def install(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
    base = held(app).settings.base_url
    if base:
        app.wsgi_app = PublicAddress(app.wsgi_app, base)  # type: ignore[method-assign]
        app.config["APPLICATION_ROOT"] = urlsplit(base).path or "/"
    app.jinja_env.globals.update(asset=asset, absolute=absolute)


class RowNumber(IntegerConverter):
    """A number in an address that no row can have leads nowhere; a database would refuse to be asked for it."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_NUMBER, **limits})


class PublicAddress:
    """Makes every request look as if it came to CITYINDEX_BASE_URL, whatever Host says.

    Where that is https, what came in without encryption is sent there; a proxy says how it came in by
    X-Forwarded-Proto. Machines that look after the site (`/health/`, `/metrics`) are let through.
    """

    def __init__(self, inner: Wsgi, base: str) -> None:
        self.inner = inner
        self.base = base
        self.parts = urlsplit(base)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        came_by = environ.get("HTTP_X_FORWARDED_PROTO", environ["wsgi.url_scheme"]).split(",")[0].strip()
        path = environ.get("PATH_INFO", "/")
        if self.parts.scheme == "https" and came_by != "https" and not path.startswith(WATCHED):
            return self._redirect(environ)(environ, start_response)
        environ["wsgi.url_scheme"] = self.parts.scheme
        environ["HTTP_HOST"] = self.parts.netloc
        environ["SCRIPT_NAME"] = self.parts.path
        if self.parts.path and path.startswith(self.parts.path + "/"):
            environ["PATH_INFO"] = path[len(self.parts.path) :]
        return self.inner(environ, start_response)

    def _redirect(self, environ: dict[str, Any]) -> Response:
        from werkzeug.wrappers import Request

        come = Request(environ)
        query = f"?{come.query_string.decode('latin-1')}" if come.query_string else ""
        path = urlsplit(come.base_url).path.removeprefix(self.parts.path)
        return Response(status=308, headers={"Location": f"{self.base}{path}{query}"})


def absolute(path: str | None = None) -> str:
    """A path of this site (default: the page asked for) with scheme and host, as another site would link it."""
    return request.host_url.rstrip("/") + (path or request.script_root + request.path)


def asset(name: str) -> str:
    """The address of a static file, with its fingerprint, so that it may be kept for a year."""
    return url_for("static", filename=name, v=_fingerprint(str(Path(__file__).parent / "static" / name)))


@lru_cache(maxsize=256)
def _fingerprint(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
