"""Changes get numbers in the order in which they become visible, so that a reader can ask for what came after one."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite
from cityindex.models import Change

RECORDING, PUBLICATION = "recording", "publication"


def number_change(session: Session, kind: str, reference: int) -> int:
    """Give a recording or publication its number: last in its transaction, for nobody else gets one before its end."""
    if not is_sqlite(session):
        session.connection().exec_driver_sql("LOCK TABLE change IN SHARE ROW EXCLUSIVE MODE")
    change = Change(id=last_change(session) + 1, kind=kind, reference=reference)
    session.add(change)
    session.flush()
    return change.id


def last_change(session: Session) -> int:
    """The newest number; 0 where nothing was recorded yet."""
    return session.scalar(select(func.max(Change.id))) or 0
