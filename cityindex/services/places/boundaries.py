"""Boundaries: sets of shapes for a level, each in force until the next one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import LargeBinary, bindparam, func, insert, select, update

from cityindex.definitions.catalogue import Codelist
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.formats.features import Features
from cityindex.formats.problems import Problems
from cityindex.maps.topology import PACKED, stored
from cityindex.models import AuditEvent, Boundary, BoundaryPack, BoundarySet, BoundaryShape, Place, now
from cityindex.models.codes import AREA, LOCAL, own_code, own_scheme
from cityindex.services.places import shapes
from cityindex.services.places.known_places import KnownPlace, KnownPlaces, known_places
from cityindex.services.places.match_report import MatchReport, Outcome, RowMatch, bad_rows, refuse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


@dataclass(frozen=True)
class BoundariesImport:
    """How to read a layer: `key` is the property with the place's code in `scheme` (default: its own code)."""

    key: str
    level: str
    by: str
    scheme: str | None = None
    valid_from: date | None = None
    source: str = ""
    dry_run: bool = False
    skip_unknown: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A feature that can be taken: its number in the file, its place and its geometry."""

    row: int
    place: KnownPlace
    geometry: Any


class Boundaries:
    """Use cases of whoever keeps the maps."""

    def __init__(self, sessions: sessionmaker[Session], types: Codelist) -> None:
        self.sessions = sessions
        self.types = types

    def import_layer(self, features: Features, how: BoundariesImport) -> MatchReport:
        """Store a layer as the set in force for its level, in one transaction; a dry run only matches.

        Raises `Invalid` with every feature that cannot be taken, and changes nothing.
        """
        file = features.path.name
        types = self._types_of(how.level)
        if how.key not in features.header:
            raise NotFound(f"{file} has no property {how.key}: it has {', '.join(features.header)}")
        if not features.in_degrees:
            raise _wrong_system(file, features.crs)
        problems, warnings = Problems(file), Problems(file)
        with self.sessions() as session:
            known = known_places(session, to_change=not how.dry_run)
            taken = _Layer(known, how, types, (problems, warnings)).read(features)
            rejected = [RowMatch(row, "", "rejected") for row in sorted(bad_rows(problems.kept))]
            refuse(problems, [*rejected, *(RowMatch(s.row, s.place.code, "matched") for s in taken)])
            if not taken:
                raise Invalid(f"{file}: no feature belongs to a known place", warnings.kept)
            before = _in_force(session, how.level)
            texts = shapes.texts(np.array([shape.geometry for shape in taken], dtype=object))
            outcomes = _outcomes(session, before, taken, texts[shapes.FINEST])
            notes = _notes(known, types, taken, how)
            report = MatchReport(file, how.dry_run, outcomes, (), notes, tuple(warnings.kept))
            if not how.dry_run:
                _store(session, how, (taken, texts), before, report)
                session.commit()
        return report

    def _types_of(self, level: str) -> tuple[str, ...]:
        return self.types.group(level) or (self.types.resolve(level),)


class _Layer:
    """Finds the place of every feature."""

    def __init__(
        self, known: KnownPlaces, how: BoundariesImport, types: Sequence[str], found: tuple[Problems, Problems]
    ) -> None:
        self.known, self.how, self.types = known, how, types
        self.problems, self.warnings = found
        self.first: dict[int, int] = {}

    def read(self, features: Features) -> list[Shape]:
        rows = zip(features.rows(), features.geometries, strict=True)
        found = (self._shape(row, cells[self.how.key], geometry) for (row, cells), geometry in rows)
        return [shape for shape in found if shape]

    def _shape(self, row: int, written: str, geometry: Any) -> Shape | None:
        place = self._place(row, written)
        wrong = shapes.fault(geometry)
        if wrong:
            self.problems.add(*wrong, row=row, column="geometry", value=written)
        if wrong or place is None:
            return None
        before = self.first.setdefault(place.id, row)
        if before != row:
            self._refuse(row, written, (f"feature {before} is of the same place, {place}", "keep one, or join them"))
            return None
        return Shape(row, place, geometry)

    def _place(self, row: int, written: str) -> KnownPlace | None:
        if not written:
            self._refuse(row, written, ("the feature has no code", "give the place's code"))
            return None
        code = own_code(written) if self.how.scheme in (None, AREA, LOCAL) else written
        places = self.known.find(self.how.scheme or own_scheme(code), code)
        if len(places) != 1:
            self._unknown(row, written, places)
            return None
        if places[0].place_type not in self.types:
            reason = f"{places[0]} is of the type {places[0].place_type}, not of the level {self.how.level}"
            self._refuse(row, written, (reason, "delete the feature, or give another --level"))
            return None
        return places[0]

    def _unknown(self, row: int, written: str, places: Sequence[KnownPlace]) -> None:
        if places:
            who = " and ".join(str(place) for place in places)
            self._refuse(row, written, (f"the code was held by {who}", "give a code in force"))
        elif self.how.skip_unknown:
            reason = "no place has this code: the feature was left out"
            self.warnings.add(reason, "import the place first", row=row, column=self.how.key, value=written)
        else:
            cure = "import the place first, correct the code or the scheme, or add --skip-unknown to leave it out"
            self._refuse(row, written, ("no place has this code", cure))

    def _refuse(self, row: int, written: str, said: tuple[str, str]) -> None:
        self.problems.add(*said, row=row, column=self.how.key, value=written)


def _wrong_system(file: str, declared: str | None) -> Invalid:
    said = f"the coordinates are in {declared[:60]}" if declared else "the file does not say its coordinate system"
    cure = "reproject the file to EPSG:4326 (WGS 84), in QGIS with «Export, Save features as»"
    return Invalid(f"{file}: nothing was changed", [Problem(said, cure, column="geometry")])


def _in_force(session: Session, level: str) -> BoundarySet | None:
    return session.scalar(select(BoundarySet).where(BoundarySet.level == level, BoundarySet.valid_to.is_(None)))


def _outcomes(
    session: Session, before: BoundarySet | None, taken: Sequence[Shape], texts: Sequence[str]
) -> tuple[RowMatch, ...]:
    stored = _stored_texts(session, before) if before else {}

    def outcome(shape: Shape, text: str) -> Outcome:
        held = stored.get(shape.place.id)
        return "new" if held is None else "matched" if held == text else "changed"

    return tuple(
        RowMatch(shape.row, shape.place.code, outcome(shape, text)) for shape, text in zip(taken, texts, strict=True)
    )


def _stored_texts(session: Session, held: BoundarySet) -> dict[int, str]:
    rows = (
        select(Boundary.place_id, BoundaryShape.geometry)
        .join(BoundaryShape, BoundaryShape.boundary_id == Boundary.id)
        .where(Boundary.set_id == held.id, BoundaryShape.detail == shapes.FINEST)
    )
    return {place_id: text for place_id, text in session.execute(rows)}


def _notes(known: KnownPlaces, types: Sequence[str], taken: Sequence[Shape], how: BoundariesImport) -> tuple[str, ...]:
    all_of_level = {p.id for p in known.by_id.values() if p.place_type in types and p.demo == how.demo}
    without = len(all_of_level - {shape.place.id for shape in taken})
    return (
        (f"{without:,} of {len(all_of_level):,} places of this level have no boundary in the file",) if without else ()
    )


def _store(
    session: Session,
    how: BoundariesImport,
    layer: tuple[Sequence[Shape], list[list[str]]],
    before: BoundarySet | None,
    report: MatchReport,
) -> None:
    taken, texts = layer
    fingerprint = _fingerprint(how.level, taken, texts[shapes.FINEST])
    if before and before.fingerprint == fingerprint:
        return
    _close(session, before, how)
    known = session.scalar(select(BoundarySet).where(BoundarySet.fingerprint == fingerprint))
    if known:
        known.valid_to = None
    else:
        _write_set(session, how, layer, (fingerprint, report.file))
    session.add(
        AuditEvent(actor=how.by, action="import-boundaries", subject=report.file, detail=json.dumps(report.counts))
    )


def _close(session: Session, before: BoundarySet | None, how: BoundariesImport) -> None:
    if before is None:
        return
    if how.valid_from and before.valid_from and how.valid_from < before.valid_from:
        raise Conflict(f"boundaries from {before.valid_from} are stored already: give a later --valid-from")
    before.valid_to = how.valid_from or now().date()
    session.flush()


def _fingerprint(level: str, taken: Sequence[Shape], texts: Sequence[str]) -> str:
    digest = hashlib.sha256(level.encode())
    for code, text in sorted((shape.place.code, text) for shape, text in zip(taken, texts, strict=True)):
        digest.update(f"\n{code} {text}".encode())
    return digest.hexdigest()


def _write_set(
    session: Session, how: BoundariesImport, layer: tuple[Sequence[Shape], list[list[str]]], said: tuple[str, str]
) -> None:
    taken, texts = layer
    fingerprint, file = said
    new = BoundarySet(
        level=how.level,
        source=how.source or file,
        fingerprint=fingerprint,
        valid_from=how.valid_from,
        demo=how.demo,
    )
    session.add(new)
    session.flush()
    blobs = shapely.to_wkb(shapes.as_multipolygons([shape.geometry for shape in taken]))
    geometry = func.ST_GeomFromWKB(bindparam("wkb", type_=LargeBinary), 4326)
    rows = [
        {"set_id": new.id, "place_id": shape.place.id, "wkb": blob} for shape, blob in zip(taken, blobs, strict=True)
    ]
    session.connection().execute(insert(Boundary).values(geom=geometry), rows)
    written = select(Boundary.place_id, Boundary.id).where(Boundary.set_id == new.id)
    ids = {place_id: boundary_id for place_id, boundary_id in session.execute(written)}
    session.execute(
        insert(BoundaryShape),
        [
            {"boundary_id": ids[shape.place.id], "detail": detail, "geometry": text}
            for detail, level in enumerate(texts)
            for shape, text in zip(taken, level, strict=True)
        ],
    )
    _pack(session, new.id, [ids[shape.place.id] for shape in taken], texts)
    _give_points(session, taken)


def _pack(session: Session, set_id: int, ids: Sequence[int], texts: Sequence[Sequence[str]]) -> None:
    """Store what maps fetch, so that no reader waits for it."""
    order = np.argsort(ids)
    for detail in PACKED:
        body = stored([texts[detail][at] for at in order], detail)
        session.add(BoundaryPack(set_id=set_id, detail=detail, body=body))


def _give_points(session: Session, taken: Sequence[Shape]) -> None:
    """A point within its shape for every place that has no position of its own."""
    without = [shape for shape in taken if shape.place.latitude is None]
    rows: list[Mapping[str, Any]] = [
        {"id": shape.place.id, "latitude": round(point.y, 5), "longitude": round(point.x, 5)}
        for shape in without
        for point in [shape.geometry.point_on_surface()]
    ]
    if rows:
        session.execute(update(Place), rows)
