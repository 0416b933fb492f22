"""`package_search`: words and fields, as far as harvesters and clients ask for them, without Solr.

Read are words, "phrases", `field:value`, `field:(a OR b)`, `field:[from TO to]`, `*` in values, `-` and NOT before a
clause, OR between clauses. What cannot be read is refused, never passed over: a filter that is not applied would give
a harvester data sets that it did not ask for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cityindex.errors import Invalid, Problem
from cityindex.formats.ckan import Package, texts_of
from cityindex.thai import fold

LONGEST = 1000
MOST_CLAUSES = 50
MOST_ROWS = 1000
EVERYTHING = "*:*"
BY_DEFAULT = "score desc, metadata_modified desc"
CLAUSE = re.compile(
    r"""(?P<sign>[+-]?)(?:(?P<field>[a-z_]+|\*):)?(?P<value>"[^"]*"|\([^()]*\)|\[[^\[\]]*\]|[^\s()\[\]"]+)\s*"""
)
RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?Z?")
ORDER = re.compile(r"([a-z_]+)(?:\s+(asc|desc))?")
MOMENTS = ("metadata_created", "metadata_modified")
SORTABLE = ("score", "id", "name", "title", "title_string", *MOMENTS)
FACET_FIELDS = ("tags", "organization", "groups", "res_format", "license_id", "data_type", "geo_coverage", "name")
Test = Callable[[Package], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for; `rows` and `start` are not below 0."""

    q: str = ""
    fq: str = ""
    rows: int = 10
    start: int = 0
    sort: str = ""
    facets: tuple[str, ...] = ()


def search(found: Sequence[Package], asked: Search) -> dict[str, Any]:
    """The result of `package_search`. Raises `Invalid` naming the parameter that cannot be read."""
    tests = [read_query(asked.q, "q"), read_query(asked.fq, "fq")]
    chosen = [one for one in found if all(test(one) for test in tests)]
    ordered = _sorted(chosen, asked.sort or BY_DEFAULT)
    counts = {field: Counter(value for one in chosen for value in _values(one, field)) for field in asked.facets}
    return {
        "count": len(chosen),
        "sort": asked.sort or BY_DEFAULT,
        "facets": {field: dict(count) for field, count in counts.items()},
        "results": ordered[asked.start : asked.start + min(asked.rows, MOST_ROWS)],
        "search_facets": {field: _facet(field, count) for field, count in counts.items()},
    }


def read_query(text: str, name: str) -> Test:
    """The query as a test of packages. Raises `Invalid`."""
    if len(text) > LONGEST:
        raise _refused(name, f"it is longer than {LONGEST} characters")
    groups: list[list[Test]] = [[]]
    negated = False
    for count, clause in enumerate(_clauses(text, name)):
        if count >= MOST_CLAUSES:
            raise _refused(name, f"it has more than {MOST_CLAUSES} parts")
        word = clause[0].strip()
        if word == "OR":
            groups.append([])
        elif word == "NOT":
            negated = True
        elif word != "AND":
            groups[-1].append(_signed(_test(clause, name), negated=negated or clause["sign"] == "-"))
            negated = False
    return lambda one: any(all(test(one) for test in group) for group in groups)


def _clauses(text: str, name: str) -> list[re.Match[str]]:
    at, found = len(text) - len(text.lstrip()), []
    while at < len(text):
        clause = CLAUSE.match(text, at)
        if clause is None:
            raise _refused(name, "a bracket or quotation mark stands alone")
        found.append(clause)
        at = clause.end()
    return found


def _signed(test: Test, *, negated: bool) -> Test:
    return (lambda one: not test(one)) if negated else test


