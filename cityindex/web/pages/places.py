"""Places: the list and the profile."""

from __future__ import annotations

from flask import Blueprint

places = Blueprint("places", __name__)


@places.get("/places/")
def index() -> str:
    return ""


@places.get("/places/<code>")
def profile(code: str) -> str:
    return ""
