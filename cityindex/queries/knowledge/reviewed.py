"""What is shown after a review: states of versions, folded from their events, and which version readers see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Generic, TypeVar

from cityindex.errors import NotFound

DRAFT = "draft"
SUBMITTED, ACCEPTED, RETURNED, WITHDRAWN = "submitted", "accepted", "returned", "withdrawn"
HIDDEN, SHOWN, DISCARDED = "hidden", "shown", "discarded"
FOLLOWS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        DRAFT: {SUBMITTED: SUBMITTED, DISCARDED: DISCARDED},
        RETURNED: {SUBMITTED: SUBMITTED, DISCARDED: DISCARDED},
        SUBMITTED: {ACCEPTED: ACCEPTED, RETURNED: RETURNED, WITHDRAWN: DRAFT},
        ACCEPTED: {HIDDEN: HIDDEN},
        HIDDEN: {SHOWN: ACCEPTED},
    }
)
"""By state: which deeds may follow, and the state after each."""
EDITABLE = (DRAFT, RETURNED)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A deed about a version."""

    deed: str
    at: datetime
    account: int | None
    reason: str


class ReviewedVersion:
    """What all versions that are reviewed have in common."""

    __slots__ = ()
    number: int
    made_at: datetime
    made_by: int | None
    events: tuple[EventRecord, ...]

    @property
    def state(self) -> str:
        return state_of(event.deed for event in self.events)

    @property
    def accepted_at(self) -> datetime | None:
        return next((event.at for event in self.events if event.deed == ACCEPTED), None)

    @property
    def moved_at(self) -> datetime:
        """When it came into its state."""
        return self.events[-1].at if self.events else self.made_at

    def may_become(self, deed: str) -> bool:
        return deed in FOLLOWS.get(self.state, ())


V = TypeVar("V", bound=ReviewedVersion)


class Reviewed(Generic[V]):
    """Something with versions, the oldest first."""

    __slots__ = ()
    id: int
    created_by: int | None
    versions: tuple[V, ...]

    @property
    def decided(self) -> V | None:
        """The newest version that was ever accepted."""
        return next((one for one in reversed(self.versions) if one.state in (ACCEPTED, HIDDEN)), None)

    @property
    def current(self) -> V | None:
        """What readers are shown: nothing while the newest accepted version is hidden."""
        found = self.decided
        return found if found is not None and found.state == ACCEPTED else None

    @property
    def public(self) -> tuple[V, ...]:
        """All versions that readers may see, the newest first."""
        shown = tuple(one for one in reversed(self.versions) if one.state == ACCEPTED)
        return shown if self.current else ()

    @property
    def pending(self) -> V | None:
        """The version that is being written or waits for a decision."""
        return next((one for one in reversed(self.versions) if one.state in (*EDITABLE, SUBMITTED)), None)

    @property
    def contributors(self) -> frozenset[int]:
        """The accounts that wrote any version."""
        known = {version.made_by for version in self.versions} | {self.created_by}
        return frozenset(account for account in known if account is not None)

    def version(self, number: int) -> V:
        """Raises `NotFound`."""
        for one in self.versions:
            if one.number == number:
                return one
        raise NotFound(f"{self.id} has no version {number}")


def state_of(deeds: Iterable[str]) -> str:
    """The state after these deeds, in their order; a deed that cannot follow changes nothing."""
    state = DRAFT
    for deed in deeds:
        state = FOLLOWS.get(state, {}).get(deed, state)
    return state
