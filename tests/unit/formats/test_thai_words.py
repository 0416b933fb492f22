"""Words of Thai text: cut the same way when stored and when asked for."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.formats.thai_words import UNASKED, excerpt, marked, parts_of, phrases_of, words

TEXT = "ธนาคารขยะชุมชนเทศบาลตำบลบ้านกลาง เด็กและผู้สูงอายุคัดแยกขยะ ๓๐% Smart waste-bank การบริหารจัดการน้ำเสีย"
THAI = st.text(st.sampled_from("กขคงจชนมยรลวสหอะาิีุูเแโใไ่้๊์ ๑๒aB1-<"), max_size=60)


def found(asked: str, text: str = TEXT) -> list[str]:
    return [piece for piece, hit in marked(text, phrases_of(asked)) if hit]


@pytest.mark.parametrize(
    ("asked", "hits"),
    [
        ("ขยะ", ["ขยะ", "ขยะ"]),
        ("เทศบาล", ["เทศบาลตำบล"]),
        ("น้ำ", ["น้ำเสีย"]),
        ("สูงอายุ", ["ผู้สูงอายุ"]),
        ("30", ["๓๐"]),
        ("SMART", ["Smart"]),
        ("น้ํา", ["น้ำเสีย"]),  # the vowel in two characters
        ("ขยัน", []),
    ],
)
def test_a_word_is_found_within_compounds_and_in_any_writing(asked: str, hits: list[str]) -> None:
    assert found(asked) == hits


def test_words_that_stand_everywhere_are_not_asked_for() -> None:
    assert phrases_of("และ ใน the of !?") == []
    assert not UNASKED & set(parts_of("ใน ชุมชน และ เมือง"))


@given(THAI)
def test_a_text_finds_itself(text: str) -> None:
    stored = f" {' '.join(parts_of(text))} "
    assert all(f" {' '.join(phrase)} " in stored for phrase in phrases_of(text))


@given(THAI, THAI)
def test_marking_changes_no_text(text: str, asked: str) -> None:
    assert "".join(piece for piece, _ in marked(text, phrases_of(asked))) == text


def test_an_excerpt_begins_near_what_was_asked_for() -> None:
    text = "เรื่องอื่นที่ยาวมาก " * 40 + "ธนาคารขยะของชุมชน " + "เรื่องอื่น " * 40
    shown = excerpt(text, phrases_of("ธนาคาร"), 120)
    assert "ธนาคาร" in shown
    assert len(shown) < 160
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert excerpt("สั้น", phrases_of("สั้น"), 120) == "สั้น"


def test_text_that_could_be_cut_in_many_ways_does_not_take_long() -> None:
    began = time.process_time()
    for text in ("ตากลม" * 2000, "กก" * 5000, "ๆ" * 10_000):
        list(words(text))
    assert time.process_time() - began < 5


def test_the_dictionary_is_read_only_where_somebody_searches() -> None:
    program = "import sys, cityindex.web, cityindex.queries.knowledge.search; print('nlpo3' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
