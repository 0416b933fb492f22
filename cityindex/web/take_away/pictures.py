"""Pictures of views as PNG: kept by what they show, so that a run makes each of them once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cityindex.charts.frames import Picture
from cityindex.reports.picture import svg_to_png
from cityindex.web.editions.files import KeptFiles

CARD, CARD_SCALE = (800, 420), 1.5
"""Previews of links are 1200 by 630 pixels."""
KEPT = 100 * 1024 * 1024
_kept = KeptFiles(KEPT)


def png_of(picture: Picture, scale: float = 1) -> bytes:
    """The picture as PNG. Raises `Unavailable` while the browser is busy with others."""
    key = (hashlib.sha256(picture.svg.encode()).hexdigest(), str(scale))
    return _kept.file(key, "picture.png", lambda file: _write(picture, scale, file)).read_bytes()


def _write(picture: Picture, scale: float, file: Path) -> None:
    file.write_bytes(svg_to_png(picture.svg, picture.width, picture.height, scale))
