"""Inviting people by a list: all of it or nothing, and everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.definitions.catalogue import Codelist
from cityindex.errors import Conflict, Forbidden, NotFound
from cityindex.formats.invitations import Invitee
from cityindex.models import Account, Identity, Letter, Place, RoleGrant, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services import letters
from cityindex.services.accounts import links, ways_in
from cityindex.services.accounts.invitation_rules import Inviter, Planned, plan
from cityindex.services.accounts.people import (
    Deed,
    add_account,
    end_roles,
    give_role,
    open_account,
    roles_in_force,
    tell,
)
from cityindex.services.places.place_names import both_names

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

NO_PLACE = {"place_th": "", "place_en": ""}
Holding = tuple[str, Place | None]


@dataclass(frozen=True, slots=True)
class Invited:
    """Accounts that were given a role; `fresh` are those that still have to choose a password."""

    accounts: tuple[int, ...]
    fresh: tuple[int, ...]
    already: int


@dataclass(frozen=True, slots=True)
class HandedLink:
    account: int
    email: str
    name: str
    roles: tuple[str, ...]
    token: str
    expires: datetime


class Invitations:
    """Use cases of whoever may give roles. What somebody may not give is a problem of the row, as any other."""

    def __init__(self, sessions: sessionmaker[Session], types: Codelist, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.types = types
        self.clock = clock

    def check(self, rows: Sequence[Invitee], inviter: Inviter) -> list[Planned]:
        """What inviting would do; changes nothing. Raises `Invalid` with every bad row."""
        with self.sessions() as session:
            return plan(session, rows, inviter)

    def invite(self, rows: Sequence[Invitee], inviter: Inviter) -> Invited:
        """Give the roles, make the accounts that lack, write each person one letter. `Invalid` with every bad row.

        Where a link of an account was in the hands of somebody who may not give the role, its ways in are ended first.
        """
        deed = Deed(inviter.by, self.clock())
        with self.sessions() as session:
            planned = plan(writing(session), rows, inviter)
            given: dict[Account, list[Holding]] = {}
            for one in planned:
                if not one.already:
                    account = open_account(session, one.email) or add_account(session, one.email, one.name, deed)
                    if ways_in.doubtful(session, account, one.role, one.place):
                        ways_in.end(session, account, deed)
                    give_role(session, deed, account, one.role, one.place.id if one.place else None)
                    given.setdefault(account, []).append((one.role, one.place))
            fresh = [account.id for account, holdings in given.items() if self._write(session, account, holdings)]
            session.commit()
            return Invited(tuple(account.id for account in given), tuple(fresh), sum(one.already for one in planned))

    def send_again(self, account_id: int, inviter: Inviter) -> None:
        """Write the letter again to somebody who has not come yet. `NotFound` outside the reach, `Conflict`."""
        with self.sessions() as session:
            found = self._waiting(writing(session), [account_id], inviter)
            if not found:
                raise NotFound(f"nobody with the number {account_id} waits for a link")
            if letters.written_since(session, account_id, "invitation", self.clock() - letters.WAITS[0]):
                raise Conflict("a letter was written just now")
            self._write(session, *found[0])
            session.commit()

    def links(self, accounts: Iterable[int], inviter: Inviter) -> list[HandedLink]:
        """New links of those of `accounts` who have not come yet, to hand out; their waiting letters are dropped."""
        at, found = self.clock(), []
        with self.sessions() as session:
            for account, holdings in self._waiting(writing(session), list(accounts), inviter):
                link = links.fresh_link(account, at)
                roles = tuple(dict.fromkeys(role for role, _ in holdings))
                found.append(HandedLink(account.id, account.email, account.name, roles, link.token, link.expires))
                tell(session, Deed(inviter.by, at), ways_in.TAKEN_OUT, account)
            waiting = update(Letter).where(Letter.account_id.in_([one.account for one in found]))
            waiting = waiting.where(Letter.next_try_at.is_not(None), Letter.kind.in_(letters.LINKED))
            session.execute(waiting.values(next_try_at=None, handed_by=inviter.by))
            session.commit()
            return found

    def end_role(self, grant_id: int, inviter: Inviter) -> None:
        """End one grant. `NotFound` where it is outside the reach or ended already, `Forbidden` for one's own last."""
        with self.sessions() as session:
            grant = writing(session).get(RoleGrant, grant_id)
            if grant is None or grant.ended_at is not None or not self._may_end(session, grant, inviter):
                raise NotFound(f"there is no grant {grant_id} to end")
            if grant.role == "administrator" and inviter.by == actor_of(grant.account_id):
                raise Forbidden("nobody takes the role of administrator from himself")
            account = session.get_one(Account, grant.account_id)
            end_roles(session, Deed(inviter.by, self.clock()), account, [grant])
            session.commit()

    def _write(self, session: Session, account: Account, holdings: Sequence[Holding]) -> bool:
        """The letter about new roles; whether it carries a link because there is no way in yet."""
        linked = session.scalar(select(Identity.id).where(Identity.account_id == account.id).limit(1)) is not None
        fresh = account.password_hash is None and not linked
        told = [{"role": role, **(both_names(place, self.types) if place else NO_PLACE)} for role, place in holdings]
        letters.write(session, account.id, "invitation" if fresh else "role", self.clock(), holdings=told)
        return fresh

    @staticmethod
    def _waiting(session: Session, accounts: Sequence[int], inviter: Inviter) -> list[tuple[Account, list[Holding]]]:
        """Those of `accounts` without a password, with what they hold, where the inviter may give all of it."""
        query = select(Account).where(Account.id.in_(accounts), Account.closed_at.is_(None))
        found = []
        for account in session.scalars(query.where(Account.password_hash.is_(None)).order_by(Account.email)):
            holdings = [(grant.role, _place(session, grant)) for grant in roles_in_force(session, account)]
            if holdings and all(inviter.may_give(role, place) for role, place in holdings):
                found.append((account, holdings))
        return found

    @staticmethod
    def _may_end(session: Session, grant: RoleGrant, inviter: Inviter) -> bool:
        return inviter.may_give(grant.role, _place(session, grant))


def _place(session: Session, grant: RoleGrant) -> Place | None:
    return session.get_one(Place, grant.place_id) if grant.place_id else None
