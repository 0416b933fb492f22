"""Files that arrive through the browser: what they are by content, and how they are read."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from cityindex.errors import Invalid
from cityindex.formats.delimited import SEPARATORS
from cityindex.formats.workbook import DAMAGED, sheet_names, sheet_rows

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


def tables_in(content: bytes, kind: Kind) -> Iterator[list[tuple[int, Sequence[str | None]]]]:
    """Every sheet as it lies there, its rows with their lines, as far as it can be read."""
    if kind == "csv":
        yield list(enumerate(_text_rows(content), start=1))
        return
    with as_file(content, kind) as path, suppress(Invalid, *DAMAGED):
        for sheet in sheet_names(path):
            yield list(sheet_rows(path, sheet))


def _text_rows(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:  # quotation marks that are not closed
        return [line.split(separator) for line in text.splitlines()]


def _decoded(content: bytes) -> str:
    """Text in codes that the reader refuses is looked through, too: it would lie here for some days."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp874", errors="replace")


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
