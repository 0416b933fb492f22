"""Every small change to a source: where, what stood there, what stands there instead."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COMPUTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMED = (
    {"min": "max", "minimum": "maximum", "fmin": "fmax", "any": "all", "left": "right"}
    | {"floor": "ceil", "mean": "median"}
)  # fmt: skip
OTHER_NAME = NAMED | {other: name for name, other in NAMED.items()}
GUARDS = ("strict", "dtype", "kind", "stacklevel", "repr")
"""Arguments that guard against a programmer's mistake, say what is the default anyway, or how a debugger shows it."""
PORTIONS = frozenset(
    [
        "AHEAD",
        "BLOCK",
        "CACHE",
        "CELLS",
        "KEPT",
        "LARGE",
        "LARGEST",
        "MANY",
        "NEAR",
        "NODES",
        "SECTIONS",
        "SHARES",
        "SMALLEST",
    ]
)
"""Constants of modules that say in which portions work is done and how much of it is kept: how fast, never what.
`tests/unit/scoring/test_portions.py` sets them to other numbers and asks for the same bits.
"""
QUIET = "errstate"
"""`np.errstate(…)` keeps NumPy from remarking on a division that is meant; what is computed is the same without."""
REMEMBERED = "lru_cache"
"""`@lru_cache(maxsize=…)` says how many answers are remembered, never what they are."""
HAIRS = frozenset({"CLOSE", "HAIR", "NEGLIGIBLE", "TOLERANCE"})
"""A hair is added to a threshold so that the last bit of a sum does not decide. Numbers that a hair keeps apart are
never equal, so that `<` and `<=` are the same comparison; everything else about it is changed.
"""
WORD = re.compile(r"[\w./-]+")


@dataclass(frozen=True, order=True)
class Mutant:
    """One change: `start` and `end` are positions in the text of the file, `scope` the line of the function around."""

    file: str
    line: int
    start: int
    end: int
    was: str
    becomes: str
    scope: int | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {_one_line(self.was)}  ->  {_one_line(self.becomes)}"

    def apply(self, source: str) -> str:
        """The text of the file with the change."""
        return source[: self.start] + self.becomes + source[self.end :]


def mutants(root: Path, file: Path) -> list[Mutant]:
    """All changes to a file, in the order of its text; each can be compiled."""
    source = file.read_text(encoding="utf-8")
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))

    def position(line: int, column: int) -> int:
        text = source[lines[line - 1] : lines[line]]
        return lines[line - 1] + len(text.encode()[:column].decode())

    found = []
    for node, changed, scope in _changes(ast.parse(source), None):
        start = position(node.lineno, node.col_offset)
        end = position(node.end_lineno or node.lineno, node.end_col_offset or 0)
        becomes = ast.unparse(ast.fix_missing_locations(changed))
        if isinstance(changed, ast.expr) and not isinstance(changed, ast.Constant | ast.Name | ast.Attribute):
            becomes = f"({becomes})"
        mutant = Mutant(str(file.relative_to(root)), node.lineno, start, end, source[start:end], becomes, scope)
        found.append(mutant)
    return sorted(set(found), key=lambda mutant: (mutant.file, mutant.start, mutant.end, mutant.becomes))


Change = tuple[ast.AST, ast.AST, int | None]


def _changes(node: ast.AST, scope: int | None) -> Iterator[Change]:
    """The changes to a node and to all below it; annotations, texts and messages stay as they are."""
    yield from ((node, changed, scope) for changed in _alternatives(node))
    yield from ((test, changed, scope) for test, changed in _turned(node))
    within = scope
    if isinstance(node, ast.FunctionDef):
        within = min(item.lineno for item in (node, *node.decorator_list))
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        inner = within if name == "body" else scope
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _skipped(node, child):
                yield from _changes(child, inner)


def _skipped(parent: ast.AST, child: ast.AST) -> bool:  # noqa: PLR0911  (a line for each reason)
    """What no test can notice: imports, docstrings, guards, types; and f-strings, whose positions mean nothing before
    Python 3.12.
    """
    if isinstance(child, ast.JoinedStr | ast.Import | ast.ImportFrom):
        return True
    if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
        return True
    if isinstance(parent, ast.Module) and isinstance(child, ast.Assign):
        of_types = isinstance(child.value, ast.Subscript) or ast.unparse(child.targets[0]) == "__all__"
        return of_types or _names(child.targets[0]) <= PORTIONS
    if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr == QUIET:
        return True
    if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == REMEMBERED:
        return True
    if isinstance(parent, ast.ClassDef) and child in parent.decorator_list:
        return True  # frozen, slots, eq
    if isinstance(parent, ast.keyword) and parent.arg in GUARDS:
        return True
    return isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare | ast.BinOp | ast.AugAssign | ast.BoolOp | ast.UnaryOp):
        yield from _other_operators(node)
    elif isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _other_values(node.value))
    elif isinstance(node, ast.Attribute | ast.Name):
        yield from _renamed(node)
    elif isinstance(node, ast.Call):
        yield from _without_an_argument(node)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_nothing(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Continue) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()


def _other_operators(node: ast.Compare | ast.BinOp | ast.AugAssign | ast.BoolOp | ast.UnaryOp) -> Iterator[ast.AST]:
    changed = copy.deepcopy(node)
    if isinstance(changed, ast.Compare):
        for index, operator in enumerate(changed.ops):
            if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and _names(node) & HAIRS:
                continue
            other = copy.deepcopy(changed)
            other.ops[index] = COMPARED[type(operator)]()
            yield other
    elif isinstance(changed, ast.BoolOp):
        changed.op = ast.Or() if isinstance(changed.op, ast.And) else ast.And()
        yield changed
    elif isinstance(changed, ast.UnaryOp):
        yield from [] if isinstance(changed.op, ast.UAdd) else [changed.operand]
    elif type(changed.op) in COMPUTED:
        changed.op = COMPUTED[type(changed.op)]()
        yield changed


def _turned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """A condition the other way round; comparisons, `and`, `or` and `not` are changed by themselves."""
    if isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(
        node.test, ast.Compare | ast.BoolOp | ast.UnaryOp
    ):
        yield node.test, ast.UnaryOp(ast.Not(), copy.deepcopy(node.test))


def _other_values(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value - 1] if value else [1]
    if isinstance(value, str) and WORD.fullmatch(value):
        return [f"X{value}"]
    return []


def _renamed(node: ast.Attribute | ast.Name) -> Iterator[ast.AST]:
    name = node.attr if isinstance(node, ast.Attribute) else node.id
    other = OTHER_NAME.get(name)
    if other is not None and isinstance(node.ctx, ast.Load) and not (isinstance(node, ast.Name) and name == "mean"):
        yield ast.Attribute(node.value, other) if isinstance(node, ast.Attribute) else ast.Name(other)


def _without_an_argument(node: ast.Call) -> Iterator[ast.AST]:
    """A call without each of its named arguments: the default takes its place, or the call fails."""
    for index, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in GUARDS:
            changed = copy.deepcopy(node)
            del changed.keywords[index]
            yield changed


def _is_nothing(node: ast.expr) -> bool:
    """None, and False: who asks whether something is so hears the same from both."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 110 else f"{text[:107]}…"
