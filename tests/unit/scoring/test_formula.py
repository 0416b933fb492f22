"""Formulas: what they compute, and everything that they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.scoring import formula

A = np.array([1.0, 4.0, np.nan, 0.0])
B = np.array([2.0, 0.0, 3.0, 5.0])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("100 * a / b", [50.0, np.nan, np.nan, 0.0]),
        ("a - b ** 2", [-3.0, 4.0, np.nan, -25.0]),
        ("-a ** 2 + +b", [1.0, -16.0, np.nan, 5.0]),
        ("min(a, b, 1)", [1.0, 0.0, np.nan, 0.0]),
        ("max(a, b)", [2.0, 4.0, np.nan, 5.0]),
        ("log(a)", [0.0, np.log(4.0), np.nan, np.nan]),
        ("sqrt(a - 1)", [0.0, np.sqrt(3.0), np.nan, np.nan]),
        ("a * 10 ** 400", [np.nan] * 4),
        ("(a - 9) ** 0.5", [np.nan] * 4),
    ],
)
def test_it_computes_element_by_element(written: str, expected: list[float]) -> None:
    np.testing.assert_array_equal(formula.evaluate(written, {"a": A, "b": B}), expected)


def test_names_come_once_in_order() -> None:
    assert formula.names("min(b, a) + a * b / c") == ("b", "a", "c")


def test_shapes_are_broadcast() -> None:
    assert formula.evaluate("a * b", {"a": np.ones((3, 4)), "b": np.arange(4.0)}).shape == (3, 4)


@pytest.mark.parametrize(
    "written",
    [
        *("", "1 + 2", "a.b", "a[0]", "a if b else a", "a < b", "a and b", "not a", "lambda: a", "'a'", "True * a"),
        *("1j * a", "f'{a}'", "[a]", "a := b", "eval(a)", "__import__('os')", "a(b)", "log(a, b)", "min(a)", "min(*a)"),
        *("max(a, key=b)", "a % b", "a // b", "a @ b", "~a", "a + 1e999", "a + " + "9" * 400, "a +", "-" * 500 + "a"),
        *("(" * 300 + "a", "a" * 3000, "a\n+ b; b"),
    ],
)
def test_everything_else_is_refused_with_a_cure(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        formula.names(written)
    assert refused.value.problems[0].cure


def test_a_code_without_values_is_refused() -> None:
    with pytest.raises(Invalid, match="no values for b"):
        formula.evaluate("a / b", {"a": A})
