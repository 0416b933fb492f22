"""Packages of CKAN with the fields of the Thai Government Data Catalog."""

from __future__ import annotations

import json
import uuid

import pytest

from cityindex.formats.ckan import MANDATORY, ORGANISATION, Package, organisation, package, packages
from tests.unit.formats.catalogued import SITE, UNNAMED, URN, catalogue, places, scores


@pytest.fixture
def livable() -> Package:
    return package(catalogue(), scores())


@pytest.mark.parametrize("publisher", ["named", "unnamed"])
def test_the_mandatory_fields_are_filled_in_every_package(publisher: str) -> None:
    made = catalogue(publisher=UNNAMED) if publisher == "unnamed" else catalogue()
    for one in packages(made):
        assert {field: bool(one[field]) for field in MANDATORY} == dict.fromkeys(MANDATORY, True), one["name"]
    assert len(MANDATORY) == 14


def test_years_are_of_the_buddhist_era_and_of_statistics_only(livable: Package) -> None:
    assert (livable["first_year_of_data"], livable["last_year_of_data"]) == ("2564", "2566")
    assert livable["resources"][0]["resource_first_year_of_data"] == "2566"
    assert livable["resources"][2]["resource_first_year_of_data"] == "2564"
    assert "first_year_of_data" not in package(catalogue(), places())


def test_choices_are_those_of_the_thai_catalogue(livable: Package) -> None:
    assert livable["data_type"] == "ข้อมูลสถิติ"
    assert livable["objective"] == ["ยุทธศาสตร์ชาติ"]
    assert (livable["update_frequency_unit"], livable["update_frequency_interval"]) == ("ปี", "1")
    assert (livable["geo_coverage"], livable["geo_coverage_other"]) == ("เทศบาล/อบต.", "")
    assert (livable["data_format"], livable["data_format_other"]) == (["CSV", "อื่นๆ"], "Parquet, SDMX")
    register = package(catalogue(), places())
    assert (register["objective"], bool(register["objective_other"])) == (["อื่นๆ"], True)
    assert (register["geo_coverage"], register["geo_coverage_other"]) == ("อื่นๆ", "เทศบาล/อบต., จังหวัด")
    assert (register["update_frequency_unit"], register["update_frequency_interval"]) == ("อื่นๆ", "")
    borders = package(catalogue(), scores(kind="geography"))
    assert borders["data_type"] == "ข้อมูลภูมิสารสนเทศเชิงพื้นที่"
    assert borders["geographic_data_set"] == "ชั้นข้อมูลขอบเขตการปกครอง"


@pytest.mark.parametrize(
    ("named", "demo", "allowed"), [(True, False, "True"), (True, True, "False"), (False, False, "False")]
)
def test_only_real_data_of_an_operator_who_says_who_he_is_may_be_harvested(
    named: bool, demo: bool, allowed: str
) -> None:
    one = scores(demo=demo)
    made = catalogue(one) if named else catalogue(one, publisher=UNNAMED)
    assert package(made, one)["allow_harvest"] == allowed


def test_what_is_not_stated_is_said_to_be_so() -> None:
    one = package(catalogue(publisher=UNNAMED), scores())
    assert (one["maintainer"], one["maintainer_email"]) == ("ไม่ระบุ", "ไม่ระบุ")
    assert one["organization"]["title"] == "ผู้ดูแลเว็บไซต์นี้ (ไม่ได้ระบุชื่อ)"


def test_identifiers_are_stable_and_the_same_name_is_used_at_every_door(livable: Package) -> None:
    assert uuid.UUID(livable["id"]).version == 5
    assert package(catalogue(), scores(version="later"))["id"] == livable["id"]
    extras = {one["key"]: one["value"] for one in livable["extras"]}
    assert extras["identifier"] == livable["name"] == "livable"
    assert extras["uri"] == f"{SITE}/catalog/livable"
    assert (extras["sdmx_identifier"], extras["ogc_identifier"]) == (URN, "livable-2023")
    assert len({part["id"] for part in livable["resources"]}) == 3
    assert {part["package_id"] for part in livable["resources"]} == {livable["id"]}
    assert livable["owner_org"] == livable["organization"]["id"] == organisation(catalogue())["id"]
    assert livable["organization"]["name"] == ORGANISATION


def test_tags_hold_only_what_ckan_allows_in_them(livable: Package) -> None:
    assert [tag["name"] for tag in livable["tags"]] == ["เมือง", "น้ำ อากาศ", "cities", "water air"]
    assert livable["tag_string"] == "เมือง,น้ำ อากาศ,cities,water air"


def test_moments_are_in_utc_without_saying_so(livable: Package) -> None:
    assert livable["metadata_created"] == "2026-03-01T08:30:00.000000"
    assert livable["metadata_modified"] == "2026-05-01T08:30:00.000000"
    assert package(catalogue(), places())["metadata_modified"] is None


def test_packages_are_json() -> None:
    assert json.loads(json.dumps(packages(catalogue())))[0]["name"] == "livable"
