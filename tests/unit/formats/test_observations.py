"""Files of observations: long, wide and SDMX-CSV give the same table, or every problem."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid, Problem
from cityindex.formats import delimited
from cityindex.formats.observations import UNDATED, ObservationTable, ReadOptions, read_observations

Cell = tuple[str, int, str, float | None, str, int]


def read(folder: Path, text: str, **options: Any) -> ObservationTable:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return read_observations(path, ReadOptions(**options))


def cells(table: ObservationTable) -> list[Cell]:
    """Place, period, indicator, value, status and line of every entry, in order."""
    return sorted(
        (
            table.places[table.place[i]],
            int(table.period[i]),
            table.indicators[table.indicator[i]],
            None if np.isnan(table.value[i]) else float(table.value[i]),
            chr(table.status[i]) if table.status[i] else "",
            int(table.line[i]),
        )
        for i in range(len(table))
    )


def problems(folder: Path, text: str, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as caught:
        read(folder, text, **options)
    return caught.value.problems


def found(given: Iterable[Problem]) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.column) for problem in given]


def test_a_long_file(tmp_path: Path) -> None:
    text = "place,period,indicator,value,status,source\nb,2566,x,1.5,,s1\na,2566,x,2,E,s2\na,2566,y,,M,\n"
    table = read(tmp_path, text)
    assert cells(table) == [
        ("a", 2023, "x", 2.0, "E", 3),
        ("a", 2023, "y", None, "M", 4),
        ("b", 2023, "x", 1.5, "A", 2),
    ]
    assert table.source is not None
    assert [table.sources[i] if i >= 0 else "" for i in table.source] == ["s1", "s2", ""]


def test_a_wide_file(tmp_path: Path) -> None:
    table = read(tmp_path, "place;year_be;x;y\nb;2566;12,5;\na;2566;..;3\n")
    assert cells(table) == [
        ("a", 2023, "x", None, "", 3),
        ("a", 2023, "y", 3.0, "A", 3),
        ("b", 2023, "x", 12.5, "A", 2),
        ("b", 2023, "y", None, "", 2),
    ]


def test_sdmx_csv_is_read_as_long(tmp_path: Path) -> None:
    head = "DATAFLOW,FREQ,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE"
    table = read(tmp_path, f"{head}\nTH:DF(1.0),A,10,x,2020,NaN,M,BAHT\nTH:DF(1.0),A,11,x,2020,5,,BAHT\n")
    assert cells(table) == [("10", 2020, "x", None, "M", 2), ("11", 2020, "x", 5.0, "A", 3)]


@pytest.mark.parametrize("extra", [("FREQ", "M"), ("ACTION", "D"), ("UNIT_MULT", "6")])
def test_what_changes_the_meaning_of_sdmx_is_refused(tmp_path: Path, extra: tuple[str, str]) -> None:
    text = f"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,{extra[0]}\n10,x,2020,5,{extra[1]}\n"
    assert found(problems(tmp_path, text)) == [(2, extra[0])]


def test_an_unknown_dimension_of_sdmx_is_refused(tmp_path: Path) -> None:
    text = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,SEX\n10,x,2020,5,F\n"
    assert found(problems(tmp_path, text)) == [(1, "SEX")]


@pytest.mark.parametrize(
    ("header", "era", "year", "period"),
    [
        ("period_be", None, "2566", 2023),
        ("period_ce", None, "2023", 2023),
        ("ปี พ.ศ.", None, "๒๕๖๖", 2023),
        ("ปีงบประมาณ (พ.ศ.)", None, "2566", 2023),
        ("ค.ศ.", None, "2023", 2023),
        ("year", "be", "2566", 2023),
        ("fiscal_year", "ce", "2023", 2023),
    ],
)
def test_the_era_is_said(tmp_path: Path, header: str, era: Any, year: str, period: int) -> None:
    table = read(tmp_path, f"place,{header},x\na,{year},1\n", era=era)
    assert (table.periods, table.notes) == ((period,), ())


@pytest.mark.parametrize(("year", "words"), [("2566", "Buddhist-era, stored as 2023"), ("2023", "common-era")])
def test_a_guess_of_the_era_is_shown(tmp_path: Path, year: str, words: str) -> None:
    table = read(tmp_path, f"place,period,x\na,{year},1\n")
    assert table.periods == (2023,)
    assert words in table.notes[0]


def test_mixed_eras_are_refused_with_a_line_of_each(tmp_path: Path) -> None:
    assert found(problems(tmp_path, "place,period,x\na,2023,1\nb,2023,1\na,2567,2\n")) == [(2, "period"), (4, "period")]


@pytest.mark.parametrize(("era", "year"), [("be", "2023"), ("ce", "2566")])
def test_years_of_the_other_era_are_refused_in_every_row(tmp_path: Path, era: Any, year: str) -> None:
    given = problems(tmp_path, f"place,period,x\na,{year},1\nb,{year},1\n", era=era)
    assert found(given) == [(2, "period"), (3, "period")]
    assert "--era" in given[0].cure


def test_what_is_no_year(tmp_path: Path) -> None:
    text = "place,period,x\na,2566,1\nb,66,1\nc,2566-Q1,1\nd,,1\n"
    assert found(problems(tmp_path, text)) == [(3, "period"), (4, "period"), (5, "period")]


def test_a_period_for_a_file_without_one(tmp_path: Path) -> None:
    assert read(tmp_path, "place,x\na,1\n", period=2023).periods == (2023,)
    assert read(tmp_path, "place,x\na,1\n").periods == (UNDATED,)
    assert found(problems(tmp_path, "place,period,x\na,2023,1\n", period=2023)) == [(1, "period")]


def test_columns_are_mapped(tmp_path: Path) -> None:
    text = "place,code,ปี,rev,note,extra\nName,7,2566,1.5,n,e\n"
    table = read(
        tmp_path,
        text,
        columns={"code": "place:nso", "ปี": "period", "rev": "own_revenue", "note": "ignore", "place": "ignore"},
        indicators=["own_revenue"],
        ignore_unknown=True,
    )
    assert cells(table) == [("7", 2023, "own_revenue", 1.5, "A", 2)]
    assert table.scheme == "nso"
    assert "extra" in " ".join(table.notes)


def test_a_map_of_columns_that_are_not_there(tmp_path: Path) -> None:
    given = problems(tmp_path, "place,x\na,1\n", columns={"plaxe": "place"})
    assert found(given) == [(1, "plaxe")]
    assert "«place»" in given[0].cure


def test_a_misspelt_column_does_not_vanish(tmp_path: Path) -> None:
    text = "place,own_revenu\na,1\n"
    given = problems(tmp_path, text, indicators=["own_revenue", "subsidy"])
    assert (1, "own_revenu") in found(given)
    assert "own_revenue?" in given[0].cure


def test_unknown_indicators_of_a_long_file_name_every_row(tmp_path: Path) -> None:
    text = "place,period,indicator,value\na,2023,xx,1\na,2023,x,1\nb,2023,xx,1\n"
    assert found(problems(tmp_path, text, indicators=["x"])) == [(2, "indicator"), (4, "indicator")]
    table = read(tmp_path, text, indicators=["x"], ignore_unknown=True)
    assert [cell[2] for cell in cells(table)] == ["x"]
    assert any("left out: 2" in note for note in table.notes)


def test_rows_without_a_place(tmp_path: Path) -> None:
    text = "place,period,x\na,2023,1\n,2023,2\n"
    assert found(problems(tmp_path, text)) == [(3, "place")]
    table = read(tmp_path, text, ignore_unknown=True)
    assert [cell[0] for cell in cells(table)] == ["a"]
    assert any("lines 3" in note for note in table.notes)


def test_doubled_cells_name_both_lines(tmp_path: Path) -> None:
    long = problems(tmp_path, "place,period,indicator,value\na,2023,x,1\nb,2023,x,1\na,2023,x,1\n")
    wide = problems(tmp_path, "place,period,x\na,2023,1\na,2022,1\na,2023,\n")
    assert found(long) == found(wide) == [(4, "place")]
    assert "line 2" in long[0].reason
    assert "line 2" in wide[0].reason


def test_the_same_year_in_two_spellings_is_the_same_cell(tmp_path: Path) -> None:
    assert found(problems(tmp_path, "place,period,x\na,2566,1\n a ,๒๕๖๖,1\n")) == [(3, "place")]


@pytest.mark.parametrize(("value", "status"), [("1", "M"), ("", "A"), ("", "e"), ("1", "Z"), ("1", "AB")])
def test_statuses_that_do_not_fit(tmp_path: Path, value: str, status: str) -> None:
    text = f"place,period,indicator,value,status\na,2023,x,{value},{status}\n"
    assert found(problems(tmp_path, text)) == [(2, "status")]


def test_a_bad_value_is_not_told_twice_by_its_status(tmp_path: Path) -> None:
    text = "place,period,indicator,value,status\na,2023,x,abc,A\n"
    assert found(problems(tmp_path, text)) == [(2, "value")]


def test_thousands_among_decimal_commas_are_refused(tmp_path: Path) -> None:
    given = problems(tmp_path, "place;period;x\na;2023;1.234\nb;2023;12,5\n")
    assert found(given) == [(2, "x")]
    assert "line 3" in given[0].reason
    assert read(tmp_path, "place;period;x\na;2023;1.234\nb;2023;12.5\n").value.tolist() == [1.234, 12.5]


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    text = 'place,period,x,wrong\na,2566,abc,1\nb,2566,"1,234",1\n,2566,1,1\nc,2566,1\nc,66,inf,1\n'
    assert found(problems(tmp_path, text, indicators=["x"])) == [
        (1, "wrong"), (2, "x"), (3, "x"), (4, "place"), (5, ""), (6, "x"), (6, "period"),
    ]  # fmt: skip


def test_files_that_name_no_place_or_no_value(tmp_path: Path) -> None:
    assert any("place" in str(problem) for problem in problems(tmp_path, "period,x\n2023,1\n"))
    assert any("indicator" in str(problem) for problem in problems(tmp_path, "place,period\na,2023\n"))
    assert any("value" in str(problem) for problem in problems(tmp_path, "place,period,indicator\na,2023,x\n"))


def test_a_column_that_holds_no_indicators_is_seen(tmp_path: Path) -> None:
    rows = "".join(f"a,2023,{i},{i}\n" for i in range(10_001))
    with pytest.raises(Invalid, match="more than 10000 different indicators"):
        read(tmp_path, f"place,period,indicator,value\n{rows}")


def test_the_cube_has_every_cell_where_it_belongs(tmp_path: Path) -> None:
    table = read(tmp_path, "place,period,y,x\nb,2023,1,2\na,2022,3,\n", era="ce")
    values, status = table.cube()
    assert values.shape == (2, 2, 2)
    assert values[1, 1].tolist() == [2.0, 1.0]
    assert values[0, 0, 1] == 3.0
    assert np.isnan(values).sum() == 5
    assert (status == ord("A")).sum() == 3


def test_xlsx_and_parquet_give_what_csv_gives(tmp_path: Path) -> None:
    frame = pl.DataFrame({"place": ["a", "b"], "period": [2566, 2566], "x": [0.1, None]})
    frame.write_parquet(tmp_path / "f.parquet")
    frame.write_excel(tmp_path / "f.xlsx")
    expected = cells(read(tmp_path, frame.write_csv()))
    assert cells(read_observations(tmp_path / "f.parquet")) == expected
    assert cells(read_observations(tmp_path / "f.xlsx")) == expected


codes = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=6)
values = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
tables = st.dictionaries(
    st.tuples(codes.map(str.strip), st.integers(1900, 2100)), st.tuples(values, values, values), min_size=1, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(["be", "ce"]), st.sampled_from([",", ";", "\t"]), st.integers(20, 4000))
def test_any_table_comes_back_and_wide_equals_long(
    content: dict[tuple[str, int], tuple[float | None, ...]], era: Any, separator: str, block: int
) -> None:
    names = ("x", "y", "z")
    shift = 543 if era == "be" else 0
    wide = [{"place": p, "period": y + shift, **dict(zip(names, row, strict=True))} for (p, y), row in content.items()]
    long = [{"place": r["place"], "period": r["period"], "indicator": n, "value": r[n]} for r in wide for n in names]
    expected = sorted((p, y, n, v) for (p, y), row in content.items() for n, v in zip(names, row, strict=True))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", block)
        for rows in (wide, long):
            path = Path(folder) / "file.csv"
            schema = {name: pl.Float64 if name in (*names, "value") else None for name in rows[0]}
            pl.DataFrame(
                rows, schema_overrides={k: v for k, v in schema.items() if v}, infer_schema_length=None
            ).write_csv(path, separator=separator)
            table = read_observations(path, ReadOptions(era=era))
            assert [cell[:4] for cell in cells(table)] == expected
