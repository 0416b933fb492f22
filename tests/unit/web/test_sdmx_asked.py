"""What the address of an SDMX query is read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.formats.sdmx.dataset import Detail
from cityindex.queries.sdmx.wishes import EVER, Condition, Wish
from cityindex.web.sdmx.asked import Api, Asked, data_query, fits
from cityindex.web.sdmx.errors import Syntax

APIS: tuple[Api, Api] = ("2.1", "3.0")
CODES = st.frozensets(st.from_regex(r"[A-Za-z0-9_]{1,6}", fullmatch=True), min_size=1, max_size=4)


def asked(key: str = "all", api: Api = "3.0", **arguments: str) -> Asked:
    return data_query(api, key, {name: [text] for name, text in arguments.items()})


def filtered(**filters: str) -> Asked:
    return data_query("3.0", "*", {f"c[{name}]": [text] for name, text in filters.items()})


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("key", ["all", "*", "", "..", "*.*.*", "...", "A..", "A.*.*.*", "A+M.."])
def test_whatever_is_open_is_everything(api: Api, key: str) -> None:
    assert asked(key, api).wish == Wish()


@given(areas=CODES, indicators=CODES)
def test_a_key_gives_back_the_codes_it_was_made_of(areas: frozenset[str], indicators: frozenset[str]) -> None:
    for api in APIS:
        wish = asked(f"A.{'+'.join(areas)}.{'+'.join(indicators)}", api).wish
        assert (wish.areas, wish.indicators, wish.keys) == (areas, indicators, ())


def test_several_keys_are_wanted_as_they_are_and_not_their_product() -> None:
    wish = asked("A.1.x,A.2.y").wish
    assert (wish.areas, wish.indicators) == (frozenset("12"), frozenset("xy"))
    assert wish.keys == ((frozenset("1"), frozenset("x")), (frozenset("2"), frozenset("y")))
    assert asked("A.1.x,A.2.*").wish.indicators is None


def test_a_key_may_end_early_in_the_newer_version_only() -> None:
    assert asked("A.1").wish.areas == frozenset("1")
    with pytest.raises(Syntax, match="2 parts"):
        asked("A.1", "2.1")


@pytest.mark.parametrize("key", ["M..", "Q.1.x"])
def test_a_key_of_another_frequency_finds_nothing(key: str) -> None:
    assert asked(key).wish.areas == frozenset()


@pytest.mark.parametrize(
    ("key", "said"),
    [("A.1.x.2023", "4 parts"), ("A.1.x.2023.z", "5 parts"), ("A.1;2.x", "no code"), ("A.<b>.x", "no code")],
)
def test_keys_that_cannot_be_read(key: str, said: str) -> None:
    for api in APIS:
        with pytest.raises(Syntax, match=said) as error:
            asked(key, api)
        assert "<b>" not in str(error.value)


def test_plain_codes_of_filters_choose_keys_and_the_rest_is_a_condition() -> None:
    wish = filtered(REF_AREA="1,2", INDICATOR="sw:in", OBS_VALUE="ge:5+lt:6,eq:9").wish
    assert (wish.areas, wish.indicators) == (frozenset("12"), None)
    assert wish.conditions == (
        Condition("INDICATOR", ((("sw", "in"),),)),
        Condition("OBS_VALUE", ((("ge", "5"), ("lt", "6")), (("eq", "9"),))),
    )
    assert data_query("3.0", "A.1+2+3", {"c[REF_AREA]": ["2,3,4", "3,4"]}).wish.areas == frozenset("3")


@pytest.mark.parametrize(("frequency", "found"), [("A", True), ("A,M", True), ("ne:M", True), ("M", False)])
def test_a_filter_of_the_frequency_finds_all_or_nothing(frequency: str, found: bool) -> None:
    wish = filtered(FREQ=frequency).wish
    assert (wish.areas is None, wish.conditions) == (found, ())


def test_a_filter_that_is_too_long_is_refused() -> None:
    with pytest.raises(Syntax, match="500"):
        filtered(REF_AREA=",".join(map(str, range(501))))


@pytest.mark.parametrize(
    ("arguments", "detail", "attributes"),
    [
        ({}, "full", None),
        ({"detail": "dataonly"}, "dataonly", None),
        ({"detail": "nodata"}, "nodata", None),
        ({"attributes": "none"}, "dataonly", None),
        ({"attributes": "none", "measures": "none"}, "serieskeysonly", None),
        ({"attributes": "dsd", "measures": "none"}, "nodata", None),
        ({"attributes": "RANK,EDITION"}, "full", frozenset({"RANK", "EDITION"})),
        ({"measures": "OBS_VALUE"}, "full", None),
    ],
)
def test_how_much_is_told(arguments: Mapping[str, str], detail: Detail, attributes: Any) -> None:
    found = asked(**arguments)
    assert (found.detail, found.attributes) == (detail, attributes)


def test_the_other_parameters() -> None:
    found = asked(
        firstNObservations="2", lastNObservations="3", includeHistory="TRUE", dimensionAtObservation="REF_AREA"
    )
    assert (found.wish.first, found.wish.last, found.wish.history, found.at) == (2, 3, True, "REF_AREA")
    assert found.wish.years == EVER


@pytest.mark.parametrize(
    "arguments",
    [
        {"detail": ["much"]},
        {"measures": ["RANK"]},
        {"firstNObservations": ["0"]},
        {"firstNObservations": ["١"]},
        {"lastNObservations": ["1e3"]},
        {"lastNObservations": ["99999999999"]},
        {"includeHistory": ["yes"]},
        {"dimensionAtObservation": ["SEX"]},
        {"updatedAfter": ["yesterday"]},
        {"startperiod": ["2023"]},
        {"startPeriod": ["2023", "2022"]},
        {"c[REF_AREA]": ["eq:"]},
        {"c[REF_AREA]": ["as:1"]},
        {"c[REF AREA]": ["1"]},
    ],
)
def test_what_cannot_be_read_is_refused(arguments: Mapping[str, Sequence[str]]) -> None:
    with pytest.raises(Syntax):
        data_query("3.0", "*", arguments)


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("1.0.0", True), ("1.0", True), ("1", True), ("latest", True), ("all", True), ("*", True), ("+", True),
        ("~", True), ("1+", True), ("0+.0.0", True), ("1.0+.0", True), ("1.0.0+", True), ("2", False), ("1.1", False),
        ("1.0.1+", False), ("2+", False), ("1.0.0-draft", False),
    ],
)  # fmt: skip
def test_versions(version: str, wanted: bool) -> None:
    assert fits(version, "1.0.0") is wanted


@pytest.mark.parametrize("version", ["", "one", "1.x", "1.0.0.0", "1..0", "++", "v1", "1.0 ", "١.0"])
def test_versions_that_cannot_be_read(version: str) -> None:
    with pytest.raises(Syntax, match=r"1\.0\.0"):
        fits(version, "1.0.0")
