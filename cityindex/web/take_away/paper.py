"""A page of the site as PDF: the page itself as it prints, with its styles and fonts inside."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Response

from cityindex.reports.pdf import html_to_pdf

STATIC = Path(__file__).parent.parent / "static"
SHEETS = 200
"""Sheets that a process keeps, each of some 100 kB."""
_kept: dict[str, bytes] = {}
_LINK = re.compile(r'<link rel="stylesheet" href="[^"]*?/(css/[a-z-]+\.css)[^"]*">')
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
_FONT = re.compile(r'url\("(\.\./vendor/[^"]+\.woff2)"\)')


def as_pdf(html: str, name: str) -> Response:
    """The answer that gives a rendered page as a PDF called `name` (without its ending)."""
    return _answer(html_to_pdf(alone(html)), name)


def as_sheet(html: str, name: str) -> Response:
    """The same for a page that is made for one sheet of paper. What was printed is kept by what it says."""
    key = hashlib.sha256(html.encode()).hexdigest()
    made = _kept.get(key)
    if made is None:
        made = html_to_pdf(alone(html), one_page=True)
        while len(_kept) >= SHEETS:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = made
    return _answer(made, name)


def _answer(made: bytes, name: str) -> Response:
    answer = Response(made, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
    return answer


def alone(html: str) -> str:
    """The page without scripts, and with its styles and fonts inside."""
    return _LINK.sub(lambda link: f"<style>{style_of(link[1])}</style>", _SCRIPT.sub("", html))


@cache
def style_of(path: str) -> str:
    """A style sheet of the site with its fonts inside."""
    css = (STATIC / path).read_text(encoding="utf-8")
    return _FONT.sub(lambda font: f'url("{_data((STATIC / "css" / font[1]).resolve())}")', css)


def _data(font: Path) -> str:
    return "data:font/woff2;base64," + base64.b64encode(font.read_bytes()).decode()
