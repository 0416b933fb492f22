"""Which place a row means."""

from __future__ import annotations

from typing import Any

from cityindex.formats.problems import Problems
from cityindex.services.places.known_places import KnownPlace, KnownPlaces
from cityindex.services.places.matching import Matcher, Meant
from cityindex.services.places.register import PlaceRow

TOWN, SMALL, SAO = "town-municipality", "subdistrict-municipality", "sao"


def place(number: int, code: str, place_type: str, name: str, **more: Any) -> KnownPlace:
    scheme = "tis1099" if len(code) < 7 else "dla"
    codes = {scheme: code, **more.pop("codes", {})}
    where = {"province": "50", "district": "5001"} if place_type not in ("province", "district") else {}
    values = {"province": None, "district": None, **where, **more}
    return KnownPlace(
        number, code, place_type, name, None, latitude=None, longitude=None, area_km2=None, population=None,
        valid_from=None, demo=False, codes=codes, **values,
    )  # fmt: skip


AREAS = (
    place(1, "50", "province", "เชียงใหม่"),
    place(2, "5001", "district", "เมืองเชียงใหม่", province="50"),
    place(3, "5002", "district", "จอมทอง", province="50"),
    place(4, "51", "province", "ลำพูน"),
)


def row(line: int, code: str, place_type: str | None = None, name: str | None = None, **more: Any) -> PlaceRow:
    where = {"province": "เชียงใหม่", "district": "เมืองเชียงใหม่"} if name else {}
    return PlaceRow(line, code, place_type=place_type, name_th=name, **{**where, **more})


def match(known: list[KnownPlace], *rows: PlaceRow) -> tuple[list[Meant], Problems, Matcher]:
    problems = Problems()
    matcher = Matcher(KnownPlaces([*AREAS, *known]), rows, problems, Problems())
    return matcher.match(), problems, matcher


def ways(meant: list[Meant]) -> list[tuple[str, int | None]]:
    return [(each.way, each.place.id if each.place else None) for each in meant]


def reasons(problems: Problems) -> list[tuple[int | None, str]]:
    assert all(problem.cure for problem in problems.kept)
    return [(problem.row, problem.reason) for problem in problems.kept]


def test_by_code_whatever_the_name() -> None:
    meant, problems, _ = match([place(9, "5500107", SMALL, "สุเทพ")], row(2, "5500107", SMALL, "สุเทพใหม่"))
    assert ways(meant) == [("code", 9)]
    assert not problems


def test_a_new_place_although_the_name_is_known_in_another_province() -> None:
    known = [place(9, "5510101", SMALL, "สุเทพ", province="51", district=None)]
    meant, problems, _ = match(known, row(2, "5500107", SMALL, "สุเทพ"))
    assert ways(meant) == [("new", None)]
    assert not problems


def test_a_code_with_the_name_and_province_of_another_place_is_refused() -> None:
    known = [place(9, "5510101", SMALL, "สุเทพ", province="51", district=None)]
    _, problems, _ = match(known, row(2, "5510101", SMALL, "ช้างเผือก"))
    assert reasons(problems)[0][0] == 2
    assert "neither name nor province" in reasons(problems)[0][1]


def test_by_another_code() -> None:
    known = [place(9, "5500107", SMALL, "สุเทพ", codes={"nso": "501999"})]
    meant, problems, _ = match(known, row(2, "4500199", TOWN, "สุเทพใหม่", codes=(("nso", "501999"),)))
    assert ways(meant) == [("other-code", 9)]
    assert not problems


def test_upgraded_by_its_other_six_digits_with_name_and_province() -> None:
    known = [place(9, "5500107", SMALL, "สุเทพ"), place(10, "6500108", SAO, "สุเทพ")]
    meant, problems, _ = match(known, row(2, "4500107", TOWN, "สุเทพ"))
    assert ways(meant) == [("upgrade", 9)]
    assert not problems


def test_six_digits_without_the_name_are_not_enough() -> None:
    meant, _, _ = match([place(9, "5500107", SMALL, "สุเทพ")], row(2, "4500107", TOWN, "ช้างเผือก"))
    assert ways(meant) == [("new", None)]


def test_upgraded_by_name_and_district_where_the_register_lists_that_type_without_it() -> None:
    known = [place(9, "6500105", SAO, "สุเทพ"), place(10, "6500106", SAO, "ช้างเผือก")]
    meant, problems, _ = match(known, row(2, "5500107", SMALL, "สุเทพ"), row(3, "6500106", SAO, "ช้างเผือก"))
    assert ways(meant) == [("upgrade", 9), ("code", 10)]
    assert not problems


def test_ambiguous_where_the_file_cannot_tell_whether_the_old_body_exists() -> None:
    known = [place(9, "6500105", SAO, "สุเทพ")]
    meant, problems, matcher = match(known, row(2, "5500107", SMALL, "สุเทพ"))
    assert ways(meant) == [("new", None)]
    assert matcher.ambiguous == {2}
    assert len(reasons(problems)) == 1


def test_a_row_is_no_evidence_for_itself() -> None:
    known = [place(9, "4500107", TOWN, "สุเทพ")]
    _, problems, matcher = match(known, row(2, "4500177", TOWN, "สุเทพ"))
    assert matcher.ambiguous == {2}
    assert problems.count == 1
    meant, problems, _ = match(known, row(2, "4500177", TOWN, "สุเทพ"), row(3, "4500199", TOWN, "แม่เหียะ"))
    assert ways(meant) == [("upgrade", 9), ("new", None)]


def test_a_district_of_another_province_is_refused() -> None:
    _, problems, _ = match([], row(2, "4510107", TOWN, "สุเทพ", province="51", district="5001"))
    assert reasons(problems) == [(2, "there is no such district in the province")]


