"""What stands behind a value: the figure, period and source that its run knew, whatever was recorded since."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from cityindex.models import Observation, Place, Source
from cityindex.web.places.words import scored_value
from tests.integration import small
from tests.web.conftest import application_of
from tests.web.reading import figures, table_of

RESULTS = "Results by indicator"


def record(engine: Engine, value: float, *, indicator: str = "roads", period: int = small.PERIOD) -> None:
    """A figure of M0 out of another source, after the run."""
    with Session(engine) as session:
        session.merge(Source(id=2, text="another survey"))
        number = small.record(session, {("M0", indicator): value}, period=period)
        session.execute(update(Observation).where(Observation.recording_id == number).values(source_id=2))
        session.commit()


def row(client: FlaskClient, address: str, name: str) -> list[str]:
    return next(row for row in table_of(client.get(address).text, RESULTS) if row[0].startswith(name))


def taken(client: FlaskClient, address: str) -> dict[tuple[str, str], dict[str, str]]:
    body = client.get(f"{address}{'&' if '?' in address else '?'}format=csv").data.decode("utf-8-sig")
    return {(one["place"], one["node"]): one for one in csv.DictReader(io.StringIO(body))}


def test_a_value_keeps_the_source_that_its_run_knew(world: FlaskClient, engine: Engine) -> None:
    before = row(world, "/en/places/M0", "roads")
    assert "another" not in before[2]
    record(engine, 0.99)
    after = row(world, "/en/places/M0", "roads")
    assert after[1] == before[1]
    assert after[-1] == before[-1], "the source is that of the value, not of the newer one"
    assert after[2] == f"{before[2]} · revised since this was computed"
    told = taken(world, "/en/places/M0")["M0", "roads"]
    assert (told["source"], told["value_status"]) == ("made up", "revised since this was computed")
    assert taken(world, "/en/compare?place=M0&place=M2")["M0", "roads"]["value_source"] == "made up"
    assert "revised since" in world.get("/en/compare?place=M0&place=M2").text


def test_a_value_carried_forward_is_of_its_own_year(world: FlaskClient, engine: Engine) -> None:
    small.fill(engine, period=2024)
    with Session(engine) as session:
        session.execute(
            update(Observation)
            .where(
                Observation.period == 2024,
                Observation.place_id == select(Place.id).filter_by(code="M0").scalar_subquery(),
            )
            .values(value=None, status="O")
        )
        session.commit()
    method = {**small.DEFINITION["method"], "fill": {"method": "latest"}}  # type: ignore[dict-item]
    run = small.scoring(engine, version="2", method=method).run("small", 2024, "test")
    small.publishing(engine).publish(run, "test")
    record(engine, 0.5, period=2024)
    record(engine, 50.0, period=2024, indicator="water")
    told = taken(world, "/en/places/M0?period=2024")
    for code in ("roads", "water_per_head"):
        assert told["M0", code]["value_period"] == "2023", code
        assert told["M0", code]["value_period_be"] == "2566", code
        assert told["M0", code]["source"].endswith("made up"), code
        assert "carried forward" in told["M0", code]["value_status"], code


def test_what_is_calculated_has_a_period_and_sources(world: FlaskClient) -> None:
    found = row(world, "/en/places/M0", "water_per_head")
    assert found[2] == str(small.PERIOD)
    assert found[-1].startswith("calculated [1]")
    told = taken(world, "/en/places/M0")["M0", "water_per_head"]
    assert (told["value_period"], told["source"]) == (str(small.PERIOD), "calculated from: made up")
    beside = taken(world, "/en/compare?place=M0&place=M2")["M2", "water_per_head"]
    assert (beside["value_period"], beside["value_source"]) == (str(small.PERIOD), "made up")


def test_a_figure_of_the_province_has_its_source(world: FlaskClient) -> None:
    told = taken(world, "/en/places/M1")["M1", "air"]
    assert (told["value"], told["value_period"], told["source"]) == ("0.4", str(small.PERIOD), "made up")
    assert "figure of the province" in told["value_status"]


@pytest.mark.parametrize(
    ("amount", "said"), [(0.0, "no, it has not"), (0.5, "half of them have it"), (1.0, "yes, it has")]
)
def test_the_middle_of_yes_and_no_is_no_number(demo_client: FlaskClient, amount: float, said: str) -> None:
    application = application_of(demo_client)
    yes_no = next(one for one in application.catalogue.indicators.values() if one.indicator.type == "yes-no")
    with application.web().test_request_context("/en/"):
        assert str(scored_value(amount, yes_no)) == said


def test_ranks_before_and_now_have_their_intervals(demo_client: FlaskClient) -> None:
    page = "/en/frameworks/livable-city/2025/movement"
    for line in table_of(demo_client.get(page).text, "Moves in the ranking")[:5]:
        for cell in line[1:3]:
            rank, low, high = figures(cell)
            assert low <= rank <= high
    body = demo_client.get(f"{page}?format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    apart = sum(
        int(one["rank_high"]) < int(one["rank_before_low"]) or int(one["rank_before_high"]) < int(one["rank_low"])
        for one in rows
    )
    assert f"for {apart} place" in demo_client.get(page).text
