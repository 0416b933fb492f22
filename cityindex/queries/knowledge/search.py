"""Searching the knowledge bank: the items that are shown, by words and choices, the best first.

Words are cut by `formats.thai_words` on both databases; SQLite looks them up in its full-text table, PostgreSQL in a
`tsvector` with an inverted index.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    any_,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import Session, aliased

from cityindex.database import is_sqlite
from cityindex.formats.thai_words import phrases_of
from cityindex.models import KnowledgeEntry, KnowledgeItem, KnowledgeTag, KnowledgeVersion, Place
from cityindex.queries.knowledge.knowledge import tags_of

MOST = 1000
"""Items that are ranked and counted by what they are; of more, the reader is told to say more."""
RANKED = 5000
"""Of items with a frequent word, how many of the newest PostgreSQL weighs by how well the words fit."""
TAGGED = {"theme": "theme", "indicator": "indicator", "area": "area"}
PLAIN = ("kind", "licence", "language")
TITLE, ABOUT, SUMMARY = 10.0, 4.0, 1.0
"""How much a word weighs in each of the columns of SQLite; PostgreSQL has A, B and D for them."""
WEIGHTS = "{0.1, 0.2, 0.4, 1.0}"
FULL_TEXT = table("knowledge_words", column("rowid", Integer))
"""Of SQLite only, and so no mapped class."""
Phrase = tuple[str, ...]
LATEST = (KnowledgeEntry.at.desc(), KnowledgeEntry.item_id.desc())
SLIP = re.compile(r"(?<=[\u0e01-\u0e4e])\s+(?=[\u0e01-\u0e4e])")
"""Blanks between Thai letters."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for. Empty fields ask for nothing; `places` are rows, and an empty collection finds nothing."""

    words: str = ""
    kind: str = ""
    licence: str = ""
    language: str = ""
    theme: str = ""
    indicator: str = ""
    area: str = ""
    year: int | None = None
    place: str = ""
    province: str = ""
    places: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An item that is shown, as lists have it."""

    id: int
    version: int
    kind: str
    title_th: str
    title_en: str
    summary_th: str
    summary_en: str
    creator: str
    licence: str
    language: str
    year: int | None
    first_at: datetime
    at: datetime
    place: str
    place_type: str
    name_th: str
    name_en: str | None
    province_th: str | None
    province_en: str | None
    demo: bool
    tags: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """`count` is exact where no words were asked for, and else up to `MOST`; beyond that, `more` is true.

    `facets` count the items found by what they are: kind, licence, language, theme, indicator, area, province; of
    more than `MOST`, those of the first. `partly`: only the newest `RANKED` were weighed by how well the words fit.
    """

    entries: tuple[Entry, ...]
    count: int
    more: bool
    facets: Mapping[str, Mapping[str, int]]
    phrases: tuple[Phrase, ...]
    partly: bool
    asked_in_vain: bool
    """Words were given and none of them can be looked for (signs, or words that stand everywhere)."""


def search(session: Session, wish: Wish, limit: int, offset: int = 0) -> Found:
    """The items that a wish finds: by how well the words fit, then the newest first. Four queries, or five.

    Where words find nothing, blanks within Thai are taken for slips: «เทศ บาล».
    """
    phrases = tuple(phrases_of(wish.words))
    if wish.words.strip() and not phrases:
        return Found((), 0, False, {}, (), False, True)
    rows = session.execute(_matching(session, wish, phrases).limit(MOST + 1)).all()
    if not rows and (joined := _joined(wish)):
        phrases = joined
        rows = session.execute(_matching(session, wish, phrases).limit(MOST + 1)).all()
    kept, more = rows[:MOST], len(rows) > MOST
    shown = [row.item_id for row in kept[offset : offset + limit]]
    many = len(kept)
    if more and not phrases:
        many = count(session, wish)
        if offset + limit > MOST:
            ids = _chosen(select(KnowledgeEntry.item_id).order_by(*LATEST), wish).offset(offset).limit(limit)
            shown = list(session.scalars(ids))
    partly = bool(rows) and getattr(rows[0], "weighed", 0) >= RANKED
    return Found(tuple(entries(session, shown)), many, more, _facets(session, kept), phrases, partly, False)


def entries(session: Session, ids: Sequence[int]) -> list[Entry]:
    """Items that are shown, in the order of `ids`; others are passed over. Two queries."""
    if not ids:
        return []
    rows = {row.id: row for row in session.execute(_entries().where(KnowledgeEntry.item_id.in_(ids)))}
    return _with_tags(session, [rows[one] for one in ids if one in rows])


def newest(session: Session, limit: int, wish: Wish | None = None) -> list[Entry]:
    """The items that came last, or came again in a new version."""
    wish = wish or Wish()
    phrases = _asked(session, wish)
    if wish.words.strip() and not phrases:
        return []
    query = _worded(session, _chosen(_entries().order_by(*LATEST).limit(limit), wish), phrases)
    return _with_tags(session, session.execute(query).all())


def page(session: Session, wish: Wish, after: int, limit: int) -> list[Entry]:
    """Items by number from the one after `after`, for programs."""
    query = select(KnowledgeEntry.item_id).where(KnowledgeEntry.item_id > after).order_by(KnowledgeEntry.item_id)
    phrases = _asked(session, wish)
    if wish.words.strip() and not phrases:
        return []
    query = _worded(session, _chosen(query, wish), phrases)
    return entries(session, session.scalars(query.limit(limit)).all())


def count(session: Session, wish: Wish | None = None) -> int:
    """How many items are shown."""
    query = _chosen(select(func.count()).select_from(KnowledgeEntry), wish or Wish())
    return session.scalar(query) or 0


def standing(session: Session) -> tuple[Any, ...]:
    """What changes whenever an item comes, goes or changes: for keeping what was made of them."""
    query = select(func.count(), func.max(KnowledgeEntry.at), func.sum(KnowledgeEntry.version_id))
    return tuple(session.execute(query).one())


def _asked(session: Session, wish: Wish) -> tuple[Phrase, ...]:
    """The phrases that `search` looks for."""
    phrases = tuple(phrases_of(wish.words))
    joined = _joined(wish)
    return joined if joined and not _finds(session, wish, phrases) else phrases


def _joined(wish: Wish) -> tuple[Phrase, ...]:
    """What is meant where blanks within Thai are slips; nothing where there are none."""
    joined = SLIP.sub("", wish.words)
    return () if joined == wish.words else tuple(phrases_of(joined))


def _finds(session: Session, wish: Wish, phrases: tuple[Phrase, ...]) -> bool:
    query = _worded(session, _chosen(select(KnowledgeEntry.item_id), wish), phrases)
    return session.execute(query.limit(1)).first() is not None


def _matching(session: Session, wish: Wish, phrases: tuple[Phrase, ...]) -> Select[*tuple[Any, ...]]:
    province = func.coalesce(Place.province_id, Place.id).label("province")
    columns = (
        KnowledgeEntry.item_id, KnowledgeEntry.version_id, KnowledgeEntry.kind, KnowledgeEntry.licence,
        KnowledgeEntry.language, province,
    )  # fmt: skip
    query = select(*columns).join(Place, Place.id == KnowledgeEntry.place_id)
    narrowed: Select[*tuple[Any, ...]] = _worded(session, _chosen(query, wish), phrases)
    if not phrases:
        return narrowed.order_by(*LATEST)
    if is_sqlite(session):
        rank: Any = literal_column(f"bm25(knowledge_words, {TITLE}, {ABOUT}, {SUMMARY})")
        return narrowed.order_by(rank, *LATEST)
    return _ranked(narrowed, columns, phrases)


def _ranked(narrowed: Any, columns: Any, phrases: tuple[Phrase, ...]) -> Select[*tuple[Any, ...]]:
    """The best of the newest `RANKED` that fit: PostgreSQL would weigh a third of the bank for a frequent word."""
    newest_first = narrowed.add_columns(KnowledgeEntry.at, KnowledgeEntry.words)
    some = newest_first.order_by(KnowledgeEntry.at.desc(), KnowledgeEntry.item_id.desc()).limit(RANKED)
    held = some.cte("newest").prefix_with("MATERIALIZED", dialect="postgresql")
    rank = func.ts_rank(literal_column(f"'{WEIGHTS}'::float4[]"), held.c.words, _tsquery(phrases))
    kept = [held.c[getattr(column, "name", column.key)] for column in columns]
    weighed = select(func.count()).select_from(held).scalar_subquery().label("weighed")
    return select(*kept, weighed).order_by(rank.desc(), held.c.at.desc(), held.c.item_id.desc())


def _worded(session: Session, query: Any, phrases: tuple[Phrase, ...]) -> Any:
    """`query` narrowed to entries that hold every phrase."""
    if not phrases:
        return query
    if is_sqlite(session):
        found = text("knowledge_words MATCH :phrases").bindparams(phrases=fts_query(phrases))
        return query.join(FULL_TEXT, FULL_TEXT.c.rowid == KnowledgeEntry.item_id).where(found)
    return query.where(KnowledgeEntry.words.op("@@")(_tsquery(phrases)))


def fts_query(phrases: Sequence[Phrase]) -> str:
    """Phrases as SQLite's full text asks for them. Parts are letters and digits only."""
    return " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases)


