"""Files that others handed in, as answers: nothing in them runs as a page of this site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import quote

from flask import Response

from cityindex.errors import NotFound
from cityindex.formats.file_kinds import KINDS, PDF
from cityindex.gateways.evidence import CHUNK, Readable


class HandedIn(Protocol):
    """A file that somebody handed in."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def media_type(self) -> str | None: ...
    @property
    def size(self) -> int | None: ...


ALONE = "default-src 'none'; base-uri 'none'; form-action 'none'"
DOWNLOADED = f"sandbox; {ALONE}; frame-ancestors 'none'"
IMAGE_SHOWN = f"sandbox; {ALONE}; frame-ancestors 'self'"
# No `sandbox`: Chromium's own reader of PDF does not work in one, and its style is inline. Scripts of the document run
# in that reader, if at all, and never as a page of this site.
DOCUMENT_SHOWN = f"{ALONE}; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


def attached(record: HandedIn, stream: Readable) -> Response:
    """The file to keep."""
    return _answer(record, stream, "attachment", DOWNLOADED)


def inline(record: HandedIn, stream: Readable) -> Response:
    """The file to look at, inside pages of this site only. `NotFound` where a browser does not show its kind."""
    kind = KINDS[record.media_type or ""]
    if not kind.shown:
        stream.close()
        raise NotFound(f"a browser does not show {kind.media_type} by itself")
    return _answer(record, stream, "inline", DOCUMENT_SHOWN if kind == PDF else IMAGE_SHOWN)


def _answer(record: HandedIn, stream: Readable, disposition: str, policy: str) -> Response:
    kind = KINDS[record.media_type or ""]
    response = Response(_parts(stream), mimetype=kind.media_type)
    response.call_on_close(stream.close)
    response.headers["Content-Length"] = str(record.size)
    # The second name is in Thai; the first is for whoever cannot read that.
    plain, name = f"evidence-{record.id}.{kind.extension}", quote(_file_name(record, kind.extension), safe="")
    response.headers["Content-Disposition"] = f"{disposition}; filename={plain}; filename*=UTF-8''{name}"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _file_name(record: HandedIn, extension: str) -> str:
    """With the ending of what it is, whatever it was called."""
    stem = record.name.removesuffix(f".{extension}").replace("/", "-").replace("\\", "-")
    return f"{stem}.{extension}"


def _parts(stream: Readable) -> Iterator[bytes]:
    while part := stream.read(CHUNK):
        yield part
