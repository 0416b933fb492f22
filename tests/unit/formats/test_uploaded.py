"""Files from the browser are what they contain, whatever they are called."""

from __future__ import annotations

import io
import zipfile

import pytest

from cityindex.formats.uploaded import WrongKind, as_file, kind_of


def packed(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "x")  # a fixed time: the names of tests are made from these bytes
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"place,roads\n1,2\n", "csv"),
        ("\ufeffรหัส,ชื่อ\n1,ก\n".encode(), "csv"),
        ("รหัส;ชื่อ\n".encode("utf-16"), "csv"),  # the reader says how to save it
        (packed("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
    ],
)
def test_what_is_taken(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b" \n\r\n", "empty"),
        (b"MZ\x90\x00\x03", "other"),
        (b"\x7fELF\x02\x01", "other"),
        (b"%PDF-1.7\n", "other"),
        (b"<!DOCTYPE html><p>", "other"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "other"),
        (b"place,roads\n1,\x002\n", "other"),
        (packed("a.csv"), "other"),
        (packed("word/document.xml"), "other"),
        (packed("xl/workbook.xml", "xl/vbaProject.bin"), "macros"),
        (packed("xl/workbook.xml")[:-30], "other"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old-excel"),
    ],
)
def test_what_is_not(content: bytes, what: str) -> None:
    with pytest.raises(WrongKind) as caught:
        kind_of(content)
    assert caught.value.what == what


def test_a_file_is_there_as_long_as_it_is_read() -> None:
    with as_file(b"a,b\n", "csv") as path:
        assert path.read_bytes() == b"a,b\n"
    assert not path.exists()
