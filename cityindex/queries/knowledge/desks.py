"""What stands on the desks of those who write and of those who decide, for everything that is reviewed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from cityindex.models import Place
from cityindex.queries.accounts.reach import OwnPlace, Reach, own_place
from cityindex.queries.knowledge.reviewed import DISCARDED, SUBMITTED, EventRecord


@dataclass(frozen=True, slots=True)
class Tables:
    """The mapped classes of one kind of thing: what has versions, its versions, and the deeds about these."""

    kept: type[Any]
    version: type[Any]
    event: type[Any]
    of: InstrumentedAttribute[int]
    """The column of a version that says what it is a version of."""


def newest(session: Session, tables: Tables, reach: Reach, limit: int) -> Sequence[int]:
    """The numbers of the newest of the places that a reach covers, whatever their state but discarded."""
    thrown = exists().where(tables.event.version_id == tables.version.id, tables.event.deed == DISCARDED)
    standing = exists().where(tables.of == tables.kept.id, ~thrown)
    query = _within(tables, reach, standing).order_by(tables.kept.id.desc())
    return session.scalars(query.limit(limit)).all()


def waiting(session: Session, tables: Tables, reach: Reach, limit: int) -> Sequence[int]:
    """The numbers of those whose newest version waits for a decision, the longest wait first."""
    return session.scalars(last_moved(tables, SUBMITTED, reach).limit(limit)).all()


def last_moved(tables: Tables, deed: str, reach: Reach) -> Select[int]:
    """The numbers of those with a version whose last deed was this one, the earliest deed first."""
    later, event = aliased(tables.event), tables.event
    last = ~exists().where(later.version_id == event.version_id, later.id > event.id)
    query = _within(tables, reach, event.deed == deed, last).order_by(event.id)
    return query.join(tables.version, tables.of == tables.kept.id).join(event, event.version_id == tables.version.id)


def kept_rows(session: Session, tables: Tables, ids: Sequence[int]) -> Mapping[int, tuple[Any, OwnPlace]]:
    """The rows of what has versions with its place, by number."""
    query = select(tables.kept, Place).join(Place, Place.id == tables.kept.place_id).where(tables.kept.id.in_(ids))
    return {row.id: (row, own_place(place)) for row, place in session.execute(query)}


def version_rows(session: Session, tables: Tables, ids: Sequence[int]) -> Sequence[Any]:
    """The rows of all their versions, the oldest first."""
    query = select(tables.version).where(tables.of.in_(ids)).order_by(tables.version.number)
    return session.scalars(query).all()


def events(session: Session, tables: Tables, versions: Sequence[int]) -> Mapping[int, tuple[EventRecord, ...]]:
    """The deeds about versions, by version, in their order."""
    found: dict[int, tuple[EventRecord, ...]] = defaultdict(tuple)
    query = select(tables.event).where(tables.event.version_id.in_(versions)).order_by(tables.event.id)
    for row in session.scalars(query):
        found[row.version_id] += (EventRecord(row.deed, row.at, row.account_id, row.reason),)
    return found


def _within(tables: Tables, reach: Reach, *conditions: ColumnElement[bool]) -> Select[int]:
    query: Select[int] = select(tables.kept.id)
    return query.join(Place, Place.id == tables.kept.place_id).where(reach.condition(), *conditions)
