"""Evidence beside the answers of an assessment, read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cityindex.models import Evidence, EvidenceFile


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """A file (`sha256`, with what is known of its content) or a link (`url`) beside one question."""

    id: int
    assessment: int
    question: str
    kind: str
    name: str
    note: str
    sha256: str | None
    url: str | None
    dated: date | None
    valid_until: date | None
    uploaded_at: datetime
    uploaded_by: int | None
    removed_at: datetime | None
    carried_from: int | None
    size: int | None
    media_type: str | None
    locked: bool | None
    verdict: str | None
    finding: str | None


def evidence_of(session: Session, assessment_id: int) -> Mapping[str, tuple[EvidenceRecord, ...]]:
    """What stands beside each question now, in the order in which it came; removed evidence is left out."""
    query = _query().where(Evidence.assessment_id == assessment_id, Evidence.removed_at.is_(None))
    found: dict[str, list[EvidenceRecord]] = defaultdict(list)
    for row in session.execute(query.order_by(Evidence.id)):
        found[row.question].append(EvidenceRecord(*row))
    return {question: tuple(some) for question, some in found.items()}


def evidence(session: Session, evidence_id: int) -> EvidenceRecord | None:
    """One piece of evidence, removed or not."""
    row = session.execute(_query().where(Evidence.id == evidence_id)).first()
    return None if row is None else EvidenceRecord(*row)


def _query() -> Select[*tuple[Any, ...]]:
    return select(
        Evidence.id, Evidence.assessment_id, Evidence.question, Evidence.kind, Evidence.name, Evidence.note,
        Evidence.sha256, Evidence.url, Evidence.dated, Evidence.valid_until, Evidence.uploaded_at,
        Evidence.uploaded_by, Evidence.removed_at, Evidence.carried_from, EvidenceFile.size, EvidenceFile.media_type,
        EvidenceFile.locked, EvidenceFile.verdict, EvidenceFile.finding,
    ).join(EvidenceFile, EvidenceFile.sha256 == Evidence.sha256, isouter=True)  # fmt: skip
