"""HTML to PDF: by Chromium, whose Thai text can be searched and copied rightly; else by WeasyPrint, where it cannot."""

from __future__ import annotations

from cityindex.errors import Unavailable
from cityindex.reports.browser import CURE, alone, browser
from cityindex.reports.chromium import kept


def html_to_pdf(html: str, *, one_page: bool = False) -> bytes:
    """A page that brings its styles, fonts and pictures with it, as PDF.

    `one_page`: printed smaller where it would not fit on one (by Chromium only). One at a time on a machine, for each
    takes all that a browser has; `Unavailable` while the one before is not done.
    """
    with alone():
        program = browser()
        return _by_weasyprint(html) if program is None else kept.print(program, html, one_page=one_page)


def _by_weasyprint(html: str) -> bytes:
    try:
        from weasyprint import HTML
    except ImportError:
        raise Unavailable(f"nothing on this machine makes PDF: {CURE}, or print the page from your browser") from None
    made: bytes = HTML(string=html).write_pdf()
    return made
