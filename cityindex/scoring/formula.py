"""Formulas of derived indicators: arithmetic over other indicators, read through a whitelist, never `eval`.

The grammar is Python's, cut down to `+ - * / **`, brackets, numbers, the codes of indicators or place attributes, and
the functions `min max log sqrt`. Missing in gives missing out; a division by zero, a logarithm or root outside its
domain and an overflow give missing as well, which the pipeline counts and reports.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, reduce
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem

Array = NDArray[np.float64]

LONGEST = 2_000
DEEPEST = 200

OPERATORS: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
SIGNS: Mapping[type[ast.unaryop], Callable[[Array], Array]] = {ast.UAdd: np.positive, ast.USub: np.negative}
FUNCTIONS_OF_ONE: Mapping[str, Callable[[Array], Array]] = {"log": np.log, "sqrt": np.sqrt}
FUNCTIONS_OF_MANY: Mapping[str, Callable[[Array, Array], Array]] = {"min": np.minimum, "max": np.maximum}
FUNCTIONS = (*FUNCTIONS_OF_ONE, *FUNCTIONS_OF_MANY)


def names(formula: str) -> tuple[str, ...]:
    """The codes that a formula reads, each once, in the order of their first use.

    Raises `Invalid`, naming what is wrong and the cure, for anything outside the grammar.
    """
    return tuple(dict.fromkeys(_codes(compile_formula(formula))))


@lru_cache(maxsize=1024)
def compile_formula(formula: str) -> ast.expr:
    """The checked syntax tree of a formula; `Invalid` where it is not arithmetic over codes."""
    formula = formula.strip()
    if len(formula) > LONGEST:
        _refuse(formula[:40] + "…", f"longer than {LONGEST} characters", "split it into several derived indicators")
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        _refuse(formula, f"cannot be read as arithmetic: {error}", "write it like `100 * a / b`")
    _check(tree, formula, 0)
    if not any(_codes(tree)):
        _refuse(formula, "names no indicator", "use at least one code, or drop the indicator")
    return tree


def evaluate(formula: str, values: Mapping[str, Array]) -> Array:
    """Compute a formula element by element.

    `values` maps each code to an array; all shapes must broadcast together, which is the shape of the result. Units
    are those of the operands: the formula is taken as written. A cell with a missing operand is missing; so is one
    where the arithmetic has no finite answer (x / 0, log of 0, an overflow).
    Raises `Invalid` where the formula is not arithmetic or names a code that `values` lacks.
    """
    tree = compile_formula(formula)
    absent = [code for code in names(formula) if code not in values]
    if absent:
        _refuse(formula, f"no values for {', '.join(absent)}", "supply them, or correct the code")
    with np.errstate(all="ignore"):
        result = np.asarray(_value(tree, values), dtype=np.float64)
    return np.where(np.isfinite(result), result, np.nan)


def _value(node: ast.expr, values: Mapping[str, Array]) -> Array:
    if isinstance(node, ast.Constant):
        # A double from the start: integer powers of Python would grow without limit.
        return np.asarray(float(node.value), dtype=np.float64)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp):
        return SIGNS[type(node.op)](_value(node.operand, values))
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    return _called(node, values)


def _called(node: ast.expr, values: Mapping[str, Array]) -> Array:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise TypeError(type(node).__name__)  # `_check` lets nothing else through
    arguments = [_value(argument, values) for argument in node.args]
    if node.func.id in FUNCTIONS_OF_ONE:
        return FUNCTIONS_OF_ONE[node.func.id](arguments[0])
    return reduce(FUNCTIONS_OF_MANY[node.func.id], arguments)


def _check(node: ast.expr, formula: str, depth: int) -> None:
    if depth > DEEPEST:
        _refuse(formula, f"nested deeper than {DEEPEST}", "split it into several derived indicators")
    if isinstance(node, ast.Call):
        _check_call(node, formula)
    elif isinstance(node, ast.Constant):
        _check_number(node.value, formula)
    elif not _is_operation(node):
        _refuse(
            formula, f"`{_text(formula, node)}` is not allowed", "use + - * / ** ( ), numbers, codes, min max log sqrt"
        )
    for operand in _operands(node):
        _check(operand, formula, depth + 1)


def _is_operation(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return type(node.op) in OPERATORS
    if isinstance(node, ast.UnaryOp):
        return type(node.op) in SIGNS
    return isinstance(node, ast.Name)


def _check_number(value: object, formula: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(formula, f"`{value!r}` is not a number", "use numbers and codes only")
    try:
        finite = np.isfinite(float(value))
    except OverflowError:
        finite = np.False_
    if not finite:
        _refuse(formula, "a number is too large", "use numbers below 1e308")


def _check_call(node: ast.Call, formula: str) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else _text(formula, node.func)
    if name not in FUNCTIONS or node.keywords:
        _refuse(formula, f"`{name}(…)` is not a function here", f"use {', '.join(FUNCTIONS)} without named arguments")
    if name in FUNCTIONS_OF_ONE and len(node.args) != 1:
        _refuse(formula, f"`{name}` takes one argument", f"write {name}(a)")
    if name in FUNCTIONS_OF_MANY and len(node.args) < 2:
        _refuse(formula, f"`{name}` takes two arguments or more", f"write {name}(a, b)")


def _operands(node: ast.expr) -> tuple[ast.expr, ...]:
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.UnaryOp):
        return (node.operand,)
    return tuple(node.args) if isinstance(node, ast.Call) else ()


def _codes(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    for operand in _operands(node):
        yield from _codes(operand)


def _text(formula: str, node: ast.expr) -> str:
    return ast.get_source_segment(formula, node) or type(node).__name__


def _refuse(formula: str, reason: str, cure: str) -> NoReturn:
    raise Invalid(f"formula «{formula}»: {reason} ({cure})", [Problem(reason, cure, column="formula", value=formula)])
