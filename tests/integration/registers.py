"""What the tests of importers share: the services over a test's database, and files to import."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import shapely
from shapely import box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, Table, func, select
from sqlalchemy.orm import sessionmaker

from cityindex.definitions.catalogue import Catalogue
from cityindex.definitions.loader import load
from cityindex.errors import Invalid
from cityindex.formats.features import read_features
from cityindex.formats.tables import read_table
from cityindex.models import Base
from cityindex.resources import resource_root
from cityindex.services.places.boundaries import Boundaries, BoundariesImport
from cityindex.services.places.match_report import MatchReport
from cityindex.services.places.places import Places, PlacesImport
from cityindex.services.places.programmes import MembersImport, Programmes

Row = Mapping[str, str]
AREAS: Sequence[Row] = (
    {"code": "50", "place_type": "province", "name_th": "เชียงใหม่", "name_en": "Chiang Mai"},
    {"code": "51", "place_type": "province", "name_th": "ลำพูน", "name_en": "Lamphun"},
    {"code": "5001", "place_type": "district", "name_th": "เมืองเชียงใหม่", "province": "50"},
    {"code": "5101", "place_type": "district", "name_th": "เมืองลำพูน", "province": "51"},
)
SUTHEP: Row = {
    "code": "5500107", "place_type": "ทต.", "name_th": "สุเทพ", "name_en": "Suthep", "province": "เชียงใหม่",
    "district": "5001", "code:nso": "501999", "lat": "18.79", "lon": "98.95",
    "area_km2": "29.5", "population": "10,500",
}  # fmt: skip
CITY: Row = {
    "code": "3500102",
    "place_type": "ทน.",
    "name_th": "เทศบาลนครเชียงใหม่",
    "province": "50",
    "district": "5001",
}
SAO: Row = {"code": "6510105", "place_type": "อบต.", "name_th": "สุเทพ", "province": "Lamphun", "district": "5101"}


@cache
def catalogue() -> Catalogue:
    return load(resource_root("indicators"))


class Registers:
    """The importing services over one database."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.sessions = sessionmaker(engine, expire_on_commit=False)
        types = catalogue().codelist("place-types")
        self.places = Places(self.sessions, types)
        self.boundaries = Boundaries(self.sessions, types)
        self.programmes = Programmes(self.sessions, catalogue().programmes)

    def add(self, *rows: Row, **how: Any) -> MatchReport:
        """Import rows as a CSV."""
        path = write_csv(self.folder / "register.csv", rows)
        return self.places.import_register(read_table(path), PlacesImport(path.name, "tester", **how))

    def refuse(self, *rows: Row, **how: Any) -> Invalid:
        """Import rows, which must be refused and change nothing. Returns why."""
        before = self.everything()
        try:
            report = self.add(*rows, **how)
        except Invalid as error:
            assert self.everything() == before
            return error
        raise AssertionError(f"taken: {report.counts}")

    def draw(self, *shapes: tuple[str, BaseGeometry | None], **how: Any) -> MatchReport:
        """Import shapes by code as a GeoJSON."""
        path = write_geojson(self.folder / "shapes.geojson", shapes)
        asked = {"key": "code", "level": "municipality", "by": "tester", **how}
        return self.boundaries.import_layer(read_features(path), BoundariesImport(**asked))

    def join(self, *rows: Row, programme: str = "unesco-gnlc", **how: Any) -> MatchReport:
        path = write_csv(self.folder / "members.csv", rows)
        return self.programmes.import_members(programme, read_table(path), MembersImport(path.name, "tester", **how))

    def rows(self, table: type[Base]) -> list[dict[str, Any]]:
        """All rows of a table without the numbers that the database gives."""
        columns = [column for column in _table(table).columns if column.name not in ("id", "geom", "imported_at", "at")]
        with self.sessions() as session:
            return [dict(row._mapping) for row in session.execute(select(*columns).order_by(*columns))]

    def everything(self) -> dict[str, int]:
        """How many rows every table has, and what all places say."""
        with self.sessions() as session:
            tables = Base.metadata.tables.values()
            counts = {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
            return counts | {str(row): 1 for row in session.execute(select(Base.metadata.tables["place"]))}


def _table(mapped: type[Base]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    header = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_geojson(path: Path, shapes: Sequence[tuple[str, BaseGeometry | None]], **more: Any) -> Path:
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(s) if s else None}
        for code, s in shapes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return path


def tile(west: float = 98.9, south: float = 18.7, size: float = 0.1) -> BaseGeometry:
    return box(west, south, west + size, south + size)
