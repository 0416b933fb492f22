"""Signing in by an OpenID provider: which account somebody is. It gives no role, and makes no account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.errors import Conflict, Forbidden
from cityindex.gateways.openid import Person
from cityindex.models import Account, Identity, now
from cityindex.queries.accounts.accounts import actor_of, has_second_factor
from cityindex.services.accounts import links
from cityindex.services.accounts.accounts import SignedIn
from cityindex.services.accounts.people import Deed, fold, open_account, tell

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker


class Identities:
    """Three ways to an account: linked before; an invitation to the same, vouched-for address; the one-time link.

    An account that has a password already is linked by its owner only (`link`): a provider that is mistaken about an
    address must not open it.
    """

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def sign_in(self, person: Person, token: str | None = None) -> SignedIn:
        """The account of whom a provider vouches for. `token`: of the link that was open. `Forbidden`, `NotFound`."""
        with self.sessions() as session:
            known = self._known(writing(session), person)
            account = known or self._invited(session, person, token)
            if account is None or account.closed_at is not None:
                raise Forbidden("nobody here is linked to this identity")
            if known is None:
                self._add(session, account, person)
                links.spend(account)
            session.commit()
            return SignedIn(account.id, account.epoch, has_second_factor(session, account.id))

    def link(self, account_id: int, person: Person) -> None:
        """Link the account of whoever is signed in. `Conflict` where the identity is another's."""
        with self.sessions() as session:
            known = self._known(writing(session), person)
            if known is not None and known.id != account_id:
                raise Conflict("this identity is linked to another account")
            if known is None:
                self._add(session, session.get_one(Account, account_id), person)
            session.commit()

    def unlink(self, account_id: int) -> None:
        """Forget the identities of an account. `Conflict` where they are its only way in."""
        with self.sessions() as session:
            account = writing(session).get_one(Account, account_id)
            if account.password_hash is None:
                raise Conflict("there is no password yet: choose one first")
            session.execute(delete(Identity).where(Identity.account_id == account_id))
            self._tell(session, account, "identity unlinked")
            session.commit()

    @staticmethod
    def _known(session: Session, person: Person) -> Account | None:
        same = (Identity.issuer == person.issuer, Identity.subject == person.subject)
        return session.scalar(select(Account).join(Identity, Identity.account_id == Account.id).where(*same))

    def _invited(self, session: Session, person: Person, token: str | None) -> Account | None:
        if token:
            return links.holder(session, token, self.clock())
        account = open_account(session, fold(person.email)) if person.email else None
        return account if account is not None and account.password_hash is None else None

    def _add(self, session: Session, account: Account, person: Person) -> None:
        identity = Identity(account_id=account.id, issuer=person.issuer, subject=person.subject, linked_at=self.clock())
        session.add(identity)
        if not account.name:
            account.name = person.name[:200]
        self._tell(session, account, "identity linked")

    def _tell(self, session: Session, account: Account, action: str) -> None:
        tell(session, Deed(actor_of(account.id), self.clock()), action, account)
