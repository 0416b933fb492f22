"""A site with demo data behind a real server, and Chromium to look at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from cityindex.app import Application
from cityindex.config import read_settings
from tests.conftest import lacking

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        lacking("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(demo_url: str) -> Iterator[str]:
    """The address of a running site over the demo data."""
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": demo_url}))
    server = make_server("127.0.0.1", 0, application.web(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    application.engine.dispose()


class Reader:
    """A person at a browser: remembers every request that went elsewhere and every complaint of the page."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._look_at(request.url))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path, wait_until="networkidle")
        return self.page

    def faults(self) -> list[str]:
        """What axe-core finds wrong with the page, in words."""
        self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [
            f"{fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    def width(self) -> int:
        """How wide the page is, whatever the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def _look_at(self, url: str) -> None:
        if urlsplit(url).scheme in ("http", "https") and not url.startswith(self.site):
            self.elsewhere.append(url)


@pytest.fixture
def reader(chromium: Browser, site: str) -> Iterator[Reader]:
    with closing(chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")) as context:
        yield Reader(context.new_page(), site)


@pytest.fixture
def phone(chromium: Browser, site: str) -> Iterator[Reader]:
    with closing(chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)) as context:
        yield Reader(context.new_page(), site)
