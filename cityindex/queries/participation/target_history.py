"""Everything that was ever said of targets, in the order of time: for programs that follow, and for what stood when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from cityindex.models import ConsultationTopic, Place, Target, TargetRevision


@dataclass(frozen=True, slots=True)
class SaidRecord:
    """One revision of a target; without a value it took the target back. `in_force`: nothing has followed it.

    `number` counts all revisions of all targets, in the order in which they were written down.
    """

    number: int
    target: int
    place: str
    name_th: str
    name_en: str | None
    demo: bool
    framework: str
    code: str
    period: int
    owner: str
    revision: int
    value: float | None
    reason: str
    consultation: int | None
    at: datetime
    in_force: bool


def said(session: Session, *conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[SaidRecord]:
    """Every revision that fits all conditions, in the order in which they were written down."""
    row = TargetRevision
    query: Any = (
        select(
            row.id, Target.id, Place.code, Place.name_th, Place.name_en, Place.demo, Target.framework, Target.code,
            Target.period, Target.owner, row.revision, row.value, row.reason, ConsultationTopic.consultation_id, row.at,
            row.revision == Target.revision,
        )
        .join(Target, Target.id == row.target_id)
        .join(Place, Place.id == Target.place_id)
        .outerjoin(ConsultationTopic, ConsultationTopic.id == row.topic_id)
        .where(*conditions)
        .order_by(row.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(SaidRecord(*found) for found in session.execute(query))
