"""Tables: what is read, with which lines, and what is refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from cityindex.errors import Invalid, NotFound
from cityindex.formats import delimited
from cityindex.formats.tables import Table, read_table


def written(folder: Path, data: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def cells(table: Table) -> list[tuple[str | None, ...]]:
    return table.frame.rows()


def refusal(path: Path) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_table(path)
    return caught.value


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    table = read_table(written(tmp_path, f"a{separator}b\n1{separator}2\n"))
    assert (table.header, cells(table), table.separator) == (("a", "b"), [("1", "2")], separator)


def test_a_separator_inside_quotation_marks_does_not_count(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, '"a,x,y";b\n1;2\n')).header == ("a,x,y", "b")


def test_names_and_cells_are_stripped_and_the_bom_goes(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "\ufeff ชื่อ , b \r\n  ก ,\r\n"))
    assert (table.header, cells(table)) == (("ชื่อ", "b"), [("ก", None)])


def test_lines_count_through_quoted_newlines_and_blank_rows(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, '\na,b\n"x\ny",1\n\n,\nz,2'))
    assert table.lines.tolist() == [3, 7]
    assert cells(table) == [("x\ny", "1"), ("z", "2")]


def test_lines_go_on_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 7)
    rows = [(f"n{i}", f'q"{i}\n' if i % 3 == 0 else str(i)) for i in range(40)]
    text = "a,b\n" + "".join(f'{a},"{b.replace(chr(34), chr(34) * 2)}"\n' for a, b in rows)
    table = read_table(written(tmp_path, text))
    assert cells(table) == [(a, b.strip()) for a, b in rows]
    starts = [2 + i + (i + 2) // 3 for i in range(40)]
    assert table.lines.tolist() == starts


def test_rows_that_do_not_fit_the_header_are_all_named(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, "a,b\n1\n1,2\n1,2,3\n"))
    assert [(problem.row, problem.reason[:20]) for problem in error.problems] == [
        (2, "the row has 1 cell, "),
        (4, "the row has 3 cells,"),
    ]


@pytest.mark.parametrize("encoding", ["tis-620", "cp874"])
def test_thai_in_another_encoding_is_named_with_its_line(tmp_path: Path, encoding: str) -> None:
    error = refusal(written(tmp_path, "a,b\nx,1\nเทศบาล,2\n".encode(encoding)))
    assert error.problems[0].row == 3
    assert "TIS-620" in error.problems[0].reason
    assert "UTF-8" in error.problems[0].cure


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused(tmp_path: Path, encoding: str) -> None:
    assert "UTF-16" in str(refusal(written(tmp_path, "a,b\nก,1\n".encode(encoding))))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n\r\n", "is empty"),
        (b"a,b\n", "no rows"),
        (b"a,a\n1,2\n", "over two columns"),
        (b"a,\n1,2\n", "column 2 has no name"),
        (b'a,b\n1,"2\n', "opened and not closed"),
        (b'a,b\n1,2" x\n3,4" y\n', "stands inside a cell"),
        (b"a,b\n" + b"1,2\n" * 20 + b"1,\x002\n", "zero byte"),
        (b"a,b\n" + b"x" * (1 << 20) + b",1\n", "longer than 1 MiB"),
        (b"PK\x03\x04", "not text"),
    ],
)
def test_what_makes_a_file_unreadable(tmp_path: Path, data: bytes, words: str) -> None:
    error = refusal(written(tmp_path, data))
    assert words in " ".join([str(error), *map(str, error.problems)])


def test_no_such_file_and_no_such_kind(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_table(tmp_path / "none.csv")
    assert ".parquet" in str(refusal(written(tmp_path, b"a\n1\n", "file.txt")))


def test_too_many_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(10_001))
    assert "10001 columns" in str(refusal(written(tmp_path, f"{names}\n")))


def test_packed_csv_and_a_cut_off_one(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"".join(f"{i},{i * i}\n".encode() for i in range(1000)))
    assert len(cells(read_table(written(tmp_path, packed, "file.csv.gz")))) == 1000
    assert "cut off" in str(refusal(written(tmp_path, packed[:-20], "cut.csv.gz")))


def test_a_packed_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAXIMUM_BYTES", 1 << 20)
    monkeypatch.setattr(delimited, "BLOCK", 1 << 18)
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * (1 << 19))
    assert "more than 1 GiB" in str(refusal(written(tmp_path, bomb, "bomb.csv.gz")))


def workbook(folder: Path, rows: list[list[object]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cell, shown in (formats or {}).items():
        page[cell].number_format = shown
    book.save(folder / "file.xlsx")
    return folder / "file.xlsx"


def test_a_sheet_is_read_as_it_is_seen(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["code", "padded", "number", "day", "share", None],
        ["0500102", 500102, 0.1, date(2023, 9, 30), 0.125],
        [None, None, None],
        [4110103.0, 7, 1e-7, True, "๑๒"],
    ]
    table = read_table(workbook(tmp_path, rows, {"B2": "0000000", "E2": "0.0%"}))
    assert table.header == ("code", "padded", "number", "day", "share")
    assert table.lines.tolist() == [2, 4]
    assert cells(table) == [
        ("0500102", "0500102", "0.1", "2023-09-30", "12.5%"),
        ("4110103", "7", "1e-07", "TRUE", "๑๒"),
    ]


def test_a_formula_is_its_result_and_one_without_is_not_empty(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "computed.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["a", "b", "c"])
        page.write_row(1, 0, [1, 2, 3])
        page.write_formula(1, 1, "=A2*2", None, 2.5)
        page.write_formula(1, 2, '=T("")', None, "nothing")
    with zipfile.ZipFile(tmp_path / "computed.xlsx") as made, zipfile.ZipFile(tmp_path / "file.xlsx", "w") as file:
        for name in made.namelist():  # as Excel stores a formula that gives an empty text
            file.writestr(name, made.read(name).replace(b"<v>nothing</v>", b"<v></v>"))
    assert cells(read_table(tmp_path / "file.xlsx")) == [("1", "2.5", None)]
    assert cells(read_table(workbook(tmp_path, [["a", "b"], [1, "=A2*2"]]))) == [("1", "=A2*2")]


def test_cells_beside_the_header_are_named(tmp_path: Path) -> None:
    error = refusal(workbook(tmp_path, [["a"], [1], [1, 2]]))
    assert [problem.row for problem in error.problems] == [3]


def test_a_sheet_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], [1]])
    assert cells(read_table(path, sheet="Sheet")) == [("1",)]
    with pytest.raises(NotFound, match="it has Sheet"):
        read_table(path, sheet="Other")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_truncated_workbook(tmp_path: Path, keep: float) -> None:
    data = workbook(tmp_path, [["a"], [1]]).read_bytes()
    assert "damaged or cut off" in str(refusal(written(tmp_path, data[: int(len(data) * keep)], "cut.xlsx")))


def test_a_workbook_without_its_parts(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("anything", "else")
    assert "damaged" in str(refusal(written(tmp_path, stream.getvalue(), "odd.xlsx")))


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(65 << 20))
    error = refusal(written(tmp_path, stream.getvalue(), "bomb.xlsx"))
    assert "unpacks to" in str(error)


def test_parquet_and_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    pl.DataFrame({"a": [4110103.0, None], "b": [0.1, 2e20], "c": ["x ", ""]}).write_parquet(path)
    table = read_table(path)
    assert table.lines.tolist() == [2, 3]
    assert cells(table) == [("4110103", "0.1", "x"), (None, "2e+20", None)]


def test_parquet_that_is_damaged_or_nested(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    pl.DataFrame({"a": [[1], [2]]}).write_parquet(path)
    assert "lists" in str(refusal(path))
    assert "damaged" in str(refusal(written(tmp_path, path.read_bytes()[:40], "cut.parquet")))


def test_rows_as_mappings(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a,b\n1,\n"))
    assert list(table.rows()) == [(2, {"a": "1", "b": ""})]


def test_which_sheet_was_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("ข้อมูล", "หมายเหตุ"):
            book.add_worksheet(name).write_column(0, 0, ["a", 1])
    assert read_table(path).notes == ("the sheet «ข้อมูล» was read; others: หมายเหตุ",)
    assert read_table(path, sheet="หมายเหตุ").notes == ("the sheet «หมายเหตุ» was read; others: ข้อมูล",)
    with pytest.raises(NotFound, match="it has ข้อมูล, หมายเหตุ"):
        read_table(path, sheet="x")
