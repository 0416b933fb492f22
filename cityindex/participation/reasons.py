"""What a reason may hold. It is a few sentences: no markup, no links, and nothing about who somebody is."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from cityindex.thai import arabic_digits

LONGEST = 500
"""Characters."""
Fault = Literal["long", "markup", "link", "address", "number"]
MARKUP = re.compile(r"<\s*[/!?a-z]|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|\[/?(?:url|img|b|i|a)\b|\]\(", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,9}://|\bwww\.|\b(?:javascript|data|mailto|tel):\S"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|info|io|ly|me|gl|co|th|app|dev|xyz|biz|cc|link|site|online|shop|top|ไทย)"
    r"(?![a-z0-9])",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d{9,}|(?<!\d)0\d(?:[ .-]?\d){7,8}(?!\d)|(?<!\d)\d(?:[ -]?\d{4})[ -]?\d{5}[ -]?\d{2}[ -]?\d(?!\d)"
)
"""Numbers of telephones, identity cards and accounts; a row of years or a sum with commas is none."""
HIDDEN = ("Cc", "Cs", "Cn", "Co", "Cf")
"""Signs that are not seen: controls, directions, halves of pairs."""


def cleaned(text: str) -> str:
    """A reason as it is stored: without signs that nobody sees, in one form of Unicode."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in HIDDEN).strip()


def faults(text: str) -> list[Fault]:
    """What keeps a cleaned reason from being taken; nothing where it may be read by a moderator.

    It is looked at as compatible signs and with Arabic digits, so that no other way of writing gets past.
    """
    seen = arabic_digits(unicodedata.normalize("NFKC", text))
    found: list[Fault] = []
    if len(text) > LONGEST:
        found.append("long")
    if MARKUP.search(seen):
        found.append("markup")
    if ADDRESS.search(seen):
        found.append("address")
    elif LINK.search(seen):
        found.append("link")
    if NUMBER.search(seen):
        found.append("number")
    return found
