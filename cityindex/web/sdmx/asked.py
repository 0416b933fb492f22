"""What the address of an SDMX query asks for: keys, filters, detail, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cityindex.formats.sdmx.artefacts import TIME, VALUE
from cityindex.formats.sdmx.dataset import ALL_DIMENSIONS, DIMENSIONS, SERIES, Detail
from cityindex.queries.sdmx.wishes import Condition, Key, Wish
from cityindex.web.sdmx.conditions import condition
from cityindex.web.sdmx.errors import Syntax
from cityindex.web.sdmx.periods import moment, years

Api = Literal["2.1", "3.0"]
"""Which version of the standard an interface is of, as its address has it."""
WORD = re.compile(r"[A-Za-z0-9_@$\-]+")
VERSION = re.compile(r"latest|all|\*|\+|~|(\d+)(\+?)(?:\.(\d+)(\+?)(?:\.(\d+)(\+?))?)?(-[A-Za-z0-9-]+)?[+~]?", re.ASCII)
FILTER = re.compile(r"c\[([A-Za-z0-9_]+)\]")
DETAILS: Mapping[str, Detail] = {
    "full": "full",
    "dataonly": "dataonly",
    "serieskeysonly": "serieskeysonly",
    "nodata": "nodata",
}
DETAIL_OF: Mapping[tuple[bool, bool], Detail] = {
    (True, True): "full",
    (True, False): "dataonly",
    (False, True): "nodata",
    (False, False): "serieskeysonly",
}
"""By whether values and whether attributes are asked for."""
EVERY_ATTRIBUTE, NO_ATTRIBUTE = ("dsd", "obs", "all"), ("msd", "dataset", "series", "none")
COUNTS = ("firstNObservations", "lastNObservations")
DATA_PARAMETERS = (
    "startPeriod", "endPeriod", "updatedAfter", *COUNTS, "dimensionAtObservation", "detail", "attributes", "measures",
    "includeHistory",
)  # fmt: skip
STRUCTURE_PARAMETERS = ("references", "detail")
SCHEMA_PARAMETERS = ("dimensionAtObservation", "explicitMeasure")


@dataclass(frozen=True, slots=True)
class Asked:
    """A data query: which observations, and how they are told."""

    wish: Wish
    at: str = TIME
    detail: Detail = "full"
    attributes: frozenset[str] | None = None
    """Those that are told; None means all."""


def data_query(api: Api, key: str, arguments: Mapping[str, Sequence[str]]) -> Asked:
    """The query of a key (`A.50+10.livability`, `all`, `*`) and of parameters, each with its values.

    In version 3.0 a key may end early, several are joined by `,`, and `c[REF_AREA]=50,10` chooses by component.
    Raises `Syntax`.
    """
    known([name for name in arguments if not FILTER.fullmatch(name)], DATA_PARAMETERS)
    single = _single({name: values for name, values in arguments.items() if not FILTER.fullmatch(name)})
    filters = {found[1]: values for name, values in arguments.items() if (found := FILTER.fullmatch(name))}
    times = filters.pop(TIME, ())
    conditions = [condition(name, text) for name, texts in filters.items() for text in texts]
    detail, attributes = _detail(single)
    at = _at(single)
    if detail == "serieskeysonly" and at == ALL_DIMENSIONS:
        at = TIME  # a flat message has no series
    wish = _wish(_chosen(_keys(api, key), conditions), conditions, single)
    within = years(single.get("startPeriod"), single.get("endPeriod"), times)
    return Asked(replace(wish, years=within), at, detail, attributes)


def _single(arguments: Mapping[str, Sequence[str]]) -> dict[str, str]:
    if any(len(set(values)) > 1 for values in arguments.values()):
        raise Syntax("a parameter is there twice, and not the same (write each once)")
    return {name: values[0] for name, values in arguments.items()}


def known(names: Iterable[str], parameters: Sequence[str]) -> None:
    """Raises `Syntax` where a parameter is none of those there are: what is misspelt would ask for everything."""
    if set(names) - {*parameters, "format"}:
        raise Syntax(f"there is no such parameter (there are {', '.join(parameters)} and format)")


def _wish(keys: list[Key], conditions: Sequence[Condition], single: Mapping[str, str]) -> Wish:
    first, last = (_count(name, single.get(name)) for name in COUNTS)
    return Wish(
        areas=_union([areas for areas, _ in keys]),
        indicators=_union([indicators for _, indicators in keys]),
        keys=tuple(keys) if len(keys) > 1 else (),
        conditions=tuple(one for one in conditions if not _of_key(one)),
        first=first,
        last=last,
        updated_after=moment(single.get("updatedAfter")),
        history=_yes("includeHistory", single.get("includeHistory", "false")),
    )


def _union(sets: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    held = [one for one in sets if one is not None]
    return frozenset[str]().union(*held) if len(held) == len(sets) else None


Codes = dict[str, frozenset[str] | None]


def _keys(api: Api, text: str) -> list[Codes]:
    """The codes by dimension of every key."""
    if text in ("all", "*", ""):
        return [dict.fromkeys(SERIES)]
    return [_key(api, one) for one in (text.split(",") if api == "3.0" else [text])]


def _key(api: Api, text: str) -> Codes:
    parts = text.split(".")
    if len(parts) == len(DIMENSIONS) and parts[-1] in ("", "*"):
        parts.pop()  # time may be wildcarded in the key
    if api == "3.0" and len(parts) < len(SERIES):
        parts += ["*"] * (len(SERIES) - len(parts))
    if len(parts) != len(SERIES):
        raise Syntax(
            f"key: it has {len(parts)} parts, and the dimensions are {', '.join(SERIES)} (write A.50.livability)"
        )
    return {name: _codes(name, part) for name, part in zip(SERIES, parts, strict=True)}


def _codes(name: str, part: str) -> frozenset[str] | None:
    if part in ("", "*"):
        return None
    codes = part.split("+")
    if not all(WORD.fullmatch(code) for code in codes):
        raise Syntax(f"key: {name} holds what is no code (codes are joined by +)")
    return frozenset(codes)


def _chosen(keys: list[Codes], filters: Sequence[Condition]) -> list[Key]:
    """The keys within the filters by component; what are not plain codes is looked for in what these find."""
    for one in filters:
        codes = _frequencies(one) if one.component == "FREQ" else _plain(one)
        if codes is not None and one.component in SERIES:
            keys = [{**key, one.component: _both(key[one.component], codes)} for key in keys]
    return [_of_annual(key) for key in keys]


def _of_key(one: Condition) -> bool:
    """Whether a condition is kept by choosing keys."""
    return one.component == "FREQ" or (one.component in SERIES and _plain(one) is not None)


def _plain(condition: Condition) -> frozenset[str] | None:
    """The codes of a condition that lists some; None of any other."""
    listed = [together[0] for together in condition.alternatives if len(together) == 1]
    if len(listed) < len(condition.alternatives) or any(operator != "eq" for operator, _ in listed):
        return None
    return frozenset(code for _, code in listed)


def _frequencies(condition: Condition) -> frozenset[str]:
    return frozenset("A") if condition.holds("A") else frozenset()


def _both(one: frozenset[str] | None, other: frozenset[str]) -> frozenset[str]:
    return other if one is None else one & other


def _of_annual(codes: Codes) -> Key:
    """All series are annual: a key of another frequency finds none."""
    frequency = codes["FREQ"]
    annual = frequency is None or "A" in frequency
    return (codes["REF_AREA"] if annual else frozenset(), codes["INDICATOR"])


def _at(single: Mapping[str, str]) -> str:
    at = single.get("dimensionAtObservation", TIME)
    if at not in (*DIMENSIONS, ALL_DIMENSIONS):
        raise Syntax(f"dimensionAtObservation: write one of {', '.join(DIMENSIONS)} or {ALL_DIMENSIONS}")
    return at


def _detail(single: Mapping[str, str]) -> tuple[Detail, frozenset[str] | None]:
    """How much is told, and which attributes where only some are: by `detail`, or by `attributes` and `measures`."""
    asked = single.get("detail", "full")
    if asked not in DETAILS:
        raise Syntax(f"detail: it is not a level of detail (write one of {', '.join(DETAILS)})")
    if "attributes" not in single and "measures" not in single:
        return DETAILS[asked], None
    measures = set(single.get("measures", "all").split(","))
    if not measures <= {"all", "none", VALUE}:
        raise Syntax(f"measures: write all, none or {VALUE}")
    attributes = set(single.get("attributes", "dsd").split(","))
    named = frozenset(attributes - {*EVERY_ATTRIBUTE, *NO_ATTRIBUTE})
    whole = bool(attributes & set(EVERY_ATTRIBUTE))
    return DETAIL_OF[measures != {"none"}, whole or bool(named)], None if whole else named or None


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0 and len(text) < 10):
        raise Syntax(f"{name}: it is not a number of observations (write 1 or more)")
    return int(text)


def _yes(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Syntax(f"{name}: write true or false")
    return text.lower() == "true"


def fits(asked: str, version: str) -> bool:
    """Whether a version is among those that were asked for. Raises `Syntax`."""
    found = VERSION.fullmatch(asked)
    if found is None:
        raise Syntax("version: write a version such as 1.0.0, or latest, all, *, + or ~")
    if found[1] is None:
        return True
    if found[7]:
        return False  # drafts and the like: there are none
    ours = _numbers(version)
    for at, group in enumerate((1, 3, 5)):
        written = int(found[group] or 0)
        if found[group + 1] or (asked.endswith(("+", "~")) and found[group] is None):
            return ours[at] >= written
        if ours[at] != written:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return (*(int(part) for part in version.split(".")), 0, 0)[:3]
