"""Which passwords are good enough, and that they are kept safely."""

from __future__ import annotations

import pytest

from cityindex.services.accounts import passwords
from cityindex.services.accounts.passwords import Weakness, weakness

PERSON = ("somsri.jaidee@example.go.th", "สมศรี ใจดี")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short words", Weakness.SHORT),
        ("x y z " * 40, Weakness.LONG),
        ("1234567890123", Weakness.DIGITS),
        ("081-234-5678 9", Weakness.DIGITS),
        ("somsri.jaidee", Weakness.LIKE_PERSON),
        ("somsri.jaidee@example.go.th", Weakness.LIKE_PERSON),
        ("Somsri-Jaidee1", Weakness.LIKE_PERSON),
        ("สมศรีใจดี 2569", Weakness.LIKE_PERSON),
        ("Password1234", Weakness.COMMON),
        ("qwertyuiop123", Weakness.COMMON),
        ("รหัสผ่าน1234567", Weakness.COMMON),
        ("Thailand2569!", Weakness.COMMON),
        ("aaaaaaaaaaaaa", Weakness.COMMON),
        ("abababababababab", Weakness.COMMON),
        ("correct horse battery", None),
        ("ม้าเขียวกินทุเรียน", None),
        ("somsri rides a green horse", None),
        ("กขคงจฉชซฌญฎฏ", None),
    ],
)
def test_what_is_good_enough(password: str, why: Weakness | None) -> None:
    assert weakness(password, PERSON) is why


def test_a_person_without_a_name_is_like_no_password() -> None:
    assert weakness("correct horse battery", ("a@b.th", "")) is None


def test_a_hash_is_argon2id_and_knows_its_password() -> None:
    kept = passwords.hashed("น้ำใสใจจริงกว่า")
    assert kept.startswith("$argon2id$")
    assert len(kept) <= 200
    assert passwords.verified(kept, "น้ำใสใจจริงกว่า")
    assert not passwords.verified(kept, "น้ำใสใจจริงกว่า ")
    assert not passwords.outdated(kept)


def test_full_width_letters_are_the_same_letters() -> None:
    assert passwords.verified(passwords.hashed("correct horse battery"), "ｃｏｒｒｅｃｔ horse battery")


def test_nobody_has_no_password() -> None:
    assert not passwords.verified(None, "the password of nobody")


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)
