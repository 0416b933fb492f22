"""Which Chromium there is, and that one file at a time is made by it on a machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cityindex.errors import Unavailable

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAITS = 10
"""Seconds for the file before to be done."""
CURE = "install Chromium: `cityindex doctor` says how"


def browser() -> str | None:
    """The program, where there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


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
