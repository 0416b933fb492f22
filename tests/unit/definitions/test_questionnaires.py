"""Questionnaires: what a right file becomes, and the problem that each mistake makes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from cityindex.assessment.conditions import AllOf, AnyOf, AtLeast, Is, IsNot, Not
from cityindex.assessment.questionnaire import Evidence
from cityindex.definitions.catalogue import QuestionnaireEntry, Text
from cityindex.definitions.loader import load
from cityindex.definitions.published import freeze
from cityindex.definitions.questionnaires import questionnaire_from_canonical
from cityindex.errors import DefinitionError, NotFound
from cityindex.resources import resource_root
from tests.unit.definitions.examples import change, problems_of
from tests.unit.definitions.instrument import write_instrument

FILE, MATURITY, PROGRAMME = "questionnaires/small.yaml", "frameworks/maturity.yaml", "programmes/clean-cities.yaml"


@pytest.fixture
def entry(tmp_path: Path) -> QuestionnaireEntry:
    return load(write_instrument(tmp_path)).questionnaire("small")


def test_what_a_file_becomes(entry: QuestionnaireEntry) -> None:
    asked = entry.questionnaire
    assert [question.code for question in asked.questions] == ["policy", "website", "uptime", "host", "remarks"]
    assert (asked.framework, asked.version, asked.applies("town-municipality"), asked.applies("province")) == (
        "maturity",
        "1",
        True,
        False,
    )
    policy, website, uptime, host, _ = asked.questions
    assert (policy.levels, policy.evidence) == ((0, 1, 2, 3, 4, 5), Evidence(2, ("document", "url")))
    assert policy.crosswalk == {"DGA": ("policy",), "LOSI": ("1", "2")}
    assert website.external
    assert website.evidence == Evidence()
    assert (uptime.bounds, uptime.decimals, uptime.permits) == ((0, 100), 1, ("do-not-know",))
    assert uptime.show_if == Is("website", "yes")
    assert (host.options, host.applies_to) == (("own", "rented"), ("city-municipality",))
    assert host.show_if == AllOf(
        (
            AtLeast("policy", 3),
            Not(IsNot("website", "yes")),
            AnyOf((AtLeast("uptime", 90), Is("uptime", "do-not-know"))),
        )
    )


def test_its_words(entry: QuestionnaireEntry) -> None:
    policy = entry.words_of("policy")
    assert (policy.text.en, policy.levels[5].en, policy.evidence) == (
        "Is there a policy?",
        "Improved",
        Text("แนบ", "Attach it"),
    )
    assert entry.words_of("host").options["own"].en == "Ourselves"
    assert entry.words_of("uptime").unit == "percent"
    assert (entry.name.en, entry.names["service"].en, entry.descriptions["governance"].en) == (
        "Small",
        "Service",
        "What about",
    )
    with pytest.raises(NotFound):
        entry.words_of("polcy")


def test_it_is_read_back_from_its_canonical_text(entry: QuestionnaireEntry) -> None:
    again = questionnaire_from_canonical(entry.canonical)
    assert (again.questionnaire, again.words, again.fingerprint) == (
        entry.questionnaire,
        entry.words,
        entry.fingerprint,
    )
    assert again.canonical == entry.canonical


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"questionnaire": "small"}', "[" * 100_000])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        questionnaire_from_canonical(text)


def test_the_fingerprint_is_of_the_content(entry: QuestionnaireEntry, tmp_path: Path) -> None:
    change(tmp_path, FILE, 'version: "1"\n', 'version: "1"  # the first\n')
    assert load(tmp_path).questionnaire("small").fingerprint == entry.fingerprint
    change(tmp_path, FILE, "en: Begun", "en: Started")
    assert load(tmp_path).questionnaire("small").fingerprint != entry.fingerprint


def test_what_its_indicator_says_is_part_of_it(entry: QuestionnaireEntry, tmp_path: Path) -> None:
    change(tmp_path, MATURITY, "decimals: 1", "decimals: 2")
    other = load(tmp_path).questionnaire("small")
    assert other.questionnaire.question("uptime").decimals == 2
    assert other.fingerprint != entry.fingerprint


class Broken(NamedTuple):
    """What is written instead of what stands in a file, and which problem it makes."""

    old: str
    new: str
    line: int
    key: str
    words: str
    file: str = FILE


UPTIME = "{question: website, is: yes}"
BROKEN = [
    Broken("        external: true", "        extern: true", 31, "extern", "did you mean external?"),
    Broken("answer: yes-no\n", "answer: yes-no\n        answer: text\n", 31, "answer", "written twice"),
    Broken("{th: มีนโยบายไหม, en: Is", "{en: Is", 13, "th", "is missing from text"),
    Broken("name: {th: บริการ, en: Service}", "name: {th: บริการ}", 26, "en", "is missing from name"),
    Broken("questionnaire: small", "questionnaire: large", 1, "questionnaire", "rename the file"),
    Broken("framework: maturity", "framework: maturty", 4, "framework", "did you mean maturity?"),
    Broken("code: remarks", "code: host", 50, "code", "host is used twice"),
    Broken("code: service", "code: governance", 25, "code", "governance is used twice"),
    Broken("{code: rented,", "{code: own,", 43, "code", "own is used twice"),
    Broken("answer: rubric", "answer: ladder", 15, "answer", "use one of rubric"),
    Broken("          5: {th: ปรับปรุง, en: Improved}\n", "", 16, "levels", "without level 5"),
    Broken("          0: {th: ไม่มี, en: None}\n", "", 16, "levels", "without level 0"),
    Broken("          5: {th", "          6: {th", 22, "6", "is not a key here"),
    Broken(
        "answer: text", "answer: text\n        levels: {0: {th: ก, en: a}}", 53, "levels", "has no meaning for text"
    ),
    Broken("answer: text", "answer: choice", 52, "answer", "choice without options"),
    Broken("{code: rented,", "{code: do-not-know,", 43, "code", "permit it"),
    Broken("from_level: 2", "from_level: 6", 23, "from_level", "from 0 to 5"),
    Broken("evidence: {}", "evidence: {from_level: 2}", 32, "from_level", "a yes is level 1"),
    Broken("kinds: [document, url]", "kinds: [papers]", 23, "kinds", "use one of document"),
    Broken(UPTIME, "{question: host, is: own}", 37, "question", "host is asked later"),
    Broken(UPTIME, "{question: uptime, at_least: 5}", 37, "question", "uptime is this question itself"),
    Broken(UPTIME, "{question: webste, is: yes}", 37, "question", "did you mean website?"),
    Broken(UPTIME, "{question: website, is: maybe}", 37, "is", "maybe is never an answer"),
    Broken(UPTIME, "{question: website, is: true}", 37, "is", "write yes or no"),
    Broken(UPTIME, "{question: website, at_least: 1}", 37, "at_least", "compare with `is`"),
    Broken(UPTIME, "{question: policy, is: 6}", 37, "is", "use one of 0, 1, 2, 3, 4, 5"),
    Broken(UPTIME, '{question: policy, is: "3"}', 37, "is", "never an answer"),
    Broken(UPTIME, "{question: policy}", 37, "show_if", "none of the forms"),
    Broken(UPTIME, "{question: policy, is: 3, is_not: 4}", 37, "show_if", "2 of the forms"),
    Broken(UPTIME, "website", 37, "show_if", "none of the forms"),
    Broken(UPTIME, "{is: yes}", 37, "question", "is missing"),
    Broken("at_least: 90", "at_least: 900", 48, "at_least", "within its bounds"),
    Broken("is: do-not-know", "is: not-applicable", 48, "is", "use one of do-not-know"),
    Broken("permits: [do-not-know]", "permits: [perhaps]", 36, "permits", "use one of not-applicable"),
    Broken("permits: [do-not-know]", "bounds: [5, 5]", 36, "bounds", "not below"),
    Broken("permits: [do-not-know]", "bounds: [0, 101]", 36, "bounds", "outside the bounds of the indicator"),
    Broken("permits: [do-not-know]", "unit: tonnes", 36, "unit", "not the unit of the indicator, percent"),
    Broken("{DGA: policy,", "{DGA: polcy,", 24, "DGA", "did you mean DGA:policy?"),
    Broken("{DGA: policy,", "{DAG: policy,", 24, "DAG", "did you mean DGA?"),
    Broken('["1", "2"]', '["1", "3"]', 24, "LOSI", "LOSI:3 is not in the list"),
    Broken("{DGA: policy,", "{D G A: policy,", 24, "D G A", "without blanks"),
    Broken("code: remarks\n", "code: remarks\n        crosswalk: {DGA: []}\n", 51, "DGA", "write at least 1"),
    Broken("[city-municipality, town", "[city, town", 5, "applies_to", "not a place type"),
    Broken("applies_to: [city-municipality]", "applies_to: [municipality]", 49, "applies_to", "write its types"),
    Broken("applies_to: [city-municipality]", "applies_to: [province]", 49, "applies_to", "does not answer this"),
    Broken("code: uptime", "code: downtime", 33, "code", "not an indicator of maturity"),
    Broken("answer: number", "answer: rubric", 35, "answer", "indicator of type measured"),
    Broken("framework: clean-city", "questionnaire: smal", 5, "questionnaire", "did you mean small?", PROGRAMME),
]


@pytest.mark.parametrize("case", BROKEN, ids=[f"{case.key}: {case.words}" for case in BROKEN])
def test_each_mistake_is_named(tmp_path: Path, case: Broken) -> None:
    change(write_instrument(tmp_path), case.file, case.old, case.new)
    problems = problems_of(tmp_path)
    named = [
        problem
        for problem in problems
        if (problem.file, problem.row, problem.column) == (str(tmp_path / case.file), case.line, case.key)
    ]
    assert [one for one in named if case.words in str(one)], [str(problem) for problem in problems]


def test_a_level_without_words_is_a_warning(tmp_path: Path) -> None:
    change(write_instrument(tmp_path), FILE, "          3: {th: ใช้, en: Used}\n", "")
    catalogue = load(tmp_path)
    assert [(warning.row, warning.column) for warning in catalogue.warnings if warning.column == "levels"] == [
        (16, "levels")
    ]
    assert catalogue.questionnaire("small").questionnaire.question("policy").levels == (0, 1, 2, 4, 5)


def test_who_answers_without_being_scored_is_a_warning(tmp_path: Path) -> None:
    change(write_instrument(tmp_path), MATURITY, "tree:", "places: [city-municipality]\ntree:")
    [warning] = [one for one in load(tmp_path).warnings if one.column == "applies_to"]
    assert (warning.row, warning.reason) == (5, "town-municipality answers, but maturity does not score it")


def test_a_published_version_keeps_its_words(tmp_path: Path) -> None:
    assert {(one.kind, one.code) for one in freeze(write_instrument(tmp_path))} == {
        ("framework", "clean-city"),
        ("framework", "maturity"),
        ("questionnaire", "small"),
    }
    assert freeze(tmp_path) == ()
    change(tmp_path, FILE, "en: Begun", "en: Started")
    [problem] = problems_of(tmp_path)
    assert (problem.file, problem.row, problem.column) == (str(tmp_path / FILE), 2, "version")
    change(tmp_path, FILE, 'version: "1"', 'version: "2"')
    assert [(one.kind, one.version) for one in freeze(tmp_path)] == [("questionnaire", "2")]


def test_the_questionnaires_of_the_project() -> None:
    """Each of our own rubrics has words for every level."""
    for entry in load(resource_root("indicators")).questionnaires.values():
        assert questionnaire_from_canonical(entry.canonical).questionnaire == entry.questionnaire
        for question in entry.questionnaire.questions:
            assert question.kind != "rubric" or question.levels == (0, 1, 2, 3, 4, 5), question.code
