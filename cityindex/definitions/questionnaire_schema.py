"""Which keys the file of a questionnaire has, and what may stand there."""

from __future__ import annotations

from typing import Any

from cityindex.assessment.questionnaire import EVIDENCE_KINDS, KINDS, NO_VALUE
from cityindex.definitions.findings import At, Findings
from cityindex.definitions.schema import ANY_CODE, CODE, DECIMALS, RANGE, SLUG, TEXT
from cityindex.definitions.shapes import (
    WRONG,
    Keys,
    boolean,
    integer,
    list_of,
    matching,
    number,
    one_of,
    show,
    words,
)
from cityindex.definitions.yaml_ import Block, Items

BOTTOM, TOP = 0, 5
LADDER = tuple(str(level) for level in range(BOTTOM, TOP + 1))
"""Every level that a rubric may have, as a file writes them."""

COMPARISONS = ("is", "is_not", "at_least")
GROUPS = ("any_of", "all_of", "not")
SCHEME = matching(r"[A-Za-z][A-Za-z0-9_-]*", "the name of a scheme", "write it without blanks, e.g. DGA")


def value(value: Any, at: At, findings: Findings) -> Any:
    """What an answer is compared with: a word or a number."""
    if isinstance(value, bool):
        findings.refuse(at, f"{show(value)} is not a word or a number", "write yes or no")
        return WRONG
    return words(value, at, findings) if isinstance(value, str) else number()(value, at, findings)


def condition(value: Any, at: At, findings: Findings) -> Any:
    """A comparison with an earlier answer, or conditions put together; exactly one of the forms."""
    forms = [key for key in (*COMPARISONS, *GROUPS) if isinstance(value, Block) and key in value]
    if len(forms) != 1:
        cure = "write {question: code, is: yes}, or any_of, all_of or not with further conditions"
        findings.refuse(at, f"{show(value)} has {len(forms) or 'none'} of the forms of a condition", cure)
        return WRONG
    return (COMPARISON if forms[0] in COMPARISONS else GROUP)(value, at, findings)


def crosswalk(value: Any, at: At, findings: Findings) -> Any:
    """Items of other schemes, by the name of the scheme such as DGA."""
    names = list(value) if isinstance(value, Block) else []
    wrong = [name for name in names if SCHEME(name, value.at(name), findings) is WRONG]
    kept = Keys(dict.fromkeys(names, one_or_several))(value, at, findings)
    return WRONG if wrong else kept


def one_or_several(value: Any, at: At, findings: Findings) -> Any:
    """One code of a scheme, or a list of them."""
    return (list_of(words, least=1) if isinstance(value, Items) else words)(value, at, findings)


COMPARISON = Keys({"question": CODE}, {"is": value, "is_not": value, "at_least": number()})
GROUP = Keys(optional={"any_of": list_of(condition, least=1), "all_of": list_of(condition, least=1), "not": condition})
LEVELS = Keys(optional=dict.fromkeys(LADDER, TEXT))
OPTION = Keys({"code": SLUG, "name": TEXT})
EVIDENCE = Keys(
    optional={
        "from_level": integer(BOTTOM, TOP),
        "kinds": list_of(one_of(*EVIDENCE_KINDS), least=1),
        "note": TEXT,
    }
)
QUESTION = Keys(
    required={"code": CODE, "text": TEXT, "answer": one_of(*KINDS)},
    optional={
        "help": TEXT,
        "levels": LEVELS,
        "options": list_of(OPTION, least=2),
        "evidence": EVIDENCE,
        "show_if": condition,
        "applies_to": list_of(SLUG, least=1),
        "crosswalk": crosswalk,
        "external": boolean,
        "permits": list_of(one_of(*NO_VALUE), least=1),
        "decimals": DECIMALS,
        "bounds": RANGE,
        "unit": ANY_CODE,
    },
)
SECTION = Keys({"code": CODE, "name": TEXT, "questions": list_of(QUESTION, least=1)}, {"description": TEXT})
QUESTIONNAIRE = Keys(
    required={
        "questionnaire": SLUG,
        "version": words,
        "name": TEXT,
        "framework": SLUG,
        "sections": list_of(SECTION, least=1),
    },
    optional={
        "description": TEXT,
        "owner": TEXT,
        "applies_to": list_of(SLUG, least=1),
    },
)
