"""What a reason may hold, what a person is recognised by, and the question that keeps robots out."""

from __future__ import annotations

import pytest

from cityindex.participation.questions import LARGEST, WORDS, Sum
from cityindex.participation.reasons import LONGEST, cleaned, faults
from cityindex.participation.recognising import mailbox, new_secret, same_person, voice_key


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<script>alert(1)</script>", "markup"),
        ("&lt;b&gt;", "markup"),
        ("[url=x]ดู[/url]", "markup"),
        ("ดูที่ http://example.com/x", "link"),
        ("www.example.go.th", "link"),
        ("กดที่ bit.ly/abc", "link"),
        ("เขียนถึง somchai@example.com", "address"),
        ("โทร 081-234-5678", "number"),
        ("โทร ๐๘๑๒๓๔๕๖๗๘", "number"),
        ("บัตร 1-1234-56789-01-2", "number"),
        ("ก" * (LONGEST + 1), "long"),
    ],
)
def test_what_is_not_taken(text: str, fault: str) -> None:
    assert fault in faults(cleaned(text))


@pytest.mark.parametrize(
    "text",
    ["รถเก็บขยะมาไม่ตรงเวลา", "ปี 2566 2567 2568 แย่ลง", "ขอ 1,000,000 บาท", "ค่า < 15 ดีกว่า", "PM2.5 สูงทุกปี", ""],
)
def test_what_people_write_is_taken(text: str) -> None:
    assert not faults(cleaned(text))


def test_unseen_signs_are_taken_out() -> None:
    assert cleaned(" ก\u202eข\u200b\x07ค\r\n ") == "กขค"


def test_one_mailbox_is_one_person() -> None:
    assert mailbox(" Somchai+vote@Example.COM ") == mailbox("somchai@example.com") == "somchai@example.com"
    for wrong in ("", "somchai", "a@b", "a b@example.com", "<a@example.com>", "a@example.com,b@example.com", "x" * 260):
        assert mailbox(wrong) is None


def test_a_hash_says_nothing_without_its_secret() -> None:
    one, other = new_secret(), new_secret()
    assert voice_key(one, "email", "a@b.th") == voice_key(one, "email", "a@b.th")
    assert voice_key(one, "email", "a@b.th") != voice_key(other, "email", "a@b.th")
    assert voice_key(one, "email", "a@b.th") != voice_key(one, "openid", "a@b.th")
    assert same_person("https://a", "bc") != same_person("https://ab", "c")


def test_the_question_is_answered_in_figures_and_words() -> None:
    for one in range(2, LARGEST + 1):
        for other in range(2, LARGEST + 1):
            asked = Sum(one, other)
            words = [names[one + other] for names in WORDS.values()]
            assert all(asked.right(said) for said in (str(one + other), *words))
            assert not asked.right(str(one + other + 1))
    assert Sum(5, 7).right(" ๑๒ ")
    assert not Sum(5, 7).right("")
