"""The reach of a grant in SQL is the one in Python."""

from __future__ import annotations

from itertools import product

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.models import Place
from cityindex.queries.accounts.reach import Reach
from tests.integration import small


def test_lists_hold_what_may_be_opened(engine: Engine) -> None:
    small.fill(engine)
    with Session(engine) as session:
        places = session.scalars(select(Place)).all()
        ids = {place.code: place.id for place in places}
        some = [frozenset[int](), frozenset({ids["M1"], ids["M2"]}), frozenset({ids["10"]})]
        plain = [Reach(*parts) for parts in product((False, True), some, some)]
        for one, but in product(plain, [None, *plain]):
            reach = Reach(one.everywhere, one.places, one.provinces, but)
            listed = session.scalars(select(Place.code).where(reach.condition())).all()
            assert sorted(listed) == sorted(place.code for place in places if reach.covers(place)), reach
