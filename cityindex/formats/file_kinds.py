"""What a file is, by its content: names and what browsers say of a file are never asked.

Accepted is a closed list of things that people hand in as evidence and that can be read in ten years; everything else
is refused with the reason, so that the answer can say how to put it right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from cityindex.errors import Invalid
from cityindex.formats.office import Unacceptable, office_type

HEAD, TAIL = 1024, 2048
BLOCK = 1 << 18
MOST_PIXELS = 200_000_000
"""Beyond this, a small file fills the memory of whoever looks at it."""


class Refusal(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    PROGRAM = "program"
    ARCHIVE = "archive"
    WEB_PAGE = "web-page"
    """HTML, SVG or another kind of XML: it may hold code."""
    OLD_OFFICE = "old-office"
    """`.doc`, `.xls`, `.ppt`, and new ones with a password: whether they hold macros cannot be told from outside."""
    MACROS = "macros"
    PACKED_PROGRAM = "packed-program"
    """An Office file with something in it that runs."""
    BOMB = "bomb"
    DAMAGED = "damaged"
    MIXED = "mixed"
    """Two kinds in one file: something stands before or after what it says to be."""
    OTHER_IMAGE = "other-image"
    RECORDING = "recording"
    """Sound or film."""
    TEXT = "text"
    UNKNOWN = "unknown"


class Refused(Invalid):
    """A file that is not taken. Words for readers are found by `why`."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(f"the file is not taken ({why}): hand in a PDF, an image or a document")
        self.why = why


@dataclass(frozen=True, slots=True)
class FileKind:
    """`shown`: a browser shows it by itself."""

    media_type: str
    extension: str
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """`locked`: the file is encrypted. It may still open without a password; nobody can tell from outside."""

    kind: FileKind
    locked: bool = False


PDF = FileKind("application/pdf", "pdf", shown=True)
JPEG = FileKind("image/jpeg", "jpg", shown=True)
PNG = FileKind("image/png", "png", shown=True)
WEBP = FileKind("image/webp", "webp", shown=True)
HEIC = FileKind("image/heic", "heic")
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileKind(_OFFICE + "wordprocessingml.document", "docx")
XLSX = FileKind(_OFFICE + "spreadsheetml.sheet", "xlsx")
PPTX = FileKind(_OFFICE + "presentationml.presentation", "pptx")
KINDS: Mapping[str, FileKind] = {kind.media_type: kind for kind in (PDF, JPEG, PNG, WEBP, HEIC, DOCX, XLSX, PPTX)}
"""All that is accepted, by media type."""

REFUSED: tuple[tuple[re.Pattern[bytes], Refusal], ...] = tuple(
    (re.compile(pattern, re.DOTALL), why)
    for pattern, why in (
        (
            rb"MZ|\x7fELF|\xca\xfe\xba\xbe|\xfe\xed\xfa|[\xcf\xce]\xfa\xed\xfe|dex\n|#!|L\0\0\0\x01\x14\x02\0",
            Refusal.PROGRAM,
        ),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf", Refusal.OLD_OFFICE),
        (
            rb"PK|Rar!|7z\xbc\xaf\x27\x1c|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|.{257}ustar",
            Refusal.ARCHIVE,
        ),
        (rb"GIF8|BM....\0\0\0\0|II\*\0|MM\0\*|\0\0\x01\0|8BPS|....ftyp(avif|avis)", Refusal.OTHER_IMAGE),
        (rb"....ftyp|\x1aE\xdf\xa3|RIFF....(AVI |WAVE)|ID3|\xff[\xfb\xf3\xf2\xf1\xf9]|OggS|fLaC", Refusal.RECORDING),
    )
)
"""What other files begin with."""
MARKUP = re.compile(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<[\0]?[!?a-z/]", re.IGNORECASE)
HEIC_BRANDS = re.compile(rb"\0\0..ftyp(heic|heix|heim|heis|mif1)", re.DOTALL)
ENCRYPTED = re.compile(rb"/Encrypt[\s\d<]")
PDF_START = re.compile(rb"%PDF-[12]\.\d")


def recognise(stream: BinaryIO) -> Recognised:
    """What the file in `stream` is; the stream stands at its beginning afterwards. Raises `Refused`."""
    try:
        return _recognised(stream, _head(stream))
    finally:
        stream.seek(0)


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(HEAD)
    if not head.strip(b"\0 \r\n\t"):
        raise Refused(Refusal.EMPTY)
    return head


def _recognised(stream: BinaryIO, head: bytes) -> Recognised:
    if PDF_START.match(head):
        return _pdf(stream)
    if head.startswith(b"PK\x03\x04"):
        return _office(stream)
    image = _image(head)
    if image:
        _require_one(stream)
        return Recognised(image)
    raise Refused(_why(stream, head))


def _pdf(stream: BinaryIO) -> Recognised:
    if b"%%EOF" not in _tail(stream):
        raise Refused(Refusal.DAMAGED)
    _require_one(stream)
    return Recognised(PDF, locked=_holds(stream, ENCRYPTED))


def _office(stream: BinaryIO) -> Recognised:
    try:
        found = office_type(stream)
    except Unacceptable as problem:
        raise Refused(Refusal(problem.why)) from None
    kind = KINDS.get(found or "")
    if kind is None:
        raise Refused(Refusal.ARCHIVE)
    return Recognised(kind)


def _image(head: bytes) -> FileKind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        width, height = (int.from_bytes(head[at : at + 4]) for at in (16, 20))
        if width * height > MOST_PIXELS:
            raise Refused(Refusal.BOMB)
        return PNG
    if head.startswith(b"RIFF") and head[8:15] == b"WEBPVP8":
        return WEBP
    return HEIC if HEIC_BRANDS.match(head) else None


def _why(stream: BinaryIO, head: bytes) -> Refusal:
    """What is to be said of a file that is none of the accepted kinds."""
    for pattern, why in REFUSED:
        if pattern.match(head):
            return why
    if PDF_START.search(head):
        return Refusal.MIXED
    if MARKUP.match(head):
        return Refusal.WEB_PAGE
    if _ends_as_archive(stream):
        return Refusal.ARCHIVE
    return Refusal.UNKNOWN if b"\0" in head else Refusal.TEXT


def _require_one(stream: BinaryIO) -> None:
    if _ends_as_archive(stream):
        raise Refused(Refusal.MIXED)


def _ends_as_archive(stream: BinaryIO) -> bool:
    """An archive is found from its end: it may stand behind anything."""
    tail = _tail(stream)
    at = tail.rfind(b"PK\x05\x06")
    # The end record is 22 bytes and a comment, whose length is its last number.
    return at >= 0 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _tail(stream: BinaryIO) -> bytes:
    size = stream.seek(0, 2)
    stream.seek(max(size - TAIL, 0))
    return stream.read(TAIL)


def _holds(stream: BinaryIO, pattern: re.Pattern[bytes]) -> bool:
    stream.seek(0)
    before = b""
    while block := stream.read(BLOCK):
        if pattern.search(before + block):
            return True
        before = block[-16:]
    return False