def _tsquery(phrases: Sequence[Phrase]) -> Any:
    said = " & ".join(f"({' <-> '.join(_quoted(part) for part in phrase)})" for phrase in phrases)
    return cast(literal(said), TSQUERY)


def _quoted(part: str) -> str:
    return f"'{part}'"


def _chosen(query: Any, wish: Wish) -> Any:
    """`query` over `KnowledgeEntry`, narrowed to what was chosen."""
    for name in PLAIN:
        if wanted := getattr(wish, name):
            query = query.where(getattr(KnowledgeEntry, name) == wanted)
    if wish.year is not None:
        query = query.where(KnowledgeEntry.year == wish.year)
    for scheme in TAGGED:
        if wanted := getattr(wish, scheme):
            held = exists().where(
                KnowledgeTag.version_id == KnowledgeEntry.version_id,
                KnowledgeTag.scheme == scheme,
                KnowledgeTag.code == wanted,
            )
            query = query.where(held)
    return _placed(query, wish)


def _placed(query: Any, wish: Wish) -> Any:
    where = aliased(Place)
    if wish.places is not None:
        query = query.where(KnowledgeEntry.place_id.in_(wish.places))
    if wish.place:
        of = select(where.id).where(where.code == wish.place)
        query = query.where(KnowledgeEntry.place_id.in_(of))
    if wish.province:
        own = select(where.id).where(where.code == wish.province, where.place_type == "province").scalar_subquery()
        within = select(Place.id).where(or_(Place.province_id == own, Place.id == own))
        query = query.where(KnowledgeEntry.place_id.in_(within))
    return query


