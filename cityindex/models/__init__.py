"""The mapped classes: the nouns of the domain."""

from cityindex.models.accounts import Account, Identity, Letter, RecoveryCode, RoleGrant, SecondFactor, SignInAttempt
from cityindex.models.assessments import (
    Answer,
    AnswerChange,
    Assessment,
    AssessmentComment,
    AssessmentEvent,
    Decision,
    ImprovementAction,
    ReviewAssignment,
    Round,
    Submission,
)
from cityindex.models.audit import AuditEvent
from cityindex.models.base import Base, now
from cityindex.models.clients import ApiKey, Client, DataUse
from cityindex.models.evidence import Evidence, EvidenceFile
from cityindex.models.exchange import (
    Change,
    Delivery,
    DeliveryFile,
    DeliveryPlace,
    ExchangeEntry,
    PartnerComment,
    SigningKey,
)
from cityindex.models.observations import IndicatorKey, Observation, Recording, Source
from cityindex.models.places import Boundary, BoundarySet, BoundaryShape, Membership, Place, PlaceCode, PlaceSpell
from cityindex.models.releases import EditionNote, Objection, PlannedRelease, Preview
from cityindex.models.schedules import Schedule, ScheduledRun
from cityindex.models.scores import DefinitionRecord, PeerRank, Publication, Run, RunArray, RunNode, Score
from cityindex.models.uploads import Upload, UploadEvent, UploadFile

__all__ = [
    "Account",
    "Answer",
    "AnswerChange",
    "ApiKey",
    "Assessment",
    "AssessmentComment",
    "AssessmentEvent",
    "AuditEvent",
    "Base",
    "Boundary",
    "BoundarySet",
    "BoundaryShape",
    "Change",
    "Client",
    "DataUse",
    "Decision",
    "DefinitionRecord",
    "Delivery",
    "DeliveryFile",
    "DeliveryPlace",
    "EditionNote",
    "Evidence",
    "EvidenceFile",
    "ExchangeEntry",
    "Identity",
    "ImprovementAction",
    "IndicatorKey",
    "Letter",
    "Membership",
    "Objection",
    "Observation",
    "PartnerComment",
    "PeerRank",
    "Place",
    "PlaceCode",
    "PlaceSpell",
    "PlannedRelease",
    "Preview",
    "Publication",
    "Recording",
    "RecoveryCode",
    "ReviewAssignment",
    "RoleGrant",
    "Round",
    "Run",
    "RunArray",
    "RunNode",
    "Schedule",
    "ScheduledRun",
    "Score",
    "SecondFactor",
    "SignInAttempt",
    "SigningKey",
    "Source",
    "Submission",
    "Upload",
    "UploadEvent",
    "UploadFile",
    "now",
]
