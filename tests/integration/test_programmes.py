"""Members of programmes on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cityindex.errors import Invalid, NotFound
from cityindex.models import Membership
from cityindex.queries.places.places import find_place
from cityindex.queries.places.programmes import members_by_programme, members_of, memberships_of
from tests.integration.registers import AREAS, CITY, SAO, SUTHEP, Registers


@pytest.fixture
def registers(engine: Engine, tmp_path: Path) -> Registers:
    made = Registers(engine, tmp_path)
    made.add(*AREAS, SUTHEP, CITY, SAO)
    return made


def known(registers: Registers) -> list[tuple[str, date | None, str, date | None]]:
    with registers.sessions() as session:
        return [(m.place, m.joined, m.joined_precision, m.left) for m in members_of(session, "unesco-gnlc")]


def test_members_are_stored_with_dates_as_exactly_as_they_are_known(registers: Registers) -> None:
    report = registers.join(
        {"place": "3500102", "joined": "2020", "note": "city"},
        {"place": "50", "joined": "2565-09-02", "source": "a paper"},
        {"place": "05500107", "joined": ""},
    )
    assert report.counts["new"] == 3
    assert report.notes == ("2565-09-02 was read as 2022-09-02",)
    assert known(registers) == [
        ("3500102", date(2020, 1, 1), "year", None),
        ("50", date(2022, 9, 2), "day", None),
        ("5500107", None, "day", None),
    ]
    with registers.sessions() as session:
        (membership,) = memberships_of(session, find_place(session, "50").place.id)
        assert members_by_programme(session) == {"unesco-gnlc": 3}
    assert (membership.source, membership.programme, membership.place_type) == ("a paper", "unesco-gnlc", "province")


def test_again_nothing_changes_and_more_is_added(registers: Registers) -> None:
    registers.join({"place": "3500102", "joined": "2020"})
    assert registers.join({"place": "3500102", "joined": "2563"}).counts["matched"] == 1
    assert registers.join({"place": "3500102", "joined": "2020-09", "left": "2024"}).counts["changed"] == 1
    assert known(registers) == [("3500102", date(2020, 9, 1), "month", date(2024, 1, 1))]
    assert registers.join({"place": "3500102", "joined": "2020"}).counts["matched"] == 1
    assert registers.join({"place": "3500102", "joined": "2025"}).counts["new"] == 1
    assert len(known(registers)) == 2


def test_a_member_cannot_join_again_before_it_left(registers: Registers) -> None:
    registers.join({"place": "3500102", "joined": "2020"})
    with pytest.raises(Invalid) as error:
        registers.join({"place": "3500102", "joined": "2024"})
    assert [(p.row, p.column, p.value) for p in error.value.problems] == [(2, "joined", "2024")]


def test_every_bad_row_is_listed_and_nothing_changes(registers: Registers) -> None:
    with pytest.raises(Invalid) as error:
        registers.join(
            {"place": "3500102", "joined": "2020"},
            {"place": "3500102", "joined": "2021"},
            {"place": "9999999", "joined": "2020"},
            {"place": "50", "joined": "soon"},
            {"place": "51", "joined": "2020", "left": "2019"},
        )
    assert [(p.row, p.column, p.value) for p in error.value.problems] == [
        (3, "place", "3500102"),
        (4, "place", "9999999"),
        (5, "joined", "soon"),
        (6, "left", "2019"),
    ]
    assert not registers.rows(Membership)


def test_by_other_codes_and_a_dry_run(registers: Registers) -> None:
    row = {"code:nso": "501999", "joined": "2567"}
    assert registers.join(row, dry_run=True).counts["new"] == 1
    assert not registers.rows(Membership)
    registers.join(row)
    assert known(registers) == [("5500107", date(2024, 1, 1), "year", None)]


def test_an_unknown_programme_names_the_known_ones(registers: Registers) -> None:
    with pytest.raises(NotFound, match="unesco-gnlc"):
        registers.join({"place": "50"}, programme="learning")


def test_a_file_without_codes(registers: Registers) -> None:
    with pytest.raises(Invalid, match="place"):
        registers.join({"joined": "2020"})
