"""Forms that change something: sent from our own pages only, and answered in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response as WerkzeugResponse

from cityindex.errors import Invalid
from cityindex.services.accounts.passwords import LONGEST, SHORTEST, Weakness
from cityindex.web.errors import answer
from cityindex.web.reader import signed_in

EXPIRED = (
    lazy_gettext("This form has expired"),
    lazy_gettext("Nothing was changed. Go back, load the page again and send the form once more."),
)
WEAKNESSES: Mapping[Weakness, object] = {
    Weakness.SHORT: lazy_gettext("Take at least %(count)s characters.", count=SHORTEST),
    Weakness.LONG: lazy_gettext("Take at most %(count)s characters.", count=LONGEST),
    Weakness.DIGITS: lazy_gettext("Numbers alone are easily guessed: put words among them."),
    Weakness.LIKE_PERSON: lazy_gettext("It is too much like your name or e-mail address."),
    Weakness.COMMON: lazy_gettext(
        "Passwords like this are tried first. Three or four words that do not belong together are better."
    ),
}


def install(app: Flask) -> None:
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    CSRFProtect(app)
    app.before_request(_readable)
    app.register_error_handler(CSRFError, _expired)


def given(name: str) -> str:
    """A field of the form that was sent."""
    return lines(request.form.get(name, ""))


def lines(text: str) -> str:
    """Words as they were typed. Browsers count the end of a line as one character and send it as two: a text that just
    fits its field would be refused as too long."""
    return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was refused and why: its page shows it again, with everything that stood in it (`macros/forms.html`).

    `form` names it where a page has several.
    """

    form: str
    problem: str

    def kept(self, form: str, name: str, otherwise: str) -> str:
        """What stood in a field of one of the page's forms; `otherwise` in those that were not sent."""
        return given(name) if form == self.form else otherwise

    def ticked(self, name: str, value: str) -> bool:
        """Whether a box was ticked."""
        return value in request.form.getlist(name)


def too_many() -> str:
    return gettext("Too many passwords were tried from here. Wait a quarter of an hour and try again.")


def own_path(target: str) -> str | None:
    """A path of this site to go on to, or None for anything that leads elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    local = target.startswith("/") and not target.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return target if local and target.isprintable() else None


def _readable() -> None:
    """No text has the character NUL in it: PostgreSQL does not take it, and nobody types it."""
    fields = chain.from_iterable(chain(request.args.listvalues(), request.form.listvalues()))
    if any("\0" in text for text in chain([request.path], fields)):
        raise Invalid("a character that no text has in it")


def _expired(_error: CSRFError) -> Response | WerkzeugResponse:
    """A form from before the reader signed in again: what stands in it is kept, and sent when he says so."""
    from cityindex.web import kept  # it takes its paths from here

    written = kept.of_request() if signed_in() and not kept.wants_json() else None
    return kept.send_page(written, 400) if written else answer(400, words=EXPIRED)
