"""Targets with what has come of them: who set which value by when, every revision, and progress by stated rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import NotFound
from cityindex.models import ConsultationTopic, Place, Target, TargetRevision
from cityindex.participation.progress import Aim, Line, Told, line_of, told
from cityindex.queries.participation.target_values import Values, values_of
from cityindex.scoring.framework import Node

RESIDENTS, PLACE, PROVINCE, NATION = OWNERS = ("residents", "place", "province", "nation")
SET = (PLACE, PROVINCE, NATION)
"""Those that somebody answers for; what residents propose is no target before it is adopted."""


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A target in force. `framework` is empty for an indicator; `period` is of the common era.

    `start` is the year from whose value progress is counted; `topic` and `consultation` say where it came from.
    """

    id: int
    place_id: int
    place: str
    place_type: str
    name_th: str
    name_en: str | None
    province_code: str | None
    demo: bool
    framework: str
    code: str
    period: int
    owner: str
    revision: int
    value: float
    reason: str
    start: int | None
    topic: int | None
    consultation: int | None
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One revision; without a value it took the target back."""

    revision: int
    value: float | None
    reason: str
    start: int | None
    consultation: int | None
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target, the values of its place by year, and its progress. `better` as in `Aim`."""

    target: TargetRecord
    values: Mapping[int, float]
    told: Told
    better: float
    over: bool

    @property
    def aim(self) -> Aim:
        return Aim(self.target.value, self.target.period, self.better, self.target.start)

    @property
    def line(self) -> Line | None:
        """The straight line that progress is compared with; None where there is no value to begin from."""
        return line_of(self.aim, self.values)


def targets(session: Session, *conditions: ColumnElement[bool]) -> tuple[TargetRecord, ...]:
    """The targets in force that fit all conditions, by place, then code and year; the place's own before others'."""
    found = [TargetRecord(*row) for row in session.execute(_in_force().where(*conditions))]
    return tuple(sorted(found, key=lambda one: (one.place, one.code, one.period, OWNERS.index(one.owner))))


def targets_of(session: Session, place_id: int) -> tuple[TargetRecord, ...]:
    """The targets of one place that are in force, proposals of residents included."""
    return targets(session, Target.place_id == place_id)


def target(session: Session, target_id: int) -> TargetRecord:
    """One target in force. Raises `NotFound`, also for one that was taken back."""
    found = targets(session, Target.id == target_id)
    if not found:
        raise NotFound(f"there is no target {target_id}")
    return found[0]


def revisions_of(session: Session, target_id: int) -> tuple[RevisionRecord, ...]:
    """Everything that was ever said of a target, the newest first."""
    row = TargetRevision
    query: Any = (
        select(
            row.revision, row.value, row.reason, row.baseline, ConsultationTopic.consultation_id, row.account_id, row.at
        )
        .outerjoin(ConsultationTopic, ConsultationTopic.id == row.topic_id)
        .where(row.target_id == target_id)
        .order_by(row.revision.desc())
    )
    return tuple(RevisionRecord(*said) for said in session.execute(query))


def states(
    session: Session, catalogue: Catalogue, records: Sequence[TargetRecord], today: date, read: Values | None = None
) -> tuple[TargetState, ...]:
    """Targets with their progress, in their order. Those of what is defined no longer are left out.

    `read` are values that whoever calls has read already.
    """
    known = [one for one in records if is_defined(catalogue, one.framework, one.code)]
    there = read or {}
    missing = {(one.framework, one.code, one.place_id) for one in known} - there.keys()
    held = {**there, **(values_of(session, catalogue, missing) if missing else {})}
    return tuple(_state(catalogue, one, held, today) for one in known)


def is_defined(catalogue: Catalogue, framework: str, code: str) -> bool:
    """Whether a target can still be told of: its indicator, or its framework with the node, is defined."""
    if not framework:
        return code in catalogue.indicators
    return framework in catalogue.frameworks and code in catalogue.frameworks[framework].names


def better(catalogue: Catalogue, framework: str, code: str) -> float:
    """+1 where more is better, -1 where less is."""
    if not framework:
        return -1.0 if catalogue.indicator(code).indicator.direction == "lower" else 1.0
    walked = (node for node, _ in catalogue.framework(framework).framework.tree.walk() if isinstance(node, Node))
    found = next((node for node in walked if node.code == code), None)
    if found is None:
        raise NotFound(f"{framework} has no node {code}")
    return -1.0 if found.direction == "lower" else 1.0


def period_kind(catalogue: Catalogue, framework: str, code: str) -> str:
    """Whether its years are calendar or fiscal years."""
    if framework:
        return catalogue.framework(framework).framework.period
    return catalogue.indicator(code).indicator.period or "calendar-year"


def is_over(kind: str, year: int, today: date) -> bool:
    """Whether a year has ended in Thailand; a fiscal year ends with September."""
    return today > (date(year, 9, 30) if kind == "fiscal-year" else date(year, 12, 31))


def _state(catalogue: Catalogue, one: TargetRecord, held: Values, today: date) -> TargetState:
    sense = better(catalogue, one.framework, one.code)
    values = held.get((one.framework, one.code, one.place_id), {})
    over = is_over(period_kind(catalogue, one.framework, one.code), one.period, today)
    return TargetState(one, values, told(Aim(one.value, one.period, sense, one.start), values, over=over), sense, over)


_province = aliased(Place)


def _in_force() -> Select[*tuple[Any, ...]]:
    row = TargetRevision
    return (
        select(
            Target.id, Place.id, Place.code, Place.place_type, Place.name_th, Place.name_en, _province.code, Place.demo,
            Target.framework, Target.code, Target.period, Target.owner, Target.revision, row.value, row.reason,
            row.baseline, row.topic_id, ConsultationTopic.consultation_id, row.account_id, row.at,
        )
        .join(row, (row.target_id == Target.id) & (row.revision == Target.revision))
        .join(Place, Place.id == Target.place_id)
        .outerjoin(_province, _province.id == Place.province_id)
        .outerjoin(ConsultationTopic, ConsultationTopic.id == row.topic_id)
        .where(row.value.is_not(None))
    )  # fmt: skip


def set_by_somebody(states_: Iterable[TargetState]) -> tuple[TargetState, ...]:
    """Without the proposals of residents."""
    return tuple(one for one in states_ if one.target.owner != RESIDENTS)
