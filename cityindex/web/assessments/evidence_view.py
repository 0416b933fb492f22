"""Evidence as pages show it beside a question. The words and addresses are made here, the templates only place them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for

from cityindex.calendars import day_of
from cityindex.formats.file_kinds import KINDS
from cityindex.queries.assessments.evidence import EvidenceRecord, Use, evidence_of, evidence_submitted, uses
from cityindex.queries.assessments.rounds import AssessmentRecord
from cityindex.web.assessments.evidence_words import HELD, kind_of, use_words
from cityindex.web.session import application, database

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """One file or link. `preview` is `image` or `document` where the browser shows it by itself.

    `ended`: what it shows was valid until a day before its round was opened.
    """

    record: EvidenceRecord
    kind: str
    url: str
    preview: str
    preview_url: str
    uses: list[str]
    held: Any
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one question, and what the macro needs to let somebody add to it.

    `errors` and `given` are of a form that was sent and could not be taken: by field, of the form named `form`.
    """

    assessment: int
    question: str
    items: tuple[Shown, ...]
    editable: bool
    back: str
    errors: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    given: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    form: str = ""

    @property
    def megabytes(self) -> int:
        return application().settings.evidence_file_mb


def all_beside(record: AssessmentRecord, everywhere: bool = False) -> dict[str, tuple[Shown, ...]]:
    """The evidence of an assessment as it is now, by question: for those who may read drafts.

    `everywhere`: say where other places use the same file too, for reviewers.
    """
    session = database()
    again = uses(session, record.id, everywhere)
    return _shown(record, evidence_of(session, record.id), again)


def submitted_beside(record: AssessmentRecord, number: int) -> dict[str, tuple[Shown, ...]]:
    """The evidence of a submission, by question: for reviewers. It says where other places use the same file."""
    session = database()
    again = uses(session, record.id, everywhere=True)
    return _shown(record, evidence_submitted(session, record.id, number), again)


def _shown(
    of: AssessmentRecord, found: Mapping[str, tuple[EvidenceRecord, ...]], again: Mapping[int, tuple[Use, ...]]
) -> dict[str, tuple[Shown, ...]]:
    opened = day_of(of.round.opened_at)
    return {
        question: tuple(shown(one, again.get(one.id, ()), opened) for one in some) for question, some in found.items()
    }


def shown(record: EvidenceRecord, again: tuple[Use, ...] = (), opened: date | None = None) -> Shown:
    at: dict[str, Any] = {"assessment_id": record.assessment, "evidence_id": record.id}
    kind = KINDS.get(record.media_type or "")
    preview = ""
    if kind is not None and kind.shown and record.readable:
        preview = "image" if kind.media_type.startswith("image/") else "document"
    return Shown(
        record,
        kind_of(record),
        record.url or url_for("evidence.download", **at),
        preview,
        url_for("evidence.preview", **at) if preview else "",
        use_words(again),
        None if record.readable else HELD[record.verdict or "waiting"],
        bool(opened and record.valid_until and record.valid_until < opened),
    )
