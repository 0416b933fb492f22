"""What makes the gap between the first place and each other one: parts that add up as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.comparison import GapPart, GapParts
from cityindex.web.editions.explain_view import DECIMALS, rounded, signed
from cityindex.web.filters import translated
from cityindex.web.page import full_name
from cityindex.web.places.view import name_in


@dataclass(frozen=True)
class Effect:
    """A part of the gap, written; `below` are the indicators of a node."""

    code: str
    name: str
    points: float
    below: Sequence[Effect] = ()

    @property
    def shown(self) -> str:
        return signed(self.points)


@dataclass(frozen=True)
class Gap:
    """The gap to one other place: `parts` are the domains, and what comes from different figures being there."""

    other: PlaceRecord
    points: float
    parts: Sequence[Effect]
    chart: Markup

    @property
    def shown(self) -> str:
        return signed(self.points)


def gaps_of(
    first: PlaceRecord, others: Sequence[tuple[PlaceRecord, GapParts | None]], entry: FrameworkEntry
) -> list[Gap]:
    """Every gap that can be taken apart, drawn on one common scale."""
    taken = [(other, parts, _parts(parts, entry)) for other, parts in others if parts is not None]
    reach = max((abs(one.points) for _, _, parts in taken for one in parts), default=0.0)
    reach = max([reach, *(abs(parts.gap) for _, parts, _ in taken)])
    return [
        Gap(other, _whole(parts), written, _chart(first, other, written, _whole(parts), reach))
        for other, parts, written in taken
    ]


def _whole(parts: GapParts) -> float:
    return round(parts.gap, DECIMALS)


def _parts(found: GapParts, entry: FrameworkEntry) -> list[Effect]:
    index = found.parts[0]
    children = found.children(index)
    named = [*_named(children, entry), *_different(index, index.coverage)]
    points = rounded([exact for *_, exact in named], _whole(found))
    belows = [*children, *[None] * (len(named) - len(children))]
    return [
        Effect(code, name, given, _below(found, child, given, entry) if child else ())
        for (code, name, _), given, child in zip(named, points, belows, strict=True)
    ]


def _below(found: GapParts, part: GapPart, given: float, entry: FrameworkEntry) -> list[Effect]:
    if part.node.is_indicator:
        return []
    named = [*_named(found.indicators(part), entry), *_different(part, found.different(part))]
    points = rounded([exact for *_, exact in named], given)
    return [Effect(code, name, point) for (code, name, _), point in zip(named, points, strict=True)]


def _named(parts: Sequence[GapPart], entry: FrameworkEntry) -> list[tuple[str, str, float]]:
    return [(one.node.code, name_in(entry, one.node.code), one.effect) for one in parts]


def _different(part: GapPart, exact: float) -> list[tuple[str, str, float]]:
    """The part that is there because one place has figures that the other lacks."""
    return [(f"{part.node.code}:", gettext("different figures at hand"), exact)] if exact else []


def _chart(first: PlaceRecord, other: PlaceRecord, parts: Sequence[Effect], points: float, reach: float) -> Markup:
    steps = [charts.Step(one.name, one.points, one.shown) for one in parts]
    said = "; ".join(f"{step.label} {step.shown}" for step in steps)
    caption = charts.Caption(
        gettext("The gap between %(one)s and %(other)s", one=full_name(first), other=full_name(other)),
        gettext("%(parts)s; together %(total)s", parts=said, total=signed(points)),
    )
    ends = (gettext("◂ for %(place)s", place=translated(other)), gettext("for %(place)s ▸", place=translated(first)))
    whole = charts.Step(gettext("Gap"), points, signed(points))
    return Markup(charts.gap_bars(steps, whole, ends, caption, reach))  # noqa: S704 (escaped by cityindex.charts)
