"""How many rows several queries find, asked at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session


def counts(session: Session, wanted: Mapping[str, Select[Any]]) -> Mapping[str, int]:
    """By name; one query, or none where nothing is asked."""
    if not wanted:
        return {}
    parts = [
        select(func.count()).select_from(query.order_by(None).subquery()).scalar_subquery().label(name)
        for name, query in wanted.items()
    ]
    return dict(session.execute(select(*parts)).one()._mapping)
