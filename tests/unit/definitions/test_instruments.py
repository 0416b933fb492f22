"""The questionnaires that are shipped: what their framework, their reviewers and those who answer rely on."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cityindex.assessment.path import applicable
from cityindex.assessment.questionnaire import NO, YES, Question, Questionnaire
from cityindex.definitions.catalogue import Catalogue, QuestionnaireEntry
from cityindex.definitions.loader import load
from cityindex.resources import resource_root
from cityindex.scoring.framework import Node
from cityindex.scoring.pipeline import Panel, score

INSTRUMENTS = ("digital-maturity", "learning-city")
LEVEL = 3


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load(resource_root("indicators"))


@pytest.fixture(params=INSTRUMENTS)
def entry(shipped: Catalogue, request: pytest.FixtureRequest) -> QuestionnaireEntry:
    return shipped.questionnaires[request.param]


def rubrics(questionnaire: Questionnaire) -> list[Question]:
    return [question for question in questionnaire.questions if question.kind == "rubric"]


def test_every_level_has_words_of_its_own(entry: QuestionnaireEntry) -> None:
    for question in rubrics(entry.questionnaire):
        words = entry.words_of(question.code)
        assert sorted(words.levels) == list(range(6)), question.code
        for language in ("th", "en"):
            assert len({text.get(language) for text in words.levels.values()}) == 6, question.code


def test_every_level_can_be_shown(entry: QuestionnaireEntry) -> None:
    """A rubric says what helps to answer, what to attach, and from which level on: never for a level of 0."""
    for question in rubrics(entry.questionnaire):
        words = entry.words_of(question.code)
        assert words.help is not None, question.code
        assert words.evidence is not None, question.code
        assert question.evidence is not None, question.code
        assert 1 <= question.evidence.from_level <= 2, question.code
        assert question.crosswalk, question.code


def test_a_section_is_a_node_of_the_framework(shipped: Catalogue, entry: QuestionnaireEntry) -> None:
    tree = shipped.framework(entry.questionnaire.framework).framework.tree
    nodes = {item.code: [child.code for child in item.children] for item, _ in tree.walk() if isinstance(item, Node)}
    for section in entry.questionnaire.sections:
        scored = [question.code for question in section.questions if question.kind in ("rubric", "yes-no")]
        assert [code for code in nodes.get(section.code, ()) if code in scored] == scored, section.code


def test_a_question_is_asked_of_the_types_that_its_indicator_is_for(
    shipped: Catalogue, entry: QuestionnaireEntry
) -> None:
    for question in (one for one in entry.questionnaire.questions if one.measured):
        assert question.applies_to == shipped.indicator(question.code).indicator.applies_to, question.code


def test_website_items_are_checked_from_outside_and_have_no_weight(shipped: Catalogue) -> None:
    questionnaire = shipped.questionnaires["digital-maturity"].questionnaire
    external = [question.code for question in questionnaire.questions if question.external]
    web = next(item for item, _ in shipped.framework("digital-maturity").framework.tree.walk() if item.code == "web")
    assert isinstance(web, Node)
    assert external == [child.code for child in web.children]
    assert web.weight == 0


def test_whoever_answers_all_that_applies_gets_a_stage(shipped: Catalogue, entry: QuestionnaireEntry) -> None:
    """Every type of place, with every way through the skip rules: level 3 throughout is a score of 60."""
    questionnaire = entry.questionnaire
    framework = shipped.framework(questionnaire.framework).framework
    codes = tuple(code for code, one in framework.indicators.items() if one.type == "rubric")
    gates = [question.code for question in questionnaire.questions if set(question.options) == {YES, NO}]
    ways = [dict(zip(gates, way, strict=True)) for way in product((YES, NO), repeat=len(gates))]
    types = questionnaire.applies_to or ()
    cases = list(product(types, ways))
    asked = [{question.code for question in applicable(questionnaire, way, kind)} for kind, way in cases]
    values = np.array([[[LEVEL if code in each else np.nan for code in codes] for each in asked]])
    attributes = {"place_type": tuple(kind for kind, _ in cases)}
    result = score(framework, Panel(tuple(map(str, range(len(cases)))), (2026,), codes, values, attributes=attributes))
    found = result.score[0, :, result.row(framework.tree.code)]
    assert len(cases) >= 24
    assert np.allclose(found, 60), [cases[place] for place in np.flatnonzero(~np.isclose(found, 60))]
