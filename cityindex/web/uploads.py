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
PARTS = 20_000
"""Fields of a form that brings many words."""
View = TypeVar("View", bound=Callable[..., Any])


def takes(megabytes: Callable[[Settings], int]) -> Callable[[View], View]:
    """Declare that a route takes files, of so many megabytes together."""

    def declare(view: View) -> View:
        view.takes = megabytes  # type: ignore[attr-defined]
        return view

    return declare


def takes_words(megabytes: int) -> Callable[[View], View]:
    """Declare that a route takes a form with many fields and no file, of so many megabytes together."""

    def declare(view: View) -> View:
        view.words = megabytes  # type: ignore[attr-defined]
        return view

    return declare


def install(app: Flask) -> None:
    """Before anything looks into a form: for its token, or to keep it for after signing in."""
    app.config["MAX_CONTENT_LENGTH"] = WORDS
    app.before_request(allow)


def allow() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    takes_files, words = getattr(view, "takes", None), getattr(view, "words", None)
    if takes_files is not None:
        request.max_content_length = takes_files(held(current_app).settings) * 1_000_000 + WORDS
    if words is not None:
        request.max_content_length = request.max_form_memory_size = words * 1_000_000
        request.max_form_parts = PARTS
