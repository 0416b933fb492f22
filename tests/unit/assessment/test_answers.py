"""Answers as forms and JSON send them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.assessment.answers import LONGEST, AnswerProblem, check, observed
from cityindex.assessment.questionnaire import KINDS, Question
from tests.unit.assessment.examples import HOST, POLICY, REMARKS, SMALL, SYSTEMS, UPTIME, WEBSITE, values

COUNT = Question("count", "number", decimals=0, bounds=(0, None))
FREE = Question("free", "number")


@pytest.mark.parametrize(
    ("question", "raw", "value"),
    [
        (POLICY, "3", 3),
        (POLICY, " ๓ ", 3),
        (POLICY, 0, 0),
        (POLICY, ["2"], 2),
        (POLICY, "", None),
        (POLICY, "   ", None),
        (POLICY, None, None),
        (POLICY, [], None),
        (POLICY, [""], None),
        (WEBSITE, "yes", "yes"),
        (WEBSITE, False, "no"),
        (UPTIME, "99.5", 99.5),
        (UPTIME, "๙๙.๕", 99.5),
        (UPTIME, "99,5", 99.5),
        (UPTIME, "99.50", 99.5),
        (UPTIME, 100, 100.0),
        (UPTIME, "do-not-know", "do-not-know"),
        (COUNT, "1,234,567", 1_234_567),
        (COUNT, "1 234", 1234),
        (COUNT, "1\u00a0234", 1234),
        (COUNT, "1,234.0", 1234),
        (COUNT, 12.0, 12),
        (FREE, "−1.25", -1.25),
        (FREE, 1e-07, 1e-07),
        (HOST, "own", "own"),
        (SYSTEMS, ["payroll", "tax", "tax"], ("tax", "payroll")),
        (SYSTEMS, "tax", ("tax",)),
        (SYSTEMS, "not-applicable", "not-applicable"),
        (SYSTEMS, ["not-applicable"], "not-applicable"),
        (REMARKS, " ก ", "ก"),
        (REMARKS, "not-applicable", "not-applicable"),
    ],
)
def test_read(question: Question, raw: Any, value: Any) -> None:
    found = check(question, raw)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("question", "raw", "why", "cure"),
    [
        (POLICY, "6", "not-a-level", "choose one of 0, 1, 2, 3, 4, 5"),
        (POLICY, "3.5", "not-a-level", "choose one of 0, 1, 2, 3, 4, 5"),
        (POLICY, True, "not-a-level", "choose one of 0, 1, 2, 3, 4, 5"),
        (POLICY, {"level": 3}, "not-a-level", "choose one of 0, 1, 2, 3, 4, 5"),
        (POLICY, ["1", "2"], "several", "choose one"),
        (POLICY, "do-not-know", "not-permitted", "choose an answer, or leave it for later"),
        (WEBSITE, "ja", "not-an-option", "choose one of yes, no"),
        (WEBSITE, 1, "not-an-option", "choose one of yes, no"),
        (UPTIME, "100.1", "too-high", "write 100 or less; check the unit"),
        (UPTIME, "-0.1", "too-low", "write 0 or more; check the unit"),
        (UPTIME, "99.55", "decimals", "round it to 1"),
        (COUNT, "0.5", "decimals", "round it to 0"),
        (UPTIME, "1,234", "two-ways", "write 1234 or 1.234"),
        (UPTIME, "๑,๒๓๔", "two-ways", "write 1234 or 1.234"),
        (UPTIME, "5%", "not-a-number", "write a number without its unit"),
        (UPTIME, "inf", "not-a-number", "write a number without its unit"),
        (UPTIME, float("nan"), "not-a-number", "write a number without its unit"),
        (UPTIME, True, "not-a-number", "write a number without its unit"),
        (UPTIME, "not-applicable", "not-permitted", "choose an answer, or leave it for later"),
        (FREE, "9" * 400, "not-a-number", "write a number without its unit"),
        (FREE, 10**400, "not-a-number", "write a number without its unit"),
        (FREE, "1e5", "not-a-number", "write a number without its unit"),
        (HOST, "cloud", "not-an-option", "choose one of own, rented"),
        (SYSTEMS, ["tax", "cloud"], "not-an-option", "choose one of tax, payroll, not-applicable"),
        (SYSTEMS, ["tax", "not-applicable"], "not-an-option", "choose one of tax, payroll, not-applicable"),
        (REMARKS, 5, "not-text", "write words"),
        (REMARKS, "ก" * (LONGEST + 1), "too-long", "shorten it, or attach a document"),
    ],
)
def test_refused(question: Question, raw: Any, why: str, cure: str) -> None:
    found = check(question, raw)
    assert isinstance(found, AnswerProblem)
    assert (found.why, found.cure) == (why, cure)
    assert found.reason
    assert len(found.value) <= 60


def test_observations() -> None:
    assert observed(POLICY, 0) == 0.0
    assert [observed(WEBSITE, answer) for answer in ("yes", "no")] == [1.0, 0.0]
    assert observed(UPTIME, 99.5) == 99.5
    assert observed(UPTIME, "do-not-know") is None
    assert observed(HOST, "own") is None
    assert observed(SYSTEMS, ("tax",)) is None


@given(st.sampled_from(SMALL.questions).flatmap(lambda one: st.tuples(st.just(one), values(one))))
def test_a_value_that_was_read_is_read_as_itself(case: tuple[Question, Any]) -> None:
    question, value = case
    found = check(replace(question, decimals=None, permits=("not-applicable", "do-not-know")), value)
    assert found == (value.strip() or None if isinstance(value, str) else value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(KINDS), JSON)
def test_whatever_comes_is_answered(kind: Any, raw: Any) -> None:
    levels, options = ((0, 5), ()) if kind == "rubric" else ((), ("a",))
    found = check(Question("any", kind, levels=levels, options=options, decimals=2), raw)
    assert found is None or isinstance(found, int | float | str | tuple | AnswerProblem)
