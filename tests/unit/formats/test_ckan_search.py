"""What a query finds, and which ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.formats.ckan import packages
from cityindex.formats.ckan_search import LONGEST, Search, search
from tests.unit.formats.catalogued import catalogue, places, scores, words

NEW = datetime(2026, 10, 1, tzinfo=UTC)
HELD = packages(
    catalogue(
        scores(),
        scores(name="maturity", title=words("ความพร้อมดิจิทัล"), modified=NEW, demo=True),
        places(),
    )
)


def names(**asked: object) -> list[str]:
    return [one["name"] for one in search(HELD, Search(**asked))["results"]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", {"livable", "maturity", "places"}),
        ("*:*", {"livable", "maturity", "places"}),
        ("*", {"livable", "maturity", "places"}),
        ("ดิจิทัล", {"maturity"}),
        ("ดิจิ่ทัล", {"maturity"}),
        ("MATURITY english", {"maturity"}),
        ("maturity nothing", set()),
        ("maturity OR places", {"maturity", "places"}),
        ("name:maturity AND name:places", set()),
        ("NOT name:maturity", {"livable", "places"}),
        ("-name:maturity", {"livable", "places"}),
        ("+name:mat*", {"maturity"}),
        ("name:(maturity OR places)", {"maturity", "places"}),
        ("name:(maturity AND places)", set()),
        ('tags:"water air"', {"livable", "maturity", "places"}),
        ("res_format:csv", {"livable", "maturity"}),
        ("organization:cityindex-operator", {"livable", "maturity", "places"}),
        ("-organization:cityindex-operator", set()),
        ("groups:any", set()),
        ('data_type:"ข้อมูลระเบียน"', {"places"}),
        ("demo:True", {"maturity"}),
        ("allow_harvest:True", {"livable", "places"}),
        ("first_year_of_data:2564", {"livable", "maturity"}),
        ("state:active AND capacity:public AND dataset_type:dataset", {"livable", "maturity", "places"}),
    ],
)
def test_queries(q: str, found: set[str]) -> None:
    assert set(names(q=q)) == found
    assert set(names(fq=q)) == found


def test_since_when_something_changed_leaves_in_what_does_not_know() -> None:
    assert set(names(fq="metadata_modified:[2026-09-01T00:00:00.123456Z TO *]")) == {"maturity", "places"}
    assert set(names(fq="metadata_modified:[* TO 2026-05-01]")) == {"livable", "places"}


def test_pages_follow_each_other_and_end() -> None:
    pages = [names(rows=2, start=start, sort="id asc") for start in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert set(pages[0]) | set(pages[1]) == {"livable", "maturity", "places"}
    assert search(HELD, Search(rows=0)) | {"results": None} == search(HELD, Search(rows=5)) | {"results": None}


def test_orders() -> None:
    assert names(sort="name desc") == ["places", "maturity", "livable"]
    assert names(sort="metadata_modified desc, name asc") == ["maturity", "livable", "places"]
    assert names() == ["maturity", "livable", "places"]
    assert names(sort="score desc") == ["livable", "maturity", "places"]


def test_facets_count_what_was_found_and_not_the_page() -> None:
    found = search(HELD, Search(rows=1, facets=("res_format", "tags")))
    assert found["facets"]["res_format"] == {"CSV": 2, "Parquet": 2, "SDMX": 2, "JSON": 1}
    assert found["search_facets"]["tags"]["items"][0] == {"name": "เมือง", "display_name": "เมือง", "count": 3}
    assert found["count"] == 3


@pytest.mark.parametrize(
    "query",
    [
        "colour:red", "name:[a TO b]", "metadata_modified:[NOW-1DAY TO *]", "metadata_modified:[x]", '"open', "(a OR b",
        "name:(", ")", "a" * (LONGEST + 1), "a " * 60, "((a))",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_never_passed_over(query: str) -> None:
    for name in ("q", "fq"):
        with pytest.raises(Invalid) as refused:
            search(HELD, Search(**{name: query}))
        assert [one.column for one in refused.value.problems] == [name]
        assert len(query) < 5 or query not in str(refused.value)


@pytest.mark.parametrize("sort", ["colour asc", "name up", "name asc,,id", "name; drop", "name asc desc"])
def test_orders_that_there_are_not_are_refused(sort: str) -> None:
    with pytest.raises(Invalid):
        search(HELD, Search(sort=sort))


@given(st.text(alphabet='abก้:*?[]()"\\+-TOR ', max_size=60))
def test_any_query_is_answered_or_refused(query: str) -> None:
    try:
        count = search(HELD, Search(q=query))["count"]
    except Invalid:
        return
    assert 0 <= count <= 3
