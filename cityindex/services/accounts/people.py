"""What the use cases around people share: finding and making accounts, giving and ending roles, telling of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from marshmallow import ValidationError, validate
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cityindex.errors import Conflict, NotFound
from cityindex.models import Account, AuditEvent, Identity, Letter, RecoveryCode, RoleGrant, SecondFactor
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services.accounts.roles import ROLES, Scope

_is_email = validate.And(validate.Email(), validate.Length(max=200))


NO_ROLE = ("there is no such role", "write one of the roles of the template")
OF_SITE = ("this role is held for the whole site", "leave the place out")
OF_PLACE = ("this role is held for a place", "write the code of the place")
OF_PROVINCE = ("this role is held for a province, and this place is none", "write the two digits of the province")


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something, and when."""

    by: str
    at: datetime


def fold(email: str) -> str:
    """An e-mail address as it is kept and looked for."""
    return unicodedata.normalize("NFKC", email).replace("\0", "").strip().casefold()


def is_email(text: str) -> bool:
    try:
        _is_email(text)
    except ValidationError:
        return False
    return True


def misfit(code: str, named: bool) -> tuple[str, str] | None:
    """Why a role cannot be given with, or without, a place that is `named`, and the cure; None where it can."""
    role = ROLES.get(code)
    if role is None:
        return NO_ROLE
    if named and not role.local:
        return OF_SITE
    return OF_PLACE if role.of_place and not named else None


def misplaced(code: str, place_type: str) -> tuple[str, str] | None:
    """The same for the kind of place."""
    return OF_PROVINCE if ROLES[code].scopes == {Scope.PROVINCE} and place_type != "province" else None


def open_account(session: Session, email: str) -> Account | None:
    """The account of a folded address."""
    return session.scalar(select(Account).where(Account.email == email, Account.closed_at.is_(None)))


def required_account(session: Session, email: str) -> Account:
    account = open_account(session, fold(email))
    if account is None:
        raise NotFound(f"there is no account of {email}")
    return account


def add_account(session: Session, email: str, name: str, deed: Deed) -> Account:
    account = Account(email=email, name=name.strip(), created_at=deed.at)
    session.add(account)
    session.flush()
    tell(session, deed, "account added", account)
    return account


def holds(session: Session, account: Account, role: str, place_id: int | None) -> bool:
    same = select(RoleGrant.id).where(
        RoleGrant.account_id == account.id, RoleGrant.role == role, RoleGrant.ended_at.is_(None)
    )
    return session.scalar(same.where(RoleGrant.place_id.is_not_distinct_from(place_id))) is not None


def give_role(session: Session, deed: Deed, account: Account, role: str, place_id: int | None) -> None:
    """Raises `Conflict` where the person holds it already."""
    if holds(session, account, role, place_id):
        raise Conflict(f"{account.email} is {role} already")
    grant = RoleGrant(account_id=account.id, role=role, place_id=place_id, granted_by=deed.by, granted_at=deed.at)
    session.add(grant)
    tell(session, deed, "role granted", account, _words(grant))


def end_roles(session: Session, deed: Deed, account: Account, grants: Iterable[RoleGrant]) -> None:
    for grant in grants:
        grant.ended_at = deed.at
        tell(session, deed, "role ended", account, _words(grant))


def roles_in_force(session: Session, account: Account) -> Sequence[RoleGrant]:
    query = select(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.ended_at.is_(None))
    return session.scalars(query.order_by(RoleGrant.id)).all()


def close_account(session: Session, deed: Deed, account: Account) -> None:
    """End an account, its roles and every way into it; what was done under it stays."""
    end_roles(session, deed, account, roles_in_force(session, account))
    account.closed_at = deed.at
    account.password_hash = account.link_hash = account.link_expires_at = None
    for table in (SecondFactor, RecoveryCode, Identity, Letter):
        session.execute(delete(table).where(table.account_id == account.id))
    tell(session, deed, "account closed", account)


def tell(session: Session, deed: Deed, action: str, account: Account, detail: str | None = None) -> None:
    event = AuditEvent(at=deed.at, actor=deed.by, action=action, subject=actor_of(account.id), detail=detail)
    session.add(event)


def _words(grant: RoleGrant) -> str:
    return grant.role + (f" of place {grant.place_id}" if grant.place_id else "")
