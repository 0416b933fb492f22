"""The grammar of formulas: arithmetic over codes, read through a whitelist, never `eval`.

The grammar is Python's, cut down to `+ - * / **`, brackets, numbers, the codes of indicators or place attributes, and
the functions `min max log sqrt`. Free of NumPy, so that checking definitions starts quickly; `formula` computes.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NoReturn

from cityindex.errors import Invalid, Problem

LONGEST = 2_000
DEEPEST = 200

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
SIGNS = (ast.UAdd, ast.USub)
FUNCTIONS_OF_ONE = ("log", "sqrt")
FUNCTIONS_OF_MANY = ("min", "max")
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
        refuse(formula[:40] + "…", f"longer than {LONGEST} characters", "split it into several derived indicators")
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        refuse(formula, f"cannot be read as arithmetic: {error}", "write it like `100 * a / b`")
    _check(tree, formula, 0)
    if not any(_codes(tree)):
        refuse(formula, "names no indicator", "use at least one code, or drop the indicator")
    return tree


def _check(node: ast.expr, formula: str, depth: int) -> None:
    if depth > DEEPEST:
        refuse(formula, f"nested deeper than {DEEPEST}", "split it into several derived indicators")
    if isinstance(node, ast.Call):
        _check_call(node, formula)
    elif isinstance(node, ast.Constant):
        _check_number(node.value, formula)
    elif not _is_operation(node):
        refuse(
            formula, f"`{_text(formula, node)}` is not allowed", "use + - * / ** ( ), numbers, codes, min max log sqrt"
        )
    for operand in _operands(node):
        _check(operand, formula, depth + 1)


def _is_operation(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, OPERATORS)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, SIGNS)
    return isinstance(node, ast.Name)


def _check_number(value: object, formula: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(formula, f"`{value!r}` is not a number", "use numbers and codes only")
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        refuse(formula, "a number is too large", "use numbers below 1e308")


def _check_call(node: ast.Call, formula: str) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else _text(formula, node.func)
    if name not in FUNCTIONS or node.keywords:
        refuse(formula, f"`{name}(…)` is not a function here", f"use {', '.join(FUNCTIONS)} without named arguments")
    if name in FUNCTIONS_OF_ONE and len(node.args) != 1:
        refuse(formula, f"`{name}` takes one argument", f"write {name}(a)")
    if name in FUNCTIONS_OF_MANY and len(node.args) < 2:
        refuse(formula, f"`{name}` takes two arguments or more", f"write {name}(a, b)")


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


def refuse(formula: str, reason: str, cure: str) -> NoReturn:
    raise Invalid(f"formula «{formula}»: {reason} ({cure})", [Problem(reason, cure, column="formula", value=formula)])
