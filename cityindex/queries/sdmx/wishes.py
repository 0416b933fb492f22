"""Which observations of a dataflow are wanted: keys, periods, conditions on components, how many of each series."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

EVER = range(1800, 2201)
KEY = ("REF_AREA", "INDICATOR")
Key = tuple[frozenset[str] | None, frozenset[str] | None]
"""Codes of areas and of indicators; None means all."""
OPERATORS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "eq": pl.Expr.eq,
    "ne": pl.Expr.ne_missing,
    "lt": pl.Expr.lt,
    "le": pl.Expr.le,
    "gt": pl.Expr.gt,
    "ge": pl.Expr.ge,
}
TEXT_OPERATORS: Mapping[str, Callable[[pl.Expr, str], pl.Expr]] = {
    "co": lambda column, text: column.str.contains(text, literal=True),
    "nc": lambda column, text: ~column.fill_null("").str.contains(text, literal=True),
    "sw": lambda column, text: column.str.starts_with(text),
    "ew": lambda column, text: column.str.ends_with(text),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `alternatives` holds, and of that every part: an operator and what a component is compared with."""

    component: str
    alternatives: tuple[tuple[tuple[str, str], ...], ...]

    def expression(self, *, number: bool) -> pl.Expr:
        """Rows that it holds for; `number` says how the component is compared. What is missing equals nothing."""
        column = pl.col(self.component)

        def part(operator: str, text: str) -> pl.Expr:
            if operator in TEXT_OPERATORS:
                return TEXT_OPERATORS[operator](column, text)
            return OPERATORS[operator](column, pl.lit(float(text) if number else text))

        return pl.any_horizontal(pl.all_horizontal(part(*one) for one in together) for together in self.alternatives)

    def holds(self, text: str) -> bool:
        """Whether it holds where the component is this text everywhere."""
        return pl.DataFrame({self.component: [text]}).filter(self.expression(number=False)).height == 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What a query asks for; None means everything. Years are of the common era, both ends included."""

    areas: frozenset[str] | None = None
    indicators: frozenset[str] | None = None
    keys: tuple[Key, ...] = ()
    """Where there are several: what is wanted fits one of them."""
    years: Sequence[int] = EVER
    conditions: tuple[Condition, ...] = ()
    """All of them hold."""
    first: int | None = None
    """Of so many periods of each series at most, the earliest."""
    last: int | None = None
    updated_after: datetime | None = None
    history: bool = False
    """Earlier editions and revisions, too."""


def without(wish: Wish, component: str) -> Wish:
    """The same wish, whatever the component is: REF_AREA, INDICATOR or TIME_PERIOD."""
    kept = tuple(one for one in wish.conditions if one.component != component)
    if component == "REF_AREA":
        return replace(wish, areas=None, keys=tuple((None, codes) for _, codes in wish.keys), conditions=kept)
    if component == "INDICATOR":
        return replace(wish, indicators=None, keys=tuple((areas, None) for areas, _ in wish.keys), conditions=kept)
    return replace(wish, years=EVER, first=None, last=None, conditions=kept)


def trimmed(frame: pl.DataFrame, wish: Wish) -> pl.DataFrame:
    """The rows that are wanted of a frame, with at most as many observations of each series as are wanted."""
    for one in wish.conditions:
        frame = frame.filter(one.expression(number=frame.schema[one.component].is_numeric()))
    if wish.keys:
        frame = frame.filter(_of_keys(wish.keys))
    if wish.first is None and wish.last is None:
        return frame
    number = pl.col("TIME_PERIOD").rank("dense").over(KEY)  # revisions of an observation count as one
    early = number <= wish.first if wish.first is not None else pl.lit(False)
    late = number > number.max().over(KEY) - wish.last if wish.last is not None else pl.lit(False)
    return frame.filter(early | late)


def _of_keys(keys: Sequence[Key]) -> pl.Expr:
    """Rows that fit one of the keys."""
    return pl.any_horizontal(_within("REF_AREA", areas) & _within("INDICATOR", codes) for areas, codes in keys)


def _within(name: str, codes: Collection[str] | None) -> pl.Expr:
    return pl.lit(True) if codes is None else pl.col(name).is_in(list(codes))


def written(moment: datetime | None) -> str | None:
    """A moment as messages have it."""
    return None if moment is None else moment.isoformat()
