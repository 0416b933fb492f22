"""Dates as people write them beside evidence."""

from __future__ import annotations

from datetime import date

import pytest

from cityindex.errors import Invalid
from cityindex.services.assessments.described import read_day


@pytest.mark.parametrize("text", ["2025-09-30", "2568-09-30", "30/9/2568", "30/09/2025", " ๓๐/๙/๒๕๖๘ ", "30.9.2568"])
def test_one_day_in_many_forms(text: str) -> None:
    assert read_day(text) == date(2025, 9, 30)


def test_nothing_is_no_day() -> None:
    assert read_day("  ") is None


@pytest.mark.parametrize("text", ["2568", "2568-09", "31/2/2569", "yesterday", "9/30/2568", "30/9/68", "1/1/9999"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_day(text)
