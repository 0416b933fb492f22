"""The places most like one, on both databases: nearest first, with reasons, as the reader chose, never outdated."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import AuditEvent
from cityindex.queries.places.similar import Choice, Similar, similar_places
from tests.integration import small

REGIONS = {"10": "centre", "50": "north"}


def near(engine: Engine, code: str, k: int = 3, choice: Choice = Choice()) -> tuple[Similar, ...]:  # noqa: B008 (frozen)
    with Session(engine) as session:
        return similar_places(session, code, REGIONS, k, choice).found


@pytest.fixture
def towns(engine: Engine) -> Engine:
    """M0 to M7: type by threes, region in turn, 3,000 people and 4,000 more each."""
    small.fill(engine)
    return engine


def test_the_most_similar_come_first_with_the_reasons(towns: Engine) -> None:
    found = near(towns, "M2")
    assert found[0].place.code == "M4", "of the same type and region, next in people"
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    by_trait = {one.trait: one for one in found[0].likenesses}
    assert (by_trait["population"].mine, by_trait["population"].other) == (11_000, 19_000)
    assert (by_trait["population"].mine_year, by_trait["region"].other) == (small.PERIOD, "centre")
    assert by_trait["place_type"].mine == by_trait["place_type"].other == "subdistrict-municipality"
    assert not by_trait["density"].known, "no area is known of anybody"
    assert found[0].compared == 3


def test_the_reader_pins_and_leaves_out(towns: Engine) -> None:
    plain = [one.place.code for one in near(towns, "M2")]
    left = near(towns, "M2", choice=Choice(left_out=[plain[0]]))
    assert [one.place.code for one in left[:2]] == plain[1:]
    pinned = near(towns, "M2", choice=Choice(pinned=["M7", "M7", "M2", "nobody"]))
    assert [one.place.code for one in pinned] == ["M7", *plain[:2]]
    assert [one.pinned for one in pinned] == [True, False, False]
    assert [one.place.code for one in near(towns, "M2", choice=Choice(among=["M5", "50", "M2"]))] == ["M5"]


def test_provinces_are_like_provinces_and_real_places_like_real_ones(towns: Engine) -> None:
    with Session(towns) as session:
        session.add(small.place("D1", "subdistrict-municipality", demo=True))
        session.commit()
        assert [one.place.code for one in similar_places(session, "10", REGIONS, 9).found] == ["50"]
        assert similar_places(session, "D1", REGIONS).found == ()
        found = similar_places(session, "M0", REGIONS, 99)
        assert (len(found.found), found.pool, found.missing) == (7, 7, ("density", "revenue"))
        with pytest.raises(NotFound, match="no place M99"):
            similar_places(session, "M99", REGIONS)


def test_new_figures_are_seen(towns: Engine) -> None:
    before = near(towns, "M2", 1)[0]
    with Session(towns) as session:
        small.record(session, {("M2", "population"): 35_000.0, ("M2", "total_revenue"): 70.0})
        session.add(AuditEvent(actor="test", action="record-observations", subject="file"))
        session.commit()
        again = similar_places(session, "M2", REGIONS, 9)
    population, revenue = (
        {one.trait: one for one in again.found[0].likenesses}[name] for name in ("population", "revenue")
    )
    assert population.mine == 35_000
    assert (revenue.mine, revenue.other) == (2000.0, None), "70 million baht over 35,000 people"
    assert again.found[0].distance > before.distance
