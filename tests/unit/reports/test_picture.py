"""Pictures by the real browser: as large as they say, the same each time, and with Thai letters in them."""

from __future__ import annotations

import io
import struct

import pytest

from cityindex.errors import Unavailable
from cityindex.reports import picture
from cityindex.reports.picture import svg_to_png

pytestmark = pytest.mark.browser


def svg(words: str) -> str:
    text = f'<text y="40" font-size="30">{words}</text>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60">{text}</svg>'


def test_a_picture_is_as_large_as_it_says() -> None:
    made = svg_to_png(svg("ที่"), 200, 60, 1.5)
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", io.BytesIO(made).getvalue()[16:24]) == (300, 90)
    assert svg_to_png(svg("ที่"), 200, 60, 1.5) == made, "so that it may be kept"


def test_marks_over_letters_are_drawn() -> None:
    assert svg_to_png(svg("ที่"), 200, 60) != svg_to_png(svg("ที"), 200, 60)


def test_without_a_browser_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "browser", lambda: None)
    with pytest.raises(Unavailable, match="take the SVG"):
        svg_to_png(svg("x"), 200, 60)
