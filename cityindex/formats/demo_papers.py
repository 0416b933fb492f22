"""Small real files for the demo: a page and a picture that say in large letters what they are."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

WIDTH, HEIGHT = 400, 112
_WORDS = zlib.decompress(base64.b64decode(
    "eNrt1j2O2kAUB/BnWcpskcg5AGJyhHRhJeRRbkK0F8iKxoXl8S7FpiMHiOKrDEpB6ZTpMhGF20E0s4o1s88gYEnE2JNom8T/AlH4B+895gNr"
    "+/T5T1N6i9AXmMD7O/zFwluI6LRKaG0sPxW6XcCpUK3CeIu/jOIdHso1lZEhisnIitcJsTmrB5FTJDQPGwGhAZjgC9EXxClGFGArAhQyqIG0"
    "NH8UYCCQoIFIt1CNyFCEYJ41IrprF0w0gsmM31ihqRVXbpFQK2MUVnIrUODI3HtGolCPBbQJLAO2wgCv8ekaWKsYwvtGCOA5ClxnXQVODJqK"
    "BGkRi6NIt0KH7YI0fcQwSYKmc9ZVjAlObStm7bNCEapxtBc3bULRUMaBPIqZ5G7xigUCp3SoCj+AugWwHFctjlbuOodQEvcqaX44c4Fiku4E"
    "UW6hwMrAPAcLk6wRNUTaLerQqshg5WLCG4H73IRPfAB1jdbc92gbsScX2lvUL70F+HZuvMUf3Lh9+vzzkXS/pX7ZUdVZQY7i++7dT7eoVr+J"
    "TYtYH0XRTdxr9m5hqL1NIzzZ7UeOd9o3xcPzQisKuSYWEhIKbnO8EflXvBfPi3pVDsbrlRnzqjDMzofpxi6Xxb1DVGU8nm5MisIyW3xKp7Ys"
    "3WIZZyiyvTCNmLuEIHF2tamzlBRyL/LI0YcW0U4kVXF3EMNLx3Qru6tqWhX0UFXtqGr9SLBD5y6xWqG4xulOl/MYxWecbrms146VqLAP/LcO"
    "12TxYYQiULyUg7fnBa1pnGWRvU3e/PhyaYtipnmp4xdVt91y772//MWmP5T69OnTOQ/aF0Mq"
))  # fmt: skip
"""«ข้อมูลสาธิต / Demo data, not real» as black on white, a bit for each point: no machine needs a font for it."""


def demo_pdf(lines: Sequence[str]) -> bytes:
    """A page with the words of the demo and some lines of ASCII, which make it one of its kind."""
    said = "".join(f"({line}) Tj T* " for line in lines)
    drawn = f"q {WIDTH} 0 0 {HEIGHT} 97 640 cm /Words Do Q BT /Latin 14 Tf 20 TL 97 590 Td {said}ET".encode("ascii")
    picture = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 1" % (
        WIDTH,
        HEIGHT,
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</Latin 5 0 R>>/XObject<</Words 6 0 R>>>>>>",
        _stream(b"", drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        _stream(picture + b"/Filter/FlateDecode", zlib.compress(_WORDS)),
    ]
    return _document(objects)


def demo_png(words: str) -> bytes:
    """A picture of the words of the demo, with a remark in ASCII inside, which makes it one of its kind."""
    rows = [b"\0" + _WORDS[start : start + WIDTH // 8] for start in range(0, len(_WORDS), WIDTH // 8)]
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 0, 0, 0, 0))
        + _chunk(b"tEXt", b"Comment\0" + words.encode("ascii"))
        + _chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + _chunk(b"IEND", b"")
    )


def _document(objects: Sequence[bytes]) -> bytes:
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + trailer


def _stream(facts: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (facts, len(content), content)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
