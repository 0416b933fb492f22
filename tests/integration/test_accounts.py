"""Accounts on both databases: adding, signing in, links, closing, and how slow guessing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.models import Account, AuditEvent, Base, Place, SignInAttempt
from cityindex.queries.accounts import accounts as queries
from cityindex.services.accounts.accounts import Accounts, NewAccount, WeakPassword
from cityindex.services.accounts.attempts import FOR_ONE_ACCOUNT, FROM_ONE_ADDRESS, WINDOW, TooMany
from cityindex.services.demo.removal import remove_demo
from tests.integration.small import place

GOOD, OTHER = "correct horse battery", "ม้าเขียวกินทุเรียน"
EMAIL, HERE = "boss@example.go.th", "192.0.2.1"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(engine: Engine, clock: Clock) -> Accounts:
    return Accounts(sessionmaker(engine, expire_on_commit=False), "secret", clock)


def boss(accounts: Accounts, role: str = "administrator") -> int:
    return accounts.add(NewAccount(EMAIL, role, password=GOOD), "test").account


def record(engine: Engine, number: int) -> queries.AccountRecord:
    with Session(engine) as session:
        found = queries.account(session, number)
        assert found is not None
        return found


def count(engine: Engine, table: type[Base]) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_from_a_link_to_a_session(engine: Engine, accounts: Accounts) -> None:
    added = accounts.add(NewAccount(" Boss@Example.go.TH ", "administrator", name="สมศรี"), "command line")
    assert added.email == EMAIL
    assert added.fresh
    assert added.link is not None
    assert accounts.invited(added.link.token) == EMAIL
    accounts.choose_password(added.link.token, GOOD)
    who = accounts.sign_in("BOSS@example.go.th", GOOD, HERE)
    assert who.account == added.account
    assert who.epoch == record(engine, added.account).epoch
    assert [grant.role for grant in record(engine, who.account).grants] == ["administrator"]
    with Session(engine) as session:
        deeds = session.execute(select(AuditEvent.actor, AuditEvent.action).order_by(AuditEvent.id)).all()
    mine = queries.actor_of(who.account)
    assert [tuple(one) for one in deeds] == [
        ("command line", "account added"),
        ("command line", "role granted"),
        (mine, "password chosen"),
    ]


def test_neither_password_nor_link_can_be_read_from_the_database(engine: Engine, accounts: Accounts) -> None:
    added = accounts.add(NewAccount(EMAIL, "methodologist"), "test")
    assert added.link is not None
    accounts.add(NewAccount("two@example.go.th", "methodologist", password=GOOD), "test")
    accounts.sign_in("two@example.go.th", GOOD, HERE)
    with engine.connect() as connection:
        rows = [str(row) for name in Base.metadata.tables for row in connection.execute(text(f"SELECT * FROM {name}"))]
    everything = "\n".join(rows)
    assert "$argon2id$" in everything
    for secret in (added.link.token, GOOD, HERE):
        assert secret not in everything


def test_a_link_works_once(accounts: Accounts) -> None:
    link = accounts.add(NewAccount(EMAIL, "methodologist"), "test").link
    assert link is not None
    with pytest.raises(WeakPassword):
        accounts.choose_password(link.token, "password1234")
    accounts.choose_password(link.token, GOOD)
    for call in (accounts.invited, lambda token: accounts.choose_password(token, OTHER)):
        with pytest.raises(NotFound):
            call(link.token)


def test_a_link_ends_after_seven_days(accounts: Accounts, clock: Clock) -> None:
    link = accounts.add(NewAccount(EMAIL, "methodologist"), "test").link
    assert link is not None
    clock.at += timedelta(days=7)
    accounts.invited(link.token)
    clock.at += timedelta(seconds=1)
    with pytest.raises(NotFound):
        accounts.choose_password(link.token, GOOD)


def test_a_second_role_needs_no_second_account(engine: Engine, accounts: Accounts) -> None:
    number = boss(accounts, "methodologist")
    added = accounts.add(NewAccount(EMAIL, "reviewer"), "test")
    assert (added.account, added.fresh, added.link) == (number, False, None)
    assert [grant.role for grant in record(engine, number).grants] == ["methodologist", "reviewer"]
    with pytest.raises(Conflict, match="reviewer already"):
        accounts.add(NewAccount(EMAIL, "reviewer"), "test")
    with pytest.raises(Conflict, match="has a password"):
        accounts.add(NewAccount(EMAIL, "administrator", password=OTHER), "test")
    assert len(record(engine, number).grants) == 2


@pytest.mark.parametrize(
    "new",
    [
        NewAccount("no address", "administrator"),
        NewAccount("x" * 190 + "@example.go.th", "administrator"),
        NewAccount(EMAIL, "king"),
        NewAccount(EMAIL, "editor"),
        NewAccount(EMAIL, "administrator", place="M1"),
        NewAccount(EMAIL, "administrator", password="password1234"),
    ],
)
def test_what_cannot_be_an_account(engine: Engine, accounts: Accounts, new: NewAccount) -> None:
    with pytest.raises(Invalid):
        accounts.add(new, "test")
    assert count(engine, Account) == count(engine, AuditEvent) == 0


def test_a_role_of_a_place(engine: Engine, accounts: Accounts) -> None:
    with Session(engine) as session:
        session.add_all([place("M1", "town-municipality", demo=True), place("M2", "town-municipality")])
        session.commit()
    number = accounts.add(NewAccount(EMAIL, "editor", "M1"), "test").account
    accounts.add(NewAccount(EMAIL, "editor", "M2"), "test")
    with pytest.raises(Conflict):
        accounts.add(NewAccount(EMAIL, "editor", "M2"), "test")
    with pytest.raises(NotFound, match="no place M3"):
        accounts.add(NewAccount("x@example.go.th", "editor", "M3"), "test")
    assert [(grant.role, grant.place) for grant in record(engine, number).grants] == [
        ("editor", "M1"),
        ("editor", "M2"),
    ]
    remove_demo(accounts.sessions, "test")
    assert [grant.place for grant in record(engine, number).grants] == ["M2"]
    with Session(engine) as session:
        assert session.scalars(select(Place.code)).all() == ["M2"]


def test_unknown_address_and_wrong_password_are_answered_alike(accounts: Accounts) -> None:
    boss(accounts)
    accounts.add(NewAccount("new@example.go.th", "methodologist"), "test")  # no password yet
    said = set()
    for email, password in ((EMAIL, "wrong"), ("nobody@example.go.th", GOOD), ("new@example.go.th", ""), ("a\0b", "x")):
        with pytest.raises(Forbidden) as refused:
            accounts.sign_in(email, password, HERE)
        said.add(str(refused.value))
    assert len(said) == 1


def test_guessing_at_one_account_is_slow_and_the_others_go_on(accounts: Accounts, clock: Clock) -> None:
    boss(accounts)
    for _ in range(FOR_ONE_ACCOUNT):
        with pytest.raises(Forbidden):
            accounts.sign_in(EMAIL, "wrong", HERE)
    with pytest.raises(TooMany):
        accounts.sign_in(EMAIL, GOOD, HERE)
    # Nobody can keep a person out who signs in from elsewhere.
    accounts.sign_in(EMAIL, GOOD, "192.0.2.2")
    clock.at += WINDOW + timedelta(seconds=1)
    accounts.sign_in(EMAIL, GOOD, HERE)


def test_guessing_from_one_address_is_slow_for_unknown_accounts_too(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cityindex.services.accounts.passwords.verified", lambda known, password: False)
    for number in range(FROM_ONE_ADDRESS):
        with pytest.raises(Forbidden):
            accounts.sign_in(f"{number}@example.go.th", "wrong", HERE)
    with pytest.raises(TooMany):
        accounts.sign_in("another@example.go.th", "wrong", HERE)


def test_success_forgets_failures_and_counts_nothing(engine: Engine, accounts: Accounts) -> None:
    boss(accounts)
    with pytest.raises(Forbidden):
        accounts.sign_in(EMAIL, "wrong", HERE)
    assert count(engine, SignInAttempt) == 2
    accounts.sign_in(EMAIL, GOOD, HERE)
    assert count(engine, SignInAttempt) == 1  # of the address: others may sit behind it


def test_old_attempts_are_not_kept(engine: Engine, accounts: Accounts, clock: Clock) -> None:
    for _ in range(2):
        with pytest.raises(Forbidden):
            accounts.sign_in("nobody@example.go.th", "wrong", HERE)
        clock.at += WINDOW + timedelta(seconds=1)
    assert count(engine, SignInAttempt) == 2


def test_changing_the_password_ends_other_sessions(engine: Engine, accounts: Accounts) -> None:
    number = boss(accounts)
    before = accounts.sign_in(EMAIL, GOOD, HERE)
    with pytest.raises(Forbidden):
        accounts.change_password(number, "wrong", OTHER, HERE)
    with pytest.raises(WeakPassword):
        accounts.change_password(number, GOOD, "boss@example.go.th", HERE)
    after = accounts.change_password(number, GOOD, OTHER, HERE)
    assert after.epoch == record(engine, number).epoch > before.epoch
    assert accounts.sign_in(EMAIL, OTHER, HERE) == after
    accounts.sign_out_everywhere(number)
    assert record(engine, number).epoch > after.epoch


def test_reset_forgets_the_password_and_every_session(engine: Engine, accounts: Accounts) -> None:
    number = boss(accounts)
    before = record(engine, number).epoch
    link = accounts.reset(EMAIL, "test")
    assert record(engine, number).epoch > before
    with pytest.raises(Forbidden):
        accounts.sign_in(EMAIL, GOOD, HERE)
    accounts.choose_password(link.token, OTHER)
    accounts.sign_in(EMAIL, OTHER, HERE)


def test_a_closed_account_keeps_its_deeds_and_frees_its_address(engine: Engine, accounts: Accounts) -> None:
    first = boss(accounts)
    link = accounts.reset(EMAIL, "test")
    accounts.close(EMAIL, "test")
    with pytest.raises(Forbidden):
        accounts.sign_in(EMAIL, GOOD, HERE)
    for call in (
        lambda: accounts.reset(EMAIL, "x"),
        lambda: accounts.close(EMAIL, "x"),
        lambda: accounts.invited(link.token),
    ):
        with pytest.raises(NotFound):
            call()
    assert record(engine, first).grants == ()
    second = boss(accounts, "methodologist")
    assert second != first
    with Session(engine) as session:
        assert [(one.id, one.closed_at is None) for one in queries.accounts(session)] == [
            (first, False),
            (second, True),
        ]
        names = queries.actor_names(session, [queries.actor_of(first), "command line", "account x"])
    assert names == {queries.actor_of(first): EMAIL}


def test_a_hash_of_other_days_is_renewed_at_sign_in(engine: Engine, accounts: Accounts) -> None:
    from argon2 import PasswordHasher

    number = boss(accounts)
    with Session(engine) as session:
        session.get_one(Account, number).password_hash = PasswordHasher(1, 1024, 1).hash(GOOD)
        session.commit()
    accounts.sign_in(EMAIL, GOOD, HERE)
    with Session(engine) as session:
        assert "m=47104" in (session.get_one(Account, number).password_hash or "")
