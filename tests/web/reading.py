"""Reading pages in tests: their words without markup, and the cells of their tables."""

from __future__ import annotations

import html
import re


def text_of(page: str) -> str:
    """The words of the main part, with single blanks."""
    main = re.search("<main.*</main>", page, re.DOTALL)
    assert main
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main[0])))


def table_of(page: str, caption: str) -> list[list[str]]:
    """The body of the table whose caption contains some words: its rows as lists of words."""
    tables = [one for one in re.findall("<table[^>]*>.*?</table>", page, re.DOTALL) if caption in html.unescape(one)]
    assert len(tables) == 1, f"{len(tables)} tables are called «{caption}»"
    body = tables[0].split("<tbody>")[1]
    rows = re.findall("<tr.*?</tr>", body, re.DOTALL)
    return [[_words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def codes_of(page: str) -> list[str]:
    """The codes of the places that a table links to, in its order."""
    return re.findall(r'<th scope="row"[^>]*><a href="/\w\w/places/(\w+)"', page)


def figures(words: str) -> list[float]:
    """The numbers in some words."""
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", words)]


def _words(cell: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", cell))).strip()
