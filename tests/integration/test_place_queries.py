"""Finding and listing places, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from cityindex.errors import NotFound
from cityindex.queries.places.directory import directory
from cityindex.queries.places.places import Search, counts_by_type, find_place, named_places, provinces, search_places
from tests.integration.registers import AREAS, CITY, SAO, SUTHEP, Registers

NAMES = ("เกาะคา", "กันทรารมย์", "แก่งคอย", "ก่อ", "กอ", "ขามใหญ่", "น้ำพอง")


@pytest.fixture
def registers(engine: Engine, tmp_path: Path) -> Registers:
    made = Registers(engine, tmp_path)
    more = [SAO | {"code": f"65101{i}0", "name_th": name} for i, name in enumerate(NAMES)]
    made.add(*AREAS, SUTHEP, CITY, *more)
    return made


def names(registers: Registers, limit: int = 50, offset: int = 0, **wanted: object) -> list[str]:
    with registers.sessions() as session:
        found = search_places(session, Search(**wanted), limit=limit, offset=offset)  # type: ignore[arg-type]
    return [place.name_th for place in found.items]


def test_names_come_in_the_order_of_a_dictionary(registers: Registers) -> None:
    sorted_names = ["กอ", "ก่อ", "กันทรารมย์", "เกาะคา", "แก่งคอย", "ขามใหญ่", "น้ำพอง"]
    assert names(registers, types=("sao",)) == sorted_names
    assert names(registers, types=("sao",), limit=3, offset=2) == sorted_names[2:5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("นำพอง", ["น้ำพอง"]),
        ("SUTH", ["สุเทพ"]),
        ("5500107", ["สุเทพ"]),
        ("๕๕๐๐๑๐๗", ["สุเทพ"]),
        ("501999", ["สุเทพ"]),
        ("mai chiang", ["เชียงใหม่"]),
        ("ใหม", ["เชียงใหม่", "เชียงใหม่", "เมืองเชียงใหม่"]),
        ("ไม่มี", []),
        ("100%", ["เกาะคา"]),
    ],
)
def test_search(registers: Registers, text: str, expected: list[str]) -> None:
    assert names(registers, text=text) == expected


def test_nothing_but_punctuation_looks_for_nothing(registers: Registers) -> None:
    assert names(registers, text=" %_ ") == names(registers)


def test_filters_and_totals(registers: Registers) -> None:
    registers.join({"place": "3500102", "joined": "2020"}, {"place": "5500107", "joined": "2020", "left": "2021"})
    assert names(registers, province="50", types=("city-municipality", "subdistrict-municipality")) == [
        "เชียงใหม่",
        "สุเทพ",
    ]
    assert names(registers, programme="unesco-gnlc") == ["เชียงใหม่"]
    with registers.sessions() as session:
        found = search_places(session, Search(types=("sao",)), limit=2)
        assert (len(found.items), found.total) == (2, 7)
        assert (found.items[0].province_code, found.items[0].province_en) == ("51", "Lamphun")
        assert [place.code for place in provinces(session)] == ["50", "51"]
        lamphun = find_place(session, "51").place
        assert counts_by_type(session, lamphun.id) == {"district": 1, "sao": 7}
        assert set(named_places(session, place_type="sao", province="51")) == {f"65101{i}0" for i in range(7)}


def test_names_that_begin_with_the_text_come_first(registers: Registers) -> None:
    assert names(registers, text="เชียงใหม่")[-1] == "เมืองเชียงใหม่"


def test_what_is_not_there(registers: Registers) -> None:
    with registers.sessions() as session:
        for code, scheme in (("9999999", None), ("501999", None), ("5500107", "nso")):
            with pytest.raises(NotFound):
                find_place(session, code, scheme)


def test_few_queries(registers: Registers) -> None:
    asked: list[str] = []
    with registers.sessions() as session:
        directory(session)  # in memory from here on
    event.listen(registers.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with registers.sessions() as session:
        find_place(session, "5500107")
        search_places(session, Search("ใหม่", ("sao",), "50", "unesco-gnlc"))
        named_places(session, province="50")
        provinces(session)
    assert sum(statement.startswith("SELECT") for statement in asked) == 4


def test_the_directory_is_read_anew_after_an_import(registers: Registers) -> None:
    with registers.sessions() as session:
        before = directory(session)
    with registers.sessions() as session:
        assert directory(session) is before
    registers.add({"code": "6509999", "place_type": "อบต.", "name_th": "ใหม่เอี่ยม", "province": "50"})
    with registers.sessions() as session:
        after = directory(session)
    assert after is not before
    assert [after.named[number].code for number in after.ids if number not in before.named] == ["6509999"]
