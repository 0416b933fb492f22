"""What a line of a plan says, what may be written in it, and its fields one by one."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cityindex.errors import Problem
from cityindex.participation.reasons import MARKUP

PLANNED, RUNNING, DONE, DROPPED = "planned", "running", "done", "dropped"
STATUSES = (PLANNED, RUNNING, DONE, DROPPED)
LONGEST = {
    "what": 2000, "owner": 200, "programme": 200, "objective": 2000, "output": 2000, "outcome": 2000,
    "plan_reference": 200, "progress": 3000, "evidence": 1000, "strategy": 300,
}  # fmt: skip
LARGEST_BUDGET = 1e12
FARTHEST = 15
"""Years before and after the present one that a plan speaks of: another era typed by mistake lies farther."""
NO_YEAR = 0
"""Of money whose fiscal year is not said yet."""
NO_TEXT = ("Cc", "Cs", "Cn", "Co")
"""Categories of signs that are no text: controls, halves of pairs, and what Unicode does not know."""
WORDS = ("what", "programme", "objective", "output", "outcome", "owner", "plan_reference", "progress", "evidence")
FIELDS = (
    "programme", "what", "objective", "output", "budgets", "indicator", "outcome", "owner", "target", "strategy",
    "fiscal_year", "plan_reference", "status", "progress", "evidence",
)  # fmt: skip
"""In the order of the form of a local development plan, then what is kept beside it."""
BUDGET = "budget:"
Flat = Mapping[str, Any]
"""A line field by field; the money of each year is a field of its own, `budget:2027`. None and "" say nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """What people write in a line.

    `budgets` pairs a fiscal year of the common era (`NO_YEAR`: not said yet) with baht; `fiscal_year` is the one in
    which it ends. `indicator` is a code, `target` a number of a target of the place, `strategy` codes with blanks
    between them.
    """

    what: str
    owner: str = ""
    budgets: tuple[tuple[int, float], ...] = ()
    fiscal_year: int | None = None
    plan_reference: str = ""
    status: str = PLANNED
    progress: str = ""
    programme: str = ""
    objective: str = ""
    output: str = ""
    outcome: str = ""
    indicator: str = ""
    target: int | None = None
    strategy: str = ""
    evidence: str = ""

    def cleaned(self) -> Line:
        """As it is stored: text without blanks around it and without signs that no cell of a sheet can hold."""
        said: dict[str, Any] = {
            name: _clean(value) if isinstance(value, str) else value for name, value in asdict(self).items()
        }
        money = tuple(sorted((year, round(baht, 2)) for year, baht in self.budgets))
        return Line(**{**said, "budgets": money, "strategy": " ".join(self.strategy.split())})

    @property
    def total(self) -> float | None:
        """Baht of all years; None where nothing is said."""
        return sum(baht for _, baht in self.budgets) if self.budgets else None


@dataclass(frozen=True, slots=True)
class Known:
    """What a line may name, and the present fiscal year (0: any year is near)."""

    indicators: frozenset[str] = frozenset()
    strategy: frozenset[str] = frozenset()
    targets: frozenset[int] = frozenset()
    year: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A line to store: of a line that is there (`id`, and its revision that was `seen`), or a new one.

    Without a `line`, the one that is there is taken out.
    """

    line: Line | None
    id: int | None = None
    seen: int = 0


def flat(line: Line) -> dict[str, Any]:
    """The fields of a line one by one, as in `Flat`."""
    found: dict[str, Any] = {name: getattr(line, name) for name in FIELDS if name != "budgets"}
    return found | {f"{BUDGET}{year}": baht for year, baht in line.budgets}


def from_flat(said: Flat) -> Line:
    """The line of some fields; those that are left out say nothing. `what` must be there."""
    money = [(year_of(name), value) for name, value in said.items() if name.startswith(BUDGET) and value is not None]
    plain = {name: value for name, value in said.items() if not name.startswith(BUDGET)}
    return Line(**plain, budgets=tuple(sorted(money)))


def year_of(name: str) -> int:
    """The year of `budget:2027`."""
    return int(name.removeprefix(BUDGET))


def problems_of(line: Line, known: Known, before: Line | None = None) -> list[Problem]:
    """What is wrong with a line, by the names of its fields; what stood there `before` is not asked about again."""
    held = flat(before) if before else {}
    fresh = {name: value for name, value in flat(line).items() if name not in held or held[name] != value}
    return list(_problems(fresh, known))


@dataclass(frozen=True)
class _Found:
    name: str
    value: Any = ""

    def __call__(self, reason: str, cure: str) -> Problem:
        return Problem(reason, cure, column=self.name, value=str(self.value)[:200])


def _problems(fresh: Flat, known: Known) -> Iterator[Problem]:
    for name, value in fresh.items():
        said = _Found(name, value)
        if name in LONGEST:
            yield from _wrong_text(said)
        if name.startswith(BUDGET):
            yield from _wrong_money(said, known)
    yield from _wrong_codes(fresh, known)
    year, status = fresh.get("fiscal_year"), fresh.get("status", PLANNED)
    if year is not None:
        yield from _wrong_year(_Found("fiscal_year", year), year, known)
    if status not in STATUSES:
        yield _Found("status", status)("is no status", f"write one of {', '.join(STATUSES)}")


def _wrong_text(said: _Found) -> Iterator[Problem]:
    text, most = said.value, LONGEST[said.name]
    if said.name == "what" and not text.strip():
        yield said("nothing is said", "say what is done")
    if len(text) > most:
        yield said(f"is longer than {most:,} characters", "shorten it")
    if text.startswith("="):
        yield said("is a formula", "write what is meant as text")
    if said.name in WORDS and MARKUP.search(text):
        yield said("has signs of HTML", "write plain text, without < and > around words")


def _wrong_money(said: _Found, known: Known) -> Iterator[Problem]:
    year = year_of(said.name)
    if said.value is not None and not (math.isfinite(said.value) and 0 <= said.value <= LARGEST_BUDGET):
        yield said("is no sum of money", "write baht, from 0")
    if year != NO_YEAR:
        yield from _wrong_year(_Found(said.name, year), year, known)


def _wrong_year(said: _Found, year: int, known: Known) -> Iterator[Problem]:
    if known.year and abs(year - known.year) > FARTHEST:
        yield said("is too far from now for a plan", "write a fiscal year such as 2570 or 2027")


def _wrong_codes(fresh: Flat, known: Known) -> Iterator[Problem]:
    indicator, target = fresh.get("indicator"), fresh.get("target")
    if indicator and indicator not in known.indicators:
        yield _Found("indicator", indicator)(
            "is no indicator", "write a code of the list of indicators, or leave it empty"
        )
    if target is not None and target not in known.targets:
        cure = "write the number of a target that is in force, or leave it empty"
        yield _Found("target", target)("is no target of this place", cure)
    for code in (fresh.get("strategy") or "").split():
        if code not in known.strategy:
            cure = "write codes of the list, with blanks between them"
            yield _Found("strategy", code)("is no code of a strategy or plan", cure)


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in NO_TEXT).strip()
