"""When schedules fall due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cityindex.errors import Invalid
from cityindex.services.moments import newest, trigger_of, upcoming

BANGKOK = "Asia/Bangkok"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_time_of_day_is_that_of_the_zone() -> None:
    assert upcoming(trigger_of("07:00", BANGKOK), at("2026-11-23 00:00")) == at("2026-11-24 00:00")
    assert upcoming(trigger_of("7:05", "UTC"), at("2026-11-23 00:00")) == at("2026-11-23 07:05")


def test_the_moment_itself_is_over() -> None:
    trigger = trigger_of("*/5 * * * *", BANGKOK)
    assert upcoming(trigger, at("2026-11-23 00:05")) == at("2026-11-23 00:10")
    assert newest(trigger, at("2026-11-23 00:05"), at("2026-11-23 00:09")) is None
    assert newest(trigger, at("2026-11-23 00:04"), at("2026-11-23 00:05")) == at("2026-11-23 00:05")


@pytest.mark.parametrize(
    ("times", "missed", "newest_moment"),
    [
        ("* * * * *", timedelta(days=700), "2026-11-23 12:00"),
        ("07:00", timedelta(days=3), "2026-11-23 00:00"),
        ("0 7 * * mon", timedelta(days=30), "2026-11-23 00:00"),
        ("0 7 * * sun", timedelta(days=30), "2026-11-22 00:00"),
        ("0 7 1 1 *", timedelta(days=700), "2026-01-01 00:00"),
        ("0 7 29 feb *", timedelta(days=5 * 366), "2024-02-29 00:00"),
        ("0 7 29 feb *", timedelta(days=10), None),
    ],
)
def test_of_what_was_missed_the_newest_is_found(times: str, missed: timedelta, newest_moment: str | None) -> None:
    until = at("2026-11-23 12:00")
    found = newest(trigger_of(times, BANGKOK), until - missed, until)
    assert found == (at(newest_moment) if newest_moment else None)


@pytest.mark.parametrize(
    ("times", "zone", "said"),
    [
        ("25:00", BANGKOK, "is not a time"),
        ("", BANGKOK, "is not a time"),
        ("0 7 * *", BANGKOK, "is not a time"),
        ("0 7 * * 1", BANGKOK, "write sun, mon"),
        ("0 7 * * */2", BANGKOK, "write sun, mon"),
        ("0 7 30 2 *", BANGKOK, "never comes"),
        ("07:00", "Asia/Nowhere", "no time zone"),
        ("07:00", "../etc/passwd", "no time zone"),
    ],
)
def test_what_is_no_time_is_refused(times: str, zone: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        trigger_of(times, zone)