def _facets(session: Session, rows: Sequence[Any]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, Mapping[str, int]] = {name: Counter(getattr(row, name) for row in rows) for name in PLAIN}
    numbers = Counter(row.province for row in rows)
    query = select(Place.id, Place.code).where(Place.id.in_(numbers))
    codes = {row.id: row.code for row in session.execute(query)}
    found["province"] = {codes[one]: many for one, many in numbers.items()}
    among = _among(session, KnowledgeTag.version_id, [row.version_id for row in rows])
    counted = select(KnowledgeTag.scheme, KnowledgeTag.code, func.count()).where(among)
    tags: dict[str, dict[str, int]] = defaultdict(dict)
    for scheme, code, many in session.execute(counted.group_by(KnowledgeTag.scheme, KnowledgeTag.code)):
        tags[scheme][code] = many
    return {**found, **tags}


def _among(session: Session, column: Any, numbers: Sequence[int]) -> Any:
    """Whether a column is one of many numbers. PostgreSQL takes them as one array: a list of them is read anew."""
    return column.in_(numbers) if is_sqlite(session) else column == any_(literal(list(numbers), ARRAY(Integer)))


def _entries() -> Select[*tuple[Any, ...]]:
    province = aliased(Place)
    return (
        select(
            KnowledgeEntry.item_id.label("id"), KnowledgeEntry.version_id, KnowledgeVersion.number.label("version"),
            KnowledgeEntry.kind, KnowledgeVersion.title_th, KnowledgeVersion.title_en, KnowledgeVersion.summary_th,
            KnowledgeVersion.summary_en, KnowledgeVersion.creator, KnowledgeEntry.licence, KnowledgeEntry.language,
            KnowledgeEntry.year, KnowledgeEntry.first_at, KnowledgeEntry.at, Place.code.label("place"),
            Place.place_type, Place.name_th, Place.name_en, province.name_th.label("province_th"),
            province.name_en.label("province_en"), KnowledgeItem.demo,
        )
        .join(KnowledgeItem, KnowledgeItem.id == KnowledgeEntry.item_id)
        .join(KnowledgeVersion, KnowledgeVersion.id == KnowledgeEntry.version_id)
        .join(Place, Place.id == KnowledgeEntry.place_id)
        .outerjoin(province, province.id == Place.province_id)
    )  # fmt: skip


def _with_tags(session: Session, rows: Sequence[Any]) -> list[Entry]:
    tags = tags_of(session, [row.version_id for row in rows])
    return [_entry(row, tags.get(row.version_id, {})) for row in rows]


def _entry(row: Any, tags: Mapping[str, tuple[str, ...]]) -> Entry:
    values = {name: value for name, value in row._mapping.items() if name != "version_id"}
    return Entry(**values, tags=tags)
