"""One indicator over all places: reported or calculated, with what stands in told apart, on both databases."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Place
from cityindex.queries.observations.holdings import holdings
from cityindex.queries.observations.indicator_columns import indicator_columns, most_used, source_counts
from cityindex.queries.observations.indicator_tables import (
    Filter,
    in_order,
    matching_places,
    same_kind,
    value_rows,
)
from cityindex.queries.runs.edition_facts import edition_facts, middle_place
from cityindex.queries.runs.editions import current_editions, run_record, standing_edition
from cityindex.queries.runs.scores import map_values
from cityindex.scoring.framework import Indicator
from tests.integration import small

ROADS = Indicator("roads")
WATER = Indicator("water_per_head", formula="1000 * water / population")


def codes(session: Session) -> dict[int, str]:
    return {key: code for key, code in session.execute(select(Place.id, Place.code))}


def test_reported_values_are_those_in_force(engine: Engine) -> None:
    small.fill(engine)
    small.fill(engine, period=small.PERIOD + 1)
    with Session(engine) as session:
        before = indicator_columns(session, ROADS, [])
        small.record(session, {("M3", "roads"): 7.5, ("M4", "roads"): None})
        session.commit()
        after = indicator_columns(session, ROADS, [])
        names = codes(session)
    assert list(before.columns) == [small.PERIOD, small.PERIOD + 1]
    assert before.latest == small.PERIOD + 1
    assert len(before.columns[small.PERIOD].values) == 8
    column = after.columns[small.PERIOD]
    known = {names[place]: value for place, value in zip(column.place_ids.tolist(), column.values, strict=True)}
    assert known["M3"] == 7.5
    assert "M4" not in known
    assert not column.standing_in.any()


def test_calculated_values_are_those_of_the_edition(engine: Engine) -> None:
    run = small.published_run(engine)
    with Session(engine) as session:
        data = indicator_columns(session, WATER, ["small"])
        stored = map_values(session, run, "water_per_head")
        names = codes(session)
    column = data.columns[small.PERIOD]
    assert data.framework == "small"
    assert data.runs == {small.PERIOD: run}
    assert {names[place]: value for place, value in zip(column.place_ids.tolist(), column.values, strict=True)} == {
        code: found.value for code, found in stored.items() if found.value is not None
    }
    assert len(data.scope[small.PERIOD]) == 8


def test_a_figure_of_the_province_stands_in_and_is_not_counted(engine: Engine) -> None:
    small.published_run(engine)
    with Session(engine) as session:
        data = indicator_columns(session, Indicator("air", formula="x"), ["small"])
    column = data.columns[small.PERIOD]
    [spread] = data.spreads
    assert column.standing_in.sum() == 4
    assert (spread.n, spread.standing_in) == (4, 4)
    assert spread.median == pytest.approx(np.median(column.values[~column.standing_in]))
    assert spread.low <= spread.q1 <= spread.median <= spread.q3 <= spread.high


def test_nothing_is_nothing(engine: Engine) -> None:
    with Session(engine) as session:
        assert indicator_columns(session, ROADS, []).latest is None
        assert indicator_columns(session, WATER, ["small"]).columns == {}
        assert holdings(session, [ROADS, WATER], {"water_per_head": ["small"]}) == {}
        assert current_editions(session) == ()


def test_holdings_count_values_of_the_newest_period(engine: Engine) -> None:
    small.published_run(engine)
    with Session(engine) as session:
        small.record(session, {("M1", "roads"): 1.0, ("M2", "roads"): None}, period=small.PERIOD + 1)
        session.commit()
        there = holdings(session, [ROADS, WATER], {"water_per_head": ["small"]})
    assert (there["roads"].period, there["roads"].values) == (small.PERIOD + 1, 1)
    assert (there["water_per_head"].period, there["water_per_head"].values) == (small.PERIOD, 8)
    assert there["water_per_head"].of == 8


def test_places_pass_the_filter_in_the_order_of_names(engine: Engine) -> None:
    small.fill(engine)
    with Session(engine) as session:
        names = codes(session)
        towns = matching_places(session, Filter(["town-municipality"]))
        north = matching_places(session, Filter(["town-municipality", "subdistrict-municipality"], province="50"))
        one = matching_places(session, Filter(search="M5"))
    assert [names[place] for place in towns.tolist()] == ["M0", "M3", "M6"]
    assert {names[place] for place in north.tolist()} == {"M1", "M3", "M5", "M7"}
    assert [names[place] for place in one.tolist()] == ["M5"]


@pytest.mark.parametrize("descending", [True, False])
def test_missing_values_come_last_either_way(engine: Engine, *, descending: bool) -> None:
    small.fill(engine)
    with Session(engine) as session:
        small.record(session, {("M0", "roads"): None})
        session.commit()
        column = indicator_columns(session, ROADS, []).columns[small.PERIOD]
        every = matching_places(session, Filter(["town-municipality", "subdistrict-municipality"]))
        rows = value_rows(session, column, in_order(every, column, "value", descending=descending))
    values = [row.value for row in rows]
    assert values[-1] is None
    assert rows[-1].place.code == "M0"
    assert values[:-1] == sorted((value for value in values if value is not None), reverse=descending)


def test_real_and_demo_places_never_mix(engine: Engine) -> None:
    small.fill(engine)
    with Session(engine) as session:
        session.add(small.place("D1", "town-municipality", demo=True))
        session.commit()
        ids = {code: key for key, code in codes(session).items()}
        every = matching_places(session, Filter(["town-municipality"]))
        real, demo = same_kind(session, ids["M0"], every), same_kind(session, ids["D1"], every)
    assert ids["D1"] in every
    assert ids["D1"] not in real
    assert demo.tolist() == [ids["D1"]]


def test_sources_are_in_the_words_of_whoever_sent_them(engine: Engine) -> None:
    small.fill(engine)
    with Session(engine) as session:
        assert most_used(source_counts(session, "roads"), [small.PERIOD]) == ("made up",)
        assert most_used(source_counts(session, "roads"), [1999]) == ()


def test_facts_of_an_edition_add_up(engine: Engine) -> None:
    run = small.published_run(engine)
    with Session(engine) as session:
        [edition] = current_editions(session)
        facts = edition_facts(session, run_record(session, run), (0.0, 100.0))
        middle = middle_place(session, run)
        stored = map_values(session, run)
        names = codes(session)
    scores = [found.score for found in stored.values() if found.score is not None]
    assert sum(facts.counts) == len(scores) == edition.scored
    assert sum(count for _, count in facts.bands) == edition.ranked
    assert facts.median == pytest.approx(np.median(scores))
    assert facts.known_until is not None
    assert middle is not None
    assert stored[names[middle]].rank is not None


def test_an_edition_stands_until_it_is_taken_back(engine: Engine) -> None:
    first = small.published_run(engine)
    second = small.scoring(engine).run("small", small.PERIOD, "test")
    publishing = small.publishing(engine)
    publishing.publish(second, "test")
    with Session(engine) as session:
        assert standing_edition(session, "small", small.PERIOD, first).run == first
        assert standing_edition(session, "small", small.PERIOD, second).run == second
    publishing.rollback("small", small.PERIOD, "test")
    with Session(engine) as session:
        assert standing_edition(session, "small", small.PERIOD, first).run == first
        with pytest.raises(NotFound, match="not a published edition"):
            standing_edition(session, "small", small.PERIOD, second)
