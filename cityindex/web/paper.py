"""A page of the site as PDF: the page itself as it prints, with its styles and fonts inside."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

from flask import Response

from cityindex.reports.pdf import html_to_pdf

STATIC = Path(__file__).parent / "static"
_LINK = re.compile(r'<link rel="stylesheet" href="[^"]*?/(css/[a-z-]+\.css)[^"]*">')
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
_FONT = re.compile(r'url\("(\.\./vendor/[^"]+\.woff2)"\)')


def as_pdf(html: str, name: str) -> Response:
    """The answer that gives a rendered page as a PDF called `name` (without its ending)."""
    answer = Response(html_to_pdf(alone(html)), mimetype="application/pdf")
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
