"""Passwords: which ones are good enough, and how they are kept."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST = 12, 200
LEFT_OF_ITS_OWN = 6
"""Characters that remain when the words of the person or the common ones are taken away."""
DIFFERENT = 5
COMMON = re.compile(
    "password|passw0rd|p@ssw0rd|1q2w3e4r|1qaz2wsx|qwerty(uiop)?|asdfgh(jkl)?|zxcvbn(m)?|iloveyou|administrator|admin|welcome"
    "|letmein|secret|login|changeme|dragon|monkey|football|sunshine|princess|cityindex|thailand|bangkok|krungthep"
    "|รหัสผ่าน|ประเทศไทย|กรุงเทพ|เทศบาล|(0?123)?456789?0?|1234+|abc(d(ef(gh)?)?)?|25[5-7]\\d|20[0-3]\\d"
)
"""What people put together when a password must be long."""
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)  # OWASP, argon2id, first choice


class Weakness(StrEnum):
    SHORT = "short"
    LONG = "long"
    DIGITS = "digits"
    LIKE_PERSON = "like-person"
    COMMON = "common"


def weakness(password: str, person: tuple[str, ...]) -> Weakness | None:
    """Why a password is not good enough; `person` are the e-mail address and name of whose it is to be."""
    folded = _folded(password).casefold()
    if not SHORTEST <= len(folded) <= LONGEST:
        return Weakness.SHORT if len(folded) < SHORTEST else Weakness.LONG
    if re.fullmatch(r"[\d\s.\-/]+", folded):  # numbers of telephones, identity cards, birthdays
        return Weakness.DIGITS
    own = "|".join(re.escape(word) for word in _words(person))
    if own and len(re.sub(own, "", folded)) < LEFT_OF_ITS_OWN:
        return Weakness.LIKE_PERSON
    rest = COMMON.sub("", folded)
    return Weakness.COMMON if len(rest) < LEFT_OF_ITS_OWN or len(set(rest)) < DIFFERENT else None


def hashed(password: str) -> str:
    return _hasher.hash(_folded(password))


def verified(known: str | None, password: str) -> bool:
    """Whether a password is the one of a hash. It takes as long where there is none."""
    try:
        _hasher.verify(known or _nobodys(), _folded(password))
    except VerificationError:
        return False
    return known is not None


def outdated(known: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(known)


def _folded(password: str) -> str:
    """Thai vowels and marks, and full-width letters, can be typed in more ways than one."""
    return unicodedata.normalize("NFKC", password)


def _words(person: tuple[str, ...]) -> list[str]:
    """The whole and its words of four letters and more, the longest first."""
    found = {word for text in person for word in (text.casefold(), *re.split(r"[\s@._+\-]+", text.casefold()))}
    return sorted((word for word in found if len(word) >= 4), key=lambda word: (-len(word), word))


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
