"""Taking the demo away: every row of it, and what only it had brought along, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Delete, ScalarSelect, Update, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from cityindex.database import writing
from cityindex.models import (
    Account,
    ActionRevision,
    Answer,
    AnswerChange,
    Assessment,
    AssessmentComment,
    AssessmentEvent,
    AuditEvent,
    Base,
    Boundary,
    BoundaryPack,
    BoundarySet,
    BoundaryShape,
    Change,
    Consultation,
    ConsultationAnswer,
    ConsultationTopic,
    DataUse,
    Decision,
    DefinitionRecord,
    EditionNote,
    Evidence,
    EvidenceFile,
    ImprovementAction,
    IndicatorKey,
    KnowledgeEvent,
    KnowledgeFile,
    KnowledgeItem,
    KnowledgeTag,
    KnowledgeThanks,
    KnowledgeVersion,
    Membership,
    Mistake,
    Objection,
    Observation,
    PeerRank,
    Place,
    PlaceCode,
    PlaceSpell,
    PlannedRelease,
    PlanOpening,
    Preview,
    Proposal,
    ProposalChange,
    ProposalEvent,
    ProposalVersion,
    Publication,
    Recording,
    ReviewAssignment,
    RoleGrant,
    Round,
    Run,
    RunArray,
    RunNode,
    Score,
    Source,
    Submission,
    Target,
    TargetRevision,
    Upload,
    UploadEvent,
    UploadFile,
    Voice,
    VoiceChoice,
    VoiceReason,
    WrittenProposal,
)
from cityindex.services.demo.accounts import DOMAIN
from cityindex.services.knowledge.index import forget_entries
from cityindex.services.runs.publication import ROLLED_BACK

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker


OF_ASSESSMENT = (
    Answer, AnswerChange, AssessmentComment, AssessmentEvent, Evidence, ReviewAssignment, Submission,
)  # fmt: skip


OF_VERSION = (KnowledgeTag, KnowledgeFile, KnowledgeEvent)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many places went, and the files of evidence that nothing names any more. False where there was no demo."""

    places: int = 0
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.places > 0


@dataclass(slots=True)
class Movement:
    """A row of `publication`, and whether the run it points to is demo."""

    id: int
    action: str
    run: int | None
    demo: bool


def remove_demo(sessions: sessionmaker[Session], by: str) -> Removed:
    """Remove everything that is demo; does nothing where there are no places of it.

    The files are for the caller to remove, once this has been done for good.
    """
    with sessions() as session:
        count = session.scalar(select(func.count()).select_from(Place).where(Place.demo)) if writing(session) else 0
        if not count:
            return Removed()
        shared = _remove_knowledge(session)
        files = (*_remove_rounds(session), *_unused(session, shared))
        _remove_consultations(session)
        _remove_uploads(session)
        _carry_out(session, delete(Mistake).where(Mistake.demo))
        _remove_editions(session)
        _remove_runs(session)
        _remove_observations(session)
        _remove_places(session)
        _remove_accounts(session)
        _remove_changes(session)
        session.add(AuditEvent(actor=by, action="remove-demo", subject="demo", detail=f"{count} places"))
        session.commit()
        return Removed(count, files)


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
    shown = select(Preview.id).where(Preview.run_id.in_(runs)).scalar_subquery()
    _carry_out(session, delete(Objection).where(Objection.preview_id.in_(shown)))
    kinds = (PeerRank, Score, RunNode, RunArray, EditionNote, PlannedRelease, Preview)
    of_real = update(EditionNote).where(EditionNote.corrects.in_(runs)).values(corrects=None)
    _carry_out(session, of_real, *(delete(kind).where(kind.run_id.in_(runs)) for kind in kinds))
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


def _remove_changes(session: Session) -> None:
    """The numbers of recordings and movements that are gone."""
    for kind, table in (("recording", Recording), ("publication", Publication)):
        there = exists().where(table.id == Change.reference)
        _carry_out(session, delete(Change).where(Change.kind == kind, ~there))


