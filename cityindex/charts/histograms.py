"""How many places lie where on a scale, with the median marked and the places without a value beside it, hatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityindex.charts.frames import width_of, wrapped
from cityindex.charts.svg import BOLD, HATCH, PHONE, Caption, at, chart, element, handle, share, text, thinned

TOP, FOOT, HEIGHT = 46, 176, 214
ROW, DIGIT = 20, 8
"""What the words of each place add to the height."""
BESIDE = 6
"""Pixels from the line of a place to its words."""
WIDE, FROM, TO = 86.0, 90.0, 100.0
"""The scale takes the first part of the width, the places without a value the last."""
MOST_MISSING = 2
"""How many times as high as the tallest column the one of places without a value may be; a longer one is broken."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A value to point out, such as the median."""

    value: float
    label: str
    place: str = ""
    """Where the value is a place's, its code, and in `say` what hovering shows."""
    say: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale: `ticks` are values with their words; `title` says what it is and in which unit.

    `most` are the words for the height of the tallest column. `cuts` are where bands begin, each with the name of its
    band, or targets; `pointed` are the values of places in question.
    """

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str
    most: str = ""
    cuts: Sequence[Marker] = ()
    pointed: Sequence[Marker] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """How many places have no value, as a number and in words; the words go over and under the hatched column."""

    count: int
    shown: str
    label: str


def histogram(counts: Sequence[int], axis: Axis, caption: Caption, *, marker: Marker | None, missing: Missing) -> str:
    """Columns of equal width over the scale of `axis`; the places that it points out stand above them."""
    words = [_words(one, axis) for one in axis.pointed]
    above = ROW * (sum(map(len, words)) + bool(axis.cuts))
    columns = _columns(counts, axis, marker, missing)
    picture = element("svg", *columns, y=above, width="100%", height=HEIGHT, overflow="visible")
    pointed, top = [], 0
    for one, lines in zip(axis.pointed, words, strict=True):
        pointed += _pointed(one, lines, (top, above + FOOT), axis)
        top += ROW * len(lines)
    return chart(picture, *pointed, height=HEIGHT + above, caption=caption)


def _columns(counts: Sequence[int], axis: Axis, marker: Marker | None, missing: Missing) -> list[str]:
    tallest = max([*counts, min(missing.count, MOST_MISSING * max(counts, default=0) or missing.count)]) or 1
    step = WIDE / max(len(counts), 1)
    pieces = [element("line", class_="gridline", x1=0, x2=at(WIDE), y1=_y(max(counts, default=0), tallest),
                      y2=_y(max(counts, default=0), tallest))]  # fmt: skip
    pieces += [_column(index * step, step, count, tallest) for index, count in enumerate(counts) if count]
    pieces.append(element("line", class_="axis", x1=0, x2=at(WIDE), y1=FOOT, y2=FOOT))
    pieces += [piece for one in axis.cuts for piece in _cut(one, axis)]
    pieces.append(_height(axis, _y(max(counts, default=0), tallest) - 5, marker))
    pieces += _ticks(axis)
    if marker:
        pieces += _marker(WIDE * share(marker.value, axis.low, axis.high) / 100, marker)
    if missing.count:
        pieces += _missing(missing, tallest)
    return pieces


def _cut(cut: Marker, axis: Axis) -> list[str]:
    """A line where a band begins; its name reads from there to the right, and from the left for the lowest."""
    x = WIDE * share(cut.value, axis.low, axis.high) / 100
    return [
        element("line", class_="cut", x1=at(x), x2=at(x), y1=-ROW + 4, y2=FOOT),
        text(cut.label, x=at(x), dx=4, y=-6, class_="soft"),
    ]


def _words(place: Marker, axis: Axis) -> list[str]:
    """What is said of a place in lines that fit on a phone, on the side of its value that has more room."""
    x = WIDE * share(place.value, axis.low, axis.high) / 100
    return wrapped(place.label, PHONE * max(x, 100 - x) / 100 - BESIDE, BOLD)


def _pointed(place: Marker, words: Sequence[str], ends: tuple[float, float], axis: Axis) -> list[str]:
    x = WIDE * share(place.value, axis.low, axis.high) / 100
    anchor, shift = ("start", BESIDE) if x < 50 else ("end", -BESIDE)
    top, foot = ends
    said = {"x": at(x), "dx": shift, "text_anchor": anchor, "class_": "strong mine"}
    return [
        element("line", class_="pointer", x1=at(x), x2=at(x), y1=top + 4, y2=foot),
        *handle(x, foot, place.place, place.say or place.label),
        *(text(line, y=top + 14 + ROW * at_line, **said) for at_line, line in enumerate(words)),
    ]


def _height(axis: Axis, y: float, marker: Marker | None) -> str:
    """The words for the height of the tallest column, on the side where the marker is not."""
    if marker and share(marker.value, axis.low, axis.high) < 40:
        return text(axis.most, x=at(WIDE), y=y, text_anchor="end", class_="soft")
    return text(axis.most, x=0, y=y, class_="soft")


def _y(count: int, tallest: int) -> float:
    return FOOT - (FOOT - TOP) * count / tallest


def _column(x: float, step: float, count: int, tallest: int) -> str:
    top = min(_y(count, tallest), FOOT - 1.5)
    return element("rect", class_="mark", x=at(x), width=at(step - 0.2), y=top, height=FOOT - top)


def _ticks(axis: Axis) -> list[str]:
    pieces = [text(axis.title, x=0, y=HEIGHT - 2, class_="soft")]
    # On a phone, long numbers would stand in each other: every second or third has words, the last among them.
    room = max(int(PHONE * WIDE / 100) // (max((len(words) for _, words in axis.ticks), default=1) * DIGIT + DIGIT), 2)
    said = {value for value, _ in thinned(axis.ticks, room)}
    for value, words in axis.ticks:
        x = WIDE * share(value, axis.low, axis.high) / 100
        anchor = "start" if x < 4 else "end" if x > WIDE - 4 else "middle"
        pieces.append(element("line", class_="axis", x1=at(x), x2=at(x), y1=FOOT, y2=FOOT + 4))
        if value in said:
            pieces.append(text(words, x=at(x), y=FOOT + 18, text_anchor=anchor, class_="soft"))
    return pieces


def _marker(x: float, marker: Marker) -> list[str]:
    half = 50 * width_of(marker.label, BOLD) / PHONE
    anchor = "start" if x < half else "end" if x + half > 100 else "middle"
    return [
        element("line", class_="reference", x1=at(x), x2=at(x), y1=20, y2=FOOT),
        *handle(x, FOOT, marker.place, marker.say),
        text(marker.label, x=at(x), y=14, text_anchor=anchor, class_="strong named"),
    ]


def _missing(missing: Missing, tallest: int) -> list[str]:
    top = min(_y(min(missing.count, tallest), tallest), FOOT - 3)
    middle = (top + FOOT) / 2
    torn = [element("line", class_="break", x1=at(FROM), x2=at(TO), y1=middle + 5, y2=middle - 5)]
    return [
        element("rect", x=at(FROM), width=at(TO - FROM), y=top, height=FOOT - top, fill=HATCH),
        *(torn if missing.count > tallest else []),
        element("line", class_="axis", x1=at(FROM), x2=at(TO), y1=FOOT, y2=FOOT),
        text(missing.shown, x=at(TO), y=top - 5, text_anchor="end", class_="soft"),
        text(missing.label, x=at(TO), y=HEIGHT - 2, text_anchor="end", class_="soft"),
    ]
