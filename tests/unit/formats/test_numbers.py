"""Numbers as people write them."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.formats.numbers import fault, read_numbers

NAN = math.nan
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", 12.5),
        (" 12.5 ", 12.5),
        ("+3", 3),
        ("−3", -3),
        ("1e-3", 0.001),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("12345,678", 12345.678),
        ("1,234,567", 1234567),
        ("-1,234.5", -1234.5),
        ("1.234,5", 1234.5),
        ("1.234.567", 1234567),
        ("1 234", 1234),
        ("1\u00a0234\u00a0567,5", 1234567.5),
        ("๑๒.๕", 12.5),
        ("๑,๒๓๔,๕๖๗", 1234567),
        ("", NAN),
        ("NA", NAN),
        ("-", NAN),
        ("..", NAN),
        (None, NAN),
    ],
)
def test_what_is_read(text: str | None, number: float) -> None:
    numbers = read_numbers(pl.Series([text], dtype=pl.String))
    assert numbers.values[0] == pytest.approx(number, nan_ok=True, rel=0)
    assert not len(numbers.bad)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", "1234 or as 1.234"),
        ("-12,345", "-12345 or as -12.345"),
        ("๑,๒๓๔", "1234 or as 1.234"),
        ("inf", "infinite"),
        ("-Infinity", "infinite"),
        ("1e999", "infinite"),
        ("12.5%", "not a plain number"),
        ("NaN", "not a number"),
        ("null", "not a number"),
        ("1,23,4", "not a number"),
        ("1_000", "not a number"),
        ("0x10", "not a number"),
        ("(5)", "not a number"),
        ("ไม่มี", "not a number"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    numbers = read_numbers(pl.Series([text]))
    assert numbers.bad.tolist() == [0]
    assert math.isnan(numbers.values[0])
    assert reason in fault(text)[0]


def test_nan_is_missing_where_a_format_says_so() -> None:
    numbers = read_numbers(pl.Series(["NaN", "1"]), nan=True)
    assert not len(numbers.bad)
    assert math.isnan(numbers.values[0])


def test_numbers_of_parquet() -> None:
    numbers = read_numbers(pl.Series([1.5, None, NAN, math.inf]))
    assert numbers.values.tolist()[:1] == [1.5]
    assert numbers.bad.tolist() == [3]
    assert read_numbers(pl.Series([True])).bad.tolist() == [0]


def test_positions_of_decimal_commas_and_of_what_they_make_doubtful() -> None:
    numbers = read_numbers(pl.Series(["1.234", "12,5", "0.234", "1.2345"]))
    assert (numbers.commas.tolist(), numbers.points.tolist()) == ([1], [0])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_a_machine_writes_comes_back_to_the_bit(number: float) -> None:
    numbers = read_numbers(pl.Series([repr(number), repr(number).translate(THAI)]))
    assert numbers.values.tolist() == [number, number]


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_thousands_with_a_fraction_are_read_in_both_conventions(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02}"
    continental = english.translate(str.maketrans(",.", ".,"))
    expected = float(f"{whole}.{cents:02}")
    assert read_numbers(pl.Series([english, continental])).values.tolist() == [expected, expected]
