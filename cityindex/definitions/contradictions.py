"""Answers that do not go together: the table beside a questionnaire from which reviewers are warned.

It is no part of the questionnaire: a hint that turns out to be wrong may be corrected while a round is open.
"""

from __future__ import annotations

from cityindex.assessment.risk import Contradiction, Known
from cityindex.definitions import build
from cityindex.definitions.catalogue import ContradictionEntry
from cityindex.definitions.checks import Known as Blocks
from cityindex.definitions.checks import by_code, check_listed
from cityindex.definitions.findings import Findings, meant
from cityindex.definitions.questionnaire_checks import check_condition, questions
from cityindex.definitions.questionnaire_schema import condition as condition_keys
from cityindex.definitions.questionnaires import condition
from cityindex.definitions.schema import CODE, SLUG, TEXT
from cityindex.definitions.shapes import Keys, list_of, number
from cityindex.definitions.yaml_ import Block

FIGURE = Keys({"code": CODE}, {"below": number(), "above": number()})
RULE = Keys({"code": CODE, "question": CODE, "when": condition_keys, "say": TEXT}, {"indicator": FIGURE})
CONTRADICTIONS = Keys({"contradictions": SLUG, "rules": list_of(RULE, least=1)})


def entries_of(block: Block) -> tuple[ContradictionEntry, ...]:
    """The entries of a block without problems, in their order."""
    return tuple(ContradictionEntry(_contradiction(rule), build.words(rule["say"])) for rule in block["rules"])


def check_contradictions(block: Block, questionnaires: Blocks, indicators: Blocks, findings: Findings) -> None:
    """Rules speak of questions, answers and indicators that there are."""
    check_listed(block, "contradictions", questionnaires, "a questionnaire (indicators/questionnaires/)", findings)
    by_code(block.get("rules", ()), findings)
    asked = questionnaires.get(block.get("contradictions", ""))
    if asked is None:
        return
    known = {one["code"]: one for one in questions(asked) if "code" in one}
    for rule in block.get("rules", ()):
        if "question" in rule and rule["question"] not in known:
            cure = meant(rule["question"], known, "name a question of the questionnaire")
            findings.refuse(rule.at("question"), f"{rule['question']} is not a question there", cure)
        if "when" in rule:
            check_condition(rule["when"], rule, known, known, findings)
        if "indicator" in rule:
            _check_figure(rule["indicator"], indicators, findings)


def _check_figure(figure: Block, indicators: Blocks, findings: Findings) -> None:
    check_listed(figure, "code", indicators, "an indicator", findings)
    if not {"below", "above"} & set(figure):
        findings.refuse(figure.where, "says neither below nor above what", "write `below:` or `above:` with a number")


def _contradiction(rule: Block) -> Contradiction:
    figure = rule.get("indicator")
    known = Known(figure["code"], figure.get("below"), figure.get("above")) if figure else None
    return Contradiction(rule["code"], rule["question"], condition(rule["when"]), known)
