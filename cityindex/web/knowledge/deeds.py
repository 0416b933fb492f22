"""What the pages of contributors and reviewers have in common: who may see a version, and how a deed is answered."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Conflict, Invalid
from cityindex.queries.knowledge.reviewed import DISCARDED, EDITABLE, ReviewedVersion
from cityindex.web.forms import given
from cityindex.web.page import full_name
from cityindex.web.reader import me


def handed_in(version: ReviewedVersion) -> bool:
    """Whether reviewers see it: drafts are for their place."""
    return version.state not in (*EDITABLE, DISCARDED)


def decided_number() -> int:
    """The number of the version that a decision is about. Raises `Invalid`."""
    written = given("version")
    if not (written.isascii() and written.isdigit() and len(written) < 6):
        raise Invalid("which version is meant")
    return int(written)


def done(deed: Callable[[], None], said: str, onto: str) -> ResponseReturnValue:
    """Do it, say so, and go on; what was decided already is said, too."""
    try:
        deed()
    except Conflict:  # the button was pressed twice, or somebody else was quicker
        said = gettext("It was decided already, as you see here.")
    return back(onto, said)


def back(onto: str, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(onto, 303)


def own_places() -> list[tuple[str, str]]:
    """The places that the reader writes for, by code and name; none where he may write for more than can be listed."""
    roles = ("editor", "approver", "advisor")
    return [(one.place, full_name(one)) for one in me().grants if one.place and one.role in roles]
