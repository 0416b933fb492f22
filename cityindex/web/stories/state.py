"""A story: saved views of this site in an order, with notes. Its address holds all of it, so nothing is stored."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import current_app, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from cityindex.errors import Invalid

MOST = 12
LONGEST_NOTE, LONGEST_TITLE, LONGEST_PATH = 400, 120, 600
LONGEST = 6000
"""Letters of a story in an address: servers and programs of mail take addresses of 8,000."""
LARGEST = 40_000
"""Bytes of a story unpacked, well beyond what the other limits allow."""
VIEWS = ("home", "map", "crowd", "compare", "places", "indicators", "frameworks", "learning", "programmes")
"""Blueprints whose pages may be in a story; their files may not."""
KEPT_OUT = ("format", "add")
_STOP, _PART = "\x1e", "\x1f"


@dataclass(frozen=True, slots=True)
class Stop:
    """A view: a path of this site with its query, and what is said of it at the meeting."""

    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    title: str = ""
    stops: tuple[Stop, ...] = ()

    def added(self, stop: Stop) -> Story:
        """Raises `Invalid` where there are as many views as a story may hold."""
        if len(self.stops) >= MOST:
            raise Invalid(gettext("A story holds %(most)s views: remove one first.", most=MOST))
        return replace(self, stops=(*self.stops, stop))

    def moved(self, at: int, by: int) -> Story:
        """The view at a position, one place up (-1) or down (1); the first stays first and the last last."""
        stops = list(self.stops)
        to = min(max(at + by, 0), len(stops) - 1)
        stops.insert(to, stops.pop(at))
        return replace(self, stops=tuple(stops))

    def removed(self, at: int) -> Story:
        return replace(self, stops=self.stops[:at] + self.stops[at + 1 :])

    def noted(self, at: int, note: str) -> Story:
        stops = list(self.stops)
        stops[at] = replace(stops[at], note=text_of(note, LONGEST_NOTE))
        return replace(self, stops=tuple(stops))


def written(story: Story) -> str:
    """The story as letters of an address. Raises `Invalid` where it is too long for one."""
    words = _STOP.join([story.title, *(f"{stop.path}{_PART}{stop.note}" for stop in story.stops)])
    said = base64.urlsafe_b64encode(_packed(words)).decode().rstrip("=")
    if len(said) > LONGEST:
        raise Invalid(gettext("The story is too long for an address: shorten a note, or remove a view."))
    return said


def read(said: str) -> Story:
    """The story that an address holds; an empty one for no letters. Raises `Invalid` for what is none."""
    if not said:
        return Story()
    title, *stops = _unpacked(said).split(_STOP)
    story = Story(text_of(title, LONGEST_TITLE))
    for stop in stops:
        path, _, note = stop.partition(_PART)
        story = story.added(Stop(own_view(path), text_of(note, LONGEST_NOTE)))
    return story


def own_view(address: str) -> str:
    """The path of a view of this site, from a path or a whole address. Raises `Invalid` for anything else."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        raise _foreign() from None
    own = not (parts.scheme or parts.netloc) or (parts.scheme in ("http", "https") and parts.netloc == request.host)
    if not own or not parts.path.startswith("/") or len(address) > LONGEST_PATH or not address.strip().isprintable():
        raise _foreign()
    # The site may stand under a path.
    path = parts.path.removeprefix(request.script_root)
    if "." in path.rpartition("/")[2] or _blueprint(path) not in VIEWS:
        raise _foreign()
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in KEPT_OUT])
    return f"{path}?{query}" if query else path


def text_of(words: str, longest: int) -> str:
    """Words without signs that cannot be printed, line by line. Raises `Invalid` where they are too long."""
    lines = words.replace("\r\n", "\n").split("\n")
    clean = "\n".join("".join(sign for sign in line if sign.isprintable()) for line in lines).strip()
    if len(clean) > longest:
        raise Invalid(
            gettext("This is longer than %(most)s characters (%(n)s): shorten it.", most=longest, n=len(clean))
        )
    return clean


def _blueprint(path: str) -> str:
    try:
        endpoint, _ = current_app.url_map.bind(request.host).match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return ""
    return str(endpoint).partition(".")[0]


def _foreign() -> Invalid:
    return Invalid(
        gettext(
            "Only views of this site can be in a story: a map, a comparison, a place, an indicator or a ranking. "
            "Copy the address of such a page."
        )
    )


def _packed(words: str) -> bytes:
    """Thai letters as one byte each where that is possible: an address of a third of the length."""
    for mark, encoding in _ENCODINGS:
        try:
            return mark + zlib.compress(words.encode(encoding), 9)
        except UnicodeEncodeError:
            continue
    raise Invalid(gettext("There are signs in the story that no text has."))


def _unpacked(said: str) -> str:
    try:
        packed = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)) if len(said) <= LONGEST else b""
        unpack = zlib.decompressobj()
        words = unpack.decompress(packed[1:], LARGEST)
        if not unpack.eof:
            raise _broken()
        return words.decode(dict(_ENCODINGS)[packed[:1]])
    except (binascii.Error, zlib.error, KeyError, UnicodeError, ValueError):
        raise _broken() from None


def _broken() -> Invalid:
    return Invalid(gettext("This address holds no story. A part of it may be missing: copy it once more, to its end."))


_ENCODINGS: Sequence[tuple[bytes, str]] = ((b"1", "cp874"), (b"2", "utf-8"))
