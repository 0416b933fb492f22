"""How a framework is computed: the words follow the definition, the weights add up, the example can be checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.definitions.loader import load_framework
from cityindex.errors import NotFound
from cityindex.queries.runs.diagnostics import diagnostics
from cityindex.queries.runs.editions import current_editions
from cityindex.resources import resource_root
from cityindex.web.editions.method_words import steps
from cityindex.web.editions.structure import structure
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.reading import figures, table_of, text_of

FRAMEWORKS = ("livable-city", "local-capacity")


@pytest.fixture(scope="module")
def client(demo_url: str) -> Iterator[FlaskClient]:
    made = client_over(demo_url)
    yield made
    application_of(made).engine.dispose()


@pytest.fixture(params=FRAMEWORKS)
def entry(request: pytest.FixtureRequest, client: FlaskClient) -> FrameworkEntry:
    return application_of(client).catalogue.framework(request.param)


def test_weights_add_up_at_every_node(entry: FrameworkEntry) -> None:
    tree = structure(entry)
    for element in tree.elements:
        if element.children:
            assert sum(tree.by_code[code].share for code in element.children) == pytest.approx(1)
    leaves = [element for element in tree.elements if element.indicator]
    assert sum(leaf.effective for leaf in leaves) == pytest.approx(1)
    assert all(leaf.effective == 0 for leaf in leaves if leaf.pilot)


def test_structure_shows_every_indicator_with_its_rule(client: FlaskClient, entry: FrameworkEntry) -> None:
    rows = table_of(client.get(f"/en/methods/{entry.code}").text, "Parts and indicators")
    assert len(rows) == len(structure(entry).elements) - 1
    assert all(row[3] for row in rows)


def test_steps_say_what_the_definition_says(client: FlaskClient) -> None:
    livable = text_of(client.get("/en/methods/livable-city").text)
    assert "the place's own latest figure, at most 2 years old" in livable
    assert "A place needs at least 65% of the indicators" in livable
    assert "A score needs parts with at least 50% of the weight." in livable
    assert "at least 80% of the weight" in livable
    assert "A from 80, B from 60, C from 40, D from 20, and E below" in livable
    capacity = text_of(client.get("/en/methods/local-capacity").text)
    assert "No. A figure that is missing in the period stays missing." in capacity
    assert "A score needs parts with at least 66% of the weight." in capacity


def test_rules_that_depend_on_the_year_are_told_apart() -> None:
    assert not structure(small.framework()).comparable
    pooled = structure(small.framework(method={"normalise": {"method": "min-max", "over": "pooled"}}))
    assert pooled.comparable


def test_the_definition_file_is_shown_and_given(client: FlaskClient, entry: FrameworkEntry) -> None:
    answer = client.get(f"/th/methods/{entry.code}/{entry.code}.yaml")
    assert answer.data == (resource_root("indicators") / "frameworks" / f"{entry.code}.yaml").read_bytes()
    assert answer.mimetype == "text/plain"
    assert f"framework: {entry.code}" in client.get(f"/th/methods/{entry.code}").text
    assert client.get(f"/th/methods/{entry.code}/other.yaml").status_code == 404


def test_the_example_can_be_followed_with_a_calculator(client: FlaskClient, entry: FrameworkEntry) -> None:
    page = client.get(f"/en/methods/{entry.code}").text
    rows = table_of(page, "Values, scores, weights")
    domains = {element.name.en for element in structure(entry).domains}
    parts = [row for row in rows if row[0] in domains]
    assert len(parts) == len(domains)
    total = 0.0
    for row in parts:
        score, weight, part = figures(row[2])[0], figures(row[3])[0] / 100, figures(row[4])[0]
        assert part == pytest.approx(score * weight, abs=0.06)
        total += part
    assert total == pytest.approx(figures(rows[0][2])[0], abs=0.1)
    start = text_of(page).split("between the goalposts: ")[1]
    assert "÷" in start.split("A score times")[0]


def test_the_example_is_of_the_place_that_is_asked_for(client: FlaskClient) -> None:
    page = client.get("/en/methods/local-capacity?place=D110001").text
    assert "/en/places/D110001" in page
    assert client.get("/en/methods/local-capacity?place=10").status_code == 404
    assert client.get("/en/methods/local-capacity?place=nowhere").status_code == 404


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/en/methods/nothing").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
def test_pages_ask_the_database_little(client: FlaskClient, language: str) -> None:
    with counted(application_of(client).engine) as said:
        assert client.get(f"/{language}/methods/livable-city").status_code == 200
    assert len(said) <= MOST_QUERIES


def test_figures_are_told_as_they_are_stored(client: FlaskClient) -> None:
    page = client.get("/en/methods/local-capacity").text
    rows = {row[0].split(" pilot")[0]: row for row in table_of(page, "Statistics of the indicators")}
    assert len(rows) == 8
    own = next(row for name, row in rows.items() if name.startswith("Fiscal self-dependency"))
    assert own[1] == "⚠ a few places lie far from all others"
    places, share = figures(own[2])
    assert places / 400 == pytest.approx(share / 100, abs=0.01)
    low, middle, mean, high = (figures(cell)[0] for cell in own[3:7])
    assert low < middle < mean < high
    assert figures(own[8])[0] > 2
    noted = sum(row[1] != "–" for row in rows.values())
    assert f"{noted} of 8 indicators call for care" in text_of(page)


def test_weights_on_paper_stand_beside_those_in_effect(client: FlaskClient, entry: FrameworkEntry) -> None:
    rows = table_of(client.get(f"/en/methods/{entry.code}").text, "Weights on paper")
    tree = structure(entry)
    lines = dict(zip([element.code for element in tree.elements if element.level], rows, strict=True))
    for element in tree.elements:
        children = [lines[code] for code in element.children if not tree.by_code[code].pilot]
        if children:
            assert sum(figures(line[1])[0] for line in children) == pytest.approx(100, abs=0.4)
            assert sum(figures(line[2])[0] for line in children) == pytest.approx(100, abs=0.4)
            assert all(figures(line[4])[0] > 300 for line in children)
    pilots = [lines[element.code] for element in tree.indicators if element.pilot]
    assert all(line[2:] == ["–", "–", "–", "pilot: counts for nothing yet"] for line in pilots)


def test_alpha_and_the_widths_of_intervals(client: FlaskClient) -> None:
    page = client.get("/en/methods/local-capacity").text
    alphas = {row[0]: row[2:] for row in table_of(page, "Cronbach's alpha")}
    assert alphas["Means to serve"][0].startswith("−")
    assert alphas["Means to serve"][2] == "pull in opposite directions"
    assert alphas["Fiscal independence"][2] != "pull in opposite directions"
    widths = table_of(page, "How wide the intervals are")
    assert len(widths) == 5
    assert widths[0][0].startswith("1 to ")
    assert all(0 < figures(row[2])[0] <= figures(row[3])[0] < 400 for row in widths)
    ranked = sum(figures(row[1])[0] for row in widths)
    assert f" of {ranked:.0f} ranked places stay in their band" in text_of(page)


def test_they_are_worked_out_once_for_a_run(client: FlaskClient) -> None:
    with counted(application_of(client).engine) as first:
        client.get("/en/methods/livable-city")
    with application_of(client).sessions() as session:
        run = current_editions(session, "livable-city")[0].run
        assert diagnostics(session, run) is diagnostics(session, run)
        with pytest.raises(NotFound):
            diagnostics(session, 999_999)
    with counted(application_of(client).engine) as second:
        client.get("/en/methods/livable-city")
    assert len(second) <= len(first)
    assert len(first) <= MOST_QUERIES


def test_without_a_plan_and_with_few_places_there_is_still_a_page(engine: Engine, database_url: str) -> None:
    small.published_run(engine)
    world = client_over(database_url)
    application_of(world).__dict__["catalogue"] = small.catalogue()
    said = text_of(world.get("/en/methods/small").text)
    application_of(world).engine.dispose()
    assert "What the figures are like" in said
    assert "Half of the intervals" not in said
    assert "nan" not in said


def test_what_the_ranking_depends_on(client: FlaskClient, entry: FrameworkEntry) -> None:
    page = client.get(f"/en/methods/{entry.code}").text
    rows = table_of(page, "How far ranks move without each indicator")
    counted_ = [leaf for leaf in structure(entry).indicators if not leaf.pilot]
    assert {row[0] for row in rows} == {leaf.name.en for leaf in counted_}
    means = [figures(row[1])[0] for row in rows]
    assert means == sorted(means, reverse=True)
    assert all(figures(row[1])[0] <= figures(row[2])[0] for row in rows)
    assert f"Without {rows[0][0]}, ranks move most: by {means[0]} on average" in text_of(page)
    choices = table_of(page, "Share of the moves of ranks")
    assert {row[0] for row in choices} >= {"Weights", "What earns which score", "Which indicators count"}
    assert all(row[1].count("%") == row[2].count("%") == 3 for row in choices), "an estimate and its interval"
    assert "from 256 points" in text_of(page)


def test_frozen_parameters_are_told_where_intervals_are(engine: Engine, database_url: str) -> None:
    plan = {"plan": {"normalise": ["min-max", "percentile-rank"]}, "replications": 8}
    more = {**plan, "plan": {**plan["plan"], "weights": {"noise": 0.2}}}  # type: ignore[dict-item]
    small.fill(engine, period=2022)
    small.fill(engine)
    for version, asked in (("1", plan), ("2", more)):
        for period in (2022, small.PERIOD):
            scoring = small.scoring(engine, version=version, method=small.POOLED, uncertainty=asked)
            small.publishing(engine).publish(scoring.run("small", period, "test"), "test")
        client = client_over(database_url)
        changes = {"version": version, "method": small.POOLED, "uncertainty": asked}
        application_of(client).__dict__["catalogue"] = small.catalogue(**changes)
        said = text_of(client.get("/en/methods/small").text)
        ranking = text_of(client.get("/en/frameworks/small").text)
        assert ("The latest edition has no intervals" in said) == (version == "1")
        assert ("Ranks of this edition stand without intervals." in ranking) == (version == "1")
        assert ("does not vary: What earns which score" in said) == (version == "2")
        application_of(client).engine.dispose()


RULED = """
framework: ruled
scale: [1, 100]
method:
  treat: {cap: 0.02}
  impute: {method: median, by: [district, province]}
  screen: {coverage: 0.5, dimension: 0.4}
  nonpositive: {floor: 0.5}
