"""What changed since the edition before, as pages show it: causes that add up as written, and ranks parted in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from cityindex import charts
from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry
from cityindex.queries.runs.place_scores import PlaceEdition
from cityindex.queries.runs.rank_changes import PlaceSteps, place_steps, same_method
from cityindex.queries.runs.score_changes import ScoreChange, ValueChange, score_change
from cityindex.web.editions.explain_view import DECIMALS, rounded, signed
from cityindex.web.filters import number
from cityindex.web.places.view import entry_of, name_in

CAUSES = ("values", "coverage", "weights", "parameters")
"""In the order of the page: what was measured, then the method."""
NAMES = {
    "values": lazy_gettext("New figures"),
    "coverage": lazy_gettext("Figures that came or are missing now"),
    "weights": lazy_gettext("Weights and structure of the framework"),
    "parameters": lazy_gettext("Goalposts and scales"),
}
FOLLOWED = lazy_gettext("Scales, which follow the figures of all places")
"""The parameters where the method is the same: they changed because figures did."""
WHY = {
    "no-score": lazy_gettext("One of the two editions has no score of this place, so there is no change to explain."),
    "ordinal": lazy_gettext(
        "In this framework places are compared in pairs, so the change of one score cannot be taken apart."
    ),
    "on-the-way": lazy_gettext(
        "The change cannot be taken apart: with some of the old and some of the new, the place would have no score."
    ),
}
FEW = 5
"""Indicators that are listed: those that moved the score most."""


@dataclass(frozen=True)
class Moved:
    """An indicator with its figures in the two editions, and what the new one gives or takes."""

    name: str
    code: str
    indicator: IndicatorEntry
    change: ValueChange


@dataclass(frozen=True)
class Since:
    """A place in an edition and the one before. `causes` pairs names with points that add up as they are written."""

    before: PlaceEdition
    found: ScoreChange
    steps: PlaceSteps | None
    same_method: bool
    causes: Sequence[tuple[str, str]]
    chart: Markup | None
    moved: Sequence[Moved]
    others: int
    came: Sequence[str]
    left: Sequence[str]

    @property
    def why(self) -> str:
        """Why the change of the score cannot be told; empty where it can."""
        return str(WHY[self.found.why]) if self.found.why else ""

    @property
    def sum(self) -> str:
        """The change of the score, as the causes add up to it."""
        return signed(round(self.found.after or 0.0, DECIMALS) - round(self.found.before or 0.0, DECIMALS))


def since(session: Session, place_id: int, editions: Sequence[PlaceEdition], now: PlaceEdition) -> Since | None:
    """What changed from the latest earlier edition that holds the place; None where there is none."""
    earlier = (one for one in editions if one.framework == now.framework and one.period < now.period)
    before = next(earlier, None)
    if before is None:
        return None
    entry, old = entry_of(session, now.definition), entry_of(session, before.definition)
    found = score_change(session, now.run, before.run, place_id)
    same = same_method(session, now, before)
    causes = _causes(found, same)
    moved = [Moved(name_in(entry, one.code), one.code, entry.indicators[one.code], one) for one in found.values]
    return Since(
        before=before,
        found=found,
        steps=place_steps(session, now, before, place_id),
        same_method=same,
        causes=[(name, signed(points)) for name, points in causes],
        chart=_chart(found, causes, entry) if causes else None,
        moved=moved[:FEW],
        others=max(len(moved) - FEW, 0),
        came=[name_in(entry, code) for code in found.came],
        left=[name_in(old, code) for code in found.left],
    )


def _causes(found: ScoreChange, same: bool) -> list[tuple[str, float]]:
    """Those that can have done something: where the method is the same, weights and structure cannot."""
    if not found.effects:
        return []
    names = {**NAMES, "parameters": FOLLOWED} if same else NAMES
    kept = [cause for cause in CAUSES if not same or found.effects[cause] or cause == "values"]
    total = round(found.after or 0.0, DECIMALS) - round(found.before or 0.0, DECIMALS)
    points = rounded([found.effects[cause] for cause in kept], round(total, DECIMALS))
    return [(str(names[cause]), part) for cause, part in zip(kept, points, strict=True)]


def _chart(found: ScoreChange, causes: Sequence[tuple[str, float]], entry: FrameworkEntry) -> Markup:
    before, after = (round(score or 0.0, DECIMALS) for score in (found.before, found.after))
    steps = [charts.Step(gettext("Score before"), before, number(before, DECIMALS))]
    steps += [charts.Step(name, points, signed(points)) for name, points in causes]
    said = "; ".join(f"{step.label} {step.shown}" for step in steps)
    total = number(after, DECIMALS)
    caption = charts.Caption(
        gettext("From the score before to %(total)s", total=total),
        gettext("%(parts)s; together %(total)s", parts=said, total=total),
    )
    last = charts.Step(gettext("Score now"), after, total)
    return Markup(charts.waterfall(steps, last, entry.framework.scale, caption))  # noqa: S704
