"""Rules for indicators, vocabularies and code lists that no schema can say: what one entry has to do with another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from cityindex.definitions.catalogue import spelling
from cityindex.definitions.findings import Findings, meant
from cityindex.definitions.yaml_ import Block, Items
from cityindex.errors import Invalid
from cityindex.scoring.grammar import names

ATTRIBUTES = ("population", "area_km2")
"""Numbers that places have without any observation; formulas and denominators may name them."""

Known = Mapping[str, Block]


def by_code(blocks: Iterable[Block], findings: Findings, key: str = "code") -> dict[str, Block]:
    """The blocks by their codes; a code used twice is a problem."""
    found: dict[str, Block] = {}
    for block in blocks:
        code = block.get(key)
        if code in found:
            first = found[code].at(key)
            cure = f"rename one of them; the first is {first.file}:{first.line}"
            findings.refuse(block.at(key), f"{code} is used twice", cure)
        elif code is not None:
            found[code] = block
    return found


def check_indicator(block: Block, known: Known, findings: Findings) -> None:
    """Everything about one indicator that does not depend on vocabularies and code lists."""
    _check_formula(block, known, findings)
    _check_denominator(block, known, findings)
    _check_ranges(block, findings)
    check_normalise(block, "normalise", findings)
    _check_transform(block, findings)
    check_clip(block, findings)


def _check_formula(block: Block, known: Known, findings: Findings) -> None:
    if "formula" not in block:
        if block.get("type") == "derived":
            findings.refuse(block.at("type"), "derived, but without a formula", "add `formula:`, or `type: measured`")
        return
    if block.get("type", "derived") != "derived":
        findings.refuse(block.at("formula"), f"type {block['type']} has no formula", "write `type: derived`")
    for code in formula_names(block, findings):
        if code not in known and code not in ATTRIBUTES:
            findings.refuse(
                block.at("formula"), f"{code} is not defined", meant(code, known, "define it, or correct it")
            )
        elif code in known and known[code].get("type") in ("rubric", "yes-no"):
            reason = f"{code} is of type {known[code]['type']}"
            findings.refuse(block.at("formula"), reason, "compute from measured or derived indicators only")


def formula_names(block: Block, findings: Findings | None = None) -> tuple[str, ...]:
    """The codes in an indicator's formula; none where it cannot be read, which `findings` are told."""
    try:
        return names(block["formula"]) if "formula" in block else ()
    except Invalid as error:
        if findings is not None:
            for problem in error.problems:
                findings.refuse(block.at("formula"), problem.reason, problem.cure)
        return ()


def needs(block: Block) -> tuple[str, ...]:
    """The codes that an indicator is computed from."""
    denominator = (block["denominator"],) if "denominator" in block else ()
    return formula_names(block) + denominator


def _check_denominator(block: Block, known: Known, findings: Findings) -> None:
    if "per" in block and "denominator" not in block:
        findings.refuse(block.at("per"), "stands without a denominator", "add `denominator:`, or remove it")
    code = block.get("denominator")
    if code is None or code in known or code in ATTRIBUTES:
        return
    at = block.at("denominator")
    if findings.in_project:
        cure = meant(code, (*known, *ATTRIBUTES), "define it as an indicator, or use population or area_km2")
        findings.refuse(at, f"{code} is neither an indicator nor an attribute of places", cure)
    else:
        findings.warn(at, f"{code} is not defined here", "it is expected in the data or in the file of places")


def check_circles(known: Known, findings: Findings) -> None:
    """A formula or denominator that leads back to its own indicator; each circle is named once."""
    done: set[str] = set()
    for code in known:
        circle = _circle(code, known, done)
        if circle:
            block = known[circle[0]]
            at = block.at("formula" if "formula" in block else "denominator")
            path = " -> ".join((*circle, circle[0]))
            findings.refuse(at, f"is circular: {path}", "compute one of them from measured indicators")


def _circle(start: str, known: Known, done: set[str]) -> tuple[str, ...]:
    """The first circle that is met from `start`, without recursion: a chain may be as long as a catalogue."""
    path: list[str] = []
    waiting: list[Iterator[str]] = [iter((start,))]
    while waiting:
        code = next(waiting[-1], None)
        if code is None:
            waiting.pop()
            if path:
                done.add(path.pop())
        elif code in path:
            found = tuple(path[path.index(code) :])
            done.update(path)
            return found
        elif code in known and code not in done:
            path.append(code)
            waiting.append(iter(needs(known[code])))
    return ()


def _check_ranges(block: Block, findings: Findings) -> None:
    for key in ("bounds", "expected"):
        low, high = _limits(block.get(key))
        if low >= high:
            reason = f"the low end {low:g} is not below the high end {high:g}"
            findings.refuse(block.at(key), reason, "write [low, high]")
    bounds, expected = (_limits(block.get(key)) for key in ("bounds", "expected"))
    if "expected" in block and (expected[0] < bounds[0] or expected[1] > bounds[1]):
        findings.warn(block.at("expected"), "reaches outside bounds", "beyond bounds nothing is accepted anyway")


