"""Weights from a file beside a framework: a CSV with the header `node,weight`."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cityindex.definitions.findings import At, Findings, meant, shown
from cityindex.definitions.tree_checks import code_of, walk
from cityindex.definitions.yaml_ import LARGEST, Block
from cityindex.scoring.framework import Framework, Leaf, Node

HEADER = ["node", "weight"]


def read_weights(path: Path) -> Mapping[str, float]:
    """The weights of a file by node or indicator. Raises `DefinitionError` with every line that is wrong."""
    findings = Findings(in_project=False)
    weights = _read(path, findings)
    findings.raise_problems()
    return {code: weight for code, (weight, _) in weights.items()}


def with_weights(framework: Framework, weights: Mapping[str, float]) -> Framework:
    """The same framework with other weights; elements that `weights` does not name keep theirs.

    They go before a rule by which a node weighs its children (`weights: {pca: first}`), too.
    """
    return replace(framework, tree=_reweighted(framework.tree, weights))


def apply_weights_file(block: Block, path: Path, findings: Findings) -> None:
    """Write the weights of the file that a framework names into its tree, so that they are part of its content."""
    name = block.pop("weights", {}).get("file")
    if name is None or "tree" not in block:
        return
    weights = _read(path.parent / name, findings)
    elements = {code_of(element): element for element in walk(block["tree"])}
    for code, (weight, at) in weights.items():
        if code in elements:
            elements[code]["weight"] = weight
            elements[code].lines.setdefault("weight", elements[code].where.line)
        else:
            known = [known for known in elements if known]
            findings.refuse(at, f"{code} is not in the tree", meant(code, known, "correct it, or remove the line"))


def _reweighted(node: Node, weights: Mapping[str, float]) -> Node:
    children: list[Node | Leaf] = []
    for child in node.children:
        weight = weights.get(child.code, child.weight)
        below = _reweighted(child, weights) if isinstance(child, Node) else child
        children.append(replace(below, weight=weight))
    named = any(child.code in weights for child in children)
    return replace(node, children=tuple(children), weights=None if named else node.weights)


def _read(path: Path, findings: Findings) -> dict[str, tuple[float, At]]:
    file, found = shown(path), dict[str, tuple[float, At]]()
    try:
        if path.stat().st_size > LARGEST:
            findings.refuse(At(file, 1, "file"), f"is larger than {LARGEST >> 20} MiB", "keep a line for each node")
            return found
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        findings.refuse(At(file, 1, "file"), f"cannot be read: {error}", "write a CSV file in UTF-8, `node,weight`")
        return found
    if not rows or [name.strip() for name in rows[0]] != HEADER:
        findings.refuse(At(file, 1, "header"), "is not node,weight", "let the first line be `node,weight`")
        return found
    for line, row in enumerate(rows[1:], start=2):
        if row:
            _take(row, At(file, line, "weight"), found, findings)
    return found


def _take(row: list[str], at: At, found: dict[str, tuple[float, At]], findings: Findings) -> None:
    code, weight = row[0].strip(), _number(row[1]) if len(row) == len(HEADER) else None
    if weight is None:
        findings.refuse(at, f"«{','.join(row)}» is not a node and a weight of 0 or more", "write e.g. `economy,0.25`")
    elif code in found:
        findings.refuse(at, f"{code} is written twice", "keep one of them")
    else:
        found[code] = (weight, at)


def _number(text: str) -> float | None:
    """A weight as the tree would hold it, so that the file and the tree give the same content."""
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number) or number < 0:
        return None
    return int(number) if number.is_integer() else number
