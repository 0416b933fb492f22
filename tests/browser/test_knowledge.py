"""Knowledge, proposals and results: sound in both languages and widths, and nothing is asked of other sites."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Reader

pytestmark = pytest.mark.browser

PAGES = (
    "/knowledge/?q=ขยะ",
    "/knowledge/1",
    "/knowledge/solved?place=D400001&indicator=waste_recycling_rate",
    "/proposals/",
    "/results/",
    "/plans/",
    "/proposals/13",
)


@pytest.mark.parametrize(
    ("language", "path"), [*(("th", path) for path in PAGES), *(("en", path) for path in PAGES[1::3])]
)
def test_a_page_is_sound_on_a_desk_and_on_a_phone(reader: Reader, language: str, path: str) -> None:
    reader.open(f"/{language}{path}")
    assert reader.faults() == []
    reader.page.set_viewport_size({"width": 360, "height": 740})
    assert reader.width() == 360
    assert reader.faults() == []
    assert (reader.elsewhere, reader.complaints) == ([], [])
