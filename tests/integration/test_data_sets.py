"""What there is to be catalogued, on both databases."""

from __future__ import annotations

from datetime import date

from shapely import box
from shapely.geometry import MultiPolygon
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.models import Boundary, BoundarySet, Membership, Place
from cityindex.queries.exchange.data_sets import boundary_facts, member_facts, observation_facts, register_facts
from tests.integration import small

SQUARE = f"SRID=4326;{MultiPolygon([box(100, 13, 101, 14)]).wkt}"


def test_of_nothing_there_is_nothing(engine: Engine) -> None:
    with Session(engine) as session:
        assert register_facts(session).types == {}
        assert observation_facts(session) is None
        assert list(boundary_facts(session)) == []
        assert member_facts(session) == {}


def test_observations_and_places_are_counted_with_their_kinds(engine: Engine) -> None:
    small.fill(engine, period=2021)
    small.fill(engine, period=2023, demo=True)
    with Session(engine) as session:
        held, register = observation_facts(session), register_facts(session)
        assert held is not None
        assert held.years == (2021, 2023)
        assert held.indicators == tuple(sorted(small.INDICATORS))
        assert set(held.types) == {"province", *small.DEFINITION["places"]} & set(register.types)  # type: ignore[misc]
        assert "province" in held.types
        assert held.demo
        assert held.first <= held.last
        assert sum(register.types.values()) == len(session.scalars(select(Place.id)).all())
        assert register.invented == 0


def test_boundaries_in_force_and_members_of_today(engine: Engine) -> None:
    small.fill(engine)
    with Session(engine) as session:
        ids = {code: number for code, number in session.execute(select(Place.code, Place.id))}
        for number, ended in ((1, date(2020, 1, 1)), (2, None)):
            one = BoundarySet(level="province", source=f"set {number}", fingerprint=str(number) * 64, valid_to=ended)
            session.add(one)
            session.flush()
            session.add_all(
                [Boundary(set_id=one.id, place_id=ids[code], geom=SQUARE) for code in ("10", "50")[:number]]
            )
        for code, source, left in (("M0", "a", None), ("50", "b", None), ("M1", "c", date(2020, 1, 1))):
            session.add(Membership(programme="club", place_id=ids[code], source=source, left=left, demo=code == "50"))
        session.commit()
        found = boundary_facts(session)
        assert [(one.version.source, one.places) for one in found] == [("set 2", 2)]
        club = member_facts(session)["club"]
        assert (club.members, club.sources, club.demo) == (2, ("a", "b"), True)
        assert "province" in club.types
