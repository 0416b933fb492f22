"""Rules for questionnaires that no schema can say: levels, conditions, and the indicators that questions stand for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cityindex.assessment.questionnaire import MEASURED, NO_VALUE
from cityindex.definitions.checks import Known, by_code
from cityindex.definitions.findings import At, Findings, meant
from cityindex.definitions.questionnaire_schema import BOTTOM, LADDER, TOP
from cityindex.definitions.tree_checks import check_places
from cityindex.definitions.yaml_ import Block

BELONGS: Mapping[str, tuple[str, ...]] = {
    "levels": ("rubric",),
    "options": ("choice", "multiple-choice"),
    "decimals": ("number",),
    "bounds": ("number",),
    "unit": ("number",),
    "permits": ("rubric", "yes-no", "number", "choice", "multiple-choice"),
}
"""Keys that make sense for some kinds of answers only."""
TYPES: Mapping[str, str] = {"rubric": "rubric", "yes-no": "yes-no", "number": "measured"}
"""The type that the indicator of a question has."""
FROM_INDICATOR = frozenset({"unit", "decimals", "bounds"})


def questions(block: Block) -> Iterator[Block]:
    """The questions of every section, in their order."""
    for section in block.get("sections", ()):
        yield from section.get("questions", ())


def check_questionnaire(block: Block, findings: Findings) -> None:
    """Everything about a questionnaire that does not depend on other files."""
    by_code(block.get("sections", ()), findings)
    known = by_code(questions(block), findings)
    earlier: dict[str, Block] = {}
    for question in questions(block):
        _check_kind(question, findings)
        _check_levels(question, findings)
        _check_options(question, findings)
        _check_evidence(question, findings)
        _check_bounds(question, findings)
        if "show_if" in question:
            check_condition(question["show_if"], question, earlier, known, findings)
        earlier[question.get("code", "")] = question


def check_places_asked(block: Block, types: Known, findings: Findings) -> None:
    """Place types exist, and a question is for types that the questionnaire is for."""
    check_places(block, "applies_to", types, findings)
    asked = block.get("applies_to", types)
    for question in questions(block):
        check_places(question, "applies_to", types, findings)
        strangers = [code for code in question.get("applies_to", ()) if code in types and code not in asked]
        if strangers:
            reason = f"{', '.join(strangers)} does not answer this questionnaire"
            findings.refuse(question.at("applies_to"), reason, "remove it, or add it to the questionnaire's applies_to")


def check_crosswalk(block: Block, listed: Known, findings: Findings) -> None:
    """Other schemes and their items are those of the code list, as `scheme:item`."""
    for question in questions(block):
        written = question.get("crosswalk", Block(question.where))
        for scheme, items in written.items():
            wanted = [f"{scheme}:{item}" for item in ([items] if isinstance(items, str) else items)]
            for code in [scheme, *wanted] if scheme in listed else [scheme]:
                if code not in listed:
                    cure = meant(code, listed, "correct it, or add it to indicators/codelists/crosswalk.yaml")
                    findings.refuse(written.at(scheme), f"{code} is not in the list of other schemes", cure)


def check_scored(block: Block, framework: Block, findings: Findings) -> None:
    """A type that answers and is not scored would wait for its result in vain."""
    scored = framework.get("places")
    strangers = [code for code in block.get("applies_to", ()) if scored is not None and code not in scored]
    if strangers:
        reason = f"{', '.join(strangers)} answers, but {framework['framework']} does not score it"
        findings.warn(block.at("applies_to"), reason, "add it to the framework's places, or remove it here")


def check_indicators(block: Block, indicators: Known, findings: Findings) -> None:
    """Approved answers become observations: each measured question is an indicator of the framework, of its type.

    A question that asks for a number takes over the unit, decimals and bounds that it does not say itself.
    """
    for question in questions(block):
        kind, code = question.get("answer"), question.get("code")
        if kind not in MEASURED or code is None:
            continue
        indicator = indicators.get(code)
        if indicator is None:
            cure = meant(code, indicators, f"add it to {block.get('framework')}, or ask for a choice or text")
            findings.refuse(question.at("code"), f"{code} is not an indicator of {block.get('framework')}", cure)
        else:
            _check_type(question, indicator, findings)
            if kind == "number":
                for key in FROM_INDICATOR.intersection(indicator):
                    question.setdefault(key, indicator[key])


def _check_type(question: Block, indicator: Block, findings: Findings) -> None:
    wanted = TYPES[question["answer"]]
    found = indicator.get("type", "derived" if "formula" in indicator else "measured")
    if found != wanted:
        cure = f"write `type: {wanted}` there, or ask for what is meant"
        findings.refuse(question.at("answer"), f"{question['code']} is an indicator of type {found}", cure)
    outer, inner = _limits(indicator), _limits(question)
    if "bounds" in question and (inner[0] < outer[0] or inner[1] > outer[1]):
        cure = "narrow them, or leave them out: the indicator's bounds are used"
        findings.refuse(question.at("bounds"), "reach outside the bounds of the indicator", cure)
    if "unit" in question and question["unit"] != indicator.get("unit"):
        cure = "leave it out: the indicator's unit is used"
        findings.refuse(question.at("unit"), f"is not the unit of the indicator, {indicator.get('unit')}", cure)


def _check_kind(question: Block, findings: Findings) -> None:
    kind = question.get("answer")
    for key, kinds in BELONGS.items():
        if key in question and kind is not None and kind not in kinds:
            findings.refuse(question.at(key), f"has no meaning for {kind}", f"remove it; it is for {', '.join(kinds)}")


def _check_levels(question: Block, findings: Findings) -> None:
    """A rubric has its top and bottom; a level between them without words is a warning."""
    if question.get("answer") != "rubric":
        return
    levels = question.get("levels", {})
    at = question.at("levels")
    ends = [end for end in (str(BOTTOM), str(TOP)) if end not in levels]
    if ends:
        reason = f"a rubric without level {' and '.join(ends)}"
        findings.refuse(at, reason, "write what can be observed at the bottom (0) and at the top (5)")
    between = [level for level in LADDER if level not in (*levels, *ends)]
    if between:
        findings.warn(at, f"level {', '.join(between)} of {question.get('code')} has no words", "write them")


def _check_options(question: Block, findings: Findings) -> None:
    if question.get("answer") in BELONGS["options"] and "options" not in question:
        findings.refuse(question.at("answer"), f"{question['answer']} without options", "add `options:`, at least two")
    by_code(question.get("options", ()), findings)
    for option in question.get("options", ()):
        if option.get("code") in NO_VALUE:
            findings.refuse(option.at("code"), "is a word with a meaning of its own", "permit it with `permits:`")


def _check_evidence(question: Block, findings: Findings) -> None:
    rule = question.get("evidence", {})
    top = {"rubric": TOP, "yes-no": 1}.get(question.get("answer", "rubric"))
    if "from_level" in rule and (top is None or rule["from_level"] > top):
        reason = f"no answer reaches level {rule['from_level']}" if top else "there are no levels here"
        findings.refuse(rule.at("from_level"), reason, "leave it out, or correct it; a yes is level 1")


def _check_bounds(question: Block, findings: Findings) -> None:
    low, high = _limits(question)
    if low >= high:
        reason = f"the low end {low:g} is not below the high end {high:g}"
        findings.refuse(question.at("bounds"), reason, "write [low, high]")


def _limits(block: Block) -> tuple[float, float]:
    low, high = block.get("bounds", (None, None))
    return -math.inf if low is None else low, math.inf if high is None else high


def check_condition(rule: Block, owner: Block, earlier: Known, known: Known, findings: Findings) -> None:
    """A condition names questions that are asked `earlier`, and values that they can have."""
    for key in ("any_of", "all_of"):
        for one in rule.get(key, ()):
            check_condition(one, owner, earlier, known, findings)
    if "not" in rule:
        check_condition(rule["not"], owner, earlier, known, findings)
    code = rule.get("question", "")
    if code in earlier:
        _check_value(rule, earlier[code], findings)
    elif code:
        _refuse_reference(rule.at("question"), code, owner.get("code", ""), known, findings)


def _refuse_reference(at: At, code: str, owner: str, known: Known, findings: Findings) -> None:
    if code == owner:
        findings.refuse(at, f"{code} is this question itself", "name an earlier question")
    elif code in known:
        findings.refuse(at, f"{code} is asked later", "move it before this question, or name an earlier one")
    else:
        findings.refuse(at, f"{code} is not a question here", meant(code, known, "name an earlier question"))


def _check_value(rule: Block, asked: Block, findings: Findings) -> None:
    """A comparison that no answer can meet would hide a question for ever."""
    [(key, value)] = [(key, rule[key]) for key in ("is", "is_not", "at_least") if key in rule] or [("", None)]
    kind = asked.get("answer")
    if not key or kind is None:
        return
    if key == "at_least" and kind not in ("rubric", "number"):
        findings.refuse(rule.at(key), f"{asked['code']} has no levels or numbers", "compare with `is`")
    elif not (_reachable if key == "at_least" else _possible)(value, asked):
        offered = ", ".join(_offered(asked)) if key != "at_least" else ""
        cure = f"use one of {offered}" if offered else "use a value within its bounds"
        findings.refuse(rule.at(key), f"{value} is never an answer to {asked['code']}", cure)


def _reachable(value: float, asked: Block) -> bool:
    low, high = (BOTTOM, TOP) if asked["answer"] == "rubric" else _limits(asked)
    return low <= value <= high


def _possible(value: Any, asked: Block) -> bool:
    kind = asked["answer"]
    if kind == "text":
        return isinstance(value, str)
    if kind == "number" and not isinstance(value, str):
        low, high = _limits(asked)
        return bool(low <= value <= high)
    if kind == "rubric" and isinstance(value, str):
        return value in set(asked.get("permits", ()))
    return str(value) in _offered(asked)


def _offered(asked: Block) -> list[str]:
    """The words and levels that an answer can be chosen from."""
    kind = asked["answer"]
    chosen = {"rubric": list(asked.get("levels", ())), "yes-no": ["yes", "no"]}
    options = [option["code"] for option in asked.get("options", ()) if "code" in option]
    return [*chosen.get(kind, options), *asked.get("permits", ())]
