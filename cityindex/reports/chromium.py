"""A Chromium that is kept for a while and prints pages and pictures: starting it takes longer than ten pages of print.

It is spoken to through its own pipe (the DevTools protocol), so there is no port that others could reach. The pages are
our own and bring everything with them; the browser may reach nothing.
"""

from __future__ import annotations

import atexit
import base64
import fcntl
import json
import os
import re
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from cityindex.errors import Unavailable

LASTS = 40
"""Seconds for one file."""
IDLE = 60.0
"""Seconds after its last page until the browser is sent away."""
PAGES = 200
"""Pages after which a new browser takes over: memory of an old one only grows."""
ABOVE = 10
"""File descriptors of our ends are moved above those that the browser expects (3 and 4)."""
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
PRINT = {
    "preferCSSPageSize": True,
    "printBackground": True,
    "generateTaggedPDF": True,
    "generateDocumentOutline": True,
}
SCALES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
"""At which a page is tried until it fits."""
_COUNT = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)")
FAILED = "the browser did not make the file: try again, or print the page itself"


class Chromium:
    """One running browser. Any trouble is `Unavailable`, after which it is to be closed."""

    def __init__(self, program: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="cityindex-pdf-")
        # Chromium refuses its own sandbox to root; the page has no scripts of others.
        alone = ("--no-sandbox",) if os.geteuid() == 0 else ()
        command = [program, *OPTIONS, *alone, f"--user-data-dir={self.folder}", "about:blank"]
        theirs_in, self.to = _pipe()
        self.back, theirs_out = _pipe()
        # The browser reads 3 and writes 4; a shell opens them there, safely beside other threads.
        moved = f'exec "$@" 3</dev/fd/{theirs_in} 4>/dev/fd/{theirs_out}'
        self.process = subprocess.Popen(  # noqa: S603 (our own words)
            ["/bin/sh", "-c", moved, "sh", *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.said = b""
        self.number = self.pages = 0

    @property
    def usable(self) -> bool:
        return self.process.poll() is None and self.pages < PAGES

    def print(self, html: str, *, one_page: bool = False) -> bytes:
        """A page as PDF, once its letters are there; smaller where it would not fit on `one_page`."""
        until = time.monotonic() + LASTS
        target, session = self._open(html, until)
        for scale in SCALES if one_page else SCALES[:1]:
            answer = self._ask("Page.printToPDF", {**PRINT, "scale": scale}, until, session)
            made = base64.b64decode(answer["data"])
            if pages_of(made) == 1:
                break
        self._ask("Target.closeTarget", {"targetId": target}, until)
        return made

    def picture(self, html: str, size: tuple[int, int], scale: float) -> bytes:
        """The upper left part of a page as PNG: `size` in pixels of the page, `scale` times as many in the picture."""
        until = time.monotonic() + LASTS
        target, session = self._open(html, until)
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", screen, until, session)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        answer = self._ask("Page.captureScreenshot", {"format": "png", "clip": clip}, until, session)
        self._ask("Target.closeTarget", {"targetId": target}, until)
        return base64.b64decode(answer["data"])

    def _open(self, html: str, until: float) -> tuple[str, str]:
        """A page whose letters are there: the names of its target and its session."""
        self.pages += 1
        target = self._ask("Target.createTarget", {"url": "about:blank"}, until)["targetId"]
        session = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True}, until)["sessionId"]
        frame = self._ask("Page.getFrameTree", {}, until, session)["frameTree"]["frame"]["id"]
        self._ask("Page.setDocumentContent", {"frameId": frame, "html": html}, until, session)
        ready = {"expression": "document.fonts.ready.then(() => true)", "awaitPromise": True}
        self._ask("Runtime.evaluate", ready, until, session)
        return target, session

    def close(self) -> None:
        for end in (self.to, self.back):
            os.close(end)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ask(self, method: str, given: dict[str, Any], until: float, session: str = "") -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": given} | ({"sessionId": session} if session else {})
        self._send(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next(until)
            if answer.get("id") == self.number:
                break
        if "result" not in answer:
            raise Unavailable(FAILED)
        result: dict[str, Any] = answer["result"]
        return result

    def _send(self, message: bytes) -> None:
        try:
            while message:
                message = message[os.write(self.to, message) :]
        except OSError as error:
            raise Unavailable(FAILED) from error

    def _next(self, until: float) -> dict[str, Any]:
        parts = [self.said]
        while b"\0" not in parts[-1]:
            ready, _, _ = select.select([self.back], [], [], max(until - time.monotonic(), 0))
            part = os.read(self.back, 1 << 20) if ready else b""
            if not part:
                raise Unavailable(FAILED)
            parts.append(part)
        message, _, self.said = b"".join(parts).partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF of Chromium has."""
    return max((int(found) for found in _COUNT.findall(pdf)), default=0)


class Kept:
    """The browser of this process: started when a page is to be printed, sent away when none was for a while."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.browser: Chromium | None = None
        self.owner = 0
        self.timer: threading.Timer | None = None

    def print(self, program: str, html: str, *, one_page: bool = False) -> bytes:
        """A page as PDF. Raises `Unavailable`."""
        return self._made(program, lambda browser: browser.print(html, one_page=one_page))

    def picture(self, program: str, html: str, size: tuple[int, int], scale: float) -> bytes:
        """A page as PNG. Raises `Unavailable`."""
        return self._made(program, lambda browser: browser.picture(html, size, scale))

    def _made(self, program: str, work: Callable[[Chromium], bytes]) -> bytes:
        with self.lock:
            self._rest()
            try:
                made = work(self._running(program))
            except (Unavailable, OSError, ValueError) as error:
                self._close()
                raise Unavailable(FAILED) from error
            self.timer = threading.Timer(IDLE, self.close)
            self.timer.daemon = True
            self.timer.start()
            return made

    def close(self) -> None:
        with self.lock:
            self._close()

    def _running(self, program: str) -> Chromium:
        if self.browser is not None and (self.owner != os.getpid() or not self.browser.usable):
            self._close()
        if self.browser is None:
            self.browser, self.owner = Chromium(program), os.getpid()
        return self.browser

    def _rest(self) -> None:
        if self.timer is not None:
            self.timer.cancel()

    def _close(self) -> None:
        self._rest()
        # After a fork, the browser is the parent's.
        if self.browser is not None and self.owner == os.getpid():
            self.browser.close()
        self.browser = None


kept = Kept()
atexit.register(kept.close)
