"""Sentences of the program, which speaks to whoever uses the command line, in the words and the language of a page.

Each stands with one for the page, which is translated; what was found is put in again. `{name}` in the first is
`%(name)s` in the second. A sentence that is not there is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

Pairs = tuple[tuple[str, Any], ...]
_HOLE = re.compile(r"\{(\w+)\}")


class Sentences:
    """Sentences with their words; `parts` translates what was found in them."""

    def __init__(self, pairs: Pairs, parts: Callable[[Mapping[str, str]], Mapping[str, str]] = dict) -> None:
        self.pairs, self.parts = pairs, parts

    def say(self, sentence: str) -> str:
        """A sentence in the language of the request."""
        for pattern, words in self._patterns:
            found = pattern.fullmatch(sentence)
            if found:
                said = self.parts(found.groupdict())
                return str(words) % said if said else str(words)
        return sentence

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], Any]]:
        """Those with most words of their own first: they are the ones that are meant."""
        exact_first = sorted(self.pairs, key=lambda pair: -len(_HOLE.sub("", pair[0])))
        return [(_pattern(sentence), words) for sentence, words in exact_first]


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _HOLE.split(sentence)
    text = "".join(f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re.compile(text, re.DOTALL)
