"""Ways into an account that another person may have laid: whoever takes out a one-time link can use it himself."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cityindex.models import Account, AuditEvent, Identity, Letter, Place, RecoveryCode, SecondFactor
from cityindex.queries.accounts.accounts import ACTOR, actor_of
from cityindex.services.accounts.invitation_rules import Inviter
from cityindex.services.accounts.people import Deed, roles_in_force, tell

TAKEN_OUT, ENDED = "links taken out", "ways in ended"


def doubtful(session: Session, account: Account, role: str, place: Place | None) -> bool:
    """Whether a link of the account was in the hands of somebody who may not give this role himself.

    With the role, he would get it, too, if he has used the link. What was before the ways in were ended counts no more.
    """
    row = AuditEvent
    of_account = row.subject == actor_of(account.id)
    ended = select(func.coalesce(func.max(row.id), 0)).where(row.action == ENDED, of_account).scalar_subquery()
    takers = select(row.actor).where(row.action == TAKEN_OUT, of_account, row.id > ended).distinct()
    return any(not _may_give(session, actor, role, place) for actor in session.scalars(takers))


def end(session: Session, account: Account, deed: Deed) -> None:
    """Nobody comes in any more, nor stays: the next link goes to the person's own address."""
    account.password_hash = account.link_hash = account.link_expires_at = None
    account.epoch += 1
    for table in (SecondFactor, RecoveryCode, Identity, Letter):
        session.execute(delete(table).where(table.account_id == account.id))
    tell(session, deed, ENDED, account)


def _may_give(session: Session, actor: str, role: str, place: Place | None) -> bool:
    number = actor.removeprefix(ACTOR)
    taker = session.get(Account, int(number)) if number.isdecimal() else None
    if taker is None:  # the command line, which may do everything
        return True
    return Inviter(actor, tuple(roles_in_force(session, taker))).may_give(role, place)
