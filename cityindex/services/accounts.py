"""Accounts: who may sign in, by which password, in which roles."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from marshmallow import ValidationError, validate
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.models import Account, AuditEvent, RoleGrant, now
from cityindex.queries.accounts import actor_of
from cityindex.queries.places import PlaceRecord, find_place
from cityindex.services import passwords
from cityindex.services.attempts import Attempts
from cityindex.services.passwords import Weakness
from cityindex.services.roles import ROLES, Scope

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

LINK_LASTS = timedelta(days=7)
_is_email = validate.And(validate.Email(), validate.Length(max=200))


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who is to be added; `place` is a code. Without a password the person chooses one by a link."""

    email: str
    role: str
    place: str | None = None
    name: str = ""
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The secret of a one-time link. Only its hash is kept."""

    token: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Added:
    """`link` is None where the person has a password already. `fresh`: there was no account before."""

    account: int
    email: str
    fresh: bool
    link: Link | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    account: int
    epoch: int


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
        email = _checked(new)
        with self.sessions() as session:
            account = _open_account(writing(session), email)
            place = find_place(session, new.place).place if new.place else None
            _require_fit(new.role, place)
            fresh = account is None
            if account is None:
                account = Account(email=email, name=new.name.strip(), created_at=self.clock())
                session.add(account)
                session.flush()
                self._tell(session, by, "account added", account)
            self._grant(session, account, RoleGrant(role=new.role, place_id=place and place.id, granted_by=by))
            link = self._let_in(account, new.password)
            session.commit()
            return Added(account.id, email, fresh, link)

    def reset(self, email: str, by: str) -> Link:
        """Forget the password, sign the person out everywhere, and let a new one be chosen. `NotFound`."""
        with self.sessions() as session:
            account = _required(writing(session), email)
            account.password_hash, account.epoch = None, account.epoch + 1
            link = self._link(account)
            self._tell(session, by, "password reset", account)
            session.commit()
            return link

    def close(self, email: str, by: str) -> None:
        """End the account and its roles; what was done under it stays. The address is free again. `NotFound`."""
        with self.sessions() as session:
            account = _required(writing(session), email)
            account.closed_at = self.clock()
            account.password_hash = account.link_hash = account.link_expires_at = None
            in_force = update(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.ended_at.is_(None))
            session.execute(in_force.values(ended_at=self.clock()))
            self._tell(session, by, "account closed", account)
            session.commit()

    def sign_in(self, email: str, password: str, address: str) -> SignedIn:
        """Check a password that was typed at a network address. `Forbidden` (one answer to all failures), `TooMany`."""
        # The password is checked between two transactions: no lock is held for the time that Argon2 takes.
        folded = fold(email)
        with self.sessions() as session:
            noted = self.attempts.note(writing(session), address, folded, self.clock())
            account = _open_account(session, folded)
            known = account.password_hash if account else None
            session.commit()
        if not passwords.verified(known, password) or account is None or known is None:
            raise Forbidden("the e-mail address or the password is wrong")
        with self.sessions() as session:
            self.attempts.forgive(writing(session), noted, address, folded)
            if passwords.outdated(known):
                session.get_one(Account, account.id).password_hash = passwords.hashed(password)
            session.commit()
        return SignedIn(account.id, account.epoch)

    def invited(self, token: str) -> str:
        """The e-mail address of whom a link lets choose a password. `NotFound` for one that is used or too old."""
        with self.sessions() as session:
            return self._holder(session, token).email

    def choose_password(self, token: str, password: str) -> None:
        """Set the password by a link, which is spent by it. `WeakPassword`, `NotFound`."""
        with self.sessions() as session:
            account = self._holder(writing(session), token)
            self._set_password(account, password)
            self._tell(session, actor_of(account.id), "password chosen", account)
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
            self._tell(session, actor_of(account.id), "password changed", account)
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
        return None if account.password_hash else self._link(account)

    def _link(self, account: Account) -> Link:
        link = Link(secrets.token_urlsafe(32), self.clock() + LINK_LASTS)
        account.link_hash, account.link_expires_at = _digest(link.token), link.expires
        return link

    def _holder(self, session: Session, token: str) -> Account:
        account = session.scalar(select(Account).where(Account.link_hash == _digest(token)))
        if account is None or account.link_expires_at is None or account.link_expires_at < self.clock():
            raise NotFound("this link was used already, or it is too old")
        return account

    @staticmethod
    def _set_password(account: Account, password: str) -> None:
        why = passwords.weakness(password, (account.email, account.name))
        if why is not None:
            raise WeakPassword(why)
        account.password_hash = passwords.hashed(password)
        account.link_hash = account.link_expires_at = None
        account.epoch += 1

    def _grant(self, session: Session, account: Account, grant: RoleGrant) -> None:
        same = select(RoleGrant.id).where(
            RoleGrant.account_id == account.id, RoleGrant.role == grant.role, RoleGrant.ended_at.is_(None)
        )
        if session.scalar(same.where(RoleGrant.place_id.is_not_distinct_from(grant.place_id))) is not None:
            raise Conflict(f"{account.email} is {grant.role} already")
        grant.account_id, grant.granted_at = account.id, self.clock()
        session.add(grant)
        place = f" of place {grant.place_id}" if grant.place_id else ""
        self._tell(session, grant.granted_by, "role granted", account, grant.role + place)

    def _tell(self, session: Session, by: str, action: str, account: Account, detail: str | None = None) -> None:
        event = AuditEvent(at=self.clock(), actor=by, action=action, subject=actor_of(account.id), detail=detail)
        session.add(event)


def fold(email: str) -> str:
    """An e-mail address as it is kept and looked for."""
    return unicodedata.normalize("NFKC", email).replace("\0", "").strip().casefold()


def _checked(new: NewAccount) -> str:
    """The folded address of a new account. Raises `Invalid`."""
    email, role = fold(new.email), ROLES.get(new.role)
    try:
        _is_email(email)
    except ValidationError:
        raise Invalid(f"«{new.email}» is not an e-mail address") from None
    if role is None:
        raise Invalid(f"there is no role {new.role}: it is one of {', '.join(ROLES)}")
    if role.of_place and not new.place:
        raise Invalid(f"the role {new.role} is held for a place: name it with --place CODE")
    if new.place and not role.local:
        raise Invalid(f"the role {new.role} is held for the whole site: leave the place out")
    return email


def _require_fit(role: str, place: PlaceRecord | None) -> None:
    if place and ROLES[role].scopes == {Scope.PROVINCE} and place.place_type != "province":
        raise Invalid(f"the role {role} is held for a province, and {place.code} is none: write the province's code")


def _open_account(session: Session, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == email, Account.closed_at.is_(None)))


def _required(session: Session, email: str) -> Account:
    account = _open_account(session, fold(email))
    if account is None:
        raise NotFound(f"there is no account of {email}")
    return account


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
