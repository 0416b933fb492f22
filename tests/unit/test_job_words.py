"""What a job returned becomes a line of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from cityindex.jobs.runner import in_words


@dataclass
class Counts:
    sent: int
    refused: int


def test_in_words() -> None:
    assert in_words(None) == ""
    assert in_words("two letters") == "two letters"
    assert in_words(3) == "3"
    assert in_words(Counts(2, 0)) == "2 sent, 0 refused"
