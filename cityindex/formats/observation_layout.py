"""What the columns of a file of observations are: long, wide or SDMX-CSV, decided by the header and a column map."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cityindex.calendars import Era
from cityindex.formats.problems import Problems
from cityindex.formats.tables import nearest

PERIOD = re.compile(
    r"(?!$)(period|year|fiscal[_ ]?year|time_period|ปี|ปีงบประมาณ)?[_ ]?\(?(?P<era>be|ce|ad|พ\.?ศ\.?|ค\.?ศ\.?)?\)?"
)
"""Names of a column of years, with its era: `period`, `year_be`, `fiscal_year`, `ปี พ.ศ.`, `ปีงบประมาณ (พ.ศ.)`."""
ERAS: Mapping[str, Era] = {"be": "be", "พศ": "be", "ce": "ce", "ad": "ce", "คศ": "ce"}
IGNORE = "ignore"
ROLES = ("place", "period", "indicator", "value", "status", "source")
SDMX = {
    "REF_AREA": "place",
    "TIME_PERIOD": "period",
    "INDICATOR": "indicator",
    "OBS_VALUE": "value",
    "OBS_STATUS": "status",
    "SOURCE": "source",
}
SDMX_FIXED = {"FREQ": ("A",), "ACTION": ("I", "A", "R", "M"), "UNIT_MULT": ("0",), "DEMO": ("false",)}
"""Columns of SDMX that change what a row means: only these contents are read; generated figures never are."""
SDMX_PASSED = (
    *("DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "DECIMALS"),
    *("UNIT_MEASURE", "COVERAGE", "RANK", "RANK_LOW", "RANK_HIGH", "EDITION", "VALID_FROM", "VALID_TO"),
)
"""Columns of SDMX-CSV that say nothing about which value it is."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file of observations is to be read.

    `columns` maps columns of the file to `place`, `place:SCHEME`, `period`, `indicator`, `value`, `status`, `source`,
    the code of an indicator, or `ignore` (left out knowingly). `period` (common era) stands for files without such a
    column. `era` says which era the file's years are in. `indicators` are the codes that are known (None: any is
    taken). `ignore_unknown` leaves unknown indicators and columns, and rows without a place, out, and says so.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    period: int | None = None
    era: Era | None = None
    indicators: Collection[str] | None = None
    ignore_unknown: bool = False
    sheet: str | None = None
    """Of a workbook; its first where none is named."""
    guarded: bool = False
    """Whether a file that seems to hold data about persons is refused before anything of it is taken."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of the file is what. `wide` maps the columns of a wide file to indicators."""

    roles: Mapping[str, str]
    wide: Mapping[str, str]
    scheme: str
    """Of the place codes; empty where they are the places' own."""
    era: Era | None
    sdmx: bool
    long: bool
    left_out: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether cells can be read at all, so that their problems can be told together with those of the header."""
        return (
            {"place", "indicator", "value"} <= self.roles.keys()
            if self.long
            else bool(self.wide) and "place" in self.roles
        )


def plan_layout(header: tuple[str, ...], options: ReadOptions, problems: Problems) -> Layout:
    """Decide what each column is. Whatever is missing, doubled or unknown goes to `problems`."""
    sdmx = {"TIME_PERIOD", "OBS_VALUE"} <= set(header)
    given, scheme = _given(header, options, problems)
    own = {column: _own_role(column, sdmx) for column in header if column not in given}
    named = given | {column: role for column, role in own.items() if role and role not in given.values()}
    roles = {role: column for column, role in reversed(named.items()) if role in ROLES}
    rest = {column: named.get(column, column) for column in header if column not in roles.values()}
    rest = {column: name for column, name in rest.items() if name != IGNORE}
    for column in [column for column, name in rest.items() if name in ROLES]:
        problems.add(f"is a second column for the {rest.pop(column)}", "map one of them only", row=1, column=column)
    long = "indicator" in roles or "value" in roles
    _check_roles(roles, long, options, problems)
    known = _passed(rest) if sdmx else {} if long else _indicators(rest, options)
    left_out = tuple(column for column in rest if column not in known)
    if not options.ignore_unknown:
        _say_unknown({column: rest[column] for column in left_out}, options, problems)
    era = _era(roles.get("period", ""), options, problems)
    if not long and not known:
        problems.add("no column holds an indicator", "name a column for its indicator, or say --map", row=1)
    return Layout(roles, {} if long else known, scheme, era, sdmx, long, left_out)


def understood(header: tuple[str, ...], options: ReadOptions) -> Mapping[str, str]:
    """What the columns hold whose names say it; those that are left out knowingly are not among them."""
    sdmx = {"TIME_PERIOD", "OBS_VALUE"} <= set(header)
    known = {code: code for code in options.indicators or ()}
    known |= {name: SDMX.get(name, IGNORE) for name in (*SDMX, *SDMX_FIXED, *SDMX_PASSED)} if sdmx else {}
    known |= {column: role.partition(":")[0] for column, role in options.columns.items() if role != IGNORE}
    return {column: role for column in header if (role := known.get(column) or _own_role(column, sdmx))}


def _given(header: tuple[str, ...], options: ReadOptions, problems: Problems) -> tuple[dict[str, str], str]:
    """The column map as far as the file has its columns, and the scheme of the place codes."""
    given, scheme = {}, ""
    for column, name in options.columns.items():
        role, _, suffix = name.partition(":")
        if role == "place" and suffix:
            scheme = suffix
        if column in header:
            given[column] = role if role == "place" else name
            continue
        like = nearest(column, header)
        cure = f"did you mean «{like}»?" if like else f"the file has {', '.join(header[:20])}"
        problems.add("the file has no such column, which the column map names", cure, row=1, column=column)
    return given, scheme


def _own_role(column: str, sdmx: bool) -> str:
    """What the name of a column says by itself."""
    if sdmx:
        return SDMX.get(column, "")
    name = column.lower().removesuffix("_code") if column.lower() == "place_code" else column.lower()
    if name in ROLES:
        return name
    return "period" if PERIOD.fullmatch(name) else ""


def _check_roles(roles: Mapping[str, str], long: bool, options: ReadOptions, problems: Problems) -> None:
    needed = ("place", "period", "indicator", "value") if long else ("place",)
    for role in needed:
        if role not in roles and not (role == "period" and options.period is not None):
            problems.add(f"no column holds the {role}", f"name a column {role}, or say --map COLUMN={role}", row=1)
    if "period" in roles and options.period is not None:
        cure = "leave --period out, or map another column"
        problems.add("the file has a column for the period, and --period is given", cure, row=1, column=roles["period"])
    if not long and "status" in roles:
        cure = "write a long file (place, period, indicator, value, status)"
        problems.add("a wide file cannot say which value a status is of", cure, row=1, column=roles["status"])


def _passed(rest: Mapping[str, str]) -> dict[str, str]:
    return {column: name for column, name in rest.items() if name in (*SDMX_FIXED, *SDMX_PASSED)}


def _indicators(rest: Mapping[str, str], options: ReadOptions) -> dict[str, str]:
    known = options.indicators
    return {column: name for column, name in rest.items() if known is None or name in known}


def _say_unknown(rest: Mapping[str, str], options: ReadOptions, problems: Problems) -> None:
    for column, name in rest.items():
        like = nearest(name, sorted(options.indicators or ()))
        hint = f"did you mean {like}? Otherwise " if like else ""
        value = name if name != column else ""
        cure = f"{hint}map the column with --map, or leave out what is unknown with --ignore-unknown"
        problems.add("no indicator of this name is known", cure, row=1, column=column, value=value)


def _era(column: str, options: ReadOptions, problems: Problems) -> Era | None:
    """The era that the header or the option says; None where neither does."""
    match = PERIOD.fullmatch(column.lower())
    said = ERAS.get((match["era"] or "").replace(".", "")) if match else None
    if said and options.era and said != options.era:
        problems.add(f"the column names one era, --era {options.era} another", "leave --era out", row=1, column=column)
    return options.era or said
