"""The grammar of what a key opens."""

from __future__ import annotations

import pytest

from cityindex.errors import Invalid
from cityindex.services.exchange.scopes import DATASETS, DELIVERIES, EXCHANGE, Scope, read_scopes, within, written


def test_scopes_are_read_as_they_are_written() -> None:
    every = [
        Scope(name, action, place) for name, known in DATASETS.items() for action in known for place in (None, "50")
    ]
    every.remove(Scope(DELIVERIES, EXCHANGE))  # is opened by agreement only
    assert list(read_scopes(written(every))) == every
    assert read_scopes("scores:read scores:read") == (Scope("scores", "read"),)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("scores", "this is no scope"),
        ("scores:read@", "this is no scope"),
        ("scores:read@50@51", "this is no scope"),
        ("money:read", "there is no such data set"),
        ("scores:follow", "the data set does not know this action"),
        ("deliveries:exchange", "deliveries are opened by agreement"),
    ],
)
def test_what_cannot_be_meant_is_named(word: str, reason: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_scopes(["places:read", word])
    assert [(one.value, one.reason) for one in raised.value.problems] == [(word, reason)]
    assert raised.value.problems[0].cure


def test_a_key_has_no_more_than_its_client() -> None:
    held = read_scopes("assessments:follow@50 scores:read")
    assert within(read_scopes("scores:read@10 assessments:follow@50"), held)
    assert not within(read_scopes("assessments:follow"), held)
    assert not within(read_scopes("assessments:follow@10"), held)
    assert within((), held)
