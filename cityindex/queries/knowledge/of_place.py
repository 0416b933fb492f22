"""What a place shares and proposes, for its profile, and who is thanked for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.models import KnowledgeEntry, KnowledgeThanks, Proposal
from cityindex.queries.knowledge.proposals import SHOWN
from cityindex.queries.knowledge.search import Entry, Wish, newest
from cityindex.thai import collation_key

LISTED = 3


@dataclass(frozen=True, slots=True)
class Shared:
    """The newest items of a place and how many there are, its lines in the register, and names in their order.

    Names are of contributors who wish to be named, each once, by alphabet: nobody comes before another.
    """

    items: tuple[Entry, ...]
    count: int
    proposals: int
    thanked: tuple[str, ...]


def shared_by(session: Session, place_id: int, code: str) -> Shared:
    """One query, or four where it shares something."""
    shown = select(func.count()).select_from(KnowledgeEntry).where(KnowledgeEntry.place_id == place_id)
    listed = select(func.count()).select_from(Proposal).where(Proposal.place_id == place_id, SHOWN)
    many, proposals = session.execute(select(shown.scalar_subquery(), listed.scalar_subquery())).one()
    thanked = (
        select(KnowledgeThanks.name)
        .join(KnowledgeEntry, KnowledgeEntry.item_id == KnowledgeThanks.item_id)
        .where(KnowledgeEntry.place_id == place_id)
        .distinct()
    )
    return Shared(
        items=tuple(newest(session, LISTED, Wish(place=code))) if many else (),
        count=many,
        proposals=proposals,
        thanked=tuple(sorted(session.scalars(thanked), key=collation_key)) if many else (),
    )