def _test(clause: re.Match[str], name: str) -> Test:
    field, value = clause["field"], clause["value"]
    if field == "*":
        return lambda _one: True
    if value.startswith("[") and field:
        return _range(field, value, name)
    if value.startswith("("):
        inner = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', value[1:-1]) if part not in ("OR", "AND")]
        together = all if " AND " in value else any
        tests = [_single(field, part, name) for part in inner]
        return lambda one: together(test(one) for test in tests)
    return _single(field, value.strip('"'), name)


def _single(field: str | None, value: str, name: str) -> Test:
    if field is None:
        wanted = fold(value)
        return lambda one: value == "*" or wanted in fold(texts_of(one))
    _known(field, name)
    pattern = value.casefold().replace("[", "[[]")
    return lambda one: any(fnmatchcase(said.casefold(), pattern) for said in _values(one, field))


def _range(field: str, value: str, name: str) -> Test:
    """From one moment to another; a package that does not know its moment is always among them."""
    ends = RANGE.fullmatch(value)
    if ends is None or field not in MOMENTS or not all(end == "*" or MOMENT.fullmatch(end) for end in ends.groups()):
        raise _refused(name, "a range is of metadata_modified or metadata_created: [2026-01-01T00:00:00Z TO *]")
    low, high = ("" if end == "*" else end.rstrip("Z") for end in ends.groups())
    return lambda one: not one[field] or (low <= one[field] and (not high or one[field][: len(high)] <= high))


def _known(field: str, name: str) -> None:
    if field not in FIELDS:
        raise _refused(name, f"there is no such field; there are {', '.join(sorted(FIELDS))}")


def _values(one: Package, field: str) -> list[str]:
    """What a package says in a field of the search."""
    return FIELDS[field](one)


def _plain(field: str) -> Callable[[Package], list[str]]:
    def read(one: Package) -> list[str]:
        said = one.get(field)
        return [str(part) for part in said] if isinstance(said, list) else [str(said)] if said else []

    return read


def _organisation(one: Package) -> list[str]:
    return [one["organization"]["name"], one["organization"]["id"]]


FIELDS: Mapping[str, Callable[[Package], list[str]]] = {
    **{field: _plain(field) for field in (
        "id", "name", "title", "notes", "license_id", "data_type", "geo_coverage", "data_category", "data_format",
        "objective", "allow_harvest", "update_frequency_unit", "first_year_of_data", "last_year_of_data", "state",
        "maintainer", *MOMENTS,
    )},
    "tags": lambda one: [tag["name"] for tag in one["tags"]],
    "organization": lambda one: _organisation(one)[:1],
    "owner_org": _organisation,
    "groups": lambda _one: [],
    "res_format": lambda one: list(dict.fromkeys(part["format"] for part in one["resources"])),
    "type": lambda _one: ["dataset"],
    "dataset_type": lambda _one: ["dataset"],
    "capacity": lambda _one: ["public"],
    "private": lambda _one: ["false"],
    "identifier": lambda one: [one["name"]],
    "demo": lambda one: [extra["value"] for extra in one["extras"] if extra["key"] == "demo"],
}  # fmt: skip


def _sorted(found: Sequence[Package], sort: str) -> list[Package]:
    """In the order that is asked for. There is no score: what is equal stays in the order of the catalogue."""
    ordered = list(found)
    for part in reversed(sort.split(",")):
        order = ORDER.fullmatch(part.strip())
        if order is None or order[1] not in SORTABLE:
            raise _refused("sort", f"it names a field, with asc or desc; there are {', '.join(SORTABLE)}")
        field = "title" if order[1] == "title_string" else order[1]
        if field != "score":
            ordered.sort(key=lambda one: one[field] or "", reverse=order[2] == "desc")
    return ordered


def _facet(field: str, count: Counter[str]) -> dict[str, Any]:
    items = [{"name": name, "display_name": name, "count": many} for name, many in count.most_common()]
    return {"title": field, "items": items}


def _refused(name: str, reason: str) -> Invalid:
    return Invalid(f"{name}: {reason}", [Problem(reason, "change it or leave it out", column=name)])
