"""Taking the demo away: every row of it, and what only it had brought along, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Delete, Update, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.models import (
    Account,
    AuditEvent,
    Boundary,
    BoundarySet,
    BoundaryShape,
    DefinitionRecord,
    IndicatorKey,
    Membership,
    Observation,
    PeerRank,
    Place,
    PlaceCode,
    PlaceSpell,
    Publication,
    Recording,
    RoleGrant,
    Run,
    RunArray,
    RunNode,
    Score,
    Source,
)
from cityindex.services.demo_accounts import DOMAIN
from cityindex.services.publication import ROLLED_BACK

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker


@dataclass(slots=True)
class Movement:
    """A row of `publication`, and whether the run it points to is demo."""

    id: int
    action: str
    run: int | None
    demo: bool


def remove_demo(sessions: sessionmaker[Session], by: str) -> int:
    """Remove everything that is demo. Returns how many places went; does nothing where there are none."""
    with sessions() as session:
        count = session.scalar(select(func.count()).select_from(Place).where(Place.demo)) if writing(session) else 0
        if not count:
            return 0
        _remove_editions(session)
        _remove_runs(session)
        _remove_observations(session)
        _remove_places(session)
        _remove_accounts(session)
        session.add(AuditEvent(actor=by, action="remove-demo", subject="demo", detail=f"{count} places"))
        session.commit()
        return count


def without_demo(movements: Iterable[Movement]) -> tuple[list[int], dict[int, int | None]]:
    """What to do with the movements of one framework and period, in their order, so that no demo run is in them.

    Returns the rows to delete, and the run that each remaining rollback now leads back to. A rollback goes together
    with the publication that it undid.
    """
    doomed: list[int] = []
    led: dict[int, int | None] = {}
    stack: list[Movement] = []
    for movement in movements:
        if movement.action != ROLLED_BACK:
            stack.append(movement)
            doomed += [movement.id] if movement.demo else []
            continue
        if stack.pop().demo:
            doomed.append(movement.id)
            continue
        led[movement.id] = next((one.run for one in reversed(stack) if not one.demo), None)
    return doomed, led


def _remove_editions(session: Session) -> None:
    query = (
        select(
            Publication.framework, Publication.period, Publication.id, Publication.action, Publication.run_id, Run.demo
        )
        .outerjoin(Run, Run.id == Publication.run_id)
        .order_by(Publication.id)
    )
    pointers: dict[tuple[str, int], list[Movement]] = defaultdict(list)
    for framework, period, row, action, run, demo in session.execute(query):
        pointers[framework, period].append(Movement(row, action, run, bool(demo)))
    for movements in pointers.values():
        if any(movement.demo for movement in movements):
            _rewrite(session, *without_demo(movements))


def _rewrite(session: Session, doomed: Sequence[int], led: dict[int, int | None]) -> None:
    session.execute(delete(Publication).where(Publication.id.in_(doomed)))
    for row, run in led.items():
        session.execute(update(Publication).where(Publication.id == row).values(run_id=run))


def _remove_runs(session: Session) -> None:
    runs = select(Run.id).where(Run.demo).scalar_subquery()
    definitions = session.scalars(select(Run.definition).where(Run.demo).distinct()).all()
    _carry_out(session, *(delete(kind).where(kind.run_id.in_(runs)) for kind in (PeerRank, Score, RunNode, RunArray)))
    used = exists().where(Run.definition == DefinitionRecord.fingerprint)
    _carry_out(
        session,
        delete(Run).where(Run.demo),
        delete(DefinitionRecord).where(DefinitionRecord.fingerprint.in_(definitions), ~used),
    )


def _remove_observations(session: Session) -> None:
    """Observations, with the sources and keys that nothing else uses."""
    recordings = select(Recording.id).where(Recording.demo).scalar_subquery()
    places = select(Place.id).where(Place.demo).scalar_subquery()
    demo = or_(Observation.place_id.in_(places), Observation.recording_id.in_(recordings))
    sources = session.scalars(select(Observation.source_id).where(demo).distinct()).all()
    _carry_out(
        session,
        delete(Observation).where(demo),
        delete(Recording).where(Recording.demo),
        delete(Source).where(Source.id.in_(sources), ~exists().where(Observation.source_id == Source.id)),
        delete(IndicatorKey).where(~exists().where(Observation.indicator_id == IndicatorKey.id)),
    )


def _remove_accounts(session: Session) -> None:
    theirs = select(Account.id).where(Account.email.endswith(f"@{DOMAIN}")).scalar_subquery()
    _carry_out(
        session,
        delete(RoleGrant).where(RoleGrant.account_id.in_(theirs)),
        delete(Account).where(Account.email.endswith(f"@{DOMAIN}")),
    )


def _remove_places(session: Session) -> None:
    _reopen_boundaries(session)
    places = select(Place.id).where(Place.demo).scalar_subquery()
    sets = select(BoundarySet.id).where(BoundarySet.demo).scalar_subquery()
    boundary = or_(Boundary.place_id.in_(places), Boundary.set_id.in_(sets))
    shapes = select(Boundary.id).where(boundary).scalar_subquery()
    _carry_out(
        session,
        delete(BoundaryShape).where(BoundaryShape.boundary_id.in_(shapes)),
        delete(Boundary).where(boundary),
        delete(BoundarySet).where(BoundarySet.demo),
        delete(Membership).where(or_(Membership.demo, Membership.place_id.in_(places))),
        delete(RoleGrant).where(RoleGrant.place_id.in_(places)),
        delete(PlaceSpell).where(PlaceSpell.place_id.in_(places)),
        delete(PlaceCode).where(PlaceCode.place_id.in_(places)),
        delete(Place).where(Place.demo),
    )


def _reopen_boundaries(session: Session) -> None:
    """Put back in force the real boundaries that those of the demo closed."""
    levels = session.scalars(select(BoundarySet.level).where(BoundarySet.demo, BoundarySet.valid_to.is_(None)))
    for level in levels.all():
        last = session.scalar(select(func.max(BoundarySet.id)).where(BoundarySet.level == level, ~BoundarySet.demo))
        _carry_out(session, update(BoundarySet).where(BoundarySet.id == last).values(valid_to=None))


def _carry_out(session: Session, *statements: Delete | Update) -> None:
    for statement in statements:
        session.execute(statement, execution_options={"synchronize_session": False})
