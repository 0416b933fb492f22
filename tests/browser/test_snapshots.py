"""The main views look as they did when somebody last looked at them: small pictures, compared as a whole.

A picture differs where a layout broke, colours went or a part is missing; another version of a font does not matter.
After a change that is meant: `RENEW_SNAPSHOTS=1 python -m pytest tests/browser/test_snapshots.py -n 0`, look at the
pictures in `tests/browser/snapshots/`, and commit them.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from tests.browser.conftest import Reader

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "snapshots"
VIEWS = {
    "map": "/th/map?framework=livable-city&period=2025",
    "crowd": "/th/map/crowd?framework=livable-city&period=2025",
    "compare": "/th/compare?framework=livable-city&period=2025&place=D500001&place=D500002&place=D500003",
    "place": "/th/places/D500001",
    "indicator": "/th/indicators/population?place=D500001",
    "ranking": "/en/frameworks/livable-city/2025",
}
WIDTHS = {"desk": 1280, "phone": 360}
ALLOWED = 0.03
"""Mean difference of grey, of 1: an empty map or a lost stylesheet is several times that."""
SMALL = """async ([png, width]) => {
  const image = new Image(); image.src = 'data:image/png;base64,' + png; await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width; canvas.height = Math.round(image.height * width / image.width);
  const pen = canvas.getContext('2d'); pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').split(',')[1];
}"""
DIFFERENCE = """async ([one, other]) => {
  const read = async (png) => {
    const image = new Image(); image.src = 'data:image/png;base64,' + png; await image.decode();
    const canvas = document.createElement('canvas'); canvas.width = image.width; canvas.height = image.height;
    const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height).data;
  };
  const [a, b] = [await read(one), await read(other)];
  if (a.length !== b.length) return 1;
  let sum = 0;
  for (let at = 0; at < a.length; at += 4)
    sum += Math.abs(a[at] + a[at + 1] + a[at + 2] - b[at] - b[at + 1] - b[at + 2]) / 3;
  return sum / (a.length / 4) / 255;
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_looks_as_it_was_last_seen(reader: Reader, view: str, width: str) -> None:
    page = reader.page
    page.set_viewport_size({"width": WIDTHS[width], "height": 900})
    reader.open(VIEWS[view])
    if view == "map":
        page.wait_for_selector(".folium-map[data-drawn]")
    picture = base64.b64encode(page.screenshot(animations="disabled")).decode()
    small = page.evaluate(SMALL, [picture, 240])
    file = FOLDER / f"{view}-{width}.png"
    if os.environ.get("RENEW_SNAPSHOTS"):
        file.write_bytes(base64.b64decode(small))
    seen = base64.b64encode(file.read_bytes()).decode()
    assert page.evaluate(DIFFERENCE, [small, seen]) < ALLOWED
