"""The register of local governments, boundaries and a newer list with 36 upgraded municipalities: real data."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from cityindex.errors import Invalid
from cityindex.formats.features import read_features
from cityindex.formats.tables import read_table
from cityindex.models import Place, PlaceCode, PlaceSpell
from cityindex.queries.places.boundaries import boundary_set, feature_collection
from cityindex.queries.places.places import Search, find_place, search_places
from cityindex.resources import resource_root
from cityindex.services.places.boundaries import BoundariesImport
from cityindex.services.places.match_report import MatchReport
from cityindex.services.places.places import PlacesImport
from tests.conftest import SHARED_DATA
from tests.integration.registers import Registers

pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the real data is not here, and no test needs it")

REGISTER = SHARED_DATA / "lao" / "lao_7849.csv"
NEWER = SHARED_DATA / "municipality_web_255" / "muni-list.csv"
SHAPES = SHARED_DATA / "boundaries"
COLUMNS = {
    "dla_code": "code",
    "type": "place_type",
    "province_code": "province",
    "district_code": "district",
    "nso_muni_code": "code:nso",
    "wikidata": "code:wikidata",
}
NEWER_COLUMNS = {
    "รหัส อปท.": "code",
    "ชื่ออปท.": "name_th",
    "ประเภท": "place_type",
    "อำเภอ": "district",
    "จังหวัด": "province",
}


@pytest.fixture
def registers(engine: Engine, tmp_path: Path) -> Registers:
    made = Registers(engine, tmp_path)
    for name in ("provinces.csv", "districts.csv"):
        table = read_table(resource_root("seeds") / name)
        made.places.import_register(table, PlacesImport(name, "tester"))
    return made


def take(registers: Registers, path: Path, columns: dict[str, str], **how: bool) -> MatchReport:
    return registers.places.import_register(read_table(path), PlacesImport(path.name, "tester", columns, **how))


def figures(report: MatchReport) -> tuple[int, int, int]:
    return report.counts["matched"], report.counts["new"], report.counts["changed"]


def test_the_register_then_the_newer_list_then_the_register_again(registers: Registers) -> None:
    with pytest.raises(Invalid) as refused:
        take(registers, REGISTER, COLUMNS)
    bad = {(problem.column, problem.value) for problem in refused.value.problems}
    assert ("lat", "103.0662, 103.0662") in bad
    assert {column for column, _ in bad} == {"lat", "area_km2"}

    assert figures(take(registers, REGISTER, COLUMNS, skip_bad_values=True)) == (0, 7849, 0)
    assert figures(take(registers, REGISTER, COLUMNS, skip_bad_values=True)) == (7849, 0, 0)

    before = {row["code"]: row for row in registers.rows(Place)}
    assert figures(take(registers, NEWER, NEWER_COLUMNS)) == (220, 0, 36)
    assert figures(take(registers, NEWER, NEWER_COLUMNS)) == (256, 0, 0)
    spells = registers.rows(PlaceSpell)
    assert len(spells) == 36
    with registers.sessions() as session:
        for spell in spells:
            found = find_place(session, spell["code"])
            assert found.redirected
            assert found.place.code[1:] == spell["code"][1:]
            assert (found.place.name_th, found.place.area_km2) == (spell["name_th"], before[spell["code"]]["area_km2"])
        towns = search_places(session, Search(types=("city-municipality", "town-municipality")))
    assert towns.total == 256

    again = take(registers, REGISTER, COLUMNS, skip_bad_values=True)
    assert figures(again) == (7849, 0, 0)
    assert sum("earlier code" in row.note for row in again.rows) == 36
    with registers.sessions() as session:
        assert session.scalar(select(Place.code).where(Place.name_th == "เสม็ด", Place.latitude.is_(None))) == "6310115"
        shared = select(PlaceCode.place_id).where(PlaceCode.code == "Q95104142")
        assert not session.scalars(shared).all()


def test_the_boundaries(registers: Registers) -> None:
    take(registers, REGISTER, COLUMNS, skip_bad_values=True)
    layer = read_features(SHAPES / "municipality_nso.geojson")
    how = BoundariesImport("code", "municipality", "tester", "nso")
    with pytest.raises(Invalid) as refused:
        registers.boundaries.import_layer(layer, how)
    assert len(refused.value.problems) == 27
    partly = BoundariesImport("code", "municipality", "tester", "nso", skip_unknown=True)
    report = registers.boundaries.import_layer(layer, partly)
    assert (report.counts["new"], len(report.warnings)) == (2361, 27)
    provinces = BoundariesImport("code", "province", "tester")
    assert registers.boundaries.import_layer(read_features(SHAPES / "th_adm1.geojson"), provinces).counts["new"] == 77
    with registers.sessions() as session:
        held = boundary_set(session, "municipality")
        assert held is not None
        sizes = [len(gzip.compress(feature_collection(session, held, detail).encode())) for detail in (0, 1, 2)]
    assert sizes[0] < sizes[1] < sizes[2] < 600_000
