"""Small real files of every kind, made in memory."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from openpyxl import Workbook

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner is asked to find, and nothing else. In two parts, so that none finds it here."""
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI//////////////////////////////////////////////////"
    "//2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////////wAARCAABAAEDASIAAhEBAxEB"
    "/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/EABQRAQAAAAAAAAAAAAAAAAAA"
    "AAD/2gAMAwEAAhEDEQA/AIgAf//Z"
)
WEBP = base64.b64decode(
    "UklGRkAAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAIAAAAAAFZQOCAYAAAAMAEAnQEqAQABAAdAliWkAANwAP7vuQAA"
)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WINDOWS_PROGRAM = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0This program cannot be run in DOS mode." + bytes(64)
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(text: str = "evidence", extra: bytes = b"") -> bytes:
    """A page with one line of ASCII text; `extra` goes into the trailer."""
    content = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, extra, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + trailer


def png(width: int = 1, height: int = 1, claimed: tuple[int, int] | None = None) -> bytes:
    """A grey image, or one that says to be larger than it is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    shown = claimed or (width, height)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", *shown, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def xlsx() -> bytes:
    book, stream = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active["A1"] = "รายได้"
    book.save(stream)
    return stream.getvalue()


def container(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def docx(more: Mapping[str, bytes] = {}, main: str = _MAIN, types: str = "") -> bytes:
    """A Word document of one paragraph, with further parts."""
    kinds = f'<Override PartName="/word/document.xml" ContentType="{main}"/>{types}'
    rels = (
        '<Relationship Id="r1" Target="word/document.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>'
    )
    words = "<w:body><w:p><w:r><w:t>แผนดิจิทัล</w:t></w:r></w:p></w:body>"
    spaces = "http://schemas.openxmlformats.org"
    return container(
        {
            "[Content_Types].xml": (
                f'<?xml version="1.0"?><Types xmlns="{spaces}/package/2006/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f"{kinds}</Types>"
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{spaces}/package/2006/relationships">{rels}</Relationships>'
            ).encode(),
            "word/document.xml": (
                f'<w:document xmlns:w="{spaces}/wordprocessingml/2006/main">{words}</w:document>'
            ).encode(),
            **more,
        }
    )
