"""The register of proposals, sandboxes, mechanisms and innovations, as lists gave them or places wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import NotFound
from cityindex.models import Place, Proposal, ProposalChange
from cityindex.thai import normalise

IMPORTED, WRITTEN = "imported", "written"
SHOWN = Proposal.hidden.is_(False)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which proposals. Empty fields ask for nothing."""

    words: str = ""
    kind: str = ""
    status: str = ""
    province: str = ""
    place: str = ""
    theme: str = ""
    origin: str = ""
    """`imported` or `written`."""


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """One line of the register. `place` is None where the list names no place that this site knows."""

    id: int
    list: str
    code: str
    kind: str
    title_th: str
    title_en: str
    summary: str
    rule: str
    status: str
    since: date | None
    precision: str
    until: date | None
    until_precision: str
    themes: str
    evidence: str
    url: str | None
    outcome: str
    area: str
    source: str
    imported_at: datetime
    demo: bool
    written_id: int | None
    place: str | None
    place_type: str | None
    name_th: str | None
    name_en: str | None
    province: str | None
    province_th: str | None
    province_en: str | None

    @property
    def origin(self) -> str:
        """Whether a list gave it, or its place wrote it here."""
        return IMPORTED if self.written_id is None else WRITTEN


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier list said of a proposal, until `at`."""

    at: datetime
    status: str
    outcome: str
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """`counts` are of kinds and statuses over all that the other choices leave."""

    items: tuple[ProposalRecord, ...]
    total: int
    kinds: Mapping[str, int]
    statuses: Mapping[str, int]
    written: int
    """How many of them their places wrote here."""


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """The register as a whole: how many lines, how many of these are demo data, and since when."""

    count: int
    demo: int
    sources: tuple[str, ...]
    first: datetime | None
    last: datetime | None


class TakenDown(NotFound):
    """It was shown once."""


def proposals(session: Session, wish: Wish, limit: int, offset: int = 0) -> Found:
    """A page of the register, by kind, place and code. Five queries."""
    chosen = _chosen(_query(), wish)
    total = session.scalar(select(func.count()).select_from(chosen.order_by(None).subquery())) or 0
    rows = session.execute(chosen.limit(limit).offset(offset))
    kinds = {kind: many for kind, many in session.execute(_counted(Proposal.kind, wish, "kind"))}
    statuses = {status: many for status, many in session.execute(_counted(Proposal.status, wish, "status"))}
    ours = select(func.count()).select_from(Proposal).where(Proposal.written_id.is_not(None))
    return Found(tuple(map(_record, rows)), total, kinds, statuses, session.scalar(_chosen(ours, wish)) or 0)


def facts(session: Session) -> RegisterFacts:
    """What the register is as a data set. Two queries."""
    times = func.min(Proposal.imported_at), func.max(Proposal.imported_at)
    invented = func.coalesce(func.sum(case((Proposal.demo, 1), else_=0)), 0)
    count, demo, first, last = session.execute(select(func.count(), invented, *times).where(SHOWN)).one()
    lists = select(Proposal.source).where(SHOWN, Proposal.written_id.is_(None)).distinct().order_by(Proposal.source)
    return RegisterFacts(count, demo, tuple(session.scalars(lists)), first, last)


def written_here(session: Session) -> Sequence[ProposalRecord]:
    """Every line that its place wrote, by number."""
    query = _query().where(SHOWN, Proposal.written_id.is_not(None)).order_by(None).order_by(Proposal.id)
    return [_record(row) for row in session.execute(query)]


def also(session: Session, wish: Wish, limit: int) -> tuple[Sequence[ProposalRecord], int]:
    """The first lines that a wish finds, and how many there are. One query."""
    rows = session.execute(_chosen(_query().add_columns(func.count().over().label("all")), wish).limit(limit)).all()
    return [_record(row) for row in rows], rows[0].all if rows else 0


def proposal(session: Session, proposal_id: int) -> ProposalRecord:
    """Raises `NotFound`, and `TakenDown` where a reviewer took it down."""
    row = session.execute(_query().where(Proposal.id == proposal_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no proposal {proposal_id}")
    if row.hidden:
        raise TakenDown(f"proposal {proposal_id} was taken down")
    return _record(row)


def story_of(session: Session, proposal_id: int) -> tuple[Before, ...]:
    """What earlier lists said, the oldest first."""
    query = select(ProposalChange).where(ProposalChange.proposal_id == proposal_id).order_by(ProposalChange.id)
    return tuple(Before(row.at, row.status, row.outcome, row.source) for row in session.scalars(query))


def _query() -> Select[*tuple[Any, ...]]:
    province = aliased(Place)
    own = (
        "id", "list", "code", "kind", "title_th", "title_en", "summary", "rule", "status", "since", "precision",
        "until", "until_precision", "themes", "evidence", "url", "outcome", "area", "source", "imported_at", "demo",
        "written_id", "hidden",
    )  # fmt: skip
    columns: Sequence[Any] = [getattr(Proposal, name) for name in own]
    return (
        select(
            *columns, Place.code.label("place"), Place.place_type, Place.name_th, Place.name_en,
            province.code.label("province"), province.name_th.label("province_th"),
            province.name_en.label("province_en"),
        )
        .outerjoin(Place, Place.id == Proposal.place_id)
        .outerjoin(province, province.id == func.coalesce(Place.province_id, Place.id))
        .order_by(Proposal.kind, Place.name_sort.nulls_last(), Proposal.code, Proposal.id)
    )  # fmt: skip


def _record(row: Any) -> ProposalRecord:
    return ProposalRecord(**{name: value for name, value in row._mapping.items() if name not in ("hidden", "all")})


def _chosen(query: Any, wish: Wish, but: str = "") -> Any:
    query = query.where(SHOWN)
    for name in ("kind", "status"):
        if (wanted := getattr(wish, name)) and name != but:
            query = query.where(getattr(Proposal, name) == wanted)
    if wish.theme:
        query = query.where(Proposal.themes.contains(f" {wish.theme} ", autoescape=True))
    if wish.origin:
        query = query.where(
            Proposal.written_id.is_(None) if wish.origin == IMPORTED else Proposal.written_id.is_not(None)
        )
    return _placed(_worded(query, wish.words), wish)


def _placed(query: Any, wish: Wish) -> Any:
    where = aliased(Place)
    if wish.place:
        query = query.where(Proposal.place_id.in_(select(where.id).where(where.code == wish.place)))
    if wish.province:
        own = select(where.id).where(where.code == wish.province, where.place_type == "province").scalar_subquery()
        inner = aliased(Place)
        query = query.where(
            Proposal.place_id.in_(select(inner.id).where(or_(inner.id == own, inner.province_id == own)))
        )
    return query


def _worded(query: Any, words: str) -> Any:
    for word in normalise(words).lower().split():
        # The register is short: it is read through.
        texts = (Proposal.title_th, Proposal.title_en, Proposal.summary, Proposal.rule, Proposal.area)
        query = query.where(or_(*(func.lower(text).contains(word, autoescape=True) for text in texts)))
    return query


def _counted(column: Any, wish: Wish, but: str) -> Any:
    return _chosen(select(column, func.count()).group_by(column), wish, but)
