"""The questionnaire of a round, as it was when the round was opened."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.definitions.questionnaires import questionnaire_from_canonical
from cityindex.models import DefinitionRecord

_known: dict[str, QuestionnaireEntry] = {}
"""By fingerprint of the content, so that nothing here is ever out of date; there are as many as there were versions."""


def instrument(session: Session, fingerprint: str) -> QuestionnaireEntry:
    """The questionnaire with a fingerprint."""
    if fingerprint not in _known:
        record = session.get_one(DefinitionRecord, fingerprint)
        _known[fingerprint] = questionnaire_from_canonical(record.content)
    return _known[fingerprint]
