"""Thai names: written one way, sorted like a dictionary, found without tone marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.thai import collation_key, fold, name_key, normalise

CONSONANTS, LEADS, TONES = "กขคงจชดตทนบปพมยรลวสหอ", "เแโใไ", "่้๊๋"
SYLLABLE = st.builds(
    lambda lead, consonant, vowel, tone: lead + consonant + vowel + tone,
    st.sampled_from(["", *LEADS]),
    st.sampled_from(CONSONANTS),
    st.sampled_from(["", "ั", "ิ", "ี", "ุ", "ู"]),
    st.sampled_from(["", *TONES]),
)
WORD = st.lists(SYLLABLE, min_size=1, max_size=4).map("".join)


def test_sara_am_is_one_character_however_it_arrives() -> None:
    assert normalise("น้\u0e4d\u0e32") == normalise("น\u0e4d้\u0e32") == "น้ำ"
    assert normalise("ก\u0e4d\u0e32") == "กำ"
    assert normalise("น้า") == "น้า"


def test_vowels_come_before_tone_marks() -> None:
    assert normalise("ท่ี") == "ที่"
    assert normalise("ปู่") == "ปู่"
    assert normalise("เเม่") == "แม่"


def test_blanks_and_invisible_characters() -> None:
    assert normalise("\ufeff ก.ม.\u00a0\u00a05\u200b ") == "ก.ม. 5"


def test_names_are_compared_without_blanks_and_points() -> None:
    assert name_key("เทศบาลตำบล ก.ม. ๕") == name_key("เทศบาลตำบลกม.5")
    assert name_key("บ้านเก่า") != name_key("บ้านเก้า")


def test_order_of_a_dictionary() -> None:
    words = ["เกาะ", "ไกล", "กบ", "แก่ง", "กาญจน์", "โก", "ขอน", "กก", "ก่อ", "ก้อ", "กอ"]
    assert sorted(words, key=collation_key) == [
        "กก",
        "กบ",
        "กอ",
        "ก่อ",
        "ก้อ",
        "กาญจน์",
        "เกาะ",
        "แก่ง",
        "โก",
        "ไกล",
        "ขอน",
    ]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [("เมืองบ้านเป็ด", "บานเปด"), ("น้ำพอง", "น\u0e4dา"), ("Phra Nakhon", "phra"), ("หมู่ ๕", "หมู 5"), ("Lôi", "loi")],
)
def test_found_without_tone_marks(stored: str, typed: str) -> None:
    assert fold(typed) in fold(stored)


THAI = "กขนำาํ่้๊์ิีฺุูั็เแโๅ๎\u200b\u00a0_1๑a "


@given(
    st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xE7F), max_size=30) | st.text(THAI, max_size=10)
)
def test_normalising_and_folding_once_is_enough(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert fold(fold(text)) == fold(text)
    assert fold(normalise(text)) == fold(text)


@given(WORD, WORD)
def test_tone_marks_only_break_ties(one: str, other: str) -> None:
    bare_one, bare_other = (w.translate(str.maketrans("", "", TONES)) for w in (one, other))
    if collation_key(bare_one) < collation_key(bare_other):
        assert collation_key(one) < collation_key(other)
    if one != other:
        assert collation_key(one) != collation_key(other)


@given(WORD)
def test_a_mark_typed_too_early_changes_nothing(word: str) -> None:
    swapped = word
    for vowel in "ัิีุู":
        for tone in TONES:
            swapped = swapped.replace(vowel + tone, tone + vowel)
    assert normalise(swapped) == word
    assert collation_key(swapped) == collation_key(word)
