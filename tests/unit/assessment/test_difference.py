"""What differs between two submissions."""

from __future__ import annotations

from typing import Any

import pytest

from cityindex.assessment.difference import changed

EVIDENCE = {"id": 1, "name": "แผน.pdf", "dated": "2025-10-01"}


def content(value: Any = 3, note: str = "", evidence: dict[str, Any] | None = EVIDENCE) -> dict[str, Any]:
    return {
        "applicable": ["plan", "website"],
        "answers": {"plan": {"value": value, "note": note}, "website": {"value": "yes", "note": ""}},
        "evidence": {"plan": [evidence] if evidence else []},
    }


@pytest.mark.parametrize(
    "now",
    [
        content(value=4),
        content(value=None),
        content(note="ดูหน้า 3"),
        content(evidence=None),
        content(evidence={**EVIDENCE, "id": 2}),
        content(evidence={**EVIDENCE, "dated": "2026-10-01"}),
        content(evidence={**EVIDENCE, "note": "หน้า 3"}),
        content(evidence={**EVIDENCE, "valid_until": "2026-10-01"}),
    ],
)
def test_an_answer_a_note_and_evidence_count(now: dict[str, Any]) -> None:
    assert changed(content(), now) == ("plan",)


def test_the_same_is_no_difference() -> None:
    assert changed(content(), content()) == ()


def test_what_was_not_asked_before_has_changed() -> None:
    before = {
        "applicable": ["plan"],
        "answers": {"plan": content()["answers"]["plan"]},
        "evidence": content()["evidence"],
    }
    assert changed(before, content()) == ("website",)
