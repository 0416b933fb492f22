"""Values over the years: lines of places and of medians, the middle half as a band, targets as lines of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cityindex.charts.frames import width_of, wrapped
from cityindex.charts.histograms import Axis
from cityindex.charts.svg import BOLD, LETTERS, PHONE, Caption, at, chart, element, share, stands_for, text, thinned

ROW = 24
"""Height of a line of the key, which stands above the picture."""
TALL, FOOT = 210, 30
LEFT, RIGHT = 6.0, 88.0
APART = 16.0
"""Pixels between the tags at the ends of lines."""
SAMPLE = 26
HALF, BESIDE = 1.0, 1.6
"""Percent of the width: half of the mark of a target for one year, and from the end of a line to its tag. Lines end
at `RIGHT`, or earlier where their tags would not fit on a phone."""


@dataclass(frozen=True, slots=True)
class Middle:
    """A year with the quartiles of its values."""

    year: int
    q1: float
    q3: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in a year; `said` are the words for the reader. `low` and `high` are the ends of its interval, if any."""

    year: int
    value: float
    said: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A line. `kind` is `place`, `median` or `peers`; `tag` stands at its end, `label` (after a place's tag) in the
    key.

    `code` is that of the place, where it is one.
    """

    kind: str
    tag: str
    label: str
    readings: Sequence[Reading]
    code: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A target: a line from the year `start` on (over the whole width where it is None), or a mark in the year `by`.

    A straight line leads to such a mark from the year and value of `begin`; `way` are its words in the key.
    """

    value: float
    tag: str
    label: str
    start: int | None = None
    by: int | None = None
    begin: tuple[int, float] | None = None
    way: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """What a picture holds: lines, targets, and a band where there is enough for one."""

    series: Sequence[Series]
    goals: Sequence[Goal] = ()
    spread: Sequence[Middle] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the key: the class of its sample, its words in lines, and their class."""

    kind: str
    words: Sequence[str]
    class_: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand: years from left to right, values of `axis` from foot to head, below the key."""

    years: Sequence[int]
    axis: Axis
    top: float
    right: float
    left: float = LEFT
    tall: float = TALL

    def x(self, year: int) -> float:
        """In percent of the width."""
        first, last = self.years[0], self.years[-1]
        return self.left + (self.right - self.left) * (0.5 if first == last else (year - first) / (last - first))

    def y(self, value: float) -> float:
        return self.top + self.tall - self.tall * share(value, self.axis.low, self.axis.high) / 100


def trend(lines: Lines, axis: Axis, years: Sequence[tuple[int, str]], caption: Caption) -> str:
    """`years` are those of the axis, in order, with their words. A year without a value breaks a line and the band.

    `axis.most` says in the key what the band is.
    """
    series, goals, spread = lines.series, lines.goals, lines.spread
    key = _entries(lines, axis.most if spread else "")
    tags = [*(one.tag for one in series), *(goal.tag for goal in goals)]
    room = max((100 * width_of(tag, BOLD) / PHONE for tag in tags), default=0.0)
    right = min(RIGHT, 100 - BESIDE - room)
    frame = Frame([year for year, _ in years], axis, ROW * sum(len(one.words) for one in key) + 44, right)
    height = frame.top + TALL + FOOT
    drawn = [*_band(spread, frame), *(piece for one in series for piece in curve(one, frame))]
    drawn += [way_to((goal.by, goal.value), goal.begin, frame) for goal in goals if goal.by and goal.begin]
    pieces = [
        *_key(key),
        *_grid(axis, frame),
        stretched(drawn, height),
        *(piece for goal in goals for piece in _goal(goal, frame)),
        *(piece for one in series for piece in _marks(one, frame)),
        *_tags(series, goals, frame),
        *(
            text(words, x=at(frame.x(year)), y=height - 6, text_anchor="middle", class_="soft")
            for year, words in thinned(years)
        ),
    ]
    return chart(*pieces, height=height, caption=caption)


def _entries(lines: Lines, band: str) -> list[Entry]:
    room = PHONE - SAMPLE - 8
    places = [
        Entry(f"line {one.kind}", wrapped(f"{one.tag} {one.label}", room, LETTERS), "strong")
        if one.kind == "place"
        else Entry(f"line {one.kind}", wrapped(one.label, room, LETTERS))
        for one in lines.series
    ]
    goals = [Entry("line goal", wrapped(f"{one.tag} {one.label}", room, LETTERS)) for one in lines.goals]
    ways = [Entry("line way", wrapped(one.way, room, LETTERS)) for one in lines.goals if one.begin]
    return [*places, *goals, *ways, *([Entry("spread", wrapped(band, room, LETTERS), "soft")] if band else [])]


def _key(entries: Sequence[Entry]) -> Iterator[str]:
    row = 0
    for one in entries:
        y = ROW * row + 12
        if one.kind == "spread":
            yield element("rect", class_=one.kind, x=0, y=y - 8, width=SAMPLE, height=14)
        else:
            yield element("line", class_=one.kind, x1=0, x2=SAMPLE, y1=y, y2=y)
        for at_line, words in enumerate(one.words):
            yield text(words, x=SAMPLE + 8, y=y + 5 + ROW * at_line, class_=one.class_)
        row += len(one.words)


def _grid(axis: Axis, frame: Frame) -> Iterator[str]:
    yield text(axis.title, x=0, y=frame.top - 26, class_="soft")
    for value, words in axis.ticks:
        y = frame.y(value)
        yield element("line", class_="gridline", x1=0, x2="100%", y1=y, y2=y)
        yield text(words, x=0, y=y - 4, class_="soft")


def _band(spread: Sequence[Middle], frame: Frame) -> Iterator[str]:
    for one, other in pairwise(spread):
        if other.year - one.year == 1:
            left, right = frame.x(one.year), frame.x(other.year)
            upper = f"M{left:.2f} {frame.y(one.q3):.2f}L{right:.2f} {frame.y(other.q3):.2f}"
            lower = f"V{frame.y(other.q1):.2f}L{left:.2f} {frame.y(one.q1):.2f}Z"
            yield element("path", class_="spread", d=upper + lower)


def stretched(pieces: Sequence[str], height: float) -> str:
    """A picture within the picture whose x are percent; nothing for nothing."""
    view = {"viewBox": f"0 0 100 {height:.0f}", "preserveAspectRatio": "none"}
    return element("svg", *pieces, width="100%", height=height, **view) if pieces else ""


def way_to(end: tuple[int, float], begin: tuple[int, float], frame: Frame) -> str:
    """The straight line to a target; both ends are a year and a value."""
    (year, value), (start, first) = end, begin
    there = f"L{frame.x(year):.2f} {frame.y(value):.2f}"
    return element("path", class_="line way", d=f"M{frame.x(start):.2f} {frame.y(first):.2f}{there}")


def curve(one: Series, frame: Frame) -> Iterator[str]:
    for before, after in pairwise(one.readings):
        if after.year - before.year == 1:
            start = f"M{frame.x(before.year):.2f} {frame.y(before.value):.2f}"
            end = f"L{frame.x(after.year):.2f} {frame.y(after.value):.2f}"
            yield element("path", class_=f"line {one.kind}", d=start + end)


def _marks(one: Series, frame: Frame) -> Iterator[str]:
    for reading in one.readings:
        x, y = at(frame.x(reading.year)), frame.y(reading.value)
        if reading.low is not None and reading.high is not None:
            ends = {"y1": frame.y(reading.low), "y2": frame.y(reading.high)}
            yield element("line", class_="whisker", x1=x, x2=x, **ends)
        yield element(
            "circle",
            class_=f"point {one.kind}",
            cx=x,
            cy=y,
            r=4.5 if one.kind == "place" else 3.5,
            **stands_for(one.code, reading.said),
        )


def _goal(goal: Goal, frame: Frame) -> Iterator[str]:
    y = frame.y(goal.value)
    if goal.by is not None:
        x = frame.x(goal.by)
        yield element("line", class_="line goal", x1=at(x - HALF), x2=at(x + HALF), y1=y, y2=y)
        return
    start = 0.0 if goal.start is None or goal.start <= frame.years[0] else frame.x(goal.start)
    if goal.start is None or goal.start <= frame.years[-1]:
        yield element("line", class_="line goal", x1=at(start), x2=at(frame.right), y1=y, y2=y)


def _tags(series: Sequence[Series], goals: Sequence[Goal], frame: Frame) -> Iterator[str]:
    """Short names where lines end, moved apart where they would stand on one another.

    Lines end with the last year that any has, also where a target for a later year makes the picture wider.
    """
    last = max((one.readings[-1].year for one in series if one.readings), default=frame.years[-1])
    columns: dict[float, list[tuple[float, str, str]]] = {}
    for one in series:
        if one.readings:
            columns.setdefault(frame.x(last), []).append((frame.y(one.readings[-1].value), one.tag, one.kind))
    for goal in goals:
        x = frame.right if goal.by is None else frame.x(goal.by)
        columns.setdefault(x, []).append((frame.y(goal.value), goal.tag, "goal"))
    for x, ends in columns.items():
        for y, (_, tag, kind) in zip(apart([y for y, _, _ in sorted(ends)]), sorted(ends), strict=True):
            yield text(tag, x=at(x + BESIDE), y=y + 5, class_=f"tag-end {kind}")


def apart(heights: Sequence[float], least: float = APART) -> list[float]:
    """Ascending heights, each at least `least` below the one before; groups keep their middle."""
    groups: list[tuple[float, int]] = []
    for height in heights:
        groups.append((height, 1))
        while len(groups) > 1 and _overlap(groups[-2], groups[-1], least):
            (upper, one), (lower, other) = groups[-2:]
            groups[-2:] = [((upper * one + lower * other) / (one + other), one + other)]
    return [middle + least * (place - (count - 1) / 2) for middle, count in groups for place in range(count)]


def _overlap(upper: tuple[float, int], lower: tuple[float, int], least: float) -> bool:
    return lower[0] - upper[0] < least * (upper[1] + lower[1]) / 2