def _remove_rounds(session: Session) -> tuple[str, ...]:
    """Rounds with all that was done in them; the hashes of files that only they had."""
    rounds = select(Round.id).where(Round.demo).scalar_subquery()
    places = select(Place.id).where(Place.demo).scalar_subquery()
    ids = select(Assessment.id).where(or_(Assessment.round_id.in_(rounds), Assessment.place_id.in_(places)))
    ids_ = ids.scalar_subquery()
    definitions = session.scalars(select(Round.definition).where(Round.demo).distinct()).all()
    files = session.scalars(select(Evidence.sha256).where(Evidence.assessment_id.in_(ids_)).distinct()).all()
    submissions = select(Submission.id).where(Submission.assessment_id.in_(ids_)).scalar_subquery()
    of_place = or_(ImprovementAction.place_id.in_(places), ImprovementAction.assessment_id.in_(ids_))
    lines = select(ImprovementAction.id).where(of_place).scalar_subquery()
    _carry_out(
        session,
        delete(ActionRevision).where(ActionRevision.action_id.in_(lines)),
        delete(ImprovementAction).where(of_place),
        delete(PlanOpening).where(PlanOpening.place_id.in_(places)),
    )
    _carry_out(session, delete(Decision).where(Decision.submission_id.in_(submissions)))
    _carry_out(session, *(delete(kind).where(kind.assessment_id.in_(ids_)) for kind in OF_ASSESSMENT))
    asked = Round.definition
    forgotten = _unused(session, files)
    _carry_out(
        session,
        delete(Assessment).where(or_(Assessment.round_id.in_(rounds), Assessment.place_id.in_(places))),
        delete(Round).where(Round.demo),
        delete(DefinitionRecord).where(
            DefinitionRecord.fingerprint.in_(definitions), ~exists().where(asked == DefinitionRecord.fingerprint)
        ),
    )
    return forgotten


def _remove_knowledge(session: Session) -> Sequence[str]:
    """What demo places share, and the demo's lists of proposals; the hashes of its files."""
    places = select(Place.id).where(Place.demo).scalar_subquery()
    theirs = or_(KnowledgeItem.demo, KnowledgeItem.place_id.in_(places))
    ids = session.scalars(select(KnowledgeItem.id).where(theirs)).all()
    items = select(KnowledgeItem.id).where(theirs).scalar_subquery()
    versions = select(KnowledgeVersion.id).where(KnowledgeVersion.item_id.in_(items)).scalar_subquery()
    files = session.scalars(select(KnowledgeFile.sha256).where(KnowledgeFile.version_id.in_(versions)).distinct()).all()
    forget_entries(session, ids)
    _carry_out(session, *(delete(kind).where(kind.version_id.in_(versions)) for kind in OF_VERSION))
    listed = or_(Proposal.demo, Proposal.place_id.in_(places))
    proposals = select(Proposal.id).where(listed).scalar_subquery()
    _carry_out(
        session,
        delete(KnowledgeThanks).where(KnowledgeThanks.item_id.in_(items)),
        delete(KnowledgeVersion).where(KnowledgeVersion.item_id.in_(items)),
        delete(KnowledgeItem).where(theirs),
        delete(ProposalChange).where(ProposalChange.proposal_id.in_(proposals)),
        delete(Proposal).where(listed),
    )
    _remove_written(session, places)
    return files


def _remove_written(session: Session, places: Any) -> None:
    """What demo places propose themselves; of the register it is gone already."""
    theirs = or_(WrittenProposal.demo, WrittenProposal.place_id.in_(places))
    ids = select(WrittenProposal.id).where(theirs).scalar_subquery()
    versions = select(ProposalVersion.id).where(ProposalVersion.written_id.in_(ids)).scalar_subquery()
    _carry_out(
        session,
        delete(ProposalEvent).where(ProposalEvent.version_id.in_(versions)),
        delete(ProposalVersion).where(ProposalVersion.written_id.in_(ids)),
        delete(WrittenProposal).where(theirs),
    )


