"""The pages of a questionnaire: the instrument in words, the blank form, the definition file."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cityindex.assessment.answers import _ENGLISH, AnswerProblem, check
from cityindex.assessment.conditions import AnyOf, AtLeast, Is, IsNot, Not
from cityindex.definitions.loader import load
from cityindex.web.assessments.answer_words import REFUSED, answered, asked_if, refused
from tests.unit.definitions.instrument import write_instrument
from tests.web.conftest import application_of
from tests.web.reading import table_of, text_of


@pytest.fixture
def site(client: FlaskClient, tmp_path: Path) -> FlaskClient:
    """A site with the small questionnaire."""
    application_of(client).__dict__["catalogue"] = load(write_instrument(tmp_path))
    return client


def test_the_instrument_in_words(site: FlaskClient) -> None:
    page = site.get("/en/questionnaires/small").text
    words = text_of(page)
    for said in (
        "Questionnaire, version 1",
        "5 questions in 2 parts",
        "1.1 Is there a policy?",
        "Level 3 Used",
        "Evidence from level 2 on: document, link. Attach it",
        "Evidence for a yes: document, picture, link.",
        "Answer: a number, Percent (0 to 100)",
        "Or: We do not know",
        "Asked only if 2.1 is “Yes”.",
        "Asked only if 1.1 is 3 or more and not (2.1 is not “Yes”) and (2.2 is 90 or more or 2.2 is “We do not know”).",
        "A reviewer can check this from outside.",
    ):
        assert said in words, said
    assert [row[0] for row in table_of(page, "DGA survey")] == ["Policies"]
    assert [row[0] for row in table_of(page, "UN index")] == ["First", "Second"]


def test_one_type_of_place(site: FlaskClient) -> None:
    town = text_of(site.get("/en/questionnaires/small?type=town-municipality").text)
    city = text_of(site.get("/en/questionnaires/small?type=เทศบาลนคร").text)
    assert "2.3 Who hosts it?" in city
    assert "2.3" not in town
    assert "2.4 Anything else?" in town  # a question keeps its number
    assert "Only for:" in text_of(site.get("/en/questionnaires/small").text)


@pytest.mark.parametrize(
    "address", ["nothing", "small?type=province", "small?type=nothing", "small/other.yaml", "nothing/blank"]
)
def test_what_is_not_there(site: FlaskClient, address: str) -> None:
    assert site.get(f"/en/questionnaires/{address}").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_blank_form(site: FlaskClient, language: str) -> None:
    page = site.get(f"/{language}/questionnaires/small/blank?type=city-municipality").text
    assert page.count('class="box"') == 6 + 2 + 1 + 2  # levels, yes and no, not known, options
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    words = text_of(page)
    assert "version 1" in words or "รุ่น 1" in words


def test_the_list_and_the_file(client: FlaskClient) -> None:
    """Of the project itself, whatever it ships."""
    page = html.unescape(client.get("/th/questionnaires/").text)
    for entry in application_of(client).catalogue.questionnaires.values():
        assert entry.name.th in page
        for address in (
            f"{entry.code}",
            f"{entry.code}/blank",
            f"{entry.code}?type={entry.questionnaire.applies_to[0]}",
        ):
            assert client.get(f"/th/questionnaires/{address}").status_code == 200
        file = client.get(f"/th/questionnaires/{entry.code}/{entry.code}.yaml")
        assert file.text.count(f"questionnaire: {entry.code}\n") == 1


def test_the_method_of_its_framework_links_to_it(site: FlaskClient) -> None:
    assert 'href="/en/questionnaires/small"' in site.get("/en/methods/maturity").text
    assert 'href="/en/questionnaires/small"' not in site.get("/en/methods/clean-city").text


def test_answers_and_refusals_in_words(site: FlaskClient) -> None:
    entry = application_of(site).catalogue.questionnaire("small")
    ask = entry.questionnaire.question
    with site.application.test_request_context("/en/"):
        assert answered(entry, ask("policy"), 3) == "3: Used"
        assert answered(entry, ask("website"), "no") == "No"
        assert answered(entry, ask("uptime"), 99.5) == "99.5"
        assert answered(entry, ask("uptime"), "do-not-know") == "We do not know"
        assert answered(entry, ask("host"), "own") == "Ourselves"
        problem = check(ask("uptime"), "1,234")
        assert isinstance(problem, AnswerProblem)
        assert refused(problem) == ("This could be read as 1234 or as 1.234.", "Write 1234 or 1.234.")
        rule = AnyOf((Not(Is("website", "yes")), IsNot("host", "own"), AtLeast("policy", 2)))
        assert asked_if(entry, rule) == "not (2.1 is “Yes”) or 2.3 is not “Ourselves” or 1.1 is 2 or more"


def test_every_refusal_has_words() -> None:
    assert set(REFUSED) == set(_ENGLISH)
