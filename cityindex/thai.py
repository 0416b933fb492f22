"""Thai text: one way to write a name, one order to sort by, one form to search in."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_LEADING = "เแโใไ"
_MARKS = "๎์็่้๊๋"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BLANKS = re.compile(r"\s+")
_MARK_RUN = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{2,}")
_TONES = "\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4e"
_SARA_AM = re.compile("\u0e4d?([\u0e48-\u0e4b]*)\u0e4d?\u0e32")
_UNSPOKEN = re.compile("[\u0300-\u036f\u0e47-\u0e4c\u0e4e]")
_NOT_WORD = re.compile(r"(?:[^\w\u0e00-\u0e7f]|_)+")


def arabic_digits(text: str) -> str:
    """Thai digits as Arabic ones."""
    return text.translate(_DIGITS)


def normalise(text: str) -> str:
    """A name as it is stored: NFC, vowels before tone marks, sara am and sara ae as one character, single blanks.

    Never NFKC, which takes sara am apart.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).replace("เเ", "แ")
    ordered = _MARK_RUN.sub(_order_marks, text)
    return _BLANKS.sub(" ", _SARA_AM.sub(_compose_sara_am, ordered)).strip()


def _order_marks(match: re.Match[str]) -> str:
    """Each mark of a letter once: vowels, then tones, each in the order that NFC keeps."""
    return "".join(sorted(dict.fromkeys(match[0]), key=lambda mark: (mark in _TONES, unicodedata.combining(mark))))


def _compose_sara_am(match: re.Match[str]) -> str:
    whole: str = match[0]
    return f"{match[1]}ำ" if "\u0e4d" in whole else whole


def name_key(text: str) -> str:
    """What is equal for two spellings of one name: blanks, full stops and case make no difference, tone marks do."""
    return _NOT_WORD.sub("", arabic_digits(normalise(text)).casefold())


def fold(text: str) -> str:
    """The form that is searched in: lower case, Arabic digits, no tone marks, accents or punctuation."""
    bare = _UNSPOKEN.sub("", unicodedata.normalize("NFD", arabic_digits(normalise(text)).casefold()))
    return _NOT_WORD.sub(" ", normalise(bare)).strip()


def collation_key(text: str) -> str:
    """A key whose order by code point is the order of a Thai dictionary (that of ICU for th_TH, for well-formed words).

    A leading vowel sorts after the consonant it is written before; tone marks decide only between words that are
    otherwise equal. Sort by it with `COLLATE "C"` on PostgreSQL; SQLite does so by itself.
    """
    text = normalise(text).translate(_DIGITS).lower()
    letters: list[str] = []
    tones: list[str] = []
    i = 0
    while i < len(text):
        char = text[i]
        if char in _LEADING and "ก" <= text[i + 1 : i + 2] <= "ฮ":
            letters += [text[i + 1], char]
            tones += ["", ""]
            i += 2
            continue
        if char in _MARKS:
            if tones:
                tones[-1] += chr(65 + _MARKS.index(char))
        elif _sorts(char):
            letters.append(char)
            tones.append("")
        i += 1
    return "".join(letters) + "!" + '"'.join(tones)


def _sorts(char: str) -> bool:
    return char not in "ฯๆ" and (char.isalnum() or "\u0e01" <= char <= "\u0e3a" or char == "\u0e4d")
