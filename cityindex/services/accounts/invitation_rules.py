"""What a list of people to invite may say: every row against the table of roles, the places and the inviter's reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.formats.invitations import Invitee
from cityindex.formats.problems import Problems
from cityindex.models import Account, Place, RoleGrant
from cityindex.models.codes import own_code
from cityindex.queries.accounts.reach import Reach
from cityindex.services.accounts.people import fold, is_email, misfit, misplaced
from cityindex.services.accounts.roles import NAMES, ROLES, Held, gives

Wrong = tuple[str, str]
NO_EMAIL: Wrong = ("this is not an e-mail address", "write one such as name@example.go.th")
NO_PLACE: Wrong = ("there is no place with this code", "look it up on the page of the place")
TWICE: Wrong = ("this person has this role in a row above", "leave one of the rows out")
NOT_YOURS: Wrong = ("you may not give this role here", "ask an administrator of the site to do it")
ROLES_BY_NAME: Mapping[str, str] = {word.casefold(): code for code in ROLES for word in (code, *NAMES[code].values())}
"""Roles by their code and their names in both languages."""


@dataclass(frozen=True, slots=True)
class Inviter:
    """Who invites, and what he holds; the command line holds `None`, and may give every role everywhere."""

    by: str
    held: tuple[Held, ...] | None

    def may_give(self, role: str, place: Place | None) -> bool:
        """Whether he may give, or end, a role for a place or (None) for the whole site."""
        reach = Reach(everywhere=True) if self.held is None else gives(self.held, role)
        return reach.covers(place) if place else reach.everywhere


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that can be carried out. `known`: has an account; `already`: holds the role, and nothing is done."""

    email: str
    name: str
    role: str
    place: Place | None
    known: bool
    already: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of a list are checked against."""

    places: Mapping[str, Place]
    accounts: Mapping[str, int]
    grants: frozenset[tuple[int, str, int | None]]


def plan(session: Session, rows: Sequence[Invitee], inviter: Inviter) -> list[Planned]:
    """What the rows come to. Raises `Invalid` with every bad row."""
    known, problems = _known(session, rows), Problems()
    planned: dict[tuple[str, str, int | None], Planned] = {}
    for row in rows:
        found = _planned(row, known)
        key = (found.email, found.role, found.place.id if found.place else None)
        wrong = _wrong(row, known, inviter) or ([("email", TWICE)] if key in planned else [])
        for column, (reason, cure) in wrong:
            problems.add(reason, cure, row=row.row, column=column, value=getattr(row, column))
        if not wrong:
            planned[key] = found
    problems.raise_if_any()
    return list(planned.values())


def _planned(row: Invitee, known: Known) -> Planned:
    email, role = fold(row.email), ROLES_BY_NAME.get(row.role.casefold(), row.role)
    place = known.places.get(own_code(row.place)) if row.place else None
    account = known.accounts.get(email)
    already = account is not None and (account, role, place.id if place else None) in known.grants
    return Planned(email, row.name, role, place, account is not None, already)


def _known(session: Session, rows: Sequence[Invitee]) -> Known:
    codes = {own_code(row.place) for row in rows if row.place}
    emails = {fold(row.email) for row in rows}
    places = {place.code: place for place in _of(session, select(Place), Place.code, codes)}
    found = _of(session, select(Account).where(Account.closed_at.is_(None)), Account.email, emails)
    accounts = {account.email: account.id for account in found}
    grants = _of(
        session, select(RoleGrant).where(RoleGrant.ended_at.is_(None)), RoleGrant.account_id, accounts.values()
    )
    return Known(places, accounts, frozenset((one.account_id, one.role, one.place_id) for one in grants))


def _of(session: Session, query: Any, column: Any, values: Iterable[Any], most: int = 500) -> list[Any]:
    """Rows with one of `values`, asked for in parts: a statement holds so many parameters only."""
    wanted = list(values)
    parts = [wanted[start : start + most] for start in range(0, len(wanted), most)]
    return [row for part in parts for row in session.scalars(query.where(column.in_(part)))]


def _wrong(row: Invitee, known: Known, inviter: Inviter) -> list[tuple[str, Wrong]]:
    """What is wrong with a row, with the column it is in."""
    role = ROLES_BY_NAME.get(row.role.casefold(), row.role)
    place = known.places.get(own_code(row.place)) if row.place else None
    found: list[tuple[str, Wrong | None]] = [("email", None if is_email(fold(row.email)) else NO_EMAIL)]
    unfit = misfit(role, bool(row.place))
    if unfit is not None:
        found.append(("role" if role not in ROLES else "place", unfit))
    elif row.place and place is None:
        found.append(("place", NO_PLACE))
    elif place is not None and misplaced(role, place.place_type):
        found.append(("place", misplaced(role, place.place_type)))
    else:
        found.append(("role", None if inviter.may_give(role, place) else NOT_YOURS))
    return [(column, wrong) for column, wrong in found if wrong]
