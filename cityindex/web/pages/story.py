"""Stories for a meeting: views of this site in an order, with notes. The address is the whole story.

The forms are sent to be checked and lead to the address of what came of them. Nothing is stored and nothing done for
anybody, so they need no token, and a reader needs no cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Invalid
from cityindex.web.forms import given
from cityindex.web.stories.state import (
    LONGEST_NOTE,
    LONGEST_PATH,
    LONGEST_TITLE,
    MOST,
    Stop,
    Story,
    own_view,
    read,
    text_of,
    written,
)
from cityindex.web.stories.view import stop_view
from cityindex.web.take_away import paper

story = Blueprint("story", __name__)


@story.record_once
def _without_token(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(story)


@story.get("/story")
def index() -> ResponseReturnValue:
    """The story of the address; `add` puts a view at its end. Raises `Invalid` for what is no story or no view."""
    told = read(_letters(request.args.get("s", "")))
    if request.args.get("add"):
        told = told.added(Stop(own_view(request.args["add"])))
        if request.args.get("s"):
            return redirect(_address(told), 303)
    if request.args.get("format") == "pdf":
        return paper.as_pdf(_page(told, alone=True), "story")
    return _page(told)


@story.post("/story")
def change() -> ResponseReturnValue:
    """Do one thing to a story, and go to the address of what it has become; what cannot be done is said on the page."""
    told = read(given("s"))
    try:
        changed = _changed(told)
        return redirect(_address(changed), 303)
    except Invalid as problem:
        return _page(told, problem=str(problem)), 400


def _changed(told: Story) -> Story:
    deed, _, number = given("do").partition(":")
    if deed == "add":
        return told.added(Stop(own_view(given("address")), text_of(given("note"), LONGEST_NOTE)))
    if deed == "title":
        return replace(told, title=text_of(given("title"), LONGEST_TITLE).replace("\n", " "))
    if deed not in DEEDS or not number.isdecimal() or int(number) >= len(told.stops):
        raise Invalid(gettext("This view is not in the story any more: load the page again."))
    return DEEDS[deed](told, int(number))


def _noted(told: Story, at: int) -> Story:
    return told.noted(at, given("note"))


DEEDS: dict[str, Callable[[Story, int], Story]] = {
    "note": _noted,
    "up": lambda told, at: _noted(told, at).moved(at, -1),
    "down": lambda told, at: _noted(told, at).moved(at, 1),
    "remove": Story.removed,
}
"""What the buttons of a view do. What was written in its note meanwhile is kept."""


def _page(told: Story, *, problem: str = "", alone: bool = False) -> str:
    said = written(told)
    return render_template(
        "pages/story.html",
        story=told,
        said=said,
        views=[stop_view(stop) for stop in told.stops],
        problem=problem,
        typed={name: given(name) for name in ("address", "note", "title", "do")} if problem else {},
        alone=alone,
        address=_address(told) if told.stops else url_for("story.index"),
        limits={"views": MOST, "note": LONGEST_NOTE, "path": LONGEST_PATH, "title": LONGEST_TITLE},
    )


def _address(told: Story) -> str:
    return url_for("story.index", s=written(told) or None)


def _letters(said: str) -> str:
    """The story's letters, also where the whole address of a story was given."""
    return parse_qs(urlsplit(said).query).get("s", [""])[0] if "/" in said else said
