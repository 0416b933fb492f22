"""A site with demo data behind a real server, and Chromium to look at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.queries.accounts.accounts import account
from cityindex.web.session import held
from tests.conftest import lacking
from tests.serving import served

CHROMIUM = Path("/usr/bin/chromium")
SURFACES = (
    "InitialWebUI", "PreloadTopChromeWebUI", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxPopup",
    "WebUIReloadButton",
)  # fmt: skip
"""Parts of Chromium's own window, which it draws beside every new page with half a second of work."""
USUAL = (
    "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "Translate", "OptimizationHints",
)  # fmt: skip
"""What Playwright switches off itself: our list takes the place of its own."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(USUAL + SURFACES)}",
)
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
CALM = 50.0
"""Milliseconds."""
PATIENCE = 20_000
"""Milliseconds that something may take to come on a busy machine: nothing is slower for it where all is well."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        lacking("Chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(demo_url: str) -> Iterator[str]:
    """The address of a running site over the demo data."""
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": demo_url}))
    with served(application.web()) as address:
        yield address
    application.engine.dispose()


@pytest.fixture
def own_demo(demo_url: str, tmp_path: Path) -> Iterator[Application]:
    """The demo in a database of its own, which may be changed."""
    copy = shutil.copy(demo_url.removeprefix("sqlite:///"), tmp_path / "demo.sqlite")
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": f"sqlite:///{copy}"}))
    yield application
    application.engine.dispose()


MakeBrowser = Callable[..., BrowserContext]


@pytest.fixture
def browsers(chromium: Browser) -> Iterator[MakeBrowser]:
    """Makes browsers that know nothing of each other, with the options of Playwright."""
    with ExitStack() as opened:
        yield lambda **options: opened.enter_context(
            closing(chromium.new_context(**{"reduced_motion": "reduce", **options}))
        )


def let_in(browser: BrowserContext, app: Flask, address: str, number: int) -> None:
    """Give a browser the cookie of an account, as signing in does; the form has tests of its own."""
    with held(app).sessions() as session:
        found = account(session, number)
        assert found is not None
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    cookie = str(signer.dumps({"account": found.id, "epoch": found.epoch, "_permanent": True}))
    browser.add_cookies([{"name": "session", "value": cookie, "url": address}])


class Reader:
    """A person at a browser: remembers every request that went elsewhere and every complaint of the page."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.waiting: set[Request] = set()
        page.on("request", self._look_at)
        page.on("requestfinished", self._arrived)
        page.on("requestfailed", self._arrived)
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Page:
        """Open a page, and wait until nothing more of it is on its way."""
        self.page.goto(self.site + path)
        self.rest()
        return self.page

    def rest(self) -> None:
        """Playwright's own rest lasts half a second, which hundreds of pages do not need."""
        for _ in range(round(PATIENCE / CALM)):
            self.page.wait_for_timeout(CALM)
            if not self.waiting:
                return
        raise AssertionError(f"{self.page.url} waits for {[request.url for request in self.waiting]}")

    def faults(self) -> list[str]:
        """What axe-core finds wrong with the page, in words. All of it comes first: a click may have left for it."""
        self.rest()
        self.page.wait_for_load_state()
        self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
        )
        return [
            f"{fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    def width(self) -> int:
        """How wide the page is, whatever the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def _arrived(self, request: Request) -> None:
        self.waiting.discard(request)

    def _look_at(self, request: Request) -> None:
        self.waiting.add(request)
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(self.site):
            self.elsewhere.append(request.url)


@pytest.fixture
def reader(browsers: MakeBrowser, site: str) -> Reader:
    return Reader(browsers(viewport=DESK).new_page(), site)


@pytest.fixture
def phone(browsers: MakeBrowser, site: str) -> Reader:
    return Reader(browsers(viewport=PHONE, has_touch=True).new_page(), site)
