"""Tables of contradictions: what a right file becomes, and the problem that each mistake makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.assessment.conditions import AllOf, AtLeast, Is
from cityindex.assessment.risk import Contradiction, Known
from cityindex.definitions.catalogue import Catalogue
from cityindex.definitions.loader import load
from cityindex.errors import DefinitionError
from cityindex.resources import resource_root
from tests.unit.definitions.instrument import write_instrument

RULES = """\
contradictions: small
rules:
  - code: policy_without_site
    question: policy
    when: {all_of: [{question: policy, at_least: 4}, {question: website, is: no}]}
    indicator: {code: uptime, below: 50}
    say: {th: ไม่ตรงกัน, en: They do not go together.}
"""


def written(root: Path, text: str) -> Path:
    project = write_instrument(root)
    (project / "contradictions").mkdir()
    (project / "contradictions" / "small.yaml").write_text(text)
    return project


def test_what_a_file_becomes(tmp_path: Path) -> None:
    (entry,) = load(written(tmp_path, RULES)).contradictions["small"]
    assert entry.contradiction == Contradiction(
        "policy_without_site",
        "policy",
        AllOf((AtLeast("policy", 4), Is("website", "no"))),
        Known("uptime", below=50),
    )
    assert entry.words.en == "They do not go together."


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("question: policy\n", "question: polcy\n", "polcy is not a question there"),
        ("{question: website, is: no}", "{question: site, is: no}", "site is not a question here"),
        ("at_least: 4", "at_least: 7", "never an answer to policy"),
        ("code: uptime", "code: uptme", "uptme is not an indicator"),
        (", below: 50", "", "neither below nor above"),
        ("contradictions: small", "contradictions: large", "large is not a questionnaire"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in RULES
    with pytest.raises(DefinitionError) as refused:
        load(written(tmp_path, RULES.replace(before, after)))
    assert any(said in str(problem) for problem in refused.value.problems)


def test_the_shipped_rules_can_come_true_and_say_what_is_wrong() -> None:
    shipped: Catalogue = load(resource_root("indicators"))
    assert shipped.contradictions
    for code, entries in shipped.contradictions.items():
        assert len({entry.words.th for entry in entries}) == len(entries) > 5
        asked = shipped.questionnaire(code).questionnaire
        assert all(asked.question(entry.contradiction.question).kind in ("rubric", "number") for entry in entries)
