"""The language of a request: of the address (`/th/`, or `lang=th`), else what the browser asks for, else Thai."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlencode as url_encode

from babel.support import Translations
from flask import Flask, g, redirect, request, url_for
from flask_babel import Babel, Domain
from werkzeug.wrappers import Response

from cityindex.translations import FOLDER, LANGUAGES
from cityindex.web.permissions import PUBLIC, needs

Said = TypeVar("Said")
PLAIN = re.compile(r"[A-Za-z0-9/._-]*")


def install(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    app.config["BABEL_DEFAULT_LOCALE"] = "th"
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    Babel(app, locale_selector=language).domain_instance = Words()
    # The same as Flask-Babel gives templates, without asking for the language four times a word.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda said: _words().ugettext(said),
        ngettext=lambda one, many, n: _words().ungettext(one, many, n),
        pgettext=lambda context, said: _words().upgettext(context, said),
        npgettext=lambda context, one, many, n: _words().unpgettext(context, one, many, n),
        newstyle=True,
    )

    @app.url_value_preprocessor
    def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values:
            values.pop("language", None)

    @app.url_defaults
    def put_language(endpoint: str, values: dict[str, Any]) -> None:
        if app.url_map.is_endpoint_expecting(endpoint, "language"):
            values.setdefault("language", language())

    @app.get("/")
    @needs(PUBLIC)
    def front_door() -> Response:
        response = redirect(url_for("home.index", language=wanted_language()))
        response.headers["Vary"] = "Accept-Language"
        return response

    app.jinja_env.globals.update(language=language, other_language=other_language, in_language=in_language)


class Words(Domain):  # type: ignore[misc]
    """The messages of the reader's language."""

    def get_translations(self) -> Translations:
        return _words()


def _words() -> Translations:
    return _read(language())


@cache
def _read(code: str) -> Translations:
    return cast("Translations", Translations.load(FOLDER, [code]))


def language() -> str:
    """`th` or `en`."""
    known: str | None = g.get("language")
    if known is None:
        said = request.path.split("/")[1], request.args.get("lang", "")
        known = g.language = next((one for one in said if one in LANGUAGES), None) or wanted_language()
    return known


def said_in(code: str, say: Callable[[], Said]) -> Said:
    """What `say` gives where the reader's language is `code`, whatever it is."""
    before = language()
    g.language = code
    try:
        return say()
    finally:
        g.language = before


def wanted_language() -> str:
    """What the browser asks for most, of what there is; Thai where it asks for neither, or for both alike."""
    # `best_match` would take English for "th-TH, en;q=0.8": it looks for whole tags first.
    wishes = {code: 0.0 for code in LANGUAGES}
    for tag, quality in request.accept_languages:
        code = tag.split("-")[0].lower()
        if code in wishes:
            wishes[code] = max(wishes[code], quality)
    return max(wishes, key=wishes.__getitem__)


def other_language() -> str:
    return "en" if language() == "th" else "th"


def in_language(code: str) -> str:
    """This very page, with its query, in another language; of what was refused, nothing is written again."""
    head, _, rest = request.path.lstrip("/").partition("/")
    refused = g.get("refused")
    if refused and not PLAIN.fullmatch(rest):
        return request.script_root + f"/{code}/"
    query = "" if refused else request.query_string.decode("latin-1")
    if head not in LANGUAGES and request.url_rule:  # a page for programs and people, without a language in its path
        return f"{request.script_root}{request.path}?{url_encode({**request.args, 'lang': code})}"
    path = f"/{code}/{rest}" if head in LANGUAGES else f"/{code}/"
    return request.script_root + path + (f"?{query}" if query else "")
