"""What state an assessment is in: a fold over what happened to it. Nothing else says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from types import MappingProxyType
from typing import Any

from cityindex.errors import Conflict


class State(StrEnum):
    """Names that the API gives away."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    APPEALED = "appealed"


class Deed(StrEnum):
    """What can happen to an assessment, in the past tense."""

    OPENED = "opened"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal-decided"
    REOPENED = "reopened"
    EXTENDED = "extended"
    ASSIGNED = "assigned"


class Holder(StrEnum):
    """Who has the assessment now."""

    MUNICIPALITY = "municipality"
    REVIEWER = "reviewer"
    PROGRAMME = "programme"
    NOBODY = "nobody"


class Verdict(StrEnum):
    """What a reviewer says to one answer."""

    ACCEPT = "accept"
    ADJUST = "adjust"
    RETURN = "return"


ANSWERABLE = frozenset({State.OPEN, State.RETURNED})
"""The states in which the municipality writes."""
NOTHING: Mapping[str, Any] = MappingProxyType({})

_MOVES: Mapping[Deed, frozenset[State]] = {
    Deed.SUBMITTED: ANSWERABLE,
    Deed.RETURNED: frozenset({State.SUBMITTED}),
    Deed.APPROVED: frozenset({State.SUBMITTED}),
    Deed.PUBLISHED: frozenset({State.APPROVED}),
    Deed.APPEALED: frozenset({State.APPROVED, State.PUBLISHED}),
    Deed.APPEAL_DECIDED: frozenset({State.APPEALED}),
    Deed.REOPENED: frozenset({State.APPROVED, State.PUBLISHED}),
    Deed.EXTENDED: ANSWERABLE,
    Deed.ASSIGNED: frozenset(State),
}
"""From which states each deed is possible. `OPENED` is the first and comes once."""
LEADS_TO: Mapping[Deed, State] = {
    Deed.OPENED: State.OPEN,
    Deed.SUBMITTED: State.SUBMITTED,
    Deed.RETURNED: State.RETURNED,
    Deed.APPROVED: State.APPROVED,
    Deed.PUBLISHED: State.PUBLISHED,
    Deed.APPEALED: State.APPEALED,
    Deed.REOPENED: State.RETURNED,
}
"""The state after a deed, whatever was before; what the decision of an appeal leads to depends on it."""
_HELD_BY: Mapping[State, Holder] = {
    State.OPEN: Holder.MUNICIPALITY,
    State.RETURNED: Holder.MUNICIPALITY,
    State.SUBMITTED: Holder.REVIEWER,
    State.APPEALED: Holder.PROGRAMME,
    State.APPROVED: Holder.PROGRAMME,
    State.PUBLISHED: Holder.NOBODY,
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `by` is an account, None for the system. `detail` holds plain JSON values."""

    deed: Deed
    at: datetime
    by: int | None = None
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an assessment stands. `since`: when it came into its state.

    `submission` is the number of the newest submission (0: none yet), `approved` the number of the one that is
    approved, `run` the run that published it, `appealed` whether the approval in force was appealed against once.
    """

    state: State
    since: datetime
    submission: int = 0
    approved: int | None = None
    approved_at: datetime | None = None
    run: int | None = None
    appealed: bool = False

    @property
    def holder(self) -> Holder:
        return _HELD_BY[self.state]

    @property
    def answerable(self) -> bool:
        return self.state in ANSWERABLE


def fold(events: Iterable[Event]) -> Standing:
    """Where events, in their order, have led. Raises `Conflict` for an order that cannot be, and for none at all."""
    standing: Standing | None = reduce(after, events, None)
    if standing is None:
        raise Conflict("nothing has happened to this assessment")
    return standing


def after(standing: Standing | None, event: Event) -> Standing:
    """Where one more event leads. Raises `Conflict` where it is not possible."""
    if standing is None or event.deed is Deed.OPENED:
        return _opened(standing, event)
    require(standing, event.deed)
    if event.deed in (Deed.EXTENDED, Deed.ASSIGNED):
        return standing
    return replace(standing, state=_led_to(standing, event), since=event.at, **_facts(standing, event))


def require(standing: Standing, deed: Deed) -> None:
    """Raises `Conflict` where a deed is not possible now."""
    if standing.state not in _MOVES.get(deed, frozenset()):
        raise Conflict(f"an assessment that is {standing.state} cannot be {deed}")
    if deed is Deed.APPEALED and standing.appealed:
        raise Conflict("this approval was appealed against already, and the appeal was decided")


def _opened(standing: Standing | None, event: Event) -> Standing:
    if standing is not None or event.deed is not Deed.OPENED:
        raise Conflict("an assessment is opened first, and once")
    return Standing(State.OPEN, event.at)


def _led_to(standing: Standing, event: Event) -> State:
    """A dismissed appeal leaves things as they were; one that changed an answer has to be published again."""
    if event.deed is not Deed.APPEAL_DECIDED:
        return LEADS_TO[event.deed]
    return State.PUBLISHED if standing.run is not None and not event.detail.get("upheld") else State.APPROVED


def _facts(standing: Standing, event: Event) -> dict[str, Any]:
    match event.deed:
        case Deed.SUBMITTED:
            return {"submission": standing.submission + 1}
        case Deed.APPROVED:
            return {"approved": standing.submission, "approved_at": event.at, "appealed": False, "run": None}
        case Deed.PUBLISHED:
            return {"run": event.detail.get("run")}
        case Deed.APPEALED:
            return {"appealed": True}
        case Deed.REOPENED:
            return {"approved": None, "approved_at": None, "run": None}
        case _:
            return {}
