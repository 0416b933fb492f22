"""The next level of each question, the lowest first."""

from __future__ import annotations

from cityindex.assessment.next_level import steps
from cityindex.assessment.questionnaire import Question, Questionnaire, Section

ASKED = Questionnaire(
    "q", "1", "f", None,
    (
        Section("one", tuple(Question(code, "rubric", levels=(0, 1, 2, 3)) for code in ("plan", "team"))),
        Section("two", (
            Question("site", "yes-no"),
            Question("city", "rubric", levels=(0, 1), applies_to=("city",)),
            Question("water", "rubric", levels=(0, 2, 5), permits=("not-applicable",)),
        )),
    ),
)  # fmt: skip


def said(answers: dict[str, object], place_type: str = "town") -> list[tuple[str, int | None, int]]:
    return [(one.question.code, one.start, one.goal) for one in steps(ASKED, answers, place_type)]  # type: ignore[arg-type]


def test_the_lowest_comes_first_and_the_top_has_no_step() -> None:
    assert said({"plan": 2, "team": 1, "water": 5, "site": "no"}) == [("team", 1, 2), ("plan", 2, 3)]


def test_levels_may_leave_numbers_out() -> None:
    assert said({"plan": 3, "team": 3, "water": 2}) == [("water", 2, 5)]


def test_what_is_not_answered_starts_below_everything() -> None:
    assert said({"plan": 0, "team": 3, "water": 5}) == [("plan", 0, 1)]
    assert said({"team": 3, "water": 0}) == [("plan", None, 1), ("water", 0, 2)]


def test_an_answer_without_a_level_has_no_step() -> None:
    assert said({"plan": 3, "team": 3, "water": "not-applicable"}) == []


def test_a_question_that_does_not_apply_has_no_step() -> None:
    full = {"plan": 3, "team": 3, "water": 5}
    assert said(full) == []
    assert said(full, "city") == [("city", None, 1)]
