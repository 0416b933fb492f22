"""What it has come to: every figure of the page of results, counted from what is stored, and the lists behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.definitions.catalogue import Catalogue
from cityindex.models import (
    KnowledgeEntry,
    KnowledgeItem,
    Membership,
    Place,
    Proposal,
    Score,
)
from cityindex.participation.progress import Progress
from cityindex.queries.knowledge.proposals import SHOWN
from cityindex.queries.observations.indicator_tables import Filter
from cityindex.queries.participation.targets import TargetState, set_by_somebody, states, targets
from cityindex.queries.places.directory import directory
from cityindex.queries.plans.shown import shown_places
from cityindex.queries.runs.editions import Edition, current_editions

DIGITAL, LEARNING, NETWORK = "digital-transformation", "national-learning-city", "unesco-gnlc"
INDEX = 0
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and how many of these are demo data."""

    all: int = 0
    demo: int = 0


@dataclass(frozen=True, slots=True)
class ProvinceCovered:
    """A province with what there is of the programme in it."""

    code: str
    name_th: str
    name_en: str | None
    digital: int
    learning: int
    knowledge: int
    proposals: int
    demo: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A place with its score in two editions of one method."""

    code: str
    place_type: str
    name_th: str
    name_en: str | None
    demo: bool
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def direction(self) -> str:
        """`rose`, `fell`, or `same` where less than half of the last digit that is shown lies between them."""
        if abs(self.change) < LEAST:
            return "same"
        return "rose" if self.change > 0 else "fell"


@dataclass(frozen=True, slots=True)
class Movement:
    """From the first edition of a method to its last: how many of the places scored in both rose and fell.

    Changes below half of the last digit that is shown (0.05) count as none.
    """

    framework: str
    before: Edition
    after: Edition
    both: int
    rose: int
    fell: int
    median: float


def members(session: Session, programme: str) -> Count:
    """Those who are in a programme today."""
    held = Membership.programme == programme, Membership.left.is_(None)
    return _count(session, select(Membership.demo).where(*held).subquery())


def knowledge(session: Session) -> Count:
    """Items that are shown."""
    shown = select(KnowledgeItem.demo).join(KnowledgeEntry, KnowledgeEntry.item_id == KnowledgeItem.id)
    return _count(session, shown.subquery())


def targets_reached(session: Session, catalogue: Catalogue, today: date) -> tuple[Count, Count]:
    """Targets in force that somebody answers for, and those of them that are reached by the stated rules."""
    adopted = set_by_somebody(states(session, catalogue, targets(session), today))
    reached = [one for one in adopted if one.told.progress == Progress.REACHED]
    return _targets(adopted), _targets(reached)


def _targets(found: Sequence[TargetState]) -> Count:
    return Count(len(found), sum(one.target.demo for one in found))


def proposals(session: Session) -> Mapping[str, Count]:
    """Of the register, by kind."""
    query = select(Proposal.kind, func.count(), func.sum(case((Proposal.demo, 1), else_=0)))
    query = query.where(SHOWN).group_by(Proposal.kind)
    return {kind: Count(many, demo) for kind, many, demo in session.execute(query)}


def plans_shown(session: Session) -> Count:
    """Places of today that show their improvement plan to everybody."""
    found, named = shown_places(session, Filter()), directory(session).named
    return Count(len(found), sum(named[one].demo for one in found.tolist()))


def provinces(session: Session) -> list[ProvinceCovered]:
    """The provinces in which there is anything of the programme, by code."""
    parts = {
        "digital": select(Membership.place_id).where(Membership.programme == DIGITAL, Membership.left.is_(None)),
        "learning": select(Membership.place_id).where(Membership.programme == LEARNING, Membership.left.is_(None)),
        "knowledge": select(KnowledgeEntry.place_id),
        "proposals": select(Proposal.place_id).where(Proposal.place_id.is_not(None), SHOWN),
    }
    found: dict[int, dict[str, Any]] = {}
    for name, places in parts.items():
        for province, many, demo in session.execute(_by_province(places.subquery())):
            row = found.setdefault(province, dict.fromkeys(parts, 0) | {"demo": False})
            row[name] = many
            row["demo"] = row["demo"] or bool(demo)
    named = session.scalars(select(Place).where(Place.id.in_(found)).order_by(Place.code))
    return [ProvinceCovered(one.code, one.name_th, one.name_en, **found[one.id]) for one in named]


def movements(session: Session) -> list[Movement]:
    """For each framework with two editions of the method that is in force now."""
    found = []
    for before, after in _pairs(session):
        rows = moved(session, before, after)
        if rows:
            ways = Counter(one.direction for one in rows)
            middle = median(one.change for one in rows)
            found.append(Movement(after.framework, before, after, len(rows), ways["rose"], ways["fell"], middle))
    return found


def movement(session: Session, framework: str) -> tuple[Edition, Edition] | None:
    """The first and last edition of the method of a framework that is in force now; None where there is one only."""
    return next((pair for pair in _pairs(session) if pair[0].framework == framework), None)


def moved(session: Session, before: Edition, after: Edition) -> list[Moved]:
    """The places that are scored in both, the largest rise first."""
    one, other = aliased(Score), aliased(Score)
    query = (
        select(Place.code, Place.place_type, Place.name_th, Place.name_en, Place.demo, one.score, other.score)
        .join(one, one.place_id == Place.id)
        .join(other, other.place_id == Place.id)
        .where(one.run_id == before.run, one.position == INDEX, one.score.is_not(None))
        .where(other.run_id == after.run, other.position == INDEX, other.score.is_not(None))
    )
    rows = [Moved(*row) for row in session.execute(query)]  # type: ignore[arg-type]  # (neither is null: see above)
    return sorted(rows, key=lambda row: (-row.change, row.code))


def _pairs(session: Session) -> Sequence[tuple[Edition, Edition]]:
    """By framework: the oldest edition with the definition of the newest, and the newest."""
    newest: dict[str, Edition] = {}
    oldest: dict[str, Edition] = {}
    for one in current_editions(session):
        last = newest.setdefault(one.framework, one)
        if one.definition == last.definition:
            oldest[one.framework] = one
    return [(oldest[code], last) for code, last in newest.items() if oldest[code].run != last.run]


def _by_province(places: Any) -> Any:
    province = func.coalesce(Place.province_id, Place.id)
    demo = func.max(case((Place.demo, 1), else_=0))
    return select(province, func.count(), demo).join(places, places.c.place_id == Place.id).group_by(province)


def _count(session: Session, rows: Any) -> Count:
    query = select(func.count(), func.coalesce(func.sum(case((rows.c.demo, 1), else_=0)), 0)).select_from(rows)
    return Count(*session.execute(query).one())
