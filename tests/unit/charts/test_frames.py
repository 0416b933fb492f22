"""A chart that stands alone is a whole document with its words inside, and no word is cut."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cityindex.charts import Bar, Caption, bars
from cityindex.charts.frames import Words, framed, natural_height, wrapped

FIGURE = bars([Bar("น้ำ & ไฟ", 40.0, "40", 50.0), Bar("b", None, "no data", None)], (0, 100), Caption("Title"))
WORDS = Words("รายได้ <ต่อหัว>", ["บาท · ปีงบประมาณ 2566 (ค.ศ. 2023)"], ["ที่มา: ก & ข", "รุ่น 1"], "ข้อมูลตัวอย่าง", [("k", "ต่ำ")])
MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")


def test_what_it_is_stands_inside() -> None:
    picture = framed(FIGURE, WORDS, "<style>.x{fill:#000}</style>")
    document = ElementTree.fromstring(picture.svg)
    said = " ".join(document.itertext())
    for words in ("รายได้ <ต่อหัว>", "2566 (ค.ศ. 2023)", "ที่มา: ก & ข", "รุ่น 1", "ข้อมูลตัวอย่าง", "ต่ำ", "น้ำ & ไฟ"):
        assert words in said
    assert document.get("viewBox") == f"0 0 {picture.width} {picture.height}"
    assert float(document.findall("{*}text")[-1].get("y", 0)) < picture.height


def test_a_figure_is_made_smaller_for_a_preview() -> None:
    tall = '<svg class="chart" width="100%" height="700"><title>t</title></svg>'
    assert framed(tall, WORDS, "", 800).height > 700
    picture = framed(tall, WORDS, "", 800, 420)
    assert (picture.width, picture.height) == (800, 420)
    placed = ElementTree.fromstring(picture.svg).findall("{*}svg")[0]
    assert float(placed.get("y", 0)) + float(placed.get("height", 0)) < 420
    assert float(placed.get("viewBox", "").split()[3]) == 700


def test_a_tall_figure_of_a_preview_stands_beside_its_words() -> None:
    country = '<svg class="country" viewBox="0 0 100 180"><title>t</title></svg>'
    placed = ElementTree.fromstring(framed(country, WORDS, "", 800, 420).svg).findall("{*}svg")[0]
    assert float(placed.get("x", 0)) > 400
    assert float(placed.get("height", 0)) > 350


def test_nothing_of_a_figure_is_cut_off_by_its_place() -> None:
    country = '<svg class="map-picture" width="760" height="840" viewBox="0 0 760 840"><title>t</title></svg>'
    for height in (None, 420):
        placed = ElementTree.fromstring(framed(country, WORDS, "", 800, height).svg).findall("{*}svg")[0]
        room = [float(part) for part in placed.get("viewBox", "").split()[2:]]
        figure = placed.find("{*}svg")
        assert figure is not None
        assert [float(figure.get(side, 0)) for side in ("width", "height")] == room
        assert figure.get("viewBox") == "0 0 760 840"


def test_a_figure_of_a_template_is_drawn_and_not_quoted() -> None:
    figure = Markup('<svg viewBox="0 0 300 541" width="300" height="541"><path d="M0 0h9"/></svg>')
    drawn = framed(figure, Words("ชื่อ", [], []), "").svg
    assert ElementTree.fromstring(drawn).find(".//{*}path") is not None
    assert "&lt;svg" not in drawn


def test_a_key_may_be_of_colours() -> None:
    words = Words("t", [], [], key=[("#2d6f94", "A"), ("mark mine", "B"), ("reference", "C")])
    marks = ElementTree.fromstring(framed(FIGURE, words, "").svg).findall("{*}g[@class='chart']/{*}rect")
    assert [(mark.get("fill"), mark.get("class"), mark.get("width")) for mark in marks] == [
        ("#2d6f94", "key", "14"),
        (None, "key mark mine", "14"),
        (None, "key reference", "3"),
    ]


def test_heights_of_figures() -> None:
    assert natural_height('<svg width="100%" height="120">', 700) == 120
    assert natural_height('<svg class="country" viewBox="0 0 100 150">', 300) == 450
    assert natural_height('<svg class="x">', 300) == 260


@given(st.text(st.sampled_from("กขคนำ้ั่ี abc "), max_size=200))
def test_lines_keep_every_letter_and_cut_no_letter_from_its_marks(words: str) -> None:
    lines = wrapped(words, 120, 13)
    assert "".join("".join(lines).split()) == "".join(words.split())
    for line in lines[1:]:
        before_blank = f" {line}" in f" {words}"
        assert before_blank or not MARKS.match(line)
