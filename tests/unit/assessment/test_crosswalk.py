"""Answer once, fill several forms."""

from __future__ import annotations

from cityindex.assessment import crosswalk
from tests.unit.assessment.examples import SMALL, TOWN


def test_which_questions_fill_which_item() -> None:
    assert crosswalk.schemes(SMALL) == ("DGA", "LOSI")
    found = {item.code: [question.code for question in item.questions] for item in crosswalk.items(SMALL, "LOSI")}
    assert found == {"1": ["website", "host"], "2": ["host"]}
    assert crosswalk.items(SMALL, "LPA") == ()


def test_the_form_of_one_place() -> None:
    answers = {"website": "yes", "uptime": 50.0, "host": "own"}
    found = {one.item.code: dict(one.answers) for one in crosswalk.filled(SMALL, "LOSI", answers, TOWN)}
    assert found == {"1": {"website": "yes"}, "2": {}}
