"""HTML to PDF: by Chromium, whose Thai text can be searched and copied rightly; else by WeasyPrint, where it cannot."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cityindex.errors import Unavailable

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LASTS, WAITS = 40, 10
"""Seconds: for one PDF, and for the one before it to be done."""
CURE = "install Chromium (`cityindex doctor` says how), or print the page from your browser"
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # The page is our own and brings everything with it: it may reach nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


def browser() -> str | None:
    """The program that makes PDF best, where there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def html_to_pdf(html: str) -> bytes:
    """A page that brings its styles, fonts and pictures with it, as PDF.

    One at a time on a machine, for each takes a browser; `Unavailable` while the one before is not done.
    """
    with _alone(), tempfile.TemporaryDirectory(prefix="cityindex-pdf-") as folder:
        page = Path(folder, "page.html")
        page.write_text(html, encoding="utf-8")
        program = browser()
        return _by_weasyprint(html) if program is None else _by_browser(program, page)


def _by_browser(program: str, page: Path) -> bytes:
    target = page.with_suffix(".pdf")
    # Chromium refuses its own sandbox to root; the page has no scripts of others.
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = [program, *_OPTIONS, *alone, f"--user-data-dir={page.parent}", f"--print-to-pdf={target}", page.as_uri()]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=LASTS)  # noqa: S603 (no shell, our own words)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unavailable("the browser did not make the PDF: try again, or print the page itself") from error
    return target.read_bytes()


def _by_weasyprint(html: str) -> bytes:
    try:
        from weasyprint import HTML
    except ImportError:
        raise Unavailable(f"nothing on this machine makes PDF: {CURE}") from None
    made: bytes = HTML(string=html).write_pdf()
    return made


@contextmanager
def _alone() -> Iterator[None]:
    lock = Path(tempfile.gettempdir(), f"cityindex-pdf.{os.geteuid()}.lock")
    with lock.open("w") as file:
        until = time.monotonic() + WAITS
        while not _taken(file.fileno()):
            if time.monotonic() > until:
                raise Unavailable("another PDF is being made now: try again in a moment")
            time.sleep(0.1)
        yield


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
