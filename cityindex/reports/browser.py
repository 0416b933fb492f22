"""Chromium without a window: one at a time on a machine, reaching nothing, for PDF and pictures."""

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
"""Seconds: for one file, and for the one before it to be done."""
CURE = "install Chromium: `cityindex doctor` says how"
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # The page is our own and brings everything with it: it may reach nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def browser() -> str | None:
    """The program, where there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def run(program: str, page: Path, *options: str) -> None:
    """Open a page that brings everything with it. Raises `Unavailable` where the browser fails or takes too long."""
    # Chromium refuses its own sandbox to root; the page has no scripts of others.
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = [program, *_OPTIONS, *alone, f"--user-data-dir={page.parent}", *options, page.as_uri()]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=LASTS)  # noqa: S603 (no shell, our own words)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unavailable("the browser did not make the file: try again in a moment") from error


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else on this machine makes a file by the browser meanwhile; `Unavailable` where somebody does for long."""
    lock = Path(tempfile.gettempdir(), f"cityindex-pdf.{os.geteuid()}.lock")
    with lock.open("w") as file:
        until = time.monotonic() + WAITS
        while not _taken(file.fileno()):
            if time.monotonic() > until:
                raise Unavailable("another file is being made by the browser now: try again in a moment")
            time.sleep(0.1)
        yield


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
