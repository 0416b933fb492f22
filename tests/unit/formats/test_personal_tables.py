"""Files of figures about persons are refused whole and unquoted; what places have is not taken for persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.formats.personal_tables import AboutPersons, require_no_person, require_no_persons
from cityindex.formats.uploaded import tables_in
from tests.conftest import SHARED_DATA

NUMBER = "1103700123458"
"""As numbers of persons are: the last digit follows from the others."""
OPTIONS = ReadOptions(indicators=("own_revenue", "telephone"), guarded=True)


def _roles(header: Sequence[str]) -> Mapping[str, str]:
    known = {"place": "place", "code": "place", "own_revenue": "own_revenue"}
    return {one: known[one] for one in header if one in known}


def guarded(path: Path, text: str, **changes: object) -> None:
    path.write_text(text, encoding="utf-8")
    options = ReadOptions(**{"indicators": OPTIONS.indicators, "guarded": True, "ignore_unknown": True, **changes})  # type: ignore[arg-type]
    read_observations(path, options)


def refused(path: Path, text: str, **changes: object) -> list[tuple[int | None, str]]:
    with pytest.raises(AboutPersons) as error:
        guarded(path, text, **changes)
    assert all(not one.value and one.reason and one.cure for one in error.value.problems)
    assert NUMBER not in str(error.value.problems) + str(error.value)
    return [(one.row, one.column) for one in error.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "figures.csv"


@pytest.mark.parametrize("column", ["เลขบัตรประชาชน", "ชื่อ-สกุล", "citizen_id", "mobile", "ที่อยู่"])
def test_a_column_about_persons_refuses_the_file(file: Path, column: str) -> None:
    text = f"place,period,own_revenue,{column}\n5510101,2566,12,\n"
    assert refused(file, text) == [(1, column)]
    assert refused(file, text, columns={column: "ignore"}) == [(1, column)], "left out knowingly, too"


def test_an_indicator_is_none_whatever_it_is_called(file: Path) -> None:
    guarded(file, "place,period,telephone\n5510101,2566,12\n")


@pytest.mark.parametrize(
    "cell",
    [NUMBER, "1103700123456", "1-1037-00123-45-8", "๑๑๐๓๗๐๐๑๒๓๔๕๘", "1.1037E+12", "0994000165200", "081-234-5678",
     "a.b@c.go.th", "นายกิตติ ใจดี", "นายสมชาย ใจดี", "นางสาว สมหญิง ใจดี", "ติดต่อ 0812345678"],
)  # fmt: skip
def test_a_cell_about_a_person_refuses_the_file(file: Path, cell: str) -> None:
    text = f"place,period,own_revenue,note\n5510101,2566,12,\n5510102,2566,13,{cell}\n"
    assert refused(file, text) == [(3, "note")]


@pytest.mark.parametrize("at", ["place", "source", "value", "status"])
def test_it_is_told_before_anything_else_that_is_wrong_and_never_quoted(file: Path, at: str) -> None:
    cells = {"place": "5510101", "period": "2566", "indicator": "nothing", "value": "x", "source": "s", "status": "?"}
    text = f"{','.join(cells)}\n{','.join((cells | {at: '1-1037-00123-45-8'}).values())}\n"
    assert refused(file, text, ignore_unknown=False) == [(2, at)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("name", "นางรอง"),
        ("name_th", "นายายอาม จันทบุรี"),
        ("ชื่อ", "เทศบาลตำบลนายูง"),
        ("note", "นายกเทศมนตรีประกาศ ใช้แผนแล้ว"),
        ("note", "นายอำเภอ ลงนาม"),
        ("website", "https://www.youtube.com/@thesaban"),
        ("พิกัด", "13.7563,100.5018"),
        ("timestamp", "1/10/2566 10:30:15"),
        ("timestamp", "01-02-2566 10:30"),
        ("own_revenue", "1234567890123"),
        ("own_revenue", "5900000000000.25"),
        ("ratio", "0.8123456789012"),
        ("ratio", "123456789.1234"),
        ("population", "12,345,678"),
        ("code", "34010100012"),
    ],
)
def test_what_places_have_is_not_about_persons(file: Path, column: str, cell: str) -> None:
    other = "own_revenue" if column != "own_revenue" else "telephone"
    guarded(file, f'place,period,{other},{column}\n5510101,2566,12,"{cell}"\n')


def test_some_places_begin_like_a_title_and_a_column_of_names_begins_so_often(file: Path) -> None:
    places = ["นายูง อุดรธานี", *(f"บ้านกลาง {number}" for number in range(9))]
    rows = "".join(f"55101{number:02d},2566,12,{name}\n" for number, name in enumerate(places))
    guarded(file, f"place,period,own_revenue,note\n{rows}")
    people = rows + "5510199,2566,12,นายสมชาย ใจดี\n5510198,2566,12,นางสมหญิง ใจดี\n"
    assert len(refused(file, f"place,period,own_revenue,note\n{people}")) == 3


@given(st.integers(1, 8), st.lists(st.integers(0, 9), min_size=11, max_size=11))
def test_every_number_with_its_check_digit_is_found(first: int, rest: list[int]) -> None:
    digits = [first, *rest]
    check = (11 - sum(digit * (13 - at) for at, digit in enumerate(digits)) % 11) % 10
    number = "".join(map(str, [*digits, check]))
    if number.endswith("000"):
        return
    with pytest.raises(AboutPersons) as error:
        require_no_persons("f", [[(1, ["place", "own_revenue"]), (2, ["5510101", number])]], _roles)
    assert "round it to thousands" in error.value.problems[0].cure
    rounded = f"{int(number) // 1000}000"
    require_no_persons("f", [[(1, ["place", "own_revenue"]), (2, ["5510101", rounded])]], _roles)
    other = number[:-1] + str((check + 1) % 10)
    require_no_persons("f", [[(1, ["place", "own_revenue"]), (2, ["5510101", other])]], _roles)


def test_numbers_of_a_parquet_file_are_looked_through(tmp_path: Path) -> None:
    frame = pl.DataFrame({"place": ["5510101"], "period": [2566], "own_revenue": [12.5], "x": [int(NUMBER)]})
    frame.write_parquet(tmp_path / "figures.parquet")
    with pytest.raises(AboutPersons):
        read_observations(tmp_path / "figures.parquet", ReadOptions(indicators=("own_revenue",), guarded=True))


def _workbook(tmp_path: Path, *sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"s{number}")
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    return (tmp_path / "book.xlsx").read_bytes()


def test_every_sheet_is_looked_through_below_titles_too(tmp_path: Path) -> None:
    fine: list[list[object]] = [["code", "own_revenue"], ["5510101", 12]]
    people: list[list[object]] = [
        ["แบบสำรวจข้อมูลที่อยู่อาศัย"], [], ["รหัส", "ชื่อ-สกุล", "รายได้"], ["5510101", "สมชาย ใจดี", 9000]
    ]  # fmt: skip
    known = _roles
    require_no_persons("f", tables_in(_workbook(tmp_path, fine, [["แบบสำรวจข้อมูลที่อยู่อาศัย"], *fine]), "xlsx"), known)
    with pytest.raises(AboutPersons) as error:
        require_no_persons("f", tables_in(_workbook(tmp_path, people), "xlsx"), known)
    assert [(one.row, one.column) for one in error.value.problems] == [(3, "ชื่อ-สกุล")]
    with pytest.raises(AboutPersons):
        require_no_persons("f", tables_in(_workbook(tmp_path, fine, people), "xlsx"), known)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "cp874"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_text_is_looked_through_in_every_code(code: str, mark: str) -> None:
    text = mark.join(["code", "หมายเหตุ"]) + "\n" + mark.join(["5510101", "นางสาวสมหญิง ใจดี"]) + "\n"
    with pytest.raises(AboutPersons):
        require_no_persons("f", tables_in(text.encode(code), "csv"), _roles)
    broken = text.replace("5510101", f'"5510101{"x" * 200_000}')
    with pytest.raises(AboutPersons):
        require_no_persons("f", tables_in(broken.encode(code), "csv"), _roles)


def test_words_beside_a_file_hold_no_person() -> None:
    require_no_person("finance-2566.csv", "กรมส่งเสริมการปกครองท้องถิ่น, ปีงบประมาณ 2566")
    for words in (NUMBER, "โทร 081-234-5678", "somchai@example.go.th"):
        with pytest.raises(AboutPersons):
            require_no_person("finance-2566.csv", words)


REAL = [
    "municipality_finance_nso/municipality_finance_fy2566.csv",
    "province_indicators_2013_2022/province_indicators_clean.csv",
    "municipality_population/municipality_population_1993_2021.csv",
    "lao/lao_7849.csv",
    "coinr_asem/ASEM_iData.csv",
    "th_admin_names/thailand-adm3-subdistricts-v1.0.0.csv",
]


@pytest.mark.parametrize("name", REAL)
def test_no_real_file_of_places_is_taken_for_one_about_persons(name: str) -> None:
    path = SHARED_DATA / name
    if not path.is_file():
        pytest.skip("the real data are not here")
    require_no_persons(path.name, tables_in(path.read_bytes(), "csv"), lambda header: {})
