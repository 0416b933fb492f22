"""What tests of observations share: a few places under old and new codes, a few indicators, and files to import."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.definitions.catalogue import Catalogue, IndicatorEntry, Text
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.models import AuditEvent, Observation, Place, PlaceCode, Recording
from cityindex.scoring.framework import Indicator
from cityindex.services.observations.observations import Observations, ObservationsImport
from cityindex.services.observations.plan import RecordReport

NAMED = Text("ชื่อ", "Name")
TOWN, SAO = "town-municipality", "sao"
ENTRIES = {
    "roads": IndicatorEntry(Indicator("roads", bounds=(0, 100), expected=(10, 90)), NAMED, unit="percent"),
    "people": IndicatorEntry(Indicator("people", bounds=(0, None)), NAMED, unit="persons"),
    "clinics": IndicatorEntry(Indicator("clinics", applies_to=(TOWN,)), NAMED, unit="count"),
    "per_head": IndicatorEntry(Indicator("per_head", type="derived", formula="roads / people"), NAMED),
}
PLACES = (
    ("4500101", TOWN, False, (("dla", "4500101", True), ("dla", "5500101", False), ("nso", "501", True))),
    ("4500102", TOWN, False, (("dla", "4500102", True), ("dla", "5500199", False), ("nso", "502", True))),
    ("6500103", SAO, False, (("dla", "6500103", True), ("dla", "5500199", False))),
    ("50", "province", False, (("tis1099", "50", True),)),
    ("D000001", TOWN, True, (("dla", "D000001", True),)),
)


def catalogue() -> Catalogue:
    nothing: MappingProxyType[str, Any] = MappingProxyType({})
    return Catalogue(ENTRIES, nothing, nothing, nothing, nothing, nothing, "")


def add_places(session: Session) -> None:
    for code, kind, demo, codes in PLACES:
        place = Place(code=code, place_type=kind, name_th=code, name_sort="", name_search="", source="test", demo=demo)
        place.codes = [PlaceCode(scheme=s, code=c, in_force=current) for s, c, current in codes]
        session.add(place)
    session.commit()


class Records:
    """The recording service over one database."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.folder = folder
        self.sessions = sessionmaker(engine, expire_on_commit=False)
        self.service = Observations(self.sessions, catalogue())
        with self.sessions() as session:
            add_places(session)

    def add(self, text: str, *, columns: dict[str, str] | None = None, **how: Any) -> RecordReport:
        """Import a CSV; `how` is of `ObservationsImport`."""
        path = self.folder / "file.csv"
        path.write_text(text, encoding="utf-8")
        table = read_observations(path, ReadOptions(columns or {}, indicators=ENTRIES, era="ce"))
        return self.service.record(
            table, ObservationsImport("file.csv", "tester", how.pop("source", "the file"), **how)
        )

    def rows(self) -> list[tuple[Any, ...]]:
        """Everything that is stored: place, period, value, status, revision, superseded."""
        fields = (Place.code, Observation.period, Observation.value, Observation.status, Observation.revision)
        query = select(*fields, Observation.superseded_by.is_not(None)).join(Place, Place.id == Observation.place_id)
        with self.sessions() as session:
            return sorted((tuple(row) for row in session.execute(query)), key=str)

    def counts(self) -> tuple[int, int, int]:
        """Numbers of observations, recordings and deeds."""
        with self.sessions() as session:
            found = [
                session.scalar(select(func.count()).select_from(model))
                for model in (Observation, Recording, AuditEvent)
            ]
        return found[0] or 0, found[1] or 0, found[2] or 0

    def place_id(self, code: str) -> int:
        with self.sessions() as session:
            return session.scalars(select(Place.id).where(Place.code == code)).one()


def many(periods: int, places: int = 3, more: int = 0) -> str:
    """A wide file of real places, one row a place and year; `more` people in every one."""
    codes = [code for code, _, demo, _ in PLACES if not demo][:places]
    cells = [(code, year) for code in codes for year in range(periods)]
    rows = [f"{code},{2000 + year},{10 + i % 80},{i + more}" for i, (code, year) in enumerate(cells)]
    return "\n".join(["place,period,roads,people", *rows, ""])
