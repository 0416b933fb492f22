"""Which state the database is in: every deed that changes what is public leaves a row behind."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.models import (
    ActionRevision,
    AssessmentEvent,
    AuditEvent,
    ExchangeEntry,
    ImprovementAction,
    Publication,
    Recording,
    TargetRevision,
)

_LAST = (AuditEvent, AssessmentEvent, Publication, Recording, TargetRevision, ImprovementAction, ActionRevision)


def state_of(session: Session) -> str:
    """A text that is another one after every import, recording, publication, target, step of an assessment and line of
    a plan.

    One query.
    """
    numbers = [select(func.max(table.id)).scalar_subquery() for table in _LAST]
    numbers.append(select(func.max(ExchangeEntry.position)).scalar_subquery())
    newest = select(func.max(AuditEvent.at)).scalar_subquery()
    return " ".join(str(one) for one in session.execute(select(*numbers, newest)).one())
