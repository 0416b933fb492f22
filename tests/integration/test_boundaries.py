"""Boundaries on both databases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely import Point, Polygon
from sqlalchemy import Engine, func, select

from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.formats.features import read_features
from cityindex.maps.columns import packed_codes
from cityindex.maps.topology import COARSE, DECIMALS, PACKED, with_codes
from cityindex.models import Boundary, BoundarySet, BoundaryShape
from cityindex.queries.places.boundaries import boundary_set, feature_collection, outlines_of
from cityindex.queries.places.map_places import shape_pack
from cityindex.queries.places.places import find_place
from cityindex.services.places.boundaries import BoundariesImport
from tests.integration.registers import AREAS, CITY, SAO, SUTHEP, Registers, tile, write_geojson
from tests.unit.maps.test_columns import unpacked_codes
from tests.unit.maps.test_topology import unpacked

LAND = {"lat": "", "lon": ""}
BOW_TIE = Polygon([(98.9, 18.7), (99.0, 18.8), (99.0, 18.7), (98.9, 18.8)])


@pytest.fixture
def registers(engine: Engine, tmp_path: Path) -> Registers:
    made = Registers(engine, tmp_path)
    made.add(*AREAS, SUTHEP | LAND, CITY, SAO)
    return made


def refused(registers: Registers, *shapes: tuple[str, shapely.Geometry | None], **how: object) -> Invalid:
    before = registers.everything()
    with pytest.raises(Invalid) as error:
        registers.draw(*shapes, **how)
    assert registers.everything() == before
    return error.value


def test_shapes_are_stored_and_served(registers: Registers) -> None:
    report = registers.draw(("5500107", tile()), ("3500102", tile(99.0)), source="NSO")
    assert report.counts["new"] == 2
    with registers.sessions() as session:
        held = boundary_set(session, "municipality")
        assert held is not None
        assert (held.source, held.valid_to, len(held.fingerprint)) == ("NSO", None, 64)
        layer = json.loads(feature_collection(session, held, 0))
        codes = [feature["properties"]["code"] for feature in layer["features"]]
        inside = select(func.count()).where(func.ST_Contains(Boundary.geom, shapely_point(98.95, 18.75)))
        assert session.scalar(inside) == 1
        place = find_place(session, "5500107").place
        outline = outlines_of(session, {place.id: 2}).get(place.id)
        packs = [shape_pack(session, held.id, detail) for detail in PACKED]
    for detail, pack in enumerate(packs):
        assert pack is not None, "it is packed at import"
        body = json.loads(with_codes(pack[0], packed_codes(pack[1])))
        assert unpacked_codes(body["codes"]) == ["5500107", "3500102"]
        assert body["decimals"] == (COARSE if detail == 0 else DECIMALS)
        assert [len(rings) for rings in unpacked(body)[0]] == [1, 1]
    assert codes == ["3500102", "5500107"]
    assert outline is not None
    assert shapely.from_geojson(outline.geometry).equals(tile())


def shapely_point(lon: float, lat: float) -> object:
    return func.ST_GeomFromText(f"POINT({lon} {lat})", 4326)


def test_a_place_without_a_position_gets_a_point_within(registers: Registers) -> None:
    registers.draw(("5500107", tile()))
    with registers.sessions() as session:
        place = find_place(session, "5500107").place
    assert place.latitude is not None
    assert place.longitude is not None
    assert tile().contains(Point(place.longitude, place.latitude))


def test_by_the_code_of_another_scheme(registers: Registers) -> None:
    assert registers.draw(("501999", tile()), scheme="nso").rows[0].code == "5500107"


def test_places_of_the_level_without_a_shape_are_counted(registers: Registers) -> None:
    assert registers.draw(("5500107", tile())).notes == ("1 of 2 places of this level have no boundary in the file",)


def test_the_same_layer_again_changes_nothing(registers: Registers) -> None:
    registers.draw(("5500107", tile()))
    before = registers.everything()
    assert registers.draw(("5500107", tile())).counts["matched"] == 1
    assert registers.everything() == before


def test_a_new_set_closes_the_one_in_force(registers: Registers) -> None:
    registers.draw(("5500107", tile()), ("3500102", tile(99.0)), valid_from=date(2020, 1, 1))
    report = registers.draw(("5500107", tile()), ("3500102", tile(99.0, size=0.2)), valid_from=date(2024, 1, 1))
    assert (report.counts["matched"], report.counts["changed"]) == (1, 1)
    assert [(s["valid_from"], s["valid_to"]) for s in registers.rows(BoundarySet) if s["valid_to"]] == [
        (date(2020, 1, 1), date(2024, 1, 1))
    ]
    with pytest.raises(Conflict):
        registers.draw(("5500107", tile()), valid_from=date(2022, 1, 1))
    registers.draw(("5500107", tile()), ("3500102", tile(99.0)))
    in_force = [s["valid_from"] for s in registers.rows(BoundarySet) if s["valid_to"] is None]
    assert in_force == [date(2020, 1, 1)]


def test_levels_do_not_touch_each_other(registers: Registers) -> None:
    registers.draw(("5500107", tile()))
    registers.draw(("50", tile(98.0, 18.0, 2)), level="province")
    assert all(held["valid_to"] is None for held in registers.rows(BoundarySet))


def test_every_bad_feature_is_listed_and_nothing_changes(registers: Registers) -> None:
    error = refused(
        registers,
        ("5500107", BOW_TIE),
        ("9999999", tile()),
        ("3500102", tile()),
        ("3500102", tile(99.0)),
        ("", tile()),
        ("6510105", tile()),
        ("5500107", None),
        ("5500107", Point(98.9, 18.7)),
    )
    told = {p.row: p.reason for p in error.problems}
    assert sorted(told) == [1, 2, 4, 5, 6, 7, 8]
    assert "98.95 18.75" in told[1]
    assert "no place has this code" in told[2]
    assert "feature 3" in told[4]
    assert "no code" in told[5]
    assert "not of the level" in told[6]
    assert "no geometry" in told[7]
    assert "Point" in told[8]
    assert all(p.cure for p in error.problems)


def test_unknown_codes_are_left_out_only_where_that_is_said(registers: Registers) -> None:
    assert "--skip-unknown" in refused(registers, ("5500107", tile()), ("9999999", tile(99.0))).problems[0].cure
    report = registers.draw(("5500107", tile()), ("9999999", tile(99.0)), skip_unknown=True)
    assert (report.counts["new"], [w.value for w in report.warnings]) == (1, ["9999999"])
    refused(registers, ("9999999", tile()), skip_unknown=True)


def test_another_coordinate_system_is_refused_declared_or_not(registers: Registers) -> None:
    declared = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}
    metres = tile(11_010_000, 2_120_000, 9_000)
    path = write_geojson(registers.folder / "metres.geojson", [("5500107", metres)], **declared)
    how = BoundariesImport("code", "municipality", "tester")
    with pytest.raises(Invalid) as error:
        registers.boundaries.import_layer(read_features(path), how)
    assert "EPSG:3857" in error.value.problems[0].reason
    assert "EPSG:4326" in error.value.problems[0].cure
    assert "no longitudes" in refused(registers, ("5500107", metres)).problems[0].reason


def test_a_dry_run_changes_nothing(registers: Registers) -> None:
    before = registers.everything()
    assert registers.draw(("5500107", tile()), dry_run=True).counts["new"] == 1
    assert registers.everything() == before


def test_what_does_not_exist_is_named(registers: Registers) -> None:
    with pytest.raises(NotFound, match="code"):
        registers.draw(("5500107", tile()), key="kode")
    with pytest.raises(NotFound):
        registers.draw(("5500107", tile()), level="munic")


def test_every_detail_is_there_for_every_place(registers: Registers) -> None:
    registers.draw(("5500107", tile()), ("3500102", tile(99.0)))
    with registers.sessions() as session:
        details = select(BoundaryShape.detail, func.count()).group_by(BoundaryShape.detail)
        assert sorted(tuple(row) for row in session.execute(details)) == [(0, 2), (1, 2), (2, 2)]
