"""Evidence beside the answers of an assessment, and where else the same files are used."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import NotFound
from cityindex.gateways.scanner import READABLE
from cityindex.models import Assessment, Evidence, EvidenceFile, Place, Round, Submission
from cityindex.queries.assessments.answers import submission

Where = Literal["here", "earlier", "elsewhere"]


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """A file (`sha256` and what follows from it) or a link (`url`) beside one question.

    `dated` is the date of the document itself; `finding` what the scanner said of a file that may not be read.
    """

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
    media_type: str | None
    size: int | None
    locked: bool
    verdict: str | None
    finding: str

    @property
    def readable(self) -> bool:
        """Whether it may be opened: a link always, a file when the scanner does not stand against it."""
        return self.sha256 is None or self.verdict in READABLE


@dataclass(frozen=True, slots=True)
class Use:
    """Another use of a file: in this assessment, in an earlier or later round of this place, or by another place."""

    where: Where
    question: str
    period: int
    place: int
    name_th: str
    name_en: str | None


_FILE = ("media_type", "size", "locked", "verdict", "finding")
_OWN = (
    "id", "assessment_id", "question", "kind", "name", "note", "sha256", "url", "dated", "valid_until",
    "uploaded_at", "uploaded_by", "removed_at", "carried_from",
)  # fmt: skip


def evidence_of(session: Session, assessment_id: int) -> Mapping[str, tuple[EvidenceRecord, ...]]:
    """What stands beside each question now, in the order in which it came."""
    found: dict[str, list[EvidenceRecord]] = defaultdict(list)
    where = (Evidence.assessment_id == assessment_id, Evidence.removed_at.is_(None))
    for row in session.execute(_query().where(*where).order_by(Evidence.id)):
        found[row.question].append(_record(row))
    return {question: tuple(some) for question, some in found.items()}


def evidence(session: Session, evidence_id: int) -> EvidenceRecord:
    """One file or link, removed or not. Raises `NotFound`."""
    row = session.execute(_query().where(Evidence.id == evidence_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no evidence {evidence_id}")
    return _record(row)


def evidence_submitted(session: Session, assessment_id: int, number: int) -> Mapping[str, tuple[EvidenceRecord, ...]]:
    """What stood beside each question in a submission, described as it was then. Raises `NotFound`."""
    content = submission(session, assessment_id, number).content["evidence"]
    rows = session.execute(_query().where(Evidence.assessment_id == assessment_id))
    known = {row.id: _record(row) for row in rows}
    return {
        question: tuple(_as_it_was(known[one["id"]], one) for one in some) for question, some in content.items() if some
    }


def submitted(session: Session, one: EvidenceRecord) -> bool:
    """Whether it was handed in with a submission: what reviewers may read."""
    contents = session.scalars(select(Submission.content).where(Submission.assessment_id == one.assessment))
    return any(one.id in _ids(json.loads(content)) for content in contents)


def bytes_of(session: Session, assessment_id: int) -> int:
    """The size of all files of an assessment; one that stands beside two questions counts once."""
    here = select(Evidence.sha256).where(Evidence.assessment_id == assessment_id, Evidence.removed_at.is_(None))
    return session.scalar(select(func.sum(EvidenceFile.size)).where(EvidenceFile.sha256.in_(here))) or 0


def uses(session: Session, assessment_id: int, everywhere: bool = False) -> Mapping[int, tuple[Use, ...]]:
    """Where else the files of an assessment are used, by the number of the evidence; only those used elsewhere.

    The uses of the place itself; `everywhere` adds what other places have submitted, which is for reviewers only.
    What was carried over from the round before is no second use.
    """
    return uses_of(session, [assessment_id], everywhere).get(assessment_id, {})


def uses_of(
    session: Session, assessments: Iterable[int], everywhere: bool = False
) -> Mapping[int, Mapping[int, tuple[Use, ...]]]:
    """`uses` of several assessments, by their number; only those with a file that is used elsewhere."""
    found: dict[int, dict[int, list[Use]]] = defaultdict(lambda: defaultdict(list))
    for row in session.execute(_uses_query(list(assessments), everywhere)):
        found[row.assessment][row.evidence].append(
            Use(_where(row), row.question, row.period, row.place_id, row.name_th, row.name_en)
        )
    return {one: {number: tuple(some) for number, some in rows.items()} for one, rows in found.items()}


def _uses_query(assessments: list[int], everywhere: bool) -> Select[*tuple[Any, ...]]:
    mine, other = aliased(Evidence), aliased(Evidence)
    here, there = aliased(Assessment), aliased(Assessment)
    handed_in = exists().where(Submission.assessment_id == there.id, Submission.at >= other.uploaded_at)
    carried = and_(
        there.place_id == here.place_id,
        there.id != here.id,
        other.question == mine.question,
        or_(mine.carried_from.is_not(None), other.carried_from.is_not(None)),
    )
    return (
        select(
            mine.assessment_id.label("assessment"),
            mine.id.label("evidence"),
            other.question,
            Round.period,
            there.place_id,
            there.id.label("there"),
            here.id.label("here"),
            here.place_id.label("own"),
            Place.name_th,
            Place.name_en,
        )
        .join(other, and_(other.sha256 == mine.sha256, other.id != mine.id))
        .join(here, here.id == mine.assessment_id)
        .join(there, there.id == other.assessment_id)
        .join(Round, Round.id == there.round_id)
        .join(Place, Place.id == there.place_id)
        .where(
            mine.assessment_id.in_(assessments),
            mine.removed_at.is_(None),
            other.removed_at.is_(None),
            ~carried,
            or_(there.place_id == here.place_id, handed_in) if everywhere else there.place_id == here.place_id,
        )
        .order_by(mine.id, Round.period.desc(), other.id)
    )


def _where(row: Any) -> Where:
    if row.place_id != row.own:
        return "elsewhere"
    return "here" if row.there == row.here else "earlier"


def _query() -> Select[*tuple[Any, ...]]:
    columns = [getattr(Evidence, name) for name in _OWN] + [getattr(EvidenceFile, name) for name in _FILE]
    return select(*columns).join(EvidenceFile, EvidenceFile.sha256 == Evidence.sha256, isouter=True)


def _record(row: Any) -> EvidenceRecord:
    own = {"assessment" if name == "assessment_id" else name: getattr(row, name) for name in _OWN}
    file = {name: getattr(row, name) for name in _FILE}
    return EvidenceRecord(**own, **{**file, "locked": bool(row.locked), "finding": row.finding or ""})


def _as_it_was(record: EvidenceRecord, frozen: Mapping[str, Any]) -> EvidenceRecord:
    days = {name: frozen.get(name) for name in ("dated", "valid_until")}
    said: dict[str, Any] = {name: date.fromisoformat(day) if day else None for name, day in days.items()}
    # What was written since is a draft, which reviewers do not read: without a word of its own, there was none.
    return replace(record, name=frozen["name"], note=frozen.get("note", ""), **said)


def _ids(content: Mapping[str, Any]) -> set[int]:
    return {one["id"] for some in content["evidence"].values() for one in some}
