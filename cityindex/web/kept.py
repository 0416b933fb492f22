"""Forms that met a session that had ended: what was written is kept on the page, and sent after signing in.

Only forms of our own pages are kept: a form that came from elsewhere would otherwise be sent with the reader's rights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import render_template, request
from werkzeug.wrappers import Response

from cityindex.web.forms import own_path

LARGEST = 200_000
"""Characters that a page keeps."""
SECRET = frozenset({"password", "old", "again", "code", "kept"})
"""A form with one of these fields is never kept."""
FIELD, TOKEN = "kept", "csrf_token"


@dataclass(frozen=True, slots=True)
class Kept:
    """The fields of a form, to be sent to `path`. `files`: it had files, which have to be chosen again."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: bool = False

    def packed(self) -> str:
        """For a hidden field of the sign-in page."""
        return json.dumps([self.path, self.fields, self.files], ensure_ascii=False)


def of_request() -> Kept | None:
    """What this request sent, if it came from a page of ours and can be kept."""
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != TOKEN)
    large = sum(len(name) + len(value) for name, value in fields) > LARGEST
    if not from_here() or large or SECRET & {name for name, _ in fields}:
        return None
    files = any(file.filename for file in request.files.values())
    return Kept(request.script_root + request.full_path.rstrip("?"), fields, files)


def given_back() -> Kept | None:
    """What the sign-in page kept, if it did."""
    try:
        path, fields, files = json.loads(request.form.get(FIELD, ""))
        pairs = tuple((str(name), str(value)) for name, value in fields)
    except (ValueError, TypeError):
        return None
    target = own_path(str(path))
    return Kept(target, pairs, bool(files)) if target else None


def from_here() -> bool:
    """Whether the browser says that a page of this site sent the form. One that says nothing is not believed."""
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.host}"


def wants_json() -> bool:
    """Whether a script asks, which cannot make anything of a page."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def send_page(kept: Kept, status: int = 200) -> Response:
    """The page that sends the form when the reader says so."""
    return Response(render_template("pages/account/send.html", kept=kept), status, mimetype="text/html")
