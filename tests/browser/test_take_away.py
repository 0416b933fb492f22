"""The menu of what may be taken away, by keyboard and on a phone; a view framed by another site."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Reader

VIEW = "/programmes/digital-transformation"
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("who", ["reader", "phone"])
def test_the_menu_opens_by_keyboard(request: pytest.FixtureRequest, who: str, language: str) -> None:
    reader: Reader = request.getfixturevalue(who)
    page = reader.open(f"/{language}{VIEW}")
    page.locator(".take-away > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "format=xlsx" in (page.evaluate("document.activeElement.href") or "")
    assert page.locator(".take-away .citation").first.is_visible()
    assert reader.faults() == []
    assert reader.width() <= page.viewport_size["width"]  # type: ignore[index]
    assert (reader.elsewhere, reader.complaints) == ([], [])


@pytest.fixture
def other_site(site: str) -> Iterator[str]:
    """A page of somebody else that frames a view as the menu says, and tries to frame the page itself."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            frames = (f"{site}/th{VIEW}?format=embed", f"{site}/th{VIEW}")
            body = "".join(f'<iframe src="{frame}" width="500" height="900"></iframe>' for frame in frames)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_said: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_site_shows_the_figure_and_cannot_frame_the_page(chromium: Browser, other_site: str) -> None:
    with closing(chromium.new_context()) as context:
        page = context.new_page()
        page.goto(other_site, wait_until="networkidle")
        embed, whole = (frame for frame in page.frames if frame.parent_frame)
        assert embed.locator("svg.chart").is_visible()
        assert embed.get_by_text("ข้อมูลตัวอย่าง:").first.is_visible()
        assert whole.locator("main").count() == 0
