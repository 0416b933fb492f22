"""Generated answers are possible ones, improve from round to round, and are claimed a little higher than found."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from shapely import Point

from cityindex.assessment.answers import check
from cityindex.assessment.path import counted
from cityindex.definitions.catalogue import Catalogue
from cityindex.definitions.loader import load
from cityindex.errors import Problem
from cityindex.resources import resource_root
from cityindex.services.demo.accounts import NAMED
from cityindex.services.demo.answers import Said, demo_answers
from cityindex.services.demo.courses import OPEN, PENDING, Course, fates
from cityindex.services.demo.places import DemoPlace

TYPES = ("city-municipality", "town-municipality", *["subdistrict-municipality"] * 4)
QUESTIONNAIRES = ("digital-maturity", "learning-city")


@cache
def catalogue() -> Catalogue:
    return load(resource_root("indicators"))


@cache
def places() -> tuple[DemoPlace, ...]:
    cell = Point(0, 0).buffer(1)
    return tuple(
        DemoPlace(f"D{one}", TYPES[one % 6], "ตัวอย่าง", "Demo", "10", 15, 100, 20, 4000 + 70 * one, cell)
        for one in range(120)
    )


@cache
def said(name: str, step: int) -> tuple[Said, ...]:
    return demo_answers(catalogue().questionnaire(name).questionnaire, places(), step, 1)


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_every_answer_is_one_that_its_question_takes(name: str) -> None:
    asked = catalogue().questionnaire(name).questionnaire
    for place, one in zip(places(), said(name, 0), strict=True):
        assert one.claimed == counted(asked, one.claimed, place.place_type)
        assert one.verified.keys() == one.claimed.keys()
        for some in (one.claimed, one.verified):
            taken = {code: check(asked.question(code), value) for code, value in some.items()}
            assert not [code for code, value in taken.items() if isinstance(value, Problem)]
            assert taken == some


def levels(step: int, claimed: bool = False) -> float:
    asked = catalogue().questionnaire("digital-maturity").questionnaire
    rubrics = {one.code for one in asked.questions if one.kind == "rubric"}
    given = [one.claimed if claimed else one.verified for one in said("digital-maturity", step)]
    return float(np.mean([value for one in given for code, value in one.items() if code in rubrics]))


def test_levels_improve_and_are_claimed_a_little_higher() -> None:
    found = [levels(step) for step in range(3)]
    assert found[0] + 0.2 < found[1] < found[2] - 0.2
    assert all(0.03 < levels(step, claimed=True) - found[step] < 0.2 for step in range(3))


def test_trained_people_are_not_more_than_people() -> None:
    for one in said("digital-maturity", 2):
        if {"staff_total", "staff_digital_trained"} <= one.claimed.keys():
            assert one.claimed["staff_digital_trained"] <= one.claimed["staff_total"]


def test_every_course_is_there_and_the_named_places_stand_where_their_accounts_say() -> None:
    codes = (*NAMED.values(), *(place.code for place in places()))
    now = fates(codes, 0, appeals=False, rng=np.random.default_rng(1))
    assert {fate.course for fate in now} == set(OPEN)
    assert [fate.course for fate in now[:3]] == [Course.RETURNED, Course.UNTOUCHED, Course.APPROVED]
    before = fates(codes, 1, appeals=True, rng=np.random.default_rng(1))
    assert Counter(fate.appeal for fate in before) == {"": len(codes) - 7, "upheld": 2, "dismissed": 3, "pending": 2}
    assert sum(fate.late and not fate.early for fate in before) == PENDING
