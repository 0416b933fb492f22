"""Handing work over, and what is kept about people, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.formats.invitations import Invitee
from cityindex.models import Account, AuditEvent, Letter
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services.accounts.handover import Successor
from cityindex.services.accounts.personal_data import Forgotten, Keeping, PersonalData
from tests.integration.persons import GOOD, HERE, OPERATOR, World

NEXT = Successor("Next@example.go.th", "มานี")


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def data(world: World) -> PersonalData:
    return PersonalData(world.sessions, Keeping(timedelta(days=730), timedelta(days=90)), world.clock)


def holder(world: World) -> int:
    number = world.add("old", "editor", "M1")
    world.add("old", "approver", "M1", None)
    world.add("old", "editor", "M2", None)
    return number


def test_the_holder_hands_a_place_over_and_keeps_the_rest(world: World) -> None:
    old = holder(world)
    new = world.handover.hand_over(old, world.place("M1"), NEXT, world.inviter(old))
    assert world.roles(old) == [("editor", "M2")]
    assert world.roles(new) == [("editor", "M1"), ("approver", "M1")]
    assert world.record(new).name == "มานี"
    assert sorted(world.waiting()) == sorted([(old, "handed-over"), (new, "successor")])
    assert "/account/welcome/" in world.letter(new)
    assert "next@" not in world.letter(old)
    with Session(world.engine) as session:
        deeds = session.scalars(select(AuditEvent.actor).where(AuditEvent.action == "work handed over")).all()
    assert deeds == [actor_of(old)]
    with pytest.raises(NotFound):
        world.handover.hand_over(old, world.place("M1"), NEXT, world.inviter(old))


def test_a_successor_with_an_account_gets_what_is_lacking(world: World) -> None:
    old, new = holder(world), world.add("next", "editor", "M1")
    assert world.handover.hand_over(old, world.place("M1"), NEXT, OPERATOR) == new
    assert world.roles(new) == [("editor", "M1"), ("approver", "M1")]
    assert (new, "taken-over") in world.waiting()


def test_who_may_not_hand_over(world: World) -> None:
    old = holder(world)
    stranger, neighbour = world.add("stranger", "reviewer"), world.add("north", "province-administrator", "10")
    own = world.add("south", "province-administrator", "50")
    for who in (stranger, neighbour):
        with pytest.raises(NotFound):
            world.handover.hand_over(old, world.place("M1"), NEXT, world.inviter(who))
    for successor, error in ((Successor("OLD@example.go.th"), Conflict), (Successor("nobody"), Invalid)):
        with pytest.raises(error):
            world.handover.hand_over(old, world.place("M1"), successor, world.inviter(old))
    assert len(world.roles(old)) == 3
    world.handover.hand_over(old, world.place("M1"), NEXT, world.inviter(own))
    assert len(world.roles(old)) == 1


def test_a_person_sees_everything_but_the_secrets(world: World, data: PersonalData) -> None:
    old = holder(world)
    secret = world.second_factor.begin(old, "x").secret
    world.handover.hand_over(old, world.place("M1"), NEXT, world.inviter(old))
    found = data.export(old)
    text = json.dumps(found, ensure_ascii=False)
    assert found["known_as"] == actor_of(old)
    assert found["tables"]["account"][0]["email"] == "old@example.go.th"
    roles = [one["role"] for one in found["tables"]["role_grant"]]  # held by the person, or given
    assert roles == ["editor", "approver", "editor", "editor", "approver"]
    assert {"letter", "second_factor", "audit_event"} <= set(found["tables"])
    assert secret not in text
    assert "argon2" not in text
    assert "next@example.go.th" not in text
    with pytest.raises(NotFound):
        data.export(999)


def test_erasing_leaves_the_deeds_and_nothing_of_the_person(world: World, data: PersonalData) -> None:
    world.add("boss", "administrator")
    old = holder(world)
    world.accounts.forgotten("old@example.go.th", HERE)
    data.erase(old)
    with pytest.raises(Forbidden):
        world.accounts.sign_in("old@example.go.th", GOOD, HERE)
    record = world.record(old)
    assert (record.email, record.name, record.grants, record.has_password) == ("", "", (), False)
    assert record.closed_at is not None
    with world.engine.connect() as connection:
        from cityindex.models import Base

        rows = [str(row) for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    assert not [row for row in rows if "old@example" in row]
    with Session(world.engine) as session:
        assert session.scalars(select(AuditEvent.subject).where(AuditEvent.action == "person erased")).all() == [
            actor_of(old)
        ]
    with pytest.raises(NotFound):
        data.erase(old)
    assert holder(world) != old  # the address is free


def test_the_last_administrator_stays(world: World, data: PersonalData) -> None:
    first = world.add("boss", "administrator")
    with pytest.raises(Conflict):
        data.erase(first)
    second = world.add("other", "administrator")
    data.erase(first)
    with pytest.raises(Conflict):
        data.erase(second)


def test_what_is_kept_ends_by_itself(world: World, data: PersonalData) -> None:
    world.add("boss", "administrator")
    old = holder(world)
    world.handover.hand_over(old, world.place("M1"), NEXT, OPERATOR)
    with Session(world.engine) as session:
        for letter in session.scalars(select(Letter).where(Letter.account_id == old)):
            letter.next_try_at = None
        session.commit()
    world.accounts.close("old@example.go.th", "test")
    world.handover.hand_over(world.add("more", "editor", "M0"), world.place("M0"), NEXT, OPERATOR)
    with Session(world.engine) as session:
        waiting = session.scalars(select(Letter).order_by(Letter.id)).all()
        waiting[0].next_try_at = None
        session.commit()
    world.clock.at += timedelta(days=89)
    assert data.forget_due() == Forgotten(0, 0)
    world.clock.at += timedelta(days=2)
    assert data.forget_due() == Forgotten(0, 1)
    world.clock.at += timedelta(days=700)
    assert data.forget_due() == Forgotten(1, 0)
    assert data.forget_due() == Forgotten(0, 0)
    with Session(world.engine) as session:
        assert session.get_one(Account, old).email == ""


def test_a_successor_whose_link_another_held_chooses_a_password_anew(world: World) -> None:
    elsewhere = world.inviter(world.add("elsewhere", "province-administrator", "50"))
    (number,) = world.invitations.invite([Invitee(2, "next@example.go.th", "", "editor", "M1")], elsewhere).accounts
    (link,) = world.invitations.links([number], elsewhere)
    world.accounts.choose_password(link.token, GOOD)
    old = world.add("holder", "approver", "M0")
    found = world.handover.hand_over(old, world.place("M0"), Successor("next@example.go.th", ""), world.inviter(old))
    assert found == number
    with pytest.raises(Forbidden):
        world.accounts.sign_in("next@example.go.th", GOOD, "x")
    assert (number, "successor") in world.waiting()
