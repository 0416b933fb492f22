"""What changed for readers, in the order of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from cityindex.models import Change, Publication, Recording, Run


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A recording (rows, source) or a movement of an edition (framework, period, run, action)."""

    id: int
    kind: str
    reference: int
    at: datetime
    rows: int | None
    source: str | None
    framework: str | None
    period: int | None
    run: int | None
    version: str | None
    action: str | None
    demo: bool


def changes(session: Session, after: int, limit: int) -> tuple[ChangeRecord, ...]:
    """The changes that come after a number, the oldest first. A number once seen is never followed by a lower one."""
    recorded = and_(Change.kind == "recording", Recording.id == Change.reference)
    published = and_(Change.kind == "publication", Publication.id == Change.reference)
    query = (
        select(
            Change.id, Change.kind, Change.reference, func.coalesce(Recording.recorded_at, Publication.at),
            Recording.rows, Recording.source, Publication.framework, Publication.period, Publication.run_id,
            Run.version, Publication.action, func.coalesce(Recording.demo, Run.demo, False),
        )
        .outerjoin(Recording, recorded)
        .outerjoin(Publication, published)
        .outerjoin(Run, Run.id == Publication.run_id)
        .where(Change.id > after, func.coalesce(Recording.id, Publication.id).is_not(None))
        .order_by(Change.id)
        .limit(limit)
    )  # fmt: skip
    rows: Iterable[Any] = session.execute(query)
    return tuple(ChangeRecord(*row) for row in rows)
