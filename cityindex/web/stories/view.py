"""The views of a story as the site itself shows them to everybody: their titles and pictures."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass

from flask import Flask, Response, current_app, request

from cityindex.web.language import language
from cityindex.web.stories.state import Stop

SVG = "image/svg+xml"
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_PAGE_TITLE = re.compile(r"<title>(.*) · [^·<]*</title>", re.DOTALL)
"""Without the name of the site, which is its last part."""
_LANGUAGE = re.compile("^/(th|en)(?=/)")
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class StopView:
    """A view with its title and the address of its picture; both are empty where the view is not there any more.

    `drawn` says the picture itself, as an address with the data in it, for a page that stands alone.
    """

    stop: Stop
    address: str
    title: str
    picture: str
    drawn: str


def stop_view(stop: Stop) -> StopView:
    """What a reader who is not signed in gets at the address of a stop, in the language of the story's reader."""
    own = _LANGUAGE.sub(f"/{language()}", stop.path)
    path = f"{own}{'&' if '?' in own else '?'}format=svg"
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    answer = _answer(app, path)
    words = answer.get_data(as_text=True) if answer.status_code == 200 else ""
    address = request.script_root + own
    if answer.mimetype == SVG:
        drawn = "data:image/svg+xml;base64," + base64.b64encode(words.encode()).decode()
        return StopView(stop, address, _found(_TITLE, words), request.script_root + path, drawn)
    if answer.status_code == 400:  # a page that has no picture says so
        words = _answer(app, own).get_data(as_text=True)
    return StopView(stop, address, _found(_PAGE_TITLE, words), "", "")


def _answer(app: Flask, path: str) -> Response:
    """The answer to somebody without a cookie, apart from the request that is being answered."""
    base = request.host_url + request.script_root.lstrip("/")
    with app.app_context(), app.test_request_context(path, base_url=base):
        answer = app.full_dispatch_request()
        answer.direct_passthrough = False
        answer.get_data()
        return answer


def _found(pattern: re.Pattern[str], words: str) -> str:
    found = pattern.search(words)
    return html.unescape(re.sub(r"\s+", " ", _TAG.sub("", found[1]))).strip() if found else ""
