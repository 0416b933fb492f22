"""Places, their codes and types over time, their boundaries, and what they are members of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cityindex.models.base import Base, Moment, now


class Place(Base):
    """A unit that is scored or contains such units. `id` is its identity: codes and types may change, it does not."""

    __tablename__ = "place"
    __table_args__ = (Index(None, "place_type", "province_id"), Index(None, "name_sort"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    """The code in force, as pages and files use it; it is among `codes` too."""
    place_type: Mapped[str] = mapped_column(String(32))
    name_th: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str | None] = mapped_column(String(200))
    name_sort: Mapped[str] = mapped_column(Text().with_variant(Text(collation="C"), "postgresql"))
    """Thai collation key of `name_th`: the same order on every database."""
    name_search: Mapped[str] = mapped_column(Text)
    """Names and codes folded for searching: no tone marks, lower case."""
    province_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    area_km2: Mapped[float | None] = mapped_column(Float)
    population: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(default=False)

    codes: Mapped[list[PlaceCode]] = relationship(back_populates="place", lazy="raise", cascade="all, delete-orphan")
    spells: Mapped[list[PlaceSpell]] = relationship(lazy="raise", cascade="all, delete-orphan")


class PlaceCode(Base):
    """A code of a place in a scheme, for as long as it held. An old code still finds its place."""

    __tablename__ = "place_code"
    __table_args__ = (
        UniqueConstraint("scheme", "code", "place_id"),
        # Two places never hold one code at the same time; over time a code may pass on.
        Index(
            "uq_place_code_in_force",
            "scheme",
            "code",
            unique=True,
            sqlite_where=text("in_force"),
            postgresql_where=text("in_force"),
        ),
        Index(None, "code"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    scheme: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(64))
    in_force: Mapped[bool] = mapped_column(default=True)
    """False for a code that ended; when it began or ended may be unknown."""
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)

    place: Mapped[Place] = relationship(back_populates="codes", lazy="raise")


class PlaceSpell(Base):
    """An ended spell of a place under another type or name (a subdistrict municipality before its upgrading)."""

    __tablename__ = "place_spell"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    place_type: Mapped[str] = mapped_column(String(32))
    name_th: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str | None] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(32))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class BoundarySet(Base):
    """One import of boundaries. Its fingerprint names the version in URLs, so that geometry can be cached for ever."""

    __tablename__ = "boundary_set"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    level: Mapped[str] = mapped_column(String(32))
    """A place type, or `municipality` for the three municipal types together."""
    source: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    imported_at: Mapped[datetime] = mapped_column(Moment, default=now)
    demo: Mapped[bool] = mapped_column(default=False)


class Boundary(Base):
    """The shape of a place in one set. Narrow on purpose: a table with geometry is never altered in batch mode."""

    __tablename__ = "boundary"
    __table_args__ = (UniqueConstraint("set_id", "place_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("boundary_set.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    geom: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", srid=4326))


class BoundaryShape(Base):
    """A simplified shape, made at import and ready to send: GeoJSON geometry. Detail 0 is the coarsest."""

    __tablename__ = "boundary_shape"

    boundary_id: Mapped[int] = mapped_column(ForeignKey("boundary.id"), primary_key=True)
    detail: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    geometry: Mapped[str] = mapped_column(Text)


class BoundaryPack(Base):
    """The shapes of a set at a level of detail as maps fetch them (`maps.topology`), packed once at import.

    In the order of `Boundary.id` and without codes: a place may get another code while its shape stays.
    """

    __tablename__ = "boundary_pack"

    set_id: Mapped[int] = mapped_column(ForeignKey("boundary_set.id"), primary_key=True)
    detail: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Compressed JSON."""


class Membership(Base):
    """Of a place in a programme or network. A date that is known to the year only says so."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("programme", "place_id", "joined"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    joined: Mapped[date | None] = mapped_column(Date)
    joined_precision: Mapped[str] = mapped_column(String(5), default="day")
    """`day`, `month` or `year`."""
    left: Mapped[date | None] = mapped_column(Date)
    left_precision: Mapped[str] = mapped_column(String(5), default="day")
    note: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(default=False)
