"""Formulas of derived indicators, computed element by element.

The grammar is `grammar`'s: `+ - * / **`, brackets, numbers, the codes of indicators or place attributes, and the
functions `min max log sqrt`. Missing in gives missing out; a division by zero, a logarithm or root outside its domain
and an overflow give missing as well, which the pipeline counts and reports.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.grammar import compile_formula, names, refuse

__all__ = ["compile_formula", "evaluate", "names"]

Array = NDArray[np.float64]

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
        refuse(formula, f"no values for {', '.join(absent)}", "supply them, or correct the code")
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
