"""How large a form may be. What is larger is refused by its announced length, before anything of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app, request

from cityindex.web.session import held

if TYPE_CHECKING:
    from cityindex.config import Settings

WORDS = 1_000_000
"""Bytes that a form without a file may have, and that stand around a file."""
View = TypeVar("View", bound=Callable[..., Any])


def takes(megabytes: Callable[[Settings], int]) -> Callable[[View], View]:
    """Declare that a route takes files, of so many megabytes together."""

    def declare(view: View) -> View:
        view.takes = megabytes  # type: ignore[attr-defined]
        return view

    return declare


def install(app: Flask) -> None:
    """Before anything looks into a form: for its token, or to keep it for after signing in."""
    app.config["MAX_CONTENT_LENGTH"] = WORDS
    app.before_request(allow)


def allow() -> None:
    takes_files = getattr(current_app.view_functions.get(request.endpoint or ""), "takes", None)
    if takes_files is not None:
        request.max_content_length = takes_files(held(current_app).settings) * 1_000_000 + WORDS
