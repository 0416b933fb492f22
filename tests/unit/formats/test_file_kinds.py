"""What a file is, is known by its content."""

from __future__ import annotations

import io
import struct

import pytest

from cityindex.formats import file_kinds
from cityindex.formats.file_kinds import FileKind, Recognised, Refusal, Refused, recognise
from tests import files

MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
VBA = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
MP4 = b"\0\0\0\x18ftypisom" + bytes(32)


def refusal(content: bytes) -> Refusal:
    stream = io.BytesIO(content)
    with pytest.raises(Refused) as refused:
        recognise(stream)
    assert stream.tell() == 0
    return refused.value.why


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.pdf(), file_kinds.PDF),
        (files.JPEG, file_kinds.JPEG),
        (files.png(), file_kinds.PNG),
        (files.WEBP, file_kinds.WEBP),
        (files.HEIC, file_kinds.HEIC),
        (files.docx(), file_kinds.DOCX),
        (files.xlsx(), file_kinds.XLSX),
    ],
    ids=lambda value: value.extension if isinstance(value, FileKind) else "",
)
def test_what_is_accepted(content: bytes, kind: FileKind) -> None:
    stream = io.BytesIO(content)
    stream.seek(3)
    assert recognise(stream) == Recognised(kind)
    assert stream.tell() == 0


def test_a_presentation_is_told_from_a_document() -> None:
    main = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    assert recognise(io.BytesIO(files.docx(main=main))).kind == file_kinds.PPTX


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Refusal.EMPTY),
        (b"\0\0 \r\n", Refusal.EMPTY),
        (files.WINDOWS_PROGRAM, Refusal.PROGRAM),
        (b"\x7fELF\x02\x01\x01" + bytes(64), Refusal.PROGRAM),
        (b"#!/bin/sh\nrm -rf /\n", Refusal.PROGRAM),
        (files.OLD_WORD, Refusal.OLD_OFFICE),
        (b"{\\rtf1 hello}", Refusal.OLD_OFFICE),
        (files.container({"a.txt": b"a"}), Refusal.ARCHIVE),
        (b"PK\x05\x06" + bytes(18), Refusal.ARCHIVE),
        (b"Rar!\x1a\x07\x01\0", Refusal.ARCHIVE),
        (b"\x1f\x8b\x08\0", Refusal.ARCHIVE),
        (b"<!doctype html><script>alert(1)</script>", Refusal.WEB_PAGE),
        (b"\xef\xbb\xbf \n<HTML>", Refusal.WEB_PAGE),
        ("<html>".encode("utf-16"), Refusal.WEB_PAGE),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', Refusal.WEB_PAGE),
        (b"GIF89a" + bytes(32), Refusal.OTHER_IMAGE),
        (b"II*\0" + bytes(32), Refusal.OTHER_IMAGE),
        (MP4, Refusal.RECORDING),
        (b"ID3\x04" + bytes(32), Refusal.RECORDING),
        ("เรียน นายกเทศมนตรี".encode(), Refusal.TEXT),
        (b"\x01\x02\0\x03" * 20, Refusal.UNKNOWN),
    ],
)
def test_what_is_refused_is_called_by_its_name(content: bytes, why: Refusal) -> None:
    assert refusal(content) is why


def test_a_pdf_begins_at_its_first_byte_and_nothing_follows() -> None:
    assert refusal(b"\n" + files.pdf()) is Refusal.MIXED
    assert refusal(b"GIF89a" + files.pdf()) is Refusal.OTHER_IMAGE
    assert refusal(files.pdf() + files.container({"a.exe": b"MZ"})) is Refusal.MIXED
    assert refusal(files.JPEG + files.container({"a.class": b"x"})) is Refusal.MIXED
    assert refusal(files.pdf()[:-40]) is Refusal.DAMAGED


def test_a_locked_pdf_is_taken_and_noted() -> None:
    assert recognise(io.BytesIO(files.pdf(extra=b"/Encrypt 9 0 R"))).locked
    assert recognise(io.BytesIO(files.pdf(extra=b"/Encrypt<</Filter/Standard>>"))).locked
    assert not recognise(io.BytesIO(files.pdf(extra=b"/EncryptMetadata false"))).locked
    behind = file_kinds.BLOCK - len(files.pdf()) - 3
    far = files.pdf() + b"%" * behind + b"/Encrypt 9 0 R\n%%EOF"
    assert recognise(io.BytesIO(far)).locked, "where two blocks meet"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (files.docx(main=MACROS), Refusal.MACROS),
        (files.docx({"word/vbaProject.bin": b"x"}, types=VBA), Refusal.MACROS),
        (files.docx({"word/vbaProject.bin": b"x"}), Refusal.MACROS),
        (files.docx({"word/activeX/activeX1.bin": b"x"}), Refusal.MACROS),
        (files.docx({"word/embeddings/setup.exe": b"x"}), Refusal.PACKED_PROGRAM),
        (files.docx({"word/media/image1.png": files.WINDOWS_PROGRAM}), Refusal.PACKED_PROGRAM),
        (
            files.docx({"word/embeddings/oleObject1.bin": bytes(9000) + "\1Ole10Native".encode("utf-16-le")}),
            Refusal.PACKED_PROGRAM,
        ),
        (files.docx({"word/embeddings/a.bin": files.container({"a": b"a"})}), Refusal.PACKED_PROGRAM),
        (files.docx(main="application/epub+zip"), Refusal.ARCHIVE),
        (files.docx()[:-30], Refusal.DAMAGED),
        (files.container({"[Content_Types].xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), Refusal.DAMAGED),
        (files.container({"[Content_Types].xml": b"<a"}), Refusal.DAMAGED),
    ],
)
def test_containers_are_looked_into(content: bytes, why: Refusal) -> None:
    assert refusal(content) is why


def test_a_chart_brings_its_workbook_along() -> None:
    chart = files.docx({"word/embeddings/Sheet1.xlsx": files.xlsx(), "word/media/image1.png": files.png()})
    assert recognise(io.BytesIO(chart)).kind == file_kinds.DOCX


def test_bombs_are_known_by_what_they_say_of_themselves() -> None:
    assert refusal(files.png(claimed=(60_000, 60_000))) is Refusal.BOMB
    honest = files.docx({"word/media/large.dat": bytes(1)})
    name = honest.rindex(b"word/media/large.dat")  # in the list at the end: 22 bytes on from the unpacked size
    assert struct.unpack_from("<I", honest, name - 22) == (1,)
    lying = honest[: name - 22] + struct.pack("<I", 3_000_000_000) + honest[name - 18 :]
    assert refusal(lying) is Refusal.BOMB
    assert refusal(files.docx({f"word/{number}.xml": b"" for number in range(10_001)})) is Refusal.BOMB


def test_a_container_with_something_before_it_is_no_document() -> None:
    assert refusal(files.container({"a": b"a"}) + files.docx()) is Refusal.MIXED
    assert refusal(files.WINDOWS_PROGRAM + files.docx()) is Refusal.PROGRAM
