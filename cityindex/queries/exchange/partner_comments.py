"""Comments of partners on values, with what the places answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cityindex.models import Client, PartnerComment, Place
from cityindex.queries.accounts.reach import Reach


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment about a value of a place; `answer` is None until somebody answers."""

    id: int
    agreement: str
    reference: str
    organisation: str
    place_id: int
    place: str
    place_type: str
    name_th: str
    name_en: str | None
    indicator: str
    period: int
    text: str
    made_at: datetime
    answer: str | None
    answered_at: datetime | None


def of_agreements(session: Session, codes: Collection[str], after: int, limit: int) -> tuple[CommentRecord, ...]:
    """Comments under some agreements, by number, those after one."""
    query = _comments().where(PartnerComment.agreement.in_(codes), PartnerComment.id > after)
    return _read(session, query.order_by(PartnerComment.id).limit(limit))


def of_place(session: Session, place_id: int) -> tuple[CommentRecord, ...]:
    """Comments about a place: those that wait first, then the newest."""
    query = _comments().where(PartnerComment.place_id == place_id)
    return _read(session, query.order_by(PartnerComment.answered_at.is_not(None), PartnerComment.id.desc()))


def waiting(session: Session, reach: Reach) -> tuple[tuple[CommentRecord, ...], int]:
    """Comments without an answer about places that a permission reaches: the first twenty, and how many there are."""
    query = _comments().where(PartnerComment.answered_at.is_(None), reach.condition())
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return _read(session, query.order_by(PartnerComment.id).limit(20)), count


def _comments() -> Select[*tuple[Any, ...]]:
    return (
        select(
            PartnerComment.id, PartnerComment.agreement, PartnerComment.reference, Client.organisation, Place.id,
            Place.code, Place.place_type, Place.name_th, Place.name_en, PartnerComment.indicator, PartnerComment.period,
            PartnerComment.text, PartnerComment.made_at, PartnerComment.answer, PartnerComment.answered_at,
        )
        .join(Place, Place.id == PartnerComment.place_id)
        .join(Client, Client.id == PartnerComment.client_id)
    )  # fmt: skip


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[CommentRecord, ...]:
    return tuple(CommentRecord(*row) for row in session.execute(query))
