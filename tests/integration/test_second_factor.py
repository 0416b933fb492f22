"""The second factor on both databases: set, asked for, spent, lost, taken away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.errors import Conflict, Forbidden
from cityindex.models import RecoveryCode, SecondFactor
from cityindex.services.accounts.attempts import FOR_ONE_ACCOUNT, WINDOW, TooMany
from cityindex.services.accounts.second_factor import RECOVERY_CODES
from cityindex.services.accounts.totp import code_at, step_at
from tests.integration.persons import GOOD, HERE, World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def code(world: World, secret: str) -> str:
    return code_at(secret, step_at(world.clock.at.timestamp()))


def enrol(world: World, number: int) -> tuple[str, tuple[str, ...]]:
    secret = world.second_factor.begin(number, "City Index").secret
    return secret, world.second_factor.confirm(number, code(world, secret))


def test_it_is_asked_for_from_the_first_code_on(world: World) -> None:
    number = world.add("boss", "administrator")
    first = world.second_factor.begin(number, "City Index")
    assert world.second_factor.begin(number, "City Index") == first  # a reloaded page shows the same picture
    assert not world.accounts.sign_in("boss@example.go.th", GOOD, HERE).asks_code
    with pytest.raises(Forbidden):
        world.second_factor.confirm(number, "000000")
    codes = world.second_factor.confirm(number, code(world, first.secret))
    assert len(set(codes)) == RECOVERY_CODES
    assert world.accounts.sign_in("boss@example.go.th", GOOD, HERE).asks_code
    with pytest.raises(Conflict):
        world.second_factor.begin(number, "City Index")


def test_a_code_works_once(world: World) -> None:
    number = world.add("boss", "administrator")
    secret, _ = enrol(world, number)
    with pytest.raises(Forbidden):  # the code that set it is spent, too
        world.second_factor.verify(number, code(world, secret))
    world.clock.at += timedelta(seconds=30)
    world.second_factor.verify(number, f" {code(world, secret)[:3]} {code(world, secret)[3:]}")
    with pytest.raises(Forbidden):
        world.second_factor.verify(number, code(world, secret))


def test_a_recovery_code_works_once_however_it_is_typed(world: World) -> None:
    number = world.add("boss", "administrator")
    _, codes = enrol(world, number)
    world.second_factor.verify(number, codes[0].upper().replace("-", " "))
    with pytest.raises(Forbidden):
        world.second_factor.verify(number, codes[0])
    world.second_factor.verify(number, codes[1])
    with Session(world.engine) as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == RECOVERY_CODES - 2
    assert not set(kept) & {one.replace("-", "") for one in codes}


def test_the_codes_of_one_are_nothing_to_another(world: World) -> None:
    first, second = world.add("first", "methodologist"), world.add("second", "methodologist")
    _, codes = enrol(world, first)
    enrol(world, second)
    with pytest.raises(Forbidden):
        world.second_factor.verify(second, codes[0])


def test_guessing_is_slow_from_wherever_it_comes(world: World) -> None:
    number = world.add("boss", "administrator")
    secret, _ = enrol(world, number)
    world.clock.at += timedelta(seconds=30)
    for _ in range(FOR_ONE_ACCOUNT):
        with pytest.raises(Forbidden):
            world.second_factor.verify(number, "000000")
    with pytest.raises(TooMany):
        world.second_factor.verify(number, code(world, secret))
    world.clock.at += WINDOW + timedelta(seconds=1)
    world.second_factor.verify(number, code(world, secret))


def test_it_is_taken_away_by_a_code_or_by_an_operator(world: World) -> None:
    number = world.add("boss", "administrator")
    _, codes = enrol(world, number)
    with pytest.raises(Forbidden):
        world.second_factor.remove(number, "000000")
    world.second_factor.remove(number, codes[0])
    assert not world.accounts.sign_in("boss@example.go.th", GOOD, HERE).asks_code
    world.clock.at += timedelta(minutes=2)
    enrol(world, number)
    world.accounts.reset("boss@example.go.th", "test")
    with Session(world.engine) as session:
        assert not session.scalars(select(SecondFactor.account_id)).all()
        assert not session.scalars(select(RecoveryCode.id)).all()
