"""Registers of places on both databases: identity over time, and refusal as a whole."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from cityindex.errors import Invalid
from cityindex.formats.features import read_features, with_points
from cityindex.formats.tables import read_table
from cityindex.models import AuditEvent, Place, PlaceCode, PlaceSpell
from cityindex.queries.places.places import codes_of, find_place, spells_of
from cityindex.services.places.place_changes import PlaceWriter
from cityindex.services.places.places import PlacesImport
from tests.integration.registers import AREAS, CITY, SAO, SUTHEP, Registers, write_csv


@pytest.fixture
def registers(engine: Engine, tmp_path: Path) -> Registers:
    made = Registers(engine, tmp_path)
    made.add(*AREAS)
    return made


def found(registers: Registers, code: str, scheme: str | None = None) -> tuple[Any, bool]:
    with registers.sessions() as session:
        result = find_place(session, code, scheme)
    return result.place, result.redirected


def counts(**numbers: int) -> dict[str, int]:
    return dict.fromkeys(("matched", "new", "changed", "ambiguous", "rejected"), 0) | numbers


def test_a_register_is_stored(registers: Registers) -> None:
    report = registers.add(SUTHEP, CITY, source="DLA 2566")
    assert report.counts == counts(new=2)
    place, redirected = found(registers, "5500107")
    assert not redirected
    assert (place.place_type, place.name_th, place.province_code, place.district_code, place.source) == (
        "subdistrict-municipality", "สุเทพ", "50", "5001", "DLA 2566",
    )  # fmt: skip
    assert (place.latitude, place.longitude, place.area_km2, place.population) == (18.79, 98.95, 29.5, 10500)
    assert found(registers, "501999", "nso")[0].code == "5500107"
    assert found(registers, "3500102")[0].name_th == "เชียงใหม่"
    events = [(e["actor"], e["action"], json.loads(e["detail"])) for e in registers.rows(AuditEvent)]
    assert sorted(events, key=str) == [("tester", "import-places", counts(new=number)) for number in (2, 4)]


def test_importing_again_changes_nothing(registers: Registers) -> None:
    registers.add(SUTHEP, CITY, SAO)
    before = [registers.rows(table) for table in (Place, PlaceCode, PlaceSpell)]
    assert registers.add(SUTHEP, CITY, SAO).counts == counts(matched=3)
    assert [registers.rows(table) for table in (Place, PlaceCode, PlaceSpell)] == before


def test_a_dry_run_tells_and_changes_nothing(registers: Registers) -> None:
    before = registers.everything()
    assert registers.add(SUTHEP, CITY, dry_run=True).counts == counts(new=2)
    assert registers.everything() == before


def test_values_change_and_empty_cells_do_not(registers: Registers) -> None:
    registers.add(SUTHEP)
    changed = registers.add({"code": "5500107", "population": "11000", "area_km2": "", "code:nso": "501888"})
    assert changed.counts == counts(changed=1)
    assert "population: 10500 → 11000" in changed.rows[0].note
    place, _ = found(registers, "5500107")
    assert (place.population, place.area_km2) == (11000, 29.5)
    assert found(registers, "501888", "nso")[0].id == place.id
    assert found(registers, "501999", "nso")[0].id == place.id
    assert not registers.rows(PlaceSpell)


def test_an_upgraded_body_stays_the_same_place(registers: Registers) -> None:
    registers.add(SUTHEP | {"valid_from": "2553"}, SAO)
    before, _ = found(registers, "5500107")
    upgraded = {
        **SUTHEP,
        "code": "04500107",
        "place_type": "ทม.",
        "name_th": "เทศบาลเมืองสุเทพ",
        "valid_from": "2568-02-01",
    }
    report = registers.add(upgraded)
    assert report.counts == counts(changed=1)
    assert "upgraded from 5500107 subdistrict-municipality" in report.rows[0].note
    after, redirected = found(registers, "4500107")
    assert (after.id, after.place_type, redirected) == (before.id, "town-municipality", False)
    old, redirected = found(registers, "5500107")
    assert (old.id, redirected) == (before.id, True)
    with registers.sessions() as session:
        codes = {(c.code, c.in_force, c.valid_from, c.valid_to) for c in codes_of(session, before.id)}
        (spell,) = spells_of(session, before.id)
    assert codes == {
        ("4500107", True, date(2025, 2, 1), None),
        ("5500107", False, date(2010, 1, 1), date(2025, 2, 1)),
        ("501999", True, date(2010, 1, 1), None),
    }
    assert (spell.code, spell.place_type, spell.valid_from, spell.valid_to) == (
        "5500107", "subdistrict-municipality", date(2010, 1, 1), date(2025, 2, 1),
    )  # fmt: skip
    assert registers.add(upgraded).counts == counts(matched=1)


def test_a_row_under_an_earlier_code_changes_nothing_and_is_told(registers: Registers) -> None:
    registers.add(SUTHEP)
    registers.add({**SUTHEP, "code": "4500107", "place_type": "ทม."})
    before = registers.everything()
    report = registers.add(SUTHEP | {"population": "1"}, dry_run=True)
    assert report.counts == counts(matched=1)
    assert "earlier code of 4500107" in str(report.warnings[0])
    assert registers.add(SUTHEP | {"population": "1"}).counts == counts(matched=1)
    assert found(registers, "4500107")[0].population == 10500
    assert registers.everything() | {"audit_event": 0} == before | {"audit_event": 0}


def test_a_code_that_was_given_up_can_come_back(registers: Registers) -> None:
    for nso in ("501999", "501888", "501999"):
        registers.add(SUTHEP | {"code:nso": nso})
    codes = [(row["code"], row["in_force"]) for row in registers.rows(PlaceCode) if row["scheme"] == "nso"]
    assert sorted(codes) == [("501888", False), ("501999", True)]


def test_two_places_exchange_a_further_code(registers: Registers) -> None:
    registers.add(SUTHEP, CITY | {"code:nso": "501998"})
    registers.add(SUTHEP | {"code:nso": "501998"}, CITY | {"code:nso": "501999"})
    assert found(registers, "501998", "nso")[0].code == "5500107"
    assert found(registers, "501999", "nso")[0].code == "3500102"


def test_an_earlier_code_can_be_told_with_a_new_place(registers: Registers) -> None:
    registers.add({**SUTHEP, "code": "4500107", "place_type": "ทม.", "code:dla": "5500107"})
    assert found(registers, "5500107") == (found(registers, "4500107")[0], True)


def test_a_new_name_leaves_the_old_one_to_be_found(registers: Registers) -> None:
    registers.add(SUTHEP)
    registers.add(SUTHEP | {"name_th": "ดอยสุเทพ"})
    (spell,) = registers.rows(PlaceSpell)
    assert spell["name_th"] == "สุเทพ"
    assert registers.rows(Place)[-1]["name_search"].count("สุเทพ") == 2


def test_same_names_in_two_provinces_are_two_places(registers: Registers) -> None:
    assert registers.add(SUTHEP, SAO).counts == counts(new=2)
    assert found(registers, "6510105")[0].province_code == "51"


def test_an_ambiguous_name_is_refused_and_listed(registers: Registers) -> None:
    registers.add(SUTHEP | {"code": "6500105", "place_type": "อบต.", "code:nso": ""})
    refused = registers.refuse(SUTHEP)
    assert "1 ambiguous" in str(refused)
    assert [(p.row, p.column, p.value) for p in refused.problems] == [(2, "code", "5500107")]
    assert "6500105" in refused.problems[0].reason
    assert "code:dla" in refused.problems[0].cure


def test_a_register_that_would_merge_two_places_is_refused_as_a_whole(registers: Registers) -> None:
    registers.add(SUTHEP, CITY)
    refused = registers.refuse(SAO, CITY | {"code:nso": "501999"})
    assert [(p.row, p.column, p.value) for p in refused.problems] == [(3, "code:nso", "501999")]
    both = {**SUTHEP, "code": "4500107", "place_type": "ทม."}
    refused = registers.refuse(SUTHEP, both | {"code:dla": "5500107"})
    assert {p.row for p in refused.problems} == {2, 3}
    assert all("merge" in p.reason for p in refused.problems)


def test_every_bad_row_is_listed_and_nothing_changes(registers: Registers) -> None:
    refused = registers.refuse(
        SUTHEP,
        SUTHEP,
        CITY | {"place_type": "นคร"},
        SAO | {"lat": "98.95", "lon": "18.79", "population": "many"},
        SAO | {"code": "6510106", "province": "ลำปาง"},
        SAO | {"code": "651010"},
    )
    told = [(p.row, p.column, p.value) for p in refused.problems]
    assert told == [
        (3, "code", "5500107"),
        (4, "place_type", "นคร"),
        (5, "population", "many"),
        (5, "lat", "98.95, 18.79"),
        (6, "province", "ลำปาง"),
        (7, "code", "651010"),
    ]
    assert all(p.cure for p in refused.problems)
    assert "1 new" in str(refused)
    assert "5 rejected" in str(refused)
    assert "exchanged" in refused.problems[3].reason


def test_impossible_values_are_left_out_only_where_that_is_said(registers: Registers) -> None:
    row = SUTHEP | {"area_km2": "0", "lat": "103.1", "lon": "103.1"}
    assert [p.column for p in registers.refuse(row).problems] == ["area_km2", "lat"]
    report = registers.add(row, skip_bad_values=True)
    assert [warning.column for warning in report.warnings] == ["area_km2", "lat"]
    place, _ = found(registers, "5500107")
    assert (place.area_km2, place.latitude, place.population) == (None, None, 10500)


def test_types_may_be_said_for_the_whole_file(registers: Registers) -> None:
    row = {"code": "52", "name_th": "จังหวัดลำปาง", "name_en": "Lampang"}
    assert registers.add(row, place_type="จังหวัด").counts == counts(new=1)
    assert found(registers, "52")[0].name_th == "ลำปาง"


def test_a_workbook_is_read_and_a_truncated_one_refused(registers: Registers) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(SUTHEP))
    sheet.append([int(v) if v.isdigit() else v for v in SUTHEP.values()])
    whole = registers.folder / "register.xlsx"
    book.save(whole)
    cut = registers.folder / "cut.xlsx"
    cut.write_bytes(whole.read_bytes()[:-900])
    with pytest.raises(Invalid):
        read_table(cut)
    how = PlacesImport(whole.name, "tester")
    assert registers.places.import_register(read_table(whole), how).counts == counts(new=1)
    assert found(registers, "5500107")[0].district_code == "5001"


def test_a_layer_of_points_is_a_register_too(registers: Registers) -> None:
    said = {k: v for k, v in SUTHEP.items() if k not in ("lat", "lon")}
    point = {"type": "Point", "coordinates": [98.95, 18.79]}
    layer = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": said, "geometry": point}]}
    path = registers.folder / "points.geojson"
    path.write_text(json.dumps(layer), encoding="utf-8")
    how = PlacesImport(path.name, "tester")
    report = registers.places.import_register(with_points(read_features(path)), how)
    assert report.counts == counts(new=1)
    assert found(registers, "5500107")[0].latitude == 18.79


def test_two_imports_at_once_make_one_place(registers: Registers) -> None:
    table = read_table(write_csv(registers.folder / "r.csv", [SUTHEP, CITY]))

    def take(by: str) -> dict[str, int]:
        return registers.places.import_register(table, PlacesImport("r.csv", by)).counts

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(take, "abcd"))
    assert sorted(reports, key=lambda told: told["new"]) == [counts(matched=2)] * 3 + [counts(new=2)]


def test_an_import_that_breaks_half_way_leaves_nothing(registers: Registers, monkeypatch: pytest.MonkeyPatch) -> None:
    before = registers.everything()

    def break_down(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(PlaceWriter, "_bring_codes", break_down)
    with pytest.raises(RuntimeError):
        registers.add(SUTHEP, CITY)
    assert registers.everything() == before


def test_columns_are_mapped_and_the_others_named(registers: Registers) -> None:
    path = write_csv(registers.folder / "r.csv", [{"รหัส": "52", "ชื่อ": "ลำปาง", "type": "province", "note": "x"}])
    how = PlacesImport(path.name, "tester", {"รหัส": "code", "ชื่อ": "name_th", "type": "place_type"})
    report = registers.places.import_register(read_table(path), how)
    assert report.ignored_columns == ("note",)
    assert found(registers, "๕๒")[0].name_th == "ลำปาง"
