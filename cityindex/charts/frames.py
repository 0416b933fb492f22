"""A chart as a picture that stands alone: its title, what it shows and where it is from are inside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from cityindex.charts.svg import element, text

MARGIN = 28.0
TITLE, LINE, FOOT = 30.0, 23.0, 20.0
"""Heights of lines, in pixels."""
LEAST = 60.0
"""Pixels that a figure has, however many words there are."""
SHARE = 0.6
"""Of the width, for words beside a tall figure."""
LETTER = 0.56
"""The width of a letter on average, as a share of its size; Thai marks over and under letters take none."""
SQUARE, HIGHEST = 260.0, 1200.0
_MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")
_STARTS = re.compile("การ|ความ|ของ|และ|[เแโใไ]")
_HEAD = re.compile(r"<svg\b[^>]*>")
_SIZE = re.compile(r'\s(?:width|height)="[^"]*"')
_BOX = re.compile(r'viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"')


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around the figure, in the language of the reader; `demo` is empty where the data are real."""

    title: str
    lines: Sequence[str]
    foot: Sequence[str]
    demo: str = ""
    key: Sequence[tuple[str, str]] = ()
    """What the colours mean: CSS classes, or colours such as `#2d6f94` and `url(#no-data)`, with words."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole SVG document, and its size in pixels."""

    svg: str
    width: int
    height: int


def framed(figure: str, words: Words, style: str, width: int = 800, height: int | None = None) -> Picture:
    """`figure` (an SVG of `charts`) between its words. `style` is all the CSS it needs; patterns may be in it, too.

    With `height`, the figure is made as small as it takes; without, the picture is as high as it gets.
    """
    figure = str(figure)  # markup of a template would escape what is written into it
    inner = width - 2 * MARGIN
    natural = natural_height(figure, inner)
    # A tall figure, such as the country, has its words beside it where the height is given.
    beside = height is not None and natural > inner and bool(_BOX.search(_opening(figure)))
    column = inner * SHARE if beside else inner
    head, y = _head(words, column)
    foot = [part for line in words.foot if line for part in wrapped(line, column, 13)]
    under = FOOT * len(foot) + MARGIN
    room = natural if height is None else max(min(natural, height - y - under - 8), LEAST)
    whole = round(y + room + 8 + under) if height is None else height
    place = (MARGIN, y, inner, room)
    if beside:
        place = (MARGIN + column, MARGIN, inner - column, whole - 2 * MARGIN)
    start = whole - under + 12
    pieces = [
        element("title", escape(words.title)),
        style,
        element("rect", width=width, height=whole, class_="paper"),
        *head,
        _placed(figure, (inner * (1 if beside else _stretch(figure, natural, room)), natural), place),
        *(text(line, x=MARGIN, y=start + FOOT * at, class_="foot") for at, line in enumerate(foot)),
    ]
    box = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {whole}"}
    return Picture(element("svg", *pieces, width=width, height=whole, class_="framed", role="img", **box), width, whole)


def _stretch(figure: str, natural: float, room: float) -> float:
    """How much wider a chart is laid out where it has to be smaller, so that it still takes the whole width."""
    return 1.0 if _BOX.search(_opening(figure)) else max(natural / room, 1.0)


def natural_height(figure: str, width: float) -> float:
    """How high a figure is where it is `width` wide."""
    written = _opening(figure)
    plain = re.search(r'\sheight="([\d.]+)"', written)
    box = _BOX.search(written)
    if box and (not plain or not re.search(r'\swidth="100%"', written)):
        return min(width * float(box[2]) / float(box[1]), HIGHEST)
    return float(plain[1]) if plain else SQUARE


def _opening(figure: str) -> str:
    found = _HEAD.search(figure)
    return found[0] if found else ""


def width_of(words: str, size: float) -> float:
    """How wide words are at a size of letters, as far as that can be known without the face."""
    return _length(words) * size * LETTER


def wrapped(words: str, width: float, size: float) -> list[str]:
    """Lines no wider than `width` at a size of letters, as far as that can be known without the face."""
    most = int(width / (size * LETTER))
    lines = [""]
    for word in words.split():
        for part in _pieces(word, most):
            if lines[-1] and _length(lines[-1]) + 1 + _length(part) > most:
                lines.append(part)
            else:
                lines[-1] = f"{lines[-1]} {part}".strip()
    return lines if lines[0] else []


def _pieces(word: str, most: int) -> list[str]:
    """A word that is too long for a line in parts, where a Thai word is likely to begin if there is such a place.

    Never before a mark that belongs to the letter before it.
    """
    parts = []
    while _length(word) > most:
        end = _fitting(word, most)
        starts = [found.start() for found in _STARTS.finditer(word, end // 2, end + 1)]
        end = starts[-1] if starts else end
        parts.append(word[:end])
        word = word[end:]
    return [*parts, word]


def _fitting(word: str, most: int) -> int:
    """How many characters fit into a line."""
    end = taken = 0
    for letter in word:
        wide = not _MARKS.match(letter)
        if wide and taken == most:
            break
        taken += wide
        end += 1
    return end


def _length(words: str) -> int:
    return len(_MARKS.sub("", words))


def _head(words: Words, width: float) -> tuple[list[str], float]:
    """The words over the figure, and where they end."""
    pieces, y = [], MARGIN
    for line in wrapped(words.title, width, 24):
        pieces.append(text(line, x=MARGIN, y=y + 18, class_="title"))
        y += TITLE
    for said, class_ in [
        *((line, "line") for line in words.lines if line),
        *([(words.demo, "demo")] * bool(words.demo)),
    ]:
        for line in wrapped(said, width, 15):
            pieces.append(text(line, x=MARGIN, y=y + 14, class_=class_))
            y += LINE
    keyed, y = _key(words.key, width, y)
    return [*pieces, *keyed], y + 10


def _key(key: Sequence[tuple[str, str]], width: float, y: float) -> tuple[list[str], float]:
    """What the colours mean, side by side as far as there is room."""
    pieces, x = [], MARGIN
    for class_, words in key:
        wide = 24 + _length(words) * 14 * LETTER + 16
        if x > MARGIN and x + wide > MARGIN + width:
            x, y = MARGIN, y + LINE
        wide_mark = 3 if class_ == "reference" else 14
        look = {"class_": "key", "fill": class_} if class_[0] in "#u" else {"class_": f"key {class_}"}
        mark = element("rect", x=x, y=y + 3, width=wide_mark, height=14, **look)
        pieces.append(element("g", mark, class_="chart"))  # where the rules of its class hold
        pieces.append(text(words, x=x + 21, y=y + 15, class_="key-words"))
        x += wide
    return pieces, y + LINE if key else y


def _placed(figure: str, size: tuple[float, float], at: tuple[float, float, float, float]) -> str:
    """The figure within a box of its `size`, which is made to fit `at` (x, y, width, height)."""
    x, y, width, height = at
    if _BOX.search(opening := _opening(figure)):
        # What is made to be scaled has a size of its own, which would be cut off by the box.
        figure = figure.replace(opening, _SIZE.sub("", opening)[:-1] + f' width="{size[0]:g}" height="{size[1]:g}">', 1)
    box = {"viewBox": f"0 0 {size[0]:g} {size[1]:g}", "preserveAspectRatio": "xMidYMin meet"}
    return element("svg", figure, x=x, y=y, width=width, height=height, **box)
