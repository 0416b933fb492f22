"""A question that people answer at once and robots have to be made for: a small sum in words. It needs no script."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cityindex.thai import arabic_digits

WORDS: Mapping[str, Sequence[str]] = {
    "th": ("ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า", "สิบ", "สิบเอ็ด", "สิบสอง",
           "สิบสาม", "สิบสี่", "สิบห้า", "สิบหก", "สิบเจ็ด", "สิบแปด"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
           "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
}  # fmt: skip
LARGEST = 9


@dataclass(frozen=True, slots=True)
class Sum:
    """Two numbers from 2 to `LARGEST`, to be added."""

    one: int
    other: int

    @property
    def answer(self) -> int:
        return self.one + self.other

    def words(self, language: str) -> tuple[str, str]:
        """Both numbers in words."""
        names = WORDS["en" if language.startswith("en") else "th"]
        return names[self.one], names[self.other]

    def right(self, said: str) -> bool:
        """Whether an answer is right: in figures of either kind, or in words of either language."""
        text = arabic_digits(unicodedata.normalize("NFKC", said)).strip().casefold()
        return text in (str(self.answer), *(names[self.answer] for names in WORDS.values()))
