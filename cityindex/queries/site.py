"""What the whole site says about itself."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from cityindex.models import Place, Recording, Run


def holds_demo(session: Session) -> bool:
    """Whether anything that is shown may come from demo data."""
    marked = or_(*(exists().where(table.demo) for table in (Place, Recording, Run)))
    return bool(session.scalar(select(marked)))


def places_by_type(session: Session) -> Mapping[str, int]:
    """Number of places that exist today, by type."""
    query = select(Place.place_type, func.count()).where(Place.valid_to.is_(None)).group_by(Place.place_type)
    return {kind: count for kind, count in session.execute(query)}
