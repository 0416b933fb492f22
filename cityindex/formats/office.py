"""Office Open XML from outside: which kind a container is, and whether anything in it runs."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import BinaryIO, Literal
from xml.etree import ElementTree

CONTENT_TYPES = "[Content_Types].xml"
MOST_PARTS, MOST_OF_TYPES = 10_000, 4 << 20
MOST_UNPACKED = 300 << 20
SUSPICIOUS_BYTES, SUSPICIOUS_RATIO = 64 << 20, 200
"""Beyond this size, a container that packs better than this is a bomb: real documents pack ten- to fiftyfold."""
MAIN = re.compile(
    r"(application/vnd\.openxmlformats-officedocument\."
    r"(?:wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation))\.main\+xml"
)
ACTIVE = re.compile(r"macroenabled|vbaproject|activex", re.IGNORECASE)
RUNS = re.compile(
    r"\.(exe|dll|com|scr|cpl|msi|msp|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|jar|lnk|reg|sh|py|apk|app)$",
    re.IGNORECASE,
)
PROGRAM = re.compile(rb"MZ|\x7fELF|#!|PK|Rar!|7z")
PACKAGED = "Ole10Native".encode("utf-16-le")
"""Under this name Office keeps any file that was put into a document as an icon."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError, IndexError, ElementTree.ParseError)
NOT_READ = (RuntimeError, NotImplementedError)
"""How `zipfile` says that a part has a password or is packed in a way it does not know."""

Why = Literal["macros", "packed-program", "bomb", "damaged", "mixed"]


class Unacceptable(Exception):
    """A container that nobody should open."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def office_type(stream: BinaryIO) -> str | None:
    """The media type of an Office container; None for an archive of another kind. Raises `Unacceptable`."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            _check_size(parts)
            if CONTENT_TYPES not in archive.namelist():
                return None
            found = _main_type(archive)
            if found:
                _check_parts(archive, parts)
            return found
    except DAMAGED:
        raise Unacceptable("damaged") from None
    except NOT_READ:
        raise Unacceptable("damaged") from None


def _check_size(parts: list[zipfile.ZipInfo]) -> None:
    size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    ratio = size / max(packed, 1)
    if len(parts) > MOST_PARTS or size > MOST_UNPACKED or (size > SUSPICIOUS_BYTES and ratio > SUSPICIOUS_RATIO):
        raise Unacceptable("bomb")
    if parts and min(part.header_offset for part in parts) != 0:
        raise Unacceptable("mixed")  # the archive begins behind something else


def _main_type(archive: zipfile.ZipFile) -> str | None:
    if archive.getinfo(CONTENT_TYPES).file_size > MOST_OF_TYPES:
        raise Unacceptable("bomb")
    text = archive.read(CONTENT_TYPES)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise Unacceptable("damaged")  # no Office program writes these
    types = [element.get("ContentType", "") for element in ElementTree.fromstring(text)]  # noqa: S314 (see above)
    if any(ACTIVE.search(one) for one in types):
        raise Unacceptable("macros")
    return next((found[1] for one in types if (found := MAIN.fullmatch(one))), None)


def _check_parts(archive: zipfile.ZipFile, parts: Iterable[zipfile.ZipInfo]) -> None:
    for part in parts:
        name = part.filename
        if ACTIVE.search(name):
            raise Unacceptable("macros")
        if RUNS.search(name):
            raise Unacceptable("packed-program")
        if not name.endswith((".xml", ".rels", "/")):
            _check_embedded(archive, part)


def _check_embedded(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Charts bring their own workbook along, which is a document as well; other things are looked into."""
    with archive.open(part) as stream:
        head = stream.read(8192)
        is_document = part.filename.lower().endswith((".xlsx", ".docx", ".pptx"))
        if PROGRAM.match(head) and not is_document:
            raise Unacceptable("packed-program")
        before = b""
        while head:
            if PACKAGED in before + head:
                raise Unacceptable("packed-program")
            before, head = head[-len(PACKAGED) :], stream.read(1 << 18)
