"""What the whole site says about itself."""

from __future__ import annotations

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from cityindex.models import Place, Recording, Run


def holds_demo(session: Session) -> bool:
    """Whether anything that is shown may come from demo data."""
    marked = or_(*(exists().where(table.demo) for table in (Place, Recording, Run)))
    return bool(session.scalar(select(marked)))