def _limits(written: Sequence[float | None] | None) -> tuple[float, float]:
    low, high = written or (None, None)
    return -math.inf if low is None else low, math.inf if high is None else high


def check_normalise(owner: Block, key: str, findings: Findings, posts_required: bool = True) -> None:
    """The options of a normalisation against each other. `key` is where the owner keeps it.

    A framework may say `goalposts` for all and leave the posts to each indicator: then they are not required here.
    """
    rule = owner.get(key)
    if not isinstance(rule, Block):
        return
    if rule["method"] == "goalposts":
        _check_goalposts(rule, posts_required, findings)
    elif rule["method"] == "ladder":
        _check_ladder(rule, findings)


def _check_goalposts(rule: Block, required: bool, findings: Findings) -> None:
    grouped = "goalposts" in rule
    if grouped and ("low" in rule or "high" in rule):
        findings.refuse(rule.at("goalposts"), "stand beside low and high", "keep one of the two")
    absent = [name for name in ("low", "high") if name not in rule]
    if absent and required and not grouped:
        findings.refuse(rule.at("method"), f"goalposts without {' and '.join(absent)}", "add `low:` and `high:`")
    for posts in _goalposts(rule):
        low, high = posts.get("low"), posts.get("high")
        if low is not None and high is not None and low >= high:
            cure = "low is the smaller value; say `direction: lower` where less is better"
            findings.refuse(posts.at("low"), f"goalposts with low {low:g} >= high {high:g}", cure)


def _goalposts(rule: Block) -> Iterable[Block]:
    """The blocks with `low` and `high`: the rule itself, or one for each group."""
    groups = rule.get("goalposts")
    return (rule,) if groups is None else [posts for posts in groups.values() if isinstance(posts, Block)]


def _check_ladder(rule: Block, findings: Findings) -> None:
    thresholds, levels = rule.get("thresholds", ()), rule.get("levels")
    if any(low >= high for low, high in pairwise(thresholds)):
        findings.refuse(rule.at("thresholds"), "do not ascend", "write them from low to high")
    if levels is not None and len(levels) != len(thresholds) + 1:
        reason = f"{len(levels)} levels for {len(thresholds)} thresholds"
        cure = f"write {len(thresholds) + 1}: one below the first threshold and one above each"
        findings.refuse(rule.at("levels"), reason, cure)


def _check_transform(block: Block, findings: Findings) -> None:
    transform, rule = block.get("transform", "none"), block.get("normalise")
    if transform == "none" or not isinstance(rule, Block) or rule["method"] != "goalposts":
        return
    for posts in _goalposts(rule):
        low = posts.get("low", 1)
        if low < 0 or (low == 0 and transform != "sqrt"):
            cure = "give goalposts on the natural scale, above 0"
            findings.refuse(posts.at("low"), f"goalpost {low:g} has no {transform}", cure)


def check_clip(owner: Block, findings: Findings) -> None:
    """`treat: clip` needs its low percentile below its high one."""
    rule = owner.get("treat")
    if isinstance(rule, Block) and rule["method"] == "clip" and rule.get("low", 0) >= rule.get("high", 1):
        cure = "write e.g. low: 0.025, high: 0.975"
        findings.refuse(rule.at("low"), "the low percentile is not below the high one", cure)


def check_listed(block: Block, key: str, known: Iterable[str], what: str, findings: Findings) -> None:
    """Each code under `key`, one or a list of them, is among the known ones."""
    written = block.get(key, ())
    for index, code in enumerate([written] if isinstance(written, str) else written):
        if code not in known:
            at = written.at(index) if isinstance(written, Items) else block.at(key)
            findings.refuse(at, f"{code} is not {what}", meant(code, known, "correct it, or add it there first"))


def check_items(lists: Sequence[Block], findings: Findings, parents: Iterable[str]) -> None:
    """The items of code lists: codes once a list, and parents among `parents`."""
    for block in lists:
        for item in by_code(block.get("items", ()), findings).values():
            check_listed(item, "parent", parents, "a code of indicators/codelists/", findings)


def check_aliases(codelist: Block, findings: Findings) -> None:
    """An alias that stands for two codes would make the meaning of a file a matter of chance."""
    owner: dict[str, Any] = {}
    for item in codelist.get("items", ()):
        for word in (item.get("code"), *item.get("aliases", ())):
            first = owner.setdefault(spelling(word or ""), item.get("code"))
            if first != item.get("code"):
                findings.refuse(item.at("aliases"), f"{word} already stands for {first}", "give it to one code only")
