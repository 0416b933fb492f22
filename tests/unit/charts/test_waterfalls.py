"""A waterfall: each step begins where the one before ends, and the whole begins at zero."""

from __future__ import annotations

from xml.etree import ElementTree

from cityindex.charts import Caption, Step, waterfall

CAPTION = Caption("คะแนน", "ก 30; ข −10")


def marks(svg: str) -> list[tuple[str | None, str | None]]:
    found = ElementTree.fromstring(svg).iter("rect")
    return [(one.get("x"), one.get("width")) for one in found if "mark" in one.get("class", "").split()]


def drawn(*steps: float, total: float) -> str:
    parts = [Step(f"<{value}>", value, str(value)) for value in steps]
    return waterfall(parts, Step("รวม", total, str(total)), (0.0, 100.0), CAPTION)


def test_steps_follow_each_other() -> None:
    assert marks(drawn(30, 15, -10, total=35)) == [("0%", "30%"), ("30%", "15%"), ("35%", "10%"), ("0%", "35%")]


def test_what_is_below_zero_stays_in_the_picture() -> None:
    # The axis runs from -100 to 100.
    assert marks(drawn(-100, 50, total=-50)) == [("0%", "50%"), ("0%", "25%"), ("25%", "25%")]


def test_it_speaks_and_its_words_are_text() -> None:
    root = ElementTree.fromstring(drawn(30, total=30))
    assert (root.findtext("title"), root.findtext("desc")) == (CAPTION.title, CAPTION.description)
    assert [one.text for one in root.iter("text")] == ["<30>", "30", "รวม", "30"]
