"""Words of Thai and other text, as they are searched for: text is cut the same way when stored and when asked for.

Thai is written without blanks. It is cut by dictionary (newmm of nlpo3, `seeds/thai-words.txt`), and a compound that
consists of words is cut once more, so that «เทศบาล» finds «เทศบาลตำบล». Both follow from the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from cityindex.resources import resource_root
from cityindex.thai import arabic_digits, normalise

DICTIONARY = "thai-words.txt"
RUN = re.compile(r"[\u0e01-\u0e4e]+|(?:[^\W_\u0e00-\u0e7f]|[๐-๙])+")
THAI = re.compile(r"[\u0e01-\u0e2e]")
LONGEST = 60
"""Characters of a word that are kept: nobody searches for more."""
COMPOUND, PART = 7, 3
"""Characters that a compound has at least, and each of its parts."""
UNASKED = frozenset(
    re.findall(
        r"\S+",
        "และ หรือ ใน ของ ที่ การ ความ เป็น ให้ ได้ จาก โดย กับ แก่ ซึ่ง ด้วย แล้ว จะ มี ไว้ ต่อ เพื่อ "
        "the of and in for to a an on by with",
    )
)
"""Words that stand everywhere: they are neither stored nor asked for."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands, and the parts that it is searched by."""

    start: int
    end: int
    parts: tuple[str, ...]


def words(text: str) -> Iterator[Word]:
    """The words of `text` in their order; those that stand everywhere are left out, as are signs."""
    for run in RUN.finditer(text):
        at = run.start()
        for piece in _cut(run[0]):
            parts = tuple(part for part in _parts(_plain(piece)) if part not in UNASKED)
            if parts:
                yield Word(at, at + len(piece), parts)
            at += len(piece)


def parts_of(text: str) -> list[str]:
    """What a text is stored as."""
    return [part for word in words(normalise(text)) for part in word.parts]


def phrases_of(text: str) -> list[tuple[str, ...]]:
    """What a text asks for: each of its words, once, as parts that follow one another."""
    return list(dict.fromkeys(word.parts for word in words(normalise(text))))


def marked(text: str, asked: Sequence[tuple[str, ...]]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it was asked for. The pieces together are the text."""
    found: list[tuple[str, bool]] = []
    at = 0
    for start, end in _spans(list(words(text)), asked):
        found += [(text[at:start], False), (text[start:end], True)]
        at = end
    found.append((text[at:], False))
    return [piece for piece in found if piece[0]]


def excerpt(text: str, asked: Sequence[tuple[str, ...]], length: int = 240) -> str:
    """About `length` characters of `text` from shortly before the first word that was asked for, at ends of words."""
    if len(text) <= length:
        return text
    known = list(words(text))
    first = next((start for start, _ in _spans(known, asked)), 0)
    begin = max((word.start for word in known if word.start <= max(first - length // 4, 0)), default=0)
    begin = 0 if first < length // 2 else begin
    end = max((word.end for word in known if word.end <= begin + length), default=begin + length)
    return f"{'…' if begin else ''}{text[begin:end].strip()}{'…' if end < len(text) else ''}"


def _spans(known: Sequence[Word], asked: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Where words stand that hold a phrase that was asked for, wholly within one word or over several."""
    last = 0
    for at, word in enumerate(known):
        if word.start < last:
            continue
        ends = [end for phrase in asked if (end := _reached(known, at, phrase)) is not None]
        if ends:
            last = max(ends)
            yield word.start, last


def _reached(known: Sequence[Word], at: int, phrase: tuple[str, ...]) -> int | None:
    """The end of the last word that `phrase` reaches when it begins within the word at `at`."""
    own = known[at].parts
    for offset in range(len(own)):
        held, ends = list(own[offset:]), [known[at].end] * (len(own) - offset)
        for later in known[at + 1 : at + len(phrase)]:
            held += later.parts
            ends += [later.end] * len(later.parts)
        if tuple(held[: len(phrase)]) == phrase:
            return ends[len(phrase) - 1]
    return None


def _plain(piece: str) -> str:
    return arabic_digits(piece).lower()[:LONGEST]


def _cut(run: str) -> Iterable[str]:
    return _segment()(run) if THAI.match(run) or THAI.search(run) else (run,)


@cache
def _segment() -> Callable[[str], list[str]]:
    import nlpo3  # 6 MB that only a search needs

    nlpo3.load_dict(str(resource_root("seeds") / DICTIONARY), DICTIONARY)
    # `safe` keeps text that could be cut in very many ways from taking very long.
    return lambda run: nlpo3.segment(run, DICTIONARY, safe=True)


@cache
def _known() -> frozenset[str]:
    return frozenset((resource_root("seeds") / DICTIONARY).read_text(encoding="utf-8").split())


@lru_cache(maxsize=100_000)
def _parts(word: str) -> tuple[str, ...]:
    if len(word) < COMPOUND or not THAI.search(word):
        return (word,)
    known = _known()
    for cut in range(PART, len(word) - PART + 1):
        if word[:cut] in known and word[cut:] in known:
            return (*_parts(word[:cut]), *_parts(word[cut:]))
    return (word,)
