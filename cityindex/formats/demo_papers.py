"""Small real files for the demo: a page and a picture that say in large letters what they are."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

WIDTH, HEIGHT = 400, 112
_WORDS = zlib.decompress(base64.b64decode(
    "eNrt179u00AYAPALRnip8q1MOR6hY4coJ9GHYS1i6VDl3Aa1DKh9AVS/CT3jIQyoeQO4qhJZL2TgKg5/fOe0SVp8rjNQoSrfEPks/+7Pd3/sIK5j"
    "HY8rftoGD+k9sShkVjYQ3SWRNGpjS1aIgteIzSXxbqeJYEuFxDQQprUssgbCRksF1WrSBiyLqIkQy4Oa8xqRGvyNeOYEnmGxK/EbFco2ZHAYBhU4"
    "cMK20G4Jx5AuTI/bGB1Up8pgErvYCUqzYdwwYZjUHa6pgrh6OkzBIhs5oehBBppxzYTqcBUSihnHWnbbiYQeZLFinC6yNv2iHVSKnR2q3uZORJbv"
    "H8T7Do4sz9t8oKWpFMnmjpPa9+rE8cFwMCxg5Dj1Kjby1uQuxBYtPuNFWvABUq1AqSUBNiAON71wJPAjPzqbCSCBVrpq8cLgvilI2CdwGOckTA9U"
    "j0S/XykUzQczSCM3DN6WQncgK7zgg3pBk5FE10K3vYBKobdN8bwUisS2FxcdMDXiKr8RmYUk9yJr1wokMetV7q57pa57JetE0XJisCTKkdeIFiFa"
    "Vz1IKFeGUnuviGkxdr3ISWhQBeSliIOCk9gQSQcUeJE1E0wczMTFQhxVC8UKxrz4RILneAk0MbRLSCRRjYj8vgMlynHMRRwWRaQEpUhJyhWfC1Un"
    "YiN0HxTeEhrCAk9otRc8I+HkXLj61w9f8QVYPHsA8WRV4V7++zZWF8hWFuq/FOtYxzrqT6C7p4UInCKtlQWTC5Fe36sX8/8fjYXkfwl3j0jzKYCR"
    "uGE7kUL8wrUFf6cXFCfMPI01L5iFSEn8DMku/NiIdCcozruTi8th6uyvYfpVYD467aLZm+BpWPRfT6ajkbU4TlHgcCS6OLm6qhVvptN0dOVmYjQW"
    "H0pxHBasQtDn/nlQvL8RNk4Vie8zYdpBcSqnM2HG6dG8V5gf3y8uxylfiFFY9LzwuRqPU1EKypWtEXs9TsLPx3iY9rokTrty4mRYMOlHrrljJt5P"
    "vEj6MHEt1Q7vD0VtlOvqVZZ7cYEwwUiHsnv3i3nlrfsQYh3reGzxB9yP1ho="
))  # fmt: skip
"""«ข้อมูลตัวอย่าง / Demo data, not real» as black on white, a bit for each point: no machine needs a font for it."""


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
