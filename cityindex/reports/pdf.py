"""HTML to PDF: by Chromium, whose Thai text can be searched and copied rightly; else by WeasyPrint, where it cannot."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cityindex.errors import Unavailable
from cityindex.reports.browser import CURE, alone, browser, run

_OPTIONS = ("--no-pdf-header-footer", "--generate-pdf-document-outline")


def html_to_pdf(html: str) -> bytes:
    """A page that brings its styles, fonts and pictures with it, as PDF.

    One at a time on a machine, for each takes a browser; `Unavailable` while the one before is not done.
    """
    with alone(), tempfile.TemporaryDirectory(prefix="cityindex-pdf-") as folder:
        page = Path(folder, "page.html")
        page.write_text(html, encoding="utf-8")
        program = browser()
        return _by_weasyprint(html) if program is None else _by_browser(program, page)


def _by_browser(program: str, page: Path) -> bytes:
    target = page.with_suffix(".pdf")
    run(program, page, *_OPTIONS, f"--print-to-pdf={target}")
    return target.read_bytes()


def _by_weasyprint(html: str) -> bytes:
    try:
        from weasyprint import HTML
    except ImportError:
        raise Unavailable(f"nothing on this machine makes PDF: {CURE}, or print the page from your browser") from None
    made: bytes = HTML(string=html).write_pdf()
    return made
