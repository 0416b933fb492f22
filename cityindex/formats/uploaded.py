"""Files that arrive through the browser: what they are by content, and how they are read."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cityindex.errors import Invalid

Kind = Literal["csv", "xlsx"]
LARGEST_MEGABYTES = 10
LARGEST = LARGEST_MEGABYTES * 1_000_000
"""Bytes of a file that is taken through the browser; larger ones are imported with the command."""
WORKBOOK = "xl/workbook.xml"
MACROS = "xl/vbaProject.bin"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
LOOKED_AT = 1 << 16


class WrongKind(Invalid):
    """A file of a kind that is not taken; `what` says which it is."""

    def __init__(self, what: Literal["empty", "old-excel", "macros", "other"]) -> None:
        super().__init__(f"the file is not a CSV or XLSX ({what})")
        self.what = what


def kind_of(content: bytes) -> Kind:
    """What a file is, whatever it is called. Raises `WrongKind`."""
    if not content.strip():
        raise WrongKind("empty")
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(OLD_OFFICE):
        raise WrongKind("old-excel")
    if content.startswith((b"%PDF", b"MZ", b"\x7fELF", b"{\\rtf", b"<!DOCTYPE", b"<html", b"<?xml")) or _binary(
        content
    ):
        raise WrongKind("other")
    return "csv"


@contextmanager
def as_file(content: bytes, kind: Kind) -> Iterator[Path]:
    """The content as a file, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="cityindex-") as folder:
        path = Path(folder) / f"file.{kind}"
        path.write_bytes(content)
        yield path


def _workbook(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise WrongKind("other") from None
    if MACROS in names:
        raise WrongKind("macros")
    if WORKBOOK not in names:
        raise WrongKind("other")
    return "xlsx"


def _binary(content: bytes) -> bool:
    """Text in UTF-16 passes: the reader says how to save it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return any(byte < 32 and byte not in TEXT_CONTROLS for byte in content[:LOOKED_AT])
