"""Which column says what."""

from __future__ import annotations

import pytest

from cityindex.errors import Invalid
from cityindex.services.observations.columns import map_columns

KNOWN = ("code", "name_th", "lat")


def test_headers_named_like_attributes_map_themselves_and_the_rest_is_ignored() -> None:
    columns = map_columns(["lat", "website", "รหัส", "code:nso"], {"รหัส": "code"}, KNOWN)
    assert columns.attributes == {"lat": "lat", "รหัส": "code", "code:nso": "code:nso"}
    assert columns.ignored == ("website",)


def test_a_column_that_is_told_wins_over_one_of_the_same_name() -> None:
    columns = map_columns(["code", "dla"], {"dla": "code"}, KNOWN)
    assert columns.attributes == {"dla": "code"}
    assert columns.ignored == ("code",)


def test_a_column_can_be_left_out() -> None:
    assert map_columns(["code", "lat"], {"lat": "ignore"}, KNOWN).attributes == {"code": "code"}


def test_everything_that_does_not_fit_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        map_columns(["code", "x", "y"], {"cod": "code", "x": "lat", "y": "lat", "code": "nam_th"}, KNOWN)
    told = [(problem.column, problem.reason, problem.cure) for problem in refused.value.problems]
    assert told == [
        ("cod", "the file has no such column", "write code"),
        ("code", "there is no such attribute", "write name_th"),
        ("lat", "two columns are mapped to one attribute", "map one of them to ignore"),
    ]
