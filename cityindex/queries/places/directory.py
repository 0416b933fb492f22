"""All places by name, held in memory and read anew only after an import has changed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cityindex.database import address_of
from cityindex.memory import Memory
from cityindex.models import AuditEvent, Place

CHANGES_PLACES = ("import-places", "import-boundaries", "remove-demo")
"""Deeds that change places: whatever else changes them has to say so here."""
KEPT = 2

PlaceIds = NDArray[np.int32]
_province = aliased(Place)
_deeds = select(func.max(AuditEvent.id)).where(AuditEvent.action.in_(CHANGES_PLACES)).scalar_subquery()
_STATE = select(func.max(Place.id), _deeds, select(AuditEvent.at).where(AuditEvent.id == _deeds).scalar_subquery())
_PLACES = (
    select(
        Place.id, Place.province_id, Place.valid_to, Place.code, Place.place_type, Place.name_th, Place.name_en,
        Place.name_sort, _province.code, _province.name_th, _province.name_en, Place.demo,
    )
    .outerjoin(_province, _province.id == Place.province_id)
    .order_by(Place.name_sort, Place.code)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A place as a list or a map shows it."""

    code: str
    place_type: str
    name_th: str
    name_en: str | None
    name_sort: str
    province_code: str | None
    province_th: str | None
    province_en: str | None
    demo: bool


@dataclass(frozen=True, eq=False)
class Directory:
    """Every place there is or was, in the order of a dictionary; each array holds one value a place."""

    named: Mapping[int, Named]
    """By id."""
    ids: PlaceIds
    province_ids: PlaceIds
    """0 for a place in no province."""
    types: NDArray[np.str_]
    demo: NDArray[np.bool_]
    ended: NDArray[np.bool_]

    @cached_property
    def id_of(self) -> Mapping[str, int]:
        """Ids by code."""
        return {place.code: number for number, place in self.named.items()}

    @cached_property
    def provinces(self) -> tuple[Named, ...]:
        return tuple(place for place in self.named.values() if place.place_type == "province")

    def of(self, types: Sequence[str] = (), province: str = "") -> PlaceIds:
        """The places in force of some types (empty: of all) in a province (empty: in the whole country), by name."""
        wanted = ~self.ended
        if types:
            wanted &= np.isin(self.types, list(types))
        if province:
            wanted &= self.province_ids == self.id_of.get(province, -1)
        return self.ids[wanted]


def directory(session: Session) -> Directory:
    """One query a session, and another where places have changed."""
    return _kept.get((address_of(session), *_state(session)), lambda: _read(session))


def state_of_places(session: Session) -> str:
    """Names the state of the register of places; empty where there are none."""
    newest, deed, _ = _state(session)
    return f"{newest}-{deed or 0}" if newest else ""


_kept: Memory[Directory] = Memory(KEPT)


def _state(session: Session) -> tuple[Any, ...]:
    """Asked once a session. When the last deed was tells a restored backup, whose ids may be given anew."""
    if "state of places" not in session.info:
        session.info["state of places"] = tuple(session.execute(_STATE).one())
    return cast("tuple[Any, ...]", session.info["state of places"])


def _read(session: Session) -> Directory:
    rows = session.execute(_PLACES).all()
    return Directory(
        named={row[0]: Named(*tuple[Any, ...](row)[3:]) for row in rows},
        ids=np.array([row[0] for row in rows], np.int32),
        province_ids=np.array([row[1] or 0 for row in rows], np.int32),
        types=np.array([row[4] for row in rows], dtype=np.str_),
        demo=np.array([row[11] for row in rows], bool),
        ended=np.array([row[2] is not None for row in rows], bool),
    )
