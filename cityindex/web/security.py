"""What every answer says to the browser about what it may do, and settings without which the site does not start."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, g, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from cityindex.errors import Invalid
from cityindex.web.session import held

if TYPE_CHECKING:
    from cityindex.config import Settings

A_YEAR = 365 * 24 * 3600
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def require_secret(settings: Settings) -> None:
    if settings.production and not settings.secret_key:
        raise Invalid(
            "CITYINDEX_SECRET_KEY is not set, and production does not start without it: put the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` into the environment and keep it secret"
        )


def install(app: Flask) -> None:
    settings = held(app).settings
    encrypted = bool(settings.base_url and settings.base_url.startswith("https://"))
    tiles = _origin(settings.basemap_url)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SECURE=encrypted,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.jinja_env.globals.update(inline_script=inline_script, inline_style=inline_style)

    @app.before_request
    def name_request() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-ID"] = g.get("request_id", "")
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        headers.setdefault("Content-Security-Policy", content_policy(tiles))
        if encrypted:
            headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
        return response


def content_policy(tiles: str = "") -> str:
    """The policy of this answer.

    Inline code is allowed by its hash, not by a nonce: a page that a cache keeps stays valid, and so does its ETag.
    """
    allowed: dict[str, list[str]] = g.get("inline", {})
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *allowed.get("script", ())]),
        "style-src": " ".join(["'self'", *allowed.get("style", ())]),
        "img-src": f"'self' data: {tiles}".rstrip(),
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "*" if g.get("embeddable") else "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def embeddable() -> None:
    """Say that the answer of this request may be framed by other sites."""
    g.embeddable = True


def inline_script(source: str) -> Markup:
    """A script element with `source`, allowed by the policy of this answer."""
    return _inline("script", source)


def inline_style(source: str) -> Markup:
    """A style element with `source`, allowed by the policy of this answer."""
    return _inline("style", source)


def _inline(element: str, source: str) -> Markup:
    if f"</{element}" in source.lower():
        raise Invalid(f"inline {element} may not contain its own end")
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    g.setdefault("inline", {}).setdefault(element, []).append(f"'sha256-{digest}'")
    return Markup(f"<{element}>{source}</{element}>")  # noqa: S704


def _origin(url: str | None) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