tree:
  code: index
  children:
    - code: part
      missing: propagate
      round: 2
      rescale: percentile-rank
      direction: lower
      weights: {pca: first}
      children: [{indicator: a}, {indicator: b}]
    - {indicator: c}
indicators:
  - {code: a, treat: none, impute: none}
  - {code: b, fill: latest, treat: {cap: 0, otherwise: box-cox}}
  - {code: c, fill: {method: latest, max_age: 3}, treat: {method: clip, low: 0.02, high: 0.98}}
"""


def test_steps_name_every_rule_and_its_exceptions(client: FlaskClient, tmp_path: Path) -> None:
    file = tmp_path / "ruled.yaml"
    file.write_text(RULED)
    with client.application.test_request_context("/en/"):
        found = {step.code: step for step in steps(load_framework(file))}
        said = {code: " ".join(map(str, step.lines)) for code, step in found.items()}
        own = {code: {str(name): str(words) for name, words in step.items} for code, step in found.items()}
    assert "at least 40% of the indicators of every dimension" in said["screen"]
    assert "(at most 2%) are set to the next one. Where that is not enough" in said["treat"]
    assert own["treat"]["a"] == "No treatment. Extreme values stay as they are."
    assert own["treat"]["b"] == "Where an indicator is very skewed, it is scored on a bent scale (Box-Cox)."
    assert own["treat"]["c"] == "Values beyond the percentiles 2% and 98% are set to them."
    assert (
        "same group count: district. Where a group has no figure, the next wider one counts: province."
        in (said["impute"])
    )
    assert list(own["impute"]) == ["a"]
    assert own["fill"]["c"].endswith("at most 3 years old. It is marked.")
    assert "Parts below 0.5 count as 0.5" in said["aggregate"]
    for words in ("the whole is missing", "rounded to 2 decimals", "share of places", "less is better", "each run"):
        assert words in own["aggregate"]["part"]