def _unused(session: Session, files: Sequence[str | None]) -> tuple[str, ...]:
    """Forget those of `files` that nothing names any more; which they were."""
    named = select(EvidenceFile.sha256).where(EvidenceFile.sha256.in_(files), ~_used())
    gone = tuple(session.scalars(named))
    _carry_out(session, delete(EvidenceFile).where(EvidenceFile.sha256.in_(gone)))
    return gone


def _used() -> ColumnElement[bool]:
    """Whether evidence or an item of knowledge names a file."""
    in_evidence = exists().where(Evidence.sha256 == EvidenceFile.sha256)
    in_knowledge = exists().where(KnowledgeFile.sha256 == EvidenceFile.sha256)
    return or_(in_evidence, in_knowledge)


def _remove_consultations(session: Session) -> None:
    """Targets of demo places, and consultations with their voices."""
    places = select(Place.id).where(Place.demo).scalar_subquery()
    asked = select(Consultation.id).where(Consultation.place_id.in_(places)).scalar_subquery()
    topics = select(ConsultationTopic.id).where(ConsultationTopic.consultation_id.in_(asked)).scalar_subquery()
    voices = select(Voice.id).where(Voice.consultation_id.in_(asked)).scalar_subquery()
    targets = select(Target.id).where(Target.place_id.in_(places)).scalar_subquery()
    _carry_out(
        session,
        delete(TargetRevision).where(TargetRevision.target_id.in_(targets)),
        delete(Target).where(Target.place_id.in_(places)),
        delete(ConsultationAnswer).where(ConsultationAnswer.topic_id.in_(topics)),
        *(delete(kind).where(kind.voice_id.in_(voices)) for kind in (VoiceChoice, VoiceReason)),
        *(delete(kind).where(kind.consultation_id.in_(asked)) for kind in (Voice, ConsultationTopic)),
        delete(Consultation).where(Consultation.place_id.in_(places)),
    )


def _remove_uploads(session: Session) -> None:
    """Figures that were uploaded for demo places, or by accounts of the demo."""
    places = select(Place.id).where(Place.demo).scalar_subquery()
    theirs = or_(Upload.place_id.in_(places), Upload.account_id.in_(_people()))
    uploads = select(Upload.id).where(theirs).scalar_subquery()
    _carry_out(session, *(delete(kind).where(kind.upload_id.in_(uploads)) for kind in (UploadFile, UploadEvent)))
    _carry_out(session, delete(Upload).where(theirs))


def _remove_accounts(session: Session) -> None:
    """The people of the demo; what one of them did to anything that stays was done by nobody any more."""
    for table in Base.metadata.tables.values():
        for column in (key.parent for key in table.foreign_keys if key.column.table.name == Account.__tablename__):
            mine = column.in_(_people())
            forget = update(table).where(mine).values({column: None}) if column.nullable else delete(table).where(mine)
            _carry_out(session, forget)
    _carry_out(session, delete(Account).where(Account.email.endswith(f"@{DOMAIN}")))


def _people() -> ScalarSelect[int]:
    return select(Account.id).where(Account.email.endswith(f"@{DOMAIN}")).scalar_subquery()


def _remove_places(session: Session) -> None:
    _reopen_boundaries(session)
    places = select(Place.id).where(Place.demo).scalar_subquery()
    sets = select(BoundarySet.id).where(BoundarySet.demo).scalar_subquery()
    boundary = or_(Boundary.place_id.in_(places), Boundary.set_id.in_(sets))
    _carry_out(session, delete(DataUse).where(DataUse.place_id.in_(places)))
    shapes = select(Boundary.id).where(boundary).scalar_subquery()
    _carry_out(
        session,
        delete(BoundaryPack).where(BoundaryPack.set_id.in_(select(Boundary.set_id).where(boundary))),
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
