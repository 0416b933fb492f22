"""Rows of a register: clean values, or every reason why not."""

from __future__ import annotations

from datetime import date

import pytest

from cityindex.definitions.catalogue import Codelist, CodelistItem, Text
from cityindex.formats.problems import Problems
from cityindex.models.codes import own_code, own_scheme
from cityindex.services.observations.columns import map_columns
from cityindex.services.places.register import ATTRIBUTES, PlaceRow, Refused, RegisterReader, check_position, number

TYPES = Codelist(
    "place-types",
    Text("", ""),
    {
        code: CodelistItem(code, Text(thai, code), aliases=aliases)
        for code, thai, aliases in (
            ("town-municipality", "เทศบาลเมือง", ("ทม.",)),
            ("subdistrict-municipality", "เทศบาลตำบล", ("ทต.",)),
            ("pattaya", "เมืองพัทยา", ("special_admin_area",)),
            ("province", "จังหวัด", ()),
        )
    },
)


def read(*rows: dict[str, str], skip: bool = False) -> tuple[list[PlaceRow], Problems, Problems]:
    header = list(dict.fromkeys(name for row in rows for name in row))
    problems, warnings = Problems(), Problems()
    reader = RegisterReader(TYPES, map_columns(header, {}, ATTRIBUTES), problems, warnings, skip_bad_values=skip)
    blank = dict.fromkeys(header, "")
    found = reader.read((line, blank | row) for line, row in enumerate(rows, start=2))
    return found, problems, warnings


def test_codes_of_fictional_places_are_for_the_demo_only() -> None:
    _, problems, _ = read({"code": "D500101", "place_type": "ทม.", "name_th": "ก"})
    assert only_problem(problems) == (2, "code", "D500101")


def only_problem(problems: Problems) -> tuple[int | None, str, str]:
    assert problems.count == 1, [str(problem) for problem in problems.kept]
    problem = problems.kept[0]
    assert problem.cure
    return problem.row, problem.column, problem.value


def test_a_row_is_read() -> None:
    row = {
        "code": "0๔๓๕๐๑๐๒", "code:nso": "351999", "place_type": "ทม.", "name_th": "เทศบาลเมืองยโสธร",
        "name_en": " Yasothon ",
        "province": "ยโสธร", "lat": "15.79", "lon": "104.14", "area_km2": "9.7", "population": "19,๑๐๐",
        "valid_from": "2566-10",
    }  # fmt: skip
    found, problems, _ = read(row)
    assert not problems
    assert found == [
        PlaceRow(
            2, "4350102", (("nso", "351999"),), "town-municipality", "ยโสธร", "Yasothon", "ยโสธร", None,
            15.79, 104.14, 9.7, 19100, date(2023, 10, 1),
        )
    ]  # fmt: skip


def test_names_are_stored_without_the_word_for_the_type_but_never_empty() -> None:
    found, problems, _ = read({"code": "3200408", "place_type": "special_admin_area", "name_th": "เมืองพัทยา"})
    assert not problems
    assert found[0].name_th == "เมืองพัทยา"


def test_a_name_that_says_another_type_is_refused() -> None:
    _, problems, _ = read({"code": "4350102", "place_type": "ทม.", "name_th": "เทศบาลตำบลยโสธร"})
    assert only_problem(problems) == (2, "name_th", "เทศบาลตำบลยโสธร")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("code", "435010"),
        ("place_type", "เมือง"),
        ("population", "12.5"),
        ("population", "-1"),
        ("area_km2", "0"),
        ("area_km2", "70370150"),
        ("area_km2", "12,34"),
        ("valid_from", "31/12/2566"),
        ("name_th", "ก" * 201),
    ],
)
def test_bad_cells_are_told_with_row_column_and_value(column: str, value: str) -> None:
    good = {"code": "4350102", "place_type": "ทม.", "name_th": "ยโสธร"}
    found, problems, _ = read(good | {column: value})
    assert not found
    assert only_problem(problems) == (2, column, value[:200])


def test_all_problems_of_a_row_are_told() -> None:
    _, problems, _ = read({"code": "4350102", "place_type": "?", "area_km2": "x", "valid_from": "?"})
    assert [problem.column for problem in problems.kept] == ["place_type", "area_km2", "valid_from"]


def test_two_rows_with_one_code() -> None:
    found, problems, _ = read({"code": "4350102"}, {"code": "04350102"})
    assert [row.line for row in found] == [2]
    assert only_problem(problems) == (3, "code", "4350102")


def test_impossible_values_are_left_out_where_that_is_asked_for() -> None:
    row = {"code": "4350102", "lat": "104.14", "lon": "15.79", "area_km2": "0", "population": "x"}
    found, problems, warnings = read(row, skip=True)
    assert not problems
    assert found == [PlaceRow(2, "4350102")]
    assert [warning.column for warning in warnings.kept] == ["area_km2", "population", "lat"]


@pytest.mark.parametrize("place", [(104.1, 15.8), (0.0, 0.0), (15.8, None), (None, 104.1), (15.8, 91.0)])
def test_positions_that_cannot_be(place: tuple[float | None, float | None]) -> None:
    with pytest.raises(Refused):
        check_position(*place)


def test_exchanged_positions_are_named_so() -> None:
    with pytest.raises(Refused, match="exchanged"):
        check_position(104.1, 15.8)


def test_numbers() -> None:
    assert [number(text) for text in ("1,234,567.5", "๑๒.๕", "1e3", ".5")] == [1234567.5, 12.5, 1000.0, 0.5]


@pytest.mark.parametrize("text", ["1,23", "nan", "inf", "1 234", "ten", "1.2.3", "--1"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Refused):
        number(text)


def test_codes_in_their_form() -> None:
    assert [own_code(text) for text in ("04350102", "๕๐", "bma", "12345678")] == ["4350102", "50", "BMA", "12345678"]
    assert [own_scheme(code) for code in ("50", "5001", "4350102", "BMA")] == ["tis1099", "tis1099", "dla", "dla"]