def test_ambiguous_where_several_fit() -> None:
    known = [place(9, "6500105", SAO, "สุเทพ"), place(10, "5500106", SMALL, "สุเทพ")]
    _, problems, matcher = match(known, row(2, "4500107", TOWN, "สุเทพ"), row(3, "6500199", SAO, "แม่เหียะ"))
    assert matcher.ambiguous == {2}
    assert "6500105" in problems.kept[0].reason
    assert "5500106" in problems.kept[0].reason


def test_the_earlier_code_settles_what_is_ambiguous() -> None:
    known = [place(9, "6500105", SAO, "สุเทพ")]
    meant, problems, _ = match(known, row(2, "5500107", SMALL, "สุเทพ", codes=(("dla", "6500105"),)))
    assert ways(meant) == [("other-code", 9)]
    assert not problems


def test_the_row_of_the_old_body_settles_it_too() -> None:
    known = [place(9, "6500105", SAO, "สุเทพ")]
    meant, problems, _ = match(known, row(2, "5500107", SMALL, "สุเทพ"), row(3, "6500105", SAO, "สุเทพ"))
    assert ways(meant) == [("new", None), ("code", 9)]
    assert not problems


def test_no_body_is_downgraded() -> None:
    known = [place(9, "4500107", TOWN, "สุเทพ")]
    meant, _, _ = match(known, row(2, "5500107", SMALL, "สุเทพ"), row(3, "4500199", TOWN, "แม่เหียะ"))
    assert ways(meant)[0] == ("new", None)


def test_two_rows_for_one_place_would_merge() -> None:
    known = [place(9, "5500107", SMALL, "สุเทพ")]
    _, problems, _ = match(known, row(2, "4500107", TOWN, "สุเทพ"), row(3, "3500107", "city-municipality", "สุเทพ"))
    assert [number for number, _ in reasons(problems)] == [2, 3]
    assert "merge" in problems.kept[0].reason


def test_two_codes_of_two_places_would_merge() -> None:
    known = [place(9, "5500107", SMALL, "สุเทพ"), place(10, "5500108", SMALL, "ช้างเผือก", codes={"nso": "501999"})]
    _, problems, _ = match(known, row(2, "5500107", codes=(("nso", "501999"),)))
    assert [(p.row, p.column, p.value) for p in problems.kept] == [(2, "code:nso", "501999")]
    assert "merge" in problems.kept[0].reason


def test_a_code_may_pass_on_when_its_holder_gets_another() -> None:
    known = [
        place(9, "5500107", SMALL, "สุเทพ", codes={"nso": "501998"}),
        place(10, "5500108", SMALL, "ช้างเผือก", codes={"nso": "501999"}),
    ]
    swap = (row(2, "5500107", codes=(("nso", "501999"),)), row(3, "5500108", codes=(("nso", "501998"),)))
    meant, problems, _ = match(known, *swap)
    assert ways(meant) == [("code", 9), ("code", 10)]
    assert not problems


def test_a_further_code_on_two_rows_is_left_out_of_both() -> None:
    problems, warnings = Problems(), Problems()
    rows = [
        row(2, "5500107", SMALL, "สุเทพ", codes=(("wikidata", "Q1"),)),
        row(3, "6500108", SAO, "สุเทพ", codes=(("wikidata", "Q1"),)),
    ]
    meant = Matcher(KnownPlaces(AREAS), rows, problems, warnings).match()
    assert not problems
    assert [each.dropped for each in meant] == [{("wikidata", "Q1")}] * 2
    assert [warning.row for warning in warnings.kept] == [2, 3]


def test_an_earlier_code_finds_its_place() -> None:
    known = [place(9, "4500107", TOWN, "สุเทพ")]
    known[0].ended.add(("dla", "5500107"))
    meant, problems, _ = match(known, row(2, "5500107", SMALL, "สุเทพ"))
    assert ways(meant) == [("earlier-code", 9)]
    assert not problems


def test_areas_by_code_or_name_and_those_of_the_file() -> None:
    rows = (
        row(2, "58", "province", name="แม่ฮ่องสอน", province=None, district=None),
        row(3, "5801", "district", name="เมืองแม่ฮ่องสอน", province="58", district=None),
        row(4, "5580102", SMALL, "ขุนยวม", province="จังหวัดแม่ฮ่องสอน", district="อำเภอเมืองแม่ฮ่องสอน"),
        row(5, "5500201", SMALL, "จอมทอง", province="50", district="5002"),
    )
    meant, problems, _ = match([], *rows)
    assert not problems
    assert [(each.province, each.district) for each in meant[2:]] == [("58", "5801"), ("50", "5002")]


def test_unknown_areas_are_told_with_the_cure() -> None:
    _, problems, _ = match([], row(2, "5500107", SMALL, "สุเทพ", province="เชียงไหม่", district=None))
    _, others, _ = match([], row(2, "5500107", SMALL, "สุเทพ", district="แม่ริม"))
    assert [(p.column, p.value) for p in (*problems.kept, *others.kept)] == [
        ("province", "เชียงไหม่"),
        ("district", "แม่ริม"),
    ]
    assert "cityindex seed" in problems.kept[0].cure


def test_a_new_place_needs_a_type_a_name_and_a_province() -> None:
    _, problems, _ = match([], row(2, "5500107"))
    assert [p.column for p in problems.kept] == ["place_type", "name_th"]
    _, problems, _ = match([], row(2, "5500107", SMALL, "สุเทพ", province=None, district=None))
    assert [p.column for p in problems.kept] == ["province"]
