"""From the block of a questionnaire to its entry, and back from the canonical text that a round stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cityindex.assessment.conditions import AllOf, AnyOf, AtLeast, Condition, Is, IsNot, Not
from cityindex.assessment.questionnaire import Evidence, Question, Questionnaire, Section
from cityindex.definitions import build
from cityindex.definitions.catalogue import QuestionnaireEntry, QuestionWords
from cityindex.definitions.findings import At, Findings
from cityindex.definitions.fingerprint import canonical_json
from cityindex.definitions.questionnaire_checks import check_questionnaire, questions
from cityindex.definitions.questionnaire_schema import QUESTIONNAIRE
from cityindex.definitions.yaml_ import Block, located
from cityindex.errors import DefinitionError, Problem

FILE = "canonical questionnaire"


def questionnaire_from_canonical(text: str) -> QuestionnaireEntry:
    """The questionnaire exactly as it was when `text`, an entry's `canonical`, was made.

    Raises `DefinitionError` for any other text.
    """
    try:
        content: Mapping[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = Problem(f"is not JSON: {error}", "store the canonical text of an entry", row=1, file=FILE)
        raise DefinitionError("this is not a canonical questionnaire", [problem]) from None
    findings = Findings(in_project=False)
    where = At(FILE, 1, "questionnaire")
    block = QUESTIONNAIRE(located(content, where), where, findings)
    if isinstance(block, Block):
        check_questionnaire(block, findings)
    findings.raise_problems()
    return questionnaire_entry(block)


def questionnaire_entry(block: Block) -> QuestionnaireEntry:
    """The entry of a questionnaire without problems."""
    sections = block["sections"]
    described = {one["code"]: build.words(one["description"]) for one in sections if "description" in one}
    return QuestionnaireEntry(
        questionnaire=Questionnaire(
            block["questionnaire"],
            block["version"],
            block["framework"],
            _codes(block, "applies_to"),
            tuple(Section(one["code"], tuple(map(_question, one["questions"]))) for one in sections),
        ),
        name=build.words(block["name"]),
        names=MappingProxyType({one["code"]: build.words(one["name"]) for one in sections}),
        words=MappingProxyType({one["code"]: _words(one) for one in questions(block)}),
        canonical=canonical_json(block),
        descriptions=MappingProxyType(described),
        description=build.text(block.get("description")),
        owner=build.text(block.get("owner")),
        file=block.where.file,
    )


def _question(block: Block) -> Question:
    bounds = block.get("bounds")
    return Question(
        code=block["code"],
        kind=block["answer"],
        levels=tuple(sorted(map(int, block.get("levels", ())))),
        options=tuple(option["code"] for option in block.get("options", ())),
        evidence=_evidence(block.get("evidence")),
        show_if=condition(block["show_if"]) if "show_if" in block else None,
        applies_to=_codes(block, "applies_to"),
        crosswalk=MappingProxyType({scheme: _several(items) for scheme, items in block.get("crosswalk", {}).items()}),
        external=block.get("external", False),
        permits=_codes(block, "permits") or (),
        decimals=block.get("decimals"),
        bounds=(bounds[0], bounds[1]) if bounds else None,
    )


def _evidence(block: Block | None) -> Evidence | None:
    if block is None:
        return None
    usual = Evidence()
    return Evidence(block.get("from_level", usual.from_level), tuple(block.get("kinds", usual.kinds)))


def condition(block: Block) -> Condition:
    """A condition from a block that has passed the schema."""
    if "any_of" in block:
        return AnyOf(tuple(map(condition, block["any_of"])))
    if "all_of" in block:
        return AllOf(tuple(map(condition, block["all_of"])))
    if "not" in block:
        return Not(condition(block["not"]))
    if "at_least" in block:
        return AtLeast(block["question"], block["at_least"])
    return Is(block["question"], block["is"]) if "is" in block else IsNot(block["question"], block["is_not"])


def _words(block: Block) -> QuestionWords:
    return QuestionWords(
        text=build.words(block["text"]),
        help=build.text(block.get("help")),
        levels=MappingProxyType(
            {int(level): build.words(said) for level, said in sorted(block.get("levels", {}).items())}
        ),
        options=MappingProxyType({one["code"]: build.words(one["name"]) for one in block.get("options", ())}),
        evidence=build.text(block.get("evidence", {}).get("note")),
        unit=block.get("unit"),
    )


def _codes(block: Block, key: str) -> tuple[str, ...] | None:
    return tuple(block[key]) if key in block else None


def _several(items: Any) -> tuple[str, ...]:
    return (items,) if isinstance(items, str) else tuple(items)
