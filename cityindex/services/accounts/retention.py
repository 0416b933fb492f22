"""Forgetting: what nobody needs any more is deleted after the time that is said here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from cityindex.database import writing
from cityindex.models import Account, ScheduledRun, SignInAttempt, Upload, UploadEvent, UploadFile, now
from cityindex.services.accounts.attempts import WINDOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

UPLOADS_KEPT = timedelta(days=30)
"""A file that nobody confirmed, or that was withdrawn."""
LEDGER_KEPT = timedelta(days=90)
CAME_TO_SOMETHING = ("confirmed",)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each were deleted: tries to sign in, links that are too old, files that came to nothing, and rows of
    the ledger of jobs."""

    attempts: int
    links: int
    uploads: int
    runs: int


class Retention:
    """The use cases of the jobs `forget` and `forget-tries`."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.clock = clock

    def forget_tries(self) -> int:
        """Delete counted tries as soon as they count no more: they say, as codes, who came when. How many."""
        with self.sessions() as session:
            old = delete(SignInAttempt).where(SignInAttempt.at < self.clock() - WINDOW)
            found = _count(writing(session), old)
            session.commit()
            return found

    def forget(self) -> Forgotten:
        """Delete what is too old, in one transaction."""
        at = self.clock()
        with self.sessions() as session:
            forgotten = Forgotten(
                attempts=_count(writing(session), delete(SignInAttempt).where(SignInAttempt.at < at - WINDOW)),
                links=_count(
                    session,
                    update(Account).where(Account.link_expires_at < at).values(link_hash=None, link_expires_at=None),
                ),
                uploads=_forget_uploads(session, at - UPLOADS_KEPT),
                runs=_forget_runs(session, at - LEDGER_KEPT),
            )
            session.commit()
            return forgotten


def _forget_uploads(session: Session, before: datetime) -> int:
    kept = select(UploadEvent.upload_id).where(UploadEvent.deed.in_(CAME_TO_SOMETHING))
    old: Sequence[int] = session.scalars(select(Upload.id).where(Upload.at < before, Upload.id.not_in(kept))).all()
    for model, key in ((UploadFile, UploadFile.upload_id), (UploadEvent, UploadEvent.upload_id), (Upload, Upload.id)):
        session.execute(delete(model).where(key.in_(old)))
    return len(old)


def _forget_runs(session: Session, before: datetime) -> int:
    """All but the newest of each job, which says which moment is owed next."""
    newer = aliased(ScheduledRun)
    outdone = exists().where(newer.job == ScheduledRun.job, newer.scheduled_at > ScheduledRun.scheduled_at)
    return _count(session, delete(ScheduledRun).where(ScheduledRun.scheduled_at < before, outdone))


def _count(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
