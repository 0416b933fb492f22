"""Accounts: who may sign in, by which password, in which roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden, Invalid
from cityindex.models import Account, RecoveryCode, SecondFactor, now
from cityindex.queries.accounts.accounts import actor_of, has_second_factor
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.services import letters
from cityindex.services.accounts import passwords
from cityindex.services.accounts.attempts import WINDOW, Attempts
from cityindex.services.accounts.links import Link, fresh_link, holder, spend
from cityindex.services.accounts.passwords import Weakness
from cityindex.services.accounts.people import (
    Deed,
    add_account,
    close_account,
    fold,
    give_role,
    is_email,
    misfit,
    misplaced,
    open_account,
    required_account,
    tell,
)
from cityindex.services.accounts.roles import ROLES

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who is to be added; `place` is a code. Without a password the person chooses one by a link."""

    email: str
    role: str
    place: str | None = None
    name: str = ""
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """`link` is None where the person has a password already. `fresh`: there was no account before."""

    account: int
    email: str
    fresh: bool
    link: Link | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`asks_code`: a second factor is set, and the session begins when its code is given."""

    account: int
    epoch: int
    asks_code: bool = False


class WeakPassword(Invalid):
    """A password that is not good enough."""

    def __init__(self, why: Weakness) -> None:
        super().__init__(f"the password is not good enough ({why}): take {passwords.SHORTEST} characters or more")
        self.why = why


class Accounts:
    """Use cases around signing in. A closed account and one that never was look alike from outside."""

    def __init__(self, sessions: sessionmaker[Session], secret: str, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.attempts = Attempts(secret)
        self.clock = clock

    def add(self, new: NewAccount, by: str) -> Added:
        """Give a person a role, and an account where there is none yet.

        `Invalid` for an address, role or password that cannot be, `NotFound` for an unknown place, `Conflict` where
        the person holds the role already or has a password.
        """
        email = fold(new.email)
        if not is_email(email):
            raise Invalid(f"«{new.email}» is not an e-mail address")
        deed = Deed(by, self.clock())
        with self.sessions() as session:
            account = open_account(writing(session), email)
            place = _fitting_place(session, new)
            fresh = account is None
            account = account or add_account(session, email, new.name, deed)
            give_role(session, deed, account, new.role, place.id if place else None)
            link = self._let_in(account, new.password)
            session.commit()
            return Added(account.id, email, fresh, link)

    def reset(self, email: str, by: str) -> Link:
        """Forget the password, sign the person out everywhere, and let a new one be chosen. `NotFound`."""
        with self.sessions() as session:
            account = required_account(writing(session), email)
            account.password_hash, account.epoch = None, account.epoch + 1
            for table in (SecondFactor, RecoveryCode):
                session.execute(delete(table).where(table.account_id == account.id))
            link = fresh_link(account, self.clock())
            tell(session, Deed(by, self.clock()), "password reset", account)
            session.commit()
            return link

    def forgotten(self, email: str, address: str) -> None:
        """Write a letter with a link to whom an address belongs; do not say whether there is somebody. `TooMany`.

        The password there is stays good until another is chosen.
        """
        folded, at = fold(email), self.clock()
        with self.sessions() as session:
            self.attempts.note(writing(session), address, "link for " + folded, at)
            account = open_account(session, folded)
            if account is not None and not letters.written_since(session, account.id, "reset", at - WINDOW):
                letters.write(session, account.id, "reset", at)
            session.commit()

    def close(self, email: str, by: str) -> None:
        """End the account and its roles; what was done under it stays. The address is free again. `NotFound`."""
        with self.sessions() as session:
            account = required_account(writing(session), email)
            close_account(session, Deed(by, self.clock()), account)
            session.commit()

    def sign_in(self, email: str, password: str, address: str) -> SignedIn:
        """Check a password that was typed at a network address. `Forbidden` (one answer to all failures), `TooMany`."""
        # The password is checked between two transactions: no lock is held for the time that Argon2 takes.
        folded = fold(email)
        with self.sessions() as session:
            noted = self.attempts.note(writing(session), address, folded, self.clock())
            account = open_account(session, folded)
            known = account.password_hash if account else None
            session.commit()
        if not passwords.verified(known, password) or account is None or known is None:
            raise Forbidden("the e-mail address or the password is wrong")
        with self.sessions() as session:
            self.attempts.forgive(writing(session), noted, address, folded)
            if passwords.outdated(known):
                session.get_one(Account, account.id).password_hash = passwords.hashed(password)
            asks_code = has_second_factor(session, account.id)
            session.commit()
        return SignedIn(account.id, account.epoch, asks_code)

    def invited(self, token: str) -> str:
        """The e-mail address of whom a link lets choose a password. `NotFound` for one that is used or too old."""
        with self.sessions() as session:
            return holder(session, token, self.clock()).email

    def choose_password(self, token: str, password: str) -> None:
        """Set the password by a link, which is spent by it. `WeakPassword`, `NotFound`."""
        with self.sessions() as session:
            account = holder(writing(session), token, self.clock())
            self._set_password(account, password)
            tell(session, Deed(actor_of(account.id), self.clock()), "password chosen", account)
            session.commit()

    def change_password(self, account_id: int, old: str, new: str, address: str) -> SignedIn:
        """Change the password of who knows the old one, and sign him out everywhere else.

        `Forbidden` for a wrong old password, `WeakPassword`, `TooMany`.
        """
        with self.sessions() as session:
            email = session.get_one(Account, account_id).email
        self.sign_in(email, old, address)
        with self.sessions() as session:
            account = writing(session).get_one(Account, account_id)
            self._set_password(account, new)
            tell(session, Deed(actor_of(account.id), self.clock()), "password changed", account)
            session.commit()
            return SignedIn(account.id, account.epoch)

    def sign_out_everywhere(self, account_id: int) -> None:
        """End every session of the account."""
        with self.sessions() as session:
            account = writing(session).get_one(Account, account_id)
            account.epoch += 1
            session.commit()

    def _let_in(self, account: Account, password: str | None) -> Link | None:
        """By the password given, else by a link, else by the password there is."""
        if password is not None:
            if account.password_hash is not None:
                raise Conflict(f"{account.email} has a password: `cityindex user reset` lets a new one be chosen")
            self._set_password(account, password)
            return None
        return None if account.password_hash else fresh_link(account, self.clock())

    @staticmethod
    def _set_password(account: Account, password: str) -> None:
        why = passwords.weakness(password, (account.email, account.name))
        if why is not None:
            raise WeakPassword(why)
        account.password_hash = passwords.hashed(password)
        spend(account)
        account.epoch += 1


def _fitting_place(session: Session, new: NewAccount) -> PlaceRecord | None:
    """The place that a role is to be held for. Raises `Invalid` where it cannot be, `NotFound`."""
    wrong = misfit(new.role, bool(new.place))
    place = find_place(session, new.place).place if new.place and not wrong else None
    wrong = wrong or (misplaced(new.role, place.place_type) if place else None)
    if wrong:
        raise Invalid(f"{new.role}: {wrong[0]} ({wrong[1]}); roles: {', '.join(ROLES)}")
    return place
