"""Handing the work of a place over to a successor: officials rotate, and what they did stays under their name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.definitions.catalogue import Codelist
from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import Account, Identity, Place, RoleGrant, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.services import letters
from cityindex.services.accounts import ways_in
from cityindex.services.accounts.invitation_rules import Inviter
from cityindex.services.accounts.people import (
    Deed,
    add_account,
    end_roles,
    fold,
    give_role,
    holds,
    is_email,
    open_account,
    roles_in_force,
    tell,
)
from cityindex.services.places.place_names import both_names

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

HANDED = ("editor", "approver")
"""The roles that are handed over: those in which a place speaks for itself."""


@dataclass(frozen=True, slots=True)
class Successor:
    email: str
    name: str = ""


class Handover:
    """One use case: by the holder, or by whoever may give the roles."""

    def __init__(self, sessions: sessionmaker[Session], types: Codelist, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.types = types
        self.clock = clock

    def hand_over(self, account_id: int, place_id: int, successor: Successor, inviter: Inviter) -> int:
        """End the roles that an account holds at a place, and give them to a successor, whose account is returned.

        `Invalid` for an address that cannot be, `Conflict` for the holder's own, `NotFound` where the account holds
        nothing there or the inviter may not know.
        """
        email = fold(successor.email)
        if not is_email(email):
            raise Invalid(f"«{successor.email}» is not an e-mail address")
        deed = Deed(inviter.by, self.clock())
        with self.sessions() as session:
            account = writing(session).get(Account, account_id)
            place, grants = self._held(session, account, place_id, inviter)
            if account is None or account.email == email:
                raise Conflict("the successor is who holds it now")
            found = open_account(session, email) or add_account(session, email, successor.name, deed)
            end_roles(session, deed, account, grants)
            if any(ways_in.doubtful(session, found, grant.role, place) for grant in grants):
                ways_in.end(session, found, deed)
            self._give(session, deed, found, grants)
            self._write(session, account, found, place)
            tell(session, deed, "work handed over", account, f"place {place.id} to {actor_of(found.id)}")
            session.commit()
            return found.id

    @staticmethod
    def _held(
        session: Session, account: Account | None, place_id: int, inviter: Inviter
    ) -> tuple[Place, Sequence[RoleGrant]]:
        place = session.get(Place, place_id)
        held = roles_in_force(session, account) if account else ()
        grants = [grant for grant in held if grant.place_id == place_id and grant.role in HANDED]
        own = account is not None and inviter.by == actor_of(account.id)
        if place is None or not grants or not (own or all(inviter.may_give(one.role, place) for one in grants)):
            raise NotFound(f"account {account.id if account else '?'} holds nothing at place {place_id}")
        return place, grants

    @staticmethod
    def _give(session: Session, deed: Deed, successor: Account, grants: Sequence[RoleGrant]) -> None:
        for grant in grants:
            if not holds(session, successor, grant.role, grant.place_id):
                give_role(session, deed, successor, grant.role, grant.place_id)

    def _write(self, session: Session, account: Account, successor: Account, place: Place) -> None:
        names, at = both_names(place, self.types), self.clock()
        linked = session.scalar(select(Identity.id).where(Identity.account_id == successor.id).limit(1))
        kind = "taken-over" if successor.password_hash or linked else "successor"
        letters.write(session, successor.id, kind, at, **names)
        letters.write(session, account.id, "handed-over", at, **names)
